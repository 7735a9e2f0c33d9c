"""Apps over the tiny shop, and one real gunicorn for the whole run."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from running import Running, running

from service.app import GoeswithApp, create_app
from service.config import ServiceConfig


@pytest.fixture
def store(tiny_store: Path, tmp_path: Path) -> Path:
    return shutil.copytree(tiny_store, tmp_path / "store")


@pytest.fixture
def make_app(store: Path) -> Callable[..., GoeswithApp]:
    return lambda **settings: create_app(ServiceConfig(**{"store": store} | settings))


@pytest.fixture(scope="session")
def shared_app(tiny_store: Path) -> GoeswithApp:
    return create_app(ServiceConfig(tiny_store))


@pytest.fixture
def client(shared_app: GoeswithApp) -> FlaskClient:
    return shared_app.test_client()


@pytest.fixture(scope="session")
def server(tiny_store: Path) -> Iterator[Running]:
    with running("--store", str(tiny_store), "--workers", "2") as service:
        yield service
