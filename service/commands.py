"""The command `serve`."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import click

from recommender.command import store_option
from recommender.hashes import HashedAhead

_MOST_WORKERS = 4


@contextmanager
def _no_garbage_sought() -> Generator[None]:
    """What a start loads stays: until the server seeks again, to look through all of it would be in vain."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def default_workers() -> int:
    """A worker a core, four at most."""
    return min(_MOST_WORKERS, os.cpu_count() or 1)


@click.command()
@store_option
@click.option(
    "--catalog",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Catalogue file (CSV, JSON Lines, Parquet) whose stock, price and active are served; read again on change.",
)
@click.option(
    "--policy",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Policy file: what the merchant decides about every answer; read again on change.",
)
@click.option(
    "--events",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="GOESWITH_EVENTS",
    show_envvar=True,
    help="Folder of the event log; by default `events` in the store.",
)
@click.option("--host", default="127.0.0.1", envvar="HOST", show_default=True, show_envvar=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8000, envvar="PORT", show_default=True, show_envvar=True)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=default_workers,
    help="Processes; by default one a core, 4 at most.",
)
@click.option("--threads", type=click.IntRange(1, 64), default=2, show_default=True, help="Threads of each process.")
@click.option("--open", "is_open", is_flag=True, help="Let other machines ask without a key.")
@click.option("--publishable-key", envvar="GOESWITH_PUBLISHABLE_KEY", help="Key for web pages.", show_envvar=True)
@click.option("--secret-key", envvar="GOESWITH_SECRET_KEY", help="Key for servers: everything.", show_envvar=True)
@click.option(
    "--cors-origins",
    default="",
    envvar="GOESWITH_CORS_ORIGINS",
    show_envvar=True,
    help="Origins whose pages may ask, separated by commas.",
)
@click.option(
    "--shop/--no-shop",
    default=None,
    envvar="GOESWITH_SHOP",
    show_envvar=True,
    help="The demo storefront under /shop/; by default it is there where no keys are set.",
)
def serve(
    store: Path,
    catalog: Path | None,
    policy: Path | None,
    events: Path | None,
    host: str,
    port: int,
    workers: int,
    threads: int,
    is_open: bool,
    publishable_key: str | None,
    secret_key: str | None,
    cors_origins: str,
    shop: bool | None,
) -> None:
    """Answer carts over HTTP with the version that serves; a new one is taken in without a restart."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy would make threads at its import that `start` forbids
    with _no_garbage_sought(), HashedAhead(store) as hashes:
        from service.config import ServiceConfig, check_reach  # noqa: PLC0415  # heavy, and `--help` needs none of it

        origins = tuple(origin.strip().rstrip("/") for origin in cors_origins.split(",") if origin.strip())
        config = ServiceConfig(
            store,
            catalog,
            publishable_key or None,
            secret_key or None,
            origins,
            policy=policy,
            events=events,
            shop=shop,
        )
        check_reach(host, has_keys=config.has_keys, is_open=is_open)

        from service.server import ServerConfig, start  # noqa: PLC0415  # heavy too, and a refusal needs none of it

        start(config, ServerConfig(host, port, workers, threads), hashes)
