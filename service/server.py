"""The service under gunicorn: one listener, workers that share the mapped model, threads that answer."""

from __future__ import annotations

import gc
import os
import resource
import shutil
import signal
import socket
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from flask import Flask
from threadpoolctl import threadpool_limits  # pyright: ignore[reportMissingTypeStubs]  # it has none

from recommender.errors import UsageError
from recommender.hashes import HashedAhead
from service.config import ServiceConfig

GRACEFUL_SECONDS = 10
KEEPALIVE_SECONDS = 75
BACKLOG = 2048
MOST_CONNECTIONS = 1_000
_OTHER_FILES, _LEAST_CONNECTIONS = 512, 100
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  # a folder of its own is made in it
_ROOM = 1 << 24


@dataclass(frozen=True)
class ServerConfig:
    """Where and with how many hands the service answers."""

    host: str
    port: int
    workers: int
    threads: int


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; port 0 takes a free one. Raises ``UsageError`` where the address cannot be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"{host} port {port}: cannot be bound ({reason}); choose another --host or --port") from error
    return listener


def connections_of_a_worker() -> int:
    """How many connections one worker may hold: 1,000, or as many as the system lets it open files for."""
    wanted = MOST_CONNECTIONS + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    room = MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else soft - _OTHER_FILES
    return min(MOST_CONNECTIONS, max(_LEAST_CONNECTIONS, room))


def shared_folder() -> Path:
    """A folder for the workers' counters: in memory where there is room, so that a full disk stops no worker."""
    try:
        in_memory = os.access(_SHARED_MEMORY, os.W_OK) and shutil.disk_usage(_SHARED_MEMORY).free > _ROOM
    except OSError:
        in_memory = False
    return Path(tempfile.mkdtemp(prefix=f"goeswith-{os.getpid()}-", dir=_SHARED_MEMORY if in_memory else None))


def start(config: ServiceConfig, server: ServerConfig, hashes: HashedAhead) -> None:
    """Bind, load, say `ready` when it is true, and serve until a signal ends it; never returns.

    `hashes` of the store's files are taken meanwhile, and end here.
    Raises ``UsageError`` where the address cannot be had, ``DataError`` where the catalogue file cannot be used.
    """
    signal.signal(signal.SIGTERM, _leave)  # until gunicorn has its own
    listener = listen(server.host, server.port)
    folder, parent = shared_folder(), os.getpid()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)  # read when prometheus_client is first imported
    try:
        from service.announce import announce_when_ready, url_of  # noqa: PLC0415  # all three after the environment is set
        from service.app import create_app  # noqa: PLC0415  # it imports prometheus_client
        from service.logs import start_logging  # noqa: PLC0415  # as the app

        threadpool_limits(1, "blas")  # of numpy, which the app has imported
        start_logging()
        announce_when_ready(listener, url_of(server.host, listener.getsockname()[1]))
        app = create_app(config, hashes)
        hashes.end()  # no thread is left when the workers are forked
        _run(app, listener, server)
    finally:
        if os.getpid() == parent:  # workers leave gunicorn by this door too
            shutil.rmtree(folder, ignore_errors=True)


def _leave(number: int, frame: object) -> NoReturn:  # noqa: ARG001  # as signals want it
    sys.exit(0)


def _run(app: Flask, listener: socket.socket, config: ServerConfig) -> None:
    from gunicorn.app.base import BaseApplication  # noqa: PLC0415  # after the environment is set

    from service.app import parts  # noqa: PLC0415  # as above
    from service.worker import GunicornLogger, ProblemWorker  # noqa: PLC0415  # as above

    live = parts(app).live

    def started(worker: Any) -> None:  # noqa: ARG001  # gunicorn hands it over
        live.refresh()
        live.watch()

    def forked(arbiter: Any, worker: Any) -> None:  # noqa: ARG001  # gunicorn hands them over
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the arbiter's own would swallow it until the worker has one

    def frozen(arbiter: Any) -> None:  # noqa: ARG001  # gunicorn hands it over
        gc.freeze()
        gc.enable()

    settings: dict[str, Any] = {
        "bind": [f"fd://{listener.fileno()}"],
        "workers": config.workers,
        "threads": config.threads,
        "worker_connections": connections_of_a_worker(),
        "worker_class": ProblemWorker,
        "preload_app": True,
        "keepalive": KEEPALIVE_SECONDS,
        "graceful_timeout": GRACEFUL_SECONDS,
        "worker_tmp_dir": os.environ["PROMETHEUS_MULTIPROC_DIR"],
        "logger_class": GunicornLogger,
        "proc_name": "goeswith",
        "control_socket_disable": True,
        "when_ready": frozen,
        "post_fork": forked,
        "post_worker_init": started,
    }

    class Server(BaseApplication):
        def load_config(self) -> None:
            for name, value in settings.items():
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self) -> Any:
            return app

    Server().run()
