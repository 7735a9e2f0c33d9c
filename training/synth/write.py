"""New orders, block by block, as a Parquet file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from recommender.errors import UsageError
from training.itemset_files import write_batches
from training.progress import Step
from training.synth.fit import Mixture, drawn_lines
from training.synth.plan import Plan
from training.synth.shop import Shop
from training.synth.variants import Variants
from training.whole import refuse_clash

_BLOCK = 50_000


@dataclass(frozen=True)
class Written:
    """What was written."""

    path: Path
    lines: int
    orders: int
    customers: int | None
    items: int
    possible_items: int

    def text(self) -> str:
        """One line for people."""
        customers = f", {self.customers:,} customers" if self.customers is not None else ""
        items = f"{self.items:,} items" if self.items == self.possible_items else self._some_items()
        return f"{self.path}: {self.lines:,} lines, {self.orders:,} orders, {items}{customers}"

    def _some_items(self) -> str:
        return f"{self.items:,} of {self.possible_items:,} items"


def checked_output(path: Path) -> Path:
    """The path, if Parquet can be written to it; raises ``UsageError`` for another suffix, or no such folder."""
    if path.suffix.lower() != ".parquet":
        raise UsageError(f"{path}: orders are written as .parquet (-o)")
    refuse_clash(path, folder=False)
    return path


def write_orders(
    path: Path, shop: Shop, made: Plan, mixture: Mixture, wares: Variants, seed: int, step: Step
) -> Written:
    """Draw and write the planned orders; the file is written whole or not at all.

    Raises
    ------
    DataError
        Where it cannot be written.
    """
    bought = np.zeros(len(wares), np.bool_)
    write_batches(path, schema_of(shop), _batches(shop, made, mixture, wares, seed, bought, step))
    customers = made.number if shop.has_customers else None
    return Written(path, int(made.sizes.sum()), len(made), customers, int(bought.sum()), len(wares))


def schema_of(shop: Shop) -> pa.Schema:
    """The columns that the shop's orders have too."""
    columns = [("order_id", pa.string()), ("item_id", pa.dictionary(pa.int32(), pa.string()))]
    if shop.has_customers:
        columns.append(("customer_id", pa.string()))
    if len(shop.times):
        columns.append(("ordered_at", pa.timestamp("s")))
    columns.append(("quantity", pa.float32()))
    if np.isfinite(shop.prices).any():
        columns.append(("unit_price", pa.float64()))
    return pa.schema(columns)


def _batches(
    shop: Shop, made: Plan, mixture: Mixture, wares: Variants, seed: int, bought: NDArray[np.bool_], step: Step
) -> Iterator[pa.RecordBatch]:
    schema, names = schema_of(shop), pa.array(wares.item_ids, pa.string())
    digits = len(str(len(made)))
    for start in range(0, len(made), _BLOCK):
        part = made.part(start, min(start + _BLOCK, len(made)))
        lines = drawn_lines(shop, part, mixture, (seed << 32) + start)
        order = np.repeat(np.arange(len(part)), part.sizes)
        rows = wares.rows(shop.items[lines], part.customers[order])
        bought[rows] = True
        prices = shop.prices[lines]
        columns = {
            "order_id": _numbers(np.arange(start, start + len(part)) + 1, "", digits).take(pa.array(order)),
            "item_id": pa.DictionaryArray.from_arrays(pa.array(rows, pa.int32()), names),
            "customer_id": _numbers(part.customers + 1, "c", 1).take(pa.array(order)),
            "quantity": pa.array(shop.quantities[lines], pa.float32()),
            "unit_price": pa.array(prices, pa.float64(), mask=~np.isfinite(prices)),
        }
        if len(part.times):
            columns["ordered_at"] = pa.array(part.times[order], pa.timestamp("s"))
        yield pa.record_batch([columns[name] for name in schema.names], schema=schema)
        step(start + len(part), len(made))


def _numbers(numbers: NDArray[np.integer], before: str, digits: int) -> pa.Array:
    return pa.array([f"{before}{number:0{digits}}" for number in numbers.tolist()], pa.string())
