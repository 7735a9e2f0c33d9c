from collections.abc import Callable
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from training.config import OrdersConfig
from training.doctor import Checked, Finding, Report, check_orders
from training.read import open_orders

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def as_table(text: str) -> pa.Table:
    """Columns of text from words in lines, the first line their names; `·` is an empty cell, `_` a space."""
    header, *lines = [line.split() for line in text.strip().splitlines()]
    cells = [[None if word == "·" else word.replace("_", " ") for word in line] for line in lines]
    return pa.table({name: pa.array([line[place] for line in cells], pa.string()) for place, name in enumerate(header)})


@pytest.fixture(scope="session")
def examine() -> Callable[..., Checked]:
    """Checks orders given as words in lines, or as a table."""

    def run(orders, catalog=None, quarantine=None, now=NOW, **settings):
        table = as_table(orders) if isinstance(orders, str) else orders
        return check_orders(open_orders(table), catalog, OrdersConfig(**settings), now, quarantine)

    return run


@pytest.fixture(scope="session")
def finding() -> Callable[[Checked | Report, str], Finding]:
    """The one finding of a code."""

    def run(checked, code):
        report = checked.report if isinstance(checked, Checked) else checked
        (found,) = [one for one in report.findings if one.code == code]
        return found

    return run


@pytest.fixture(scope="session")
def baskets_of() -> Callable[[Checked], dict]:
    """Baskets as people read them: for each order its items with their quantities, in the order of time."""

    def run(checked):
        b = checked.baskets
        return [
            {b.item_ids[b.items[line]]: float(b.quantities[line]) for line in range(b.offsets[o], b.offsets[o + 1])}
            for o in range(len(b))
        ]

    return run
