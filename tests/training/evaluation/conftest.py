"""Baskets in memory, and one whole evaluation that many tests read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from made_up_shops import baskets_of, quick, shop_lines, write_catalog, write_csv

from training.baskets import Baskets
from training.evaluation.evaluate import Evaluation
from training.evaluation.report import report
from training.progress import Progress


@pytest.fixture
def make_baskets() -> Callable[..., Baskets]:
    return baskets_of


@pytest.fixture(scope="session")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Evaluation, Path]:
    """A shop with everything (customers, times, prices, costs, categories, order of adding), evaluated once."""
    folder = tmp_path_factory.mktemp("evaluated")
    orders = write_csv(folder / "orders.csv", shop_lines(1200))
    catalog = write_catalog(folder / "catalog.csv")
    output = folder / "report"
    evaluation = report(
        str(orders),
        str(catalog),
        output,
        quick(fitted=True),
        Progress(quiet=True),
        command="goeswith evaluate orders.csv",
    )
    return evaluation, output
