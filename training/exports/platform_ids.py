"""What a shop system calls the items: a column of the catalogue, or the item ids themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from recommender.errors import UsageError
from recommender.model import Model
from training.exports.remarks import Remarks


@dataclass(frozen=True)
class PlatformIds:
    """An id an item.

    Attributes
    ----------
    column : the catalogue column, None for the item ids.
    texts : an id an item row, "" where the column has none.
    holds : an item row each, True for the item that stands for its id: of several, the one that sold most.
    """

    column: str | None
    texts: list[str]
    holds: list[bool]

    @property
    def what(self) -> str:
        """What the ids are called in messages."""
        return self.column or "item_id"

    def all_begin_with(self, start: str) -> bool:
        """True where there are ids, and every one begins so."""
        known = [text for text in self.texts if text]
        return bool(known) and all(text.startswith(start) for text in known)


def platform_ids(
    model: Model, column: str | None, told: Remarks, problem: Callable[[str], str | None] = lambda _: None
) -> PlatformIds:
    """The ids of every item; those without one, those that share one, and those that the system cannot hold are told.

    Parameters
    ----------
    problem : why an id cannot be written for the system, or None.

    Raises ``UsageError`` naming the columns there are for one that the catalogue lacks, or that is empty.
    """
    catalog = model.catalog
    if column is None:
        texts = _writable(list(catalog.item_ids), problem, told)
        return PlatformIds(None, texts, [bool(text) for text in texts])
    codes = catalog.attributes.codes_of(column.strip().lower())
    if codes is None:
        there = ", ".join(catalog.attributes.names) or "none; give the catalogue to training with further columns"
        raise UsageError(f"id column {column!r}: the catalogue has no such column; there are {there} (--id-column)")
    if not (codes >= 0).any():
        raise UsageError(f"id column {column!r}: no item has one; fill the column in the catalogue (--id-column)")
    values = list(catalog.attributes.values)
    texts = [values[code].strip() if code >= 0 else "" for code in codes.tolist()]
    for row, text in enumerate(texts):
        if not text:
            told.add(f"items without {column} left out", catalog.item_ids[row])
    texts = _writable(texts, problem, told)
    holder: dict[str, int] = {}
    for row in np.argsort(-model.item_orders, kind="stable").tolist():
        holder.setdefault(texts[row], row)
    for row, text in enumerate(texts):
        if text and holder[text] != row:
            what = f"items that share their {column} with one that sells more, which stands for them"
            told.add(what, catalog.item_ids[row])
    return PlatformIds(column, texts, [bool(text) and holder[text] == row for row, text in enumerate(texts)])


def _writable(texts: list[str], problem: Callable[[str], str | None], told: Remarks) -> list[str]:
    writable: list[str] = []
    for text in texts:
        why = problem(text) if text else None
        if why is not None:
            told.add(f"items left out: {why}", text)
        writable.append("" if why else text)
    return writable
