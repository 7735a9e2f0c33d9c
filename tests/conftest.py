"""What holds for the whole suite.

The packages are imported in its fixtures alone: what is imported here, coverage does not see yet.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from threadpoolctl import threadpool_limits

# A busy machine is slow, and no test says how fast anything is: benchmarks do.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


FAULTS = Path(__file__).with_name("faults")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Coverage is measured where it tells something, for it takes half of the time of all that it watches.

    Generated input and real faults ask for rare cases of lines that tests with values worked by hand go through.
    """
    for item in items:
        if hasattr(getattr(item, "function", None), "hypothesis") or FAULTS in item.path.parents:
            item.add_marker(pytest.mark.no_cover)


@pytest.fixture(autouse=True)
def _processes_of_faults_are_not_watched(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if FAULTS in request.path.parents:
        monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)


@pytest.fixture(autouse=True)
def _no_disk_is_waited_for(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test pulls the plug, and no file is needed after it; the processes of faults wait as always."""
    if FAULTS not in request.path.parents:
        monkeypatch.setattr(os, "fsync", os.fstat)


@pytest.fixture(scope="session", autouse=True)
def _blas_on_one_thread() -> Iterator[None]:
    """As training and the service have it: each core runs a test already, and more threads would only wait."""
    with threadpool_limits(1, "blas"):
        yield


@pytest.fixture(scope="session")
def tiny_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny shop's model and customers, published once; who changes a store copies it."""
    from tiny_store import publish_tiny

    root = tmp_path_factory.mktemp("tiny") / "store"
    publish_tiny(root)
    return root


@pytest.fixture(scope="session")
def strange_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same of the shop of strange texts."""
    from strange_shop import publish_strange

    root = tmp_path_factory.mktemp("strange") / "store"
    publish_strange(root)
    return root
