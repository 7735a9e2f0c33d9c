"""`goeswith customers`: a row for every customer as a file for the owner alone, with a manifest beside it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version as release
from pathlib import Path
from typing import Any

import numpy as np

from recommender.errors import UsageError
from recommender.worth import worth_of
from training.config import Config
from training.customers.expect import LEAST_AGAIN, Expected, expect
from training.customers.facts import Facts, facts_of
from training.customers.read import KnownShop, read_shop
from training.customers.segments import SEGMENTS
from training.customers.table import COLUMNS, RANKINGS, RankedBy, Table, table_of
from training.doctor.quarantine import Quarantine
from training.exports.cells import FORMULA_STARTS
from training.exports.remarks import Remarks
from training.exports.writers import FORMATS, Writer, write_csv
from training.progress import Progress
from training.whole import refusals_told, refuse_clash, sha256_of, staging


@dataclass(frozen=True)
class Wanted:
    """What was asked for: days to look ahead, what the rank follows, the format (None: by what there is)."""

    days: int = 365
    rank_by: str | None = None
    file_format: str | None = None


@dataclass(frozen=True)
class Written:
    """What one run wrote."""

    path: Path
    customers: int
    win_back: int
    ranked_by: str
    told: Remarks

    def text(self) -> str:
        """One line for people."""
        number = f"{self.customers:,} {'customer' if self.customers == 1 else 'customers'}"
        return f"{self.path}: {number} ranked by {self.ranked_by}, {self.win_back:,} to win back"


def write_customers(
    orders: Any,
    catalog: Any,
    output: Path,
    wanted: Wanted,
    *,
    config: Config | None = None,
    progress: Progress | None = None,
    quarantine: Quarantine = None,
) -> Written:
    """Read and check orders, and write what they tell of every customer, whole or not at all.

    Raises
    ------
    UsageError
        For an unknown format, where orders name no customers, and where the rank cannot follow what was asked for.
    DataError
        Where the orders cannot be read or the output cannot be written.
    """
    config, progress = config or Config(), progress or Progress(quiet=True)
    writer = _writer_of(output, wanted.file_format)
    with refusals_told(output):
        refuse_clash(output, folder=False)
    shop = read_shop(orders, catalog, config, progress, quarantine)
    with progress.stage("past of customers"):
        worth = worth_of(shop.catalog, config.worth.return_cost)
        facts = facts_of(shop.baskets, worth, shop.sold, shop.returned)
    ranked_by = _ranked_by(wanted, facts)
    with progress.stage("expect customers"):
        expected = expect(facts, wanted.days)
        table = table_of(shop.baskets.customer_ids, facts, expected, ranked_by)
    told = _remarks(shop, facts, expected, writer)
    with progress.stage("write customers"), staging(output, private=True) as stage:
        path = output.resolve()
        with stage.file(path) as file:
            writer(file, COLUMNS, table.rows())
        digest, size = sha256_of(stage.staged(path))
        about = _about(shop, facts, expected, table, wanted, told)
        content = about | {"file": path.name, "bytes": size, "sha256": digest}
        with stage.file(path.with_name(f"{path.name}.manifest.json")) as file:
            text = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1)
            file.write(text.encode(errors="backslashreplace") + b"\n")
    win_back = int(np.sum(table.cells["win_back"] == True))  # noqa: E712  # None where unknown
    return Written(output, len(table), win_back, ranked_by, told)


def _writer_of(path: Path, file_format: str | None) -> Writer:
    name = file_format or path.suffix.lower().removeprefix(".")
    if name in FORMATS:
        return FORMATS[name]
    can = ", ".join(FORMATS)
    if file_format is not None:
        raise UsageError(f"format {file_format!r}: customers can be written as {can} (--format)")
    raise UsageError(f"{path}: suffix {path.suffix!r} names no format; there are {can} (-o, --format)")


def _ranked_by(wanted: Wanted, facts: Facts) -> RankedBy:
    if wanted.rank_by is None:
        return "profit" if facts.has_money else "orders"
    chosen = next(ranking for ranking in RANKINGS if wanted.rank_by == ranking)
    if chosen != "orders" and not facts.has_money:
        raise UsageError(
            f"rank by {chosen!r}: no price of what customers bought is known; give prices (--column unit_price=NAME,"
            " --catalog) or take --rank-by orders"
        )
    if chosen == "expected-value" and (facts.end is None or np.count_nonzero(facts.visits > 1) < LEAST_AGAIN):
        raise UsageError(
            f"rank by {chosen!r}: it needs times (--column ordered_at=NAME) and {LEAST_AGAIN} customers who came again;"
            " take another ranking (--rank-by profit)"
        )
    return chosen


def _remarks(shop: KnownShop, facts: Facts, expected: Expected, writer: Writer) -> Remarks:
    told, ids = Remarks(), shop.baskets.customer_ids
    if shop.nothing_kept:
        told.add("customers who kept nothing of any order left out", "no row", shop.nothing_kept)
    if facts.end is None:
        told.add("no times: nothing is expected of customers", "--column ordered_at=NAME", len(facts))
    elif expected.visits_model is None:
        again = int(np.count_nonzero(facts.visits > 1))
        told.add("too few customers came again: nothing is expected of them", f"needs {LEAST_AGAIN}", again)
    if not facts.has_money:
        told.add("no prices: revenue, profit and value are unknown", "--column unit_price=NAME", len(facts))
    if writer is write_csv:
        for row in _formulas(ids):
            told.add("ids that a spreadsheet takes for a formula: import their columns as text", ids[row])
    return told


def _formulas(ids: Sequence[str]) -> list[int]:
    return [row for row, text in enumerate(ids) if text.startswith(FORMULA_STARTS)]


def _about(
    shop: KnownShop, facts: Facts, expected: Expected, table: Table, wanted: Wanted, told: Remarks
) -> dict[str, Any]:
    days = None if facts.end is None else str(np.datetime64(facts.end, "D"))
    segments = Counter(table.cells["segment"].tolist())
    models = {"visits": expected.visits_model, "money": expected.money_model}
    return {
        "target": "customers",
        "created_from": {"input": shop.source, "until": days},
        "asked": {"days": wanted.days, "rank_by": wanted.rank_by},
        "ranked_by": table.ranked_by,
        "segments": {name: segments[name] for name in SEGMENTS if segments[name]},
        "models": {name: None if model is None else asdict(model) for name, model in models.items()},
        "goeswith": release("goeswith"),
        "rows": len(table),
        "columns": [column.name for column in COLUMNS],
        "remarks": told.as_json(),
    }
