"""`goeswith mine`: the frequent itemsets of an orders file, or the association rules that follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from typing import Any

import numpy as np

from recommender.errors import DataError, UsageError
from training.baskets import Baskets
from training.checking import check
from training.config import Config
from training.doctor.quarantine import Quarantine
from training.encode import encode_as_is
from training.itemset_files import (
    ITEMSET_COLUMNS,
    RULE_COLUMNS,
    itemset_batches,
    rule_batches,
    write_batches,
    writer_for,
)
from training.itemsets import frequent_itemsets
from training.mining_guard import check_rules
from training.progress import Progress
from training.read import open_orders
from training.rules import association_rules, count_rules
from training.views import place_of
from training.whole import refuse_clash


@dataclass(frozen=True)
class Mined:
    """What one run wrote.

    Attributes
    ----------
    path : the file.
    baskets : orders that were mined.
    min_count : baskets that an itemset had to be in.
    lengths : itemsets of 1, 2, 3, … items.
    rules : rules written, None where itemsets were.
    left_out : lines that could not be counted: unreadable, or without an order id or an item id.
    """

    path: Path
    baskets: int
    min_count: int
    lengths: tuple[int, ...]
    rules: int | None
    left_out: int = 0

    def text(self) -> str:
        """One line for people."""
        by_length = ", ".join(f"{number:,} of {length}" for length, number in enumerate(self.lengths, 1))
        found = _count(sum(self.lengths), "itemset") + (f" ({by_length})" if by_length else "")
        what = found if self.rules is None else f"{_count(self.rules, 'rule')} from {found}"
        left_out = (
            f"; {_count(self.left_out, 'line')} without an order id or an item id left out" if self.left_out else ""
        )
        if self.min_count > self.baskets:
            least = f"the minimum count {self.min_count:,} is above the {_count(self.baskets, 'basket')} of the file"
            return f"{self.path}: {what}: {least}; a lower one finds some (--min-count){left_out}"
        return f"{self.path}: {what} in {self.min_count:,} of {_count(self.baskets, 'basket')} or more{left_out}"


def mine(
    orders: Any,
    output: Path,
    *,
    min_count: int | None = None,
    min_support: float | None = None,
    max_len: int | None = None,
    rules: bool = False,
    clean: bool = False,
    config: Config | None = None,
    progress: Progress | None = None,
    quarantine: Quarantine = None,
) -> Mined:
    """Mine orders and write what is found; the file is written whole or not at all.

    The orders are taken exactly as they are, an item once an order; lines without an order id or an item id cannot be
    counted.

    Parameters
    ----------
    orders : anything that `training.read.open_orders` reads.
    output : ``.parquet``, ``.csv`` or ``.jsonl``.
    min_count : baskets that an itemset is in at least; or
    min_support : the same as a share of all baskets, above 0, at most 1.
    max_len : items of the longest itemset; None for all lengths.
    rules : write association rules with every metric instead of itemsets.
    clean : run the order-data doctor first, as training does; giant orders are then left out.
    config : its `orders` and `count.memory_share` apply.
    quarantine : file for the lines that the doctor rejects, or where it goes if there are any.

    Raises
    ------
    UsageError
        For a bound out of range, an unknown suffix, and where the work would not fit into memory.
    DataError
        Where the orders cannot be read or the output cannot be written.
    """
    config, progress = config or Config(), progress or Progress(quiet=True)
    _bounded(min_count, min_support)
    writer_for(output)
    refuse_clash(output, folder=False)
    baskets, left_out = _read(orders, clean, config, progress, quarantine)
    matrix = baskets.matrix()
    least = _least(min_count, min_support, matrix.shape[0])
    with progress.stage("mine itemsets") as step:
        itemsets = frequent_itemsets(
            matrix, least, max_len=max_len, memory_share=config.count.memory_share, progress=step
        )
    lengths = tuple(np.bincount(itemsets.lengths, minlength=1)[1:].tolist())
    if not rules:
        with progress.stage("write itemsets"):
            write_batches(output, ITEMSET_COLUMNS, itemset_batches(itemsets, baskets.item_ids))
        return Mined(output, matrix.shape[0], least, lengths, None, left_out)
    number = count_rules(itemsets)
    check_rules(number, itemsets.longest, config.count.memory_share)
    with progress.stage("write rules"):
        found = rule_batches(association_rules(itemsets), matrix.shape[0], baskets.item_ids)
        write_batches(output, RULE_COLUMNS, found)
    return Mined(output, matrix.shape[0], least, lengths, number, left_out)


def _read(orders: Any, clean: bool, config: Config, progress: Progress, quarantine: Quarantine) -> tuple[Baskets, int]:
    if clean:
        checked, _, _ = check(orders, None, config, progress, quarantine)
        return checked.baskets, 0
    with progress.stage("read orders"):
        raw = open_orders(orders, config.orders.columns)
        [(nameless,)] = raw.connection.execute(
            "SELECT count(*) FROM raw WHERE order_id IS NULL OR item_id IS NULL"
        ).fetchall()
        if nameless == raw.lines:
            raise DataError(f"{place_of(orders)}: none of {raw.lines:,} lines has an order id and an item id")
        return encode_as_is(raw), nameless + raw.unreadable


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _bounded(min_count: int | None, min_support: float | None) -> None:
    if (min_count is None) == (min_support is None):
        raise UsageError("give either a minimum count (--min-count 20) or a minimum support (--min-support 0.001)")
    if min_support is not None and not 0 < min_support <= 1:
        raise UsageError(f"minimum support {min_support}: a share of all baskets is above 0 and at most 1")


def _least(min_count: int | None, min_support: float | None, baskets: int) -> int:
    """Baskets that a share of them is at least; the share is taken as it was written, so 0.01 of 300 is 3."""
    if min_count is not None:
        return min_count
    return max(1, int((Decimal(repr(min_support)) * baskets).to_integral_value(ROUND_CEILING)))
