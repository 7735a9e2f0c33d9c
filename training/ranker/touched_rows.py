"""The rows of the encoder's tables that a batch reads: they alone are moved by its step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.encoder import Encoder
from training.ranker.asked_items import Asked
from training.ranker.encoder_batches import Batch


class Rows(NamedTuple):
    """int64 item rows, rising, of the tables `cart`, `past` and `item`, see `recommender.ranker.encoder.Encoder`."""

    cart: NDArray[np.int64]
    past: NDArray[np.int64]
    item: NDArray[np.int64]

    def of(self, layer: str) -> NDArray[np.int64] | slice:
        """The rows of a layer; all of them where items are not its rows."""
        return {"cart": self.cart, "past": self.past, "item": self.item, "item_bias": self.item}.get(layer, slice(None))


def numbered(batches: Sequence[Batch], asked: Asked, items: int) -> tuple[Rows, list[Batch]]:
    """The rows that batches read, and the batches with places among these in place of item rows."""
    cart, past = (_named_in([getattr(batch, name) for batch in batches], items) for name in ("shown", "past"))
    rows = Rows(cart, past, asked.rows)
    in_cart, in_past, in_asked = (_places(of_table, items) for of_table in rows)
    return rows, [
        replace(
            batch,
            shown=in_cart[batch.shown],
            past=in_past[batch.past],
            left_out=in_asked[batch.shown],
            hidden=in_asked[batch.hidden],
            log_weights=asked.log_weights,
        )
        for batch in batches
    ]


def read(layers: Sequence[NDArray[np.float32]], rows: Rows) -> Encoder:
    """A small encoder of these rows alone."""
    return Encoder(*(layer[rows.of(name)] for name, layer in zip(Encoder._fields, layers, strict=True)))


def _named_in(parts: Sequence[NDArray[np.int32]], items: int) -> NDArray[np.int64]:
    named = np.zeros(items, np.bool_)
    for part in parts:
        named[part] = True
    return np.flatnonzero(named)


def _places(rows: NDArray[np.int64], items: int) -> NDArray[np.int32]:
    """int32 (items,): the place of each item among `rows`, -1 where it is not there."""
    places = np.full(items, -1, np.int32)
    places[rows] = np.arange(len(rows))
    return places
