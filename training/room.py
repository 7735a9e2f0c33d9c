"""How much memory a training would take, held against what is free before the work begins."""

from __future__ import annotations

from recommender.errors import UsageError
from recommender.ranker.signals import SIGNALS
from training.config import Config
from training.memory import free_addresses, free_memory

_BYTES_PER_LINE = 120
_ROWS_PER_CART = 2 * 61
_COPIES_OF_ROWS = 2.2
_SQUARES = 2.2
_OTHERS = 150 << 20
_GIB = 1 << 30
LEAST = 600 << 20
"""Bytes that reading and training on a few lines take."""
LEAST_ADDRESSES = 1 << 30
"""Bytes of addresses that they reserve, threads' own above all, most of which are never used."""


def needed_memory(lines: int, items: int, config: Config) -> int:
    """Bytes that a training takes beside what reading has taken, at most, from sizes alone.

    The lines in their arrays; the linear model's square matrix and its inverse; the rows that the ranking is fitted on,
    twice.

    Parameters
    ----------
    lines : of the file.  items : different items, or more.

    >>> needed_memory(1_300_000, 92_000, Config()) >> 20
    1215
    """
    square = 4 * min(config.count.ease_items, items) ** 2
    rows = min(config.ranker.carts, lines // 2) * _ROWS_PER_CART * 4 * len(SIGNALS)
    return int(_OTHERS + lines * _BYTES_PER_LINE + _SQUARES * square + _COPIES_OF_ROWS * rows / 2)


def refuse_unless_room(lines: int, items: int, config: Config) -> None:
    """Raise ``UsageError`` with the estimate, what is free and the remedies where the one is above the other."""
    needed, free = needed_memory(lines, items, config), free_memory()
    if needed > free:
        raise UsageError(
            f"training on {lines:,} lines of {items:,} items needs about {needed / _GIB:,.1f} GiB more, and"
            f" {free / _GIB:,.1f} GiB are free; give it more memory, a shorter time of orders, fewer carts"
            " (--set ranker.carts=4000) or a smaller linear model (--set count.ease_items=1000)"
        )


def refuse_unless_start() -> None:
    """Raise ``UsageError`` where not even a small shop could be checked or trained on, before anything is read."""
    free = free_memory()
    if free < LEAST:
        raise UsageError(
            f"orders need {LEAST / _GIB:,.1f} GiB more to be read, and {free / _GIB:,.1f} GiB are free: give it more"
            " (ulimit -v, its container)"
        )
    addresses = free_addresses()
    if addresses < LEAST_ADDRESSES:
        raise UsageError(
            f"orders need addresses for {LEAST_ADDRESSES / _GIB:,.1f} GiB more to be read, and"
            f" {addresses / _GIB:,.1f} GiB are free: raise the limit (ulimit -v)"
        )


def ran_out() -> UsageError:
    """The refusal where the system gave less memory than it had free."""
    return UsageError(
        "training: the memory ran out; nothing was published: give it more memory, a shorter time of orders, fewer"
        " carts (--set ranker.carts=4000) or a smaller linear model (--set count.ease_items=1000)"
    )
