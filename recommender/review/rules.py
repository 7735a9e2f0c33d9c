"""The rules of a model by a stable id: the same rule has the same id in every model."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.model import Model

_ID_DIGITS = 12


@dataclass(frozen=True)
class Rules:
    """Rules that are more than luck, with one consequent each.

    Attributes
    ----------
    antecedents : int32 (rules, width), item rows ascending, padded with -1.
    consequents : int32 (rules,), item rows.
    counts : int32 (rules,), baskets with antecedents and consequent.
    of : int32 (rules,), baskets with the antecedents.
    """

    antecedents: NDArray[np.int32]
    consequents: NDArray[np.int32]
    counts: NDArray[np.int32]
    of: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.consequents)

    def antecedent_rows(self, place: int) -> list[int]:
        """Rows of the antecedents of one rule, ascending."""
        return [row for row in self.antecedents[place].tolist() if row >= 0]


def rules_of(model: Model, first: int = 0, end: int | None = None) -> Rules:
    """The claimed pairs and the long rules whose lowest antecedent is a row of ``[first, end)``.

    Sorted by lowest antecedent; of one item its pairs come first, in the model's order, then its long rules.
    """
    stop = len(model.catalog) if end is None else end
    pairs, long = model.pairs, model.rules
    begin, until = int(pairs.offsets[first]), int(pairs.offsets[stop])
    entries = begin + np.flatnonzero(pairs.claimed[begin:until])
    sources = (np.searchsorted(pairs.offsets, entries, side="right") - 1).astype(np.int32)
    rules = np.arange(int(long.offsets[first]), int(long.offsets[stop]))
    width = max(long.antecedents.shape[1], 1)
    antecedents = np.full((len(entries) + len(rules), width), -1, np.int32)
    antecedents[: len(entries), 0] = sources
    antecedents[len(entries) :, : long.antecedents.shape[1]] = long.antecedents[rules]
    order = np.argsort(antecedents[:, 0], kind="stable")
    return Rules(
        antecedents[order],
        np.concatenate([pairs.items[entries], long.consequents[rules]])[order],
        np.concatenate([pairs.counts[entries], long.counts[rules]])[order],
        np.concatenate([model.item_orders[sources], long.of[rules]])[order],
    )


def rule_id(antecedents: Iterable[str], consequent: str) -> str:
    """12 hex digits that follow from the set of antecedents and from the consequent.

    >>> rule_id(["tyre", "pump"], "tube") == rule_id(["pump", "tyre"], "tube")
    True
    >>> rule_id(["tyre"], "tube") == rule_id(["tube"], "tyre")
    False
    """
    digest = hashlib.sha256(b"rule")
    for item_id in (*sorted(set(antecedents)), consequent):
        data = item_id.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(4, "big") + data)
    return digest.hexdigest()[:_ID_DIGITS]
