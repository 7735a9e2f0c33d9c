"""`goeswith synth`: orders of any size that are like those of a given shop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from recommender.errors import UsageError
from training.memory import free_memory
from training.progress import Progress
from training.synth.fit import fit
from training.synth.groceries import groceries
from training.synth.plan import Size, plan
from training.synth.shop import Shop, read_shop, shop_of
from training.synth.variants import variants
from training.synth.write import Written, checked_output, write_orders

LIKE = ("groceries",)
_MOST_ITEMS = 10_000_000
_MOST_SEED = 2**31 - 1
_BYTES_PER_ORDER = 200


def synth(
    orders: Any,
    output: Path,
    size: Size,
    *,
    like: str | None = None,
    items: int | None = None,
    seed: int = 0,
    columns: dict[str, str] | None = None,
    progress: Progress | None = None,
) -> Written:
    """Write new orders; the same source, size and seed give the same bytes.

    Parameters
    ----------
    orders : what `training.read.open_orders` reads, or None with `like`.
    output : a ``.parquet`` file, written whole or not at all.
    like : a shop that is described here: ``groceries``.
    items : different items that may be bought; None for as many as the shop has. Of more, popular ones are split into
        variants; of fewer, the rarest are left out.
    seed : 0 or more.

    Raises
    ------
    UsageError
        For a size that cannot be, and both or neither of `orders` and `like`.
    DataError
        Where the orders cannot be read or the output cannot be written.
    """
    progress = progress or Progress(quiet=True)
    checked_output(output)
    _checked(orders, like, items, size, seed)
    with progress.stage("read orders" if like is None else "describe the shop"):
        shop = read_shop(orders, columns or {}, items) if like is None else shop_of(groceries(seed), items)
    with progress.stage("fit"):
        mixture = fit(shop, seed)
    with progress.stage("plan customers"):
        made = plan(shop, size, np.random.default_rng(seed))
    counts = np.bincount(shop.items, minlength=len(shop.item_ids))
    wares = variants(shop.item_ids, counts, max(items or 0, len(shop.item_ids)), seed)
    with progress.stage("draw and write") as step:
        return write_orders(output, shop, made, mixture, wares, seed, step)


def _checked(orders: Any, like: str | None, items: int | None, size: Size, seed: int) -> None:
    if (orders is None) == (like is None):
        raise UsageError("give either an orders file or --like groceries")
    if like is not None and like not in LIKE:
        raise UsageError(f"--like {like}: no shop of that name is described; there is {', '.join(LIKE)}")
    if items is not None and not 1 <= items <= _MOST_ITEMS:
        raise UsageError(f"{items:,} items: give 1 to {_MOST_ITEMS:,} (--items)")
    if not 0 <= seed <= _MOST_SEED:
        raise UsageError(f"seed {seed}: give 0 to {_MOST_SEED:,} (--seed)")
    needed, free = (size.orders or size.lines or 0) * _BYTES_PER_ORDER, free_memory()
    if needed > free:
        raise UsageError(
            f"a plan of up to {size.orders or size.lines:,} orders needs {needed / (1 << 30):,.1f} GiB, and"
            f" {free / (1 << 30):,.1f} GiB are free; ask for fewer, several times with another --seed"
        )


__all__ = ["LIKE", "Shop", "synth"]
