"""A published tiny shop, apps over it, and one real gunicorn for the whole run."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from running import Running, running
from tiny_store import publish_tiny

from service.app import GoeswithApp, create_app
from service.config import ServiceConfig


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("published") / "store"
    publish_tiny(root)
    return root


@pytest.fixture
def store(published: Path, tmp_path: Path) -> Path:
    return shutil.copytree(published, tmp_path / "store")


@pytest.fixture
def make_app(store: Path) -> Callable[..., GoeswithApp]:
    return lambda **settings: create_app(ServiceConfig(**{"store": store} | settings))


@pytest.fixture(scope="session")
def shared_app(published: Path) -> GoeswithApp:
    return create_app(ServiceConfig(published))


@pytest.fixture
def client(shared_app: GoeswithApp) -> FlaskClient:
    return shared_app.test_client()


@pytest.fixture(scope="session")
def server(published: Path) -> Iterator[Running]:
    with running("--store", str(published), "--workers", "2") as service:
        yield service
