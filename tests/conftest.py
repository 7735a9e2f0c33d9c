"""What holds for the whole suite."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from threadpoolctl import threadpool_limits

# A busy machine is slow, and no test says how fast anything is: benchmarks do.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


@pytest.fixture(scope="session", autouse=True)
def _blas_on_one_thread() -> Iterator[None]:
    """As training and the service have it: each core runs a test already, and more threads would only wait."""
    with threadpool_limits(1, "blas"):
        yield
