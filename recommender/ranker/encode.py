"""What the encoder says of a cart's candidates: compiled, without a copy of its tables."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.compiled import compiled
from recommender.ranker.encoder import PAST_LINES, Encoder
from recommender.ranker.history import orders_end
from recommender.ranker.inputs import Past
from recommender.ranker.network import LEAK
from recommender.ranker.signals import COLUMN

_ENCODER = COLUMN["encoder"]


@compiled
def fill_encoded(
    encoder: Encoder,
    past: Past,
    customer: int,
    now: int,
    cart: NDArray[np.int32],
    rows: NDArray[np.int32],
    found: int,
    signals: NDArray[np.float32],
) -> None:
    """Fill the two signals: log of an item's chance among the candidates by the encoder, and that chance.

    Parameters
    ----------
    customer : row, -1 unknown.  now : seconds since 1970; orders from then on do not count.
    cart, rows : item rows, of `rows` as many as are `found`.
    signals : float32 (signals, places), two rows of it are filled.
    """
    width = encoder.cart.shape[1]
    if not width:
        signals[_ENCODER, :found] = 0
        signals[_ENCODER + 1, :found] = 0
        return
    code = _encoded(encoder, past, customer, now, cart)
    highest = np.float32(-np.inf)
    for place in range(found):
        answer = encoder.item[rows[place]]
        score = encoder.item_bias[rows[place]]
        for unit in range(width):
            score += answer[unit] * code[unit]
        signals[_ENCODER, place] = score
        highest = max(highest, score)
    total = np.float32(0)
    for place in range(found):
        chance = np.exp(signals[_ENCODER, place] - highest)
        signals[_ENCODER + 1, place] = chance
        total += chance
    shift = highest + np.log(total)
    for place in range(found):
        signals[_ENCODER, place] -= shift
        signals[_ENCODER + 1, place] /= total


@compiled
def _encoded(encoder: Encoder, past: Past, customer: int, now: int, cart: NDArray[np.int32]) -> NDArray[np.float32]:
    """float32 (width,): what cart and customer ask for."""
    asked = np.zeros(encoder.cart.shape[1], np.float32)
    add(asked, encoder.cart, cart)
    if customer >= 0:
        first = past.line_offsets[past.order_offsets[customer]]
        stop = past.line_offsets[orders_end(past, customer, now)]
        add(asked, encoder.past, past.items[max(first, stop - PAST_LINES) : stop])
    inner = encoder.first_bias.copy()
    for place in range(len(asked)):
        for unit in range(len(inner)):
            inner[unit] += asked[place] * encoder.first[place, unit]
    code = asked.copy()
    for unit in range(len(inner)):
        value = max(inner[unit], LEAK * inner[unit])
        for place in range(len(code)):
            code[place] += value * encoder.second[unit, place]
    return code


@compiled
def add(asked: NDArray[np.float32], table: NDArray[np.float32], items: NDArray[np.int32]) -> None:
    """Add the rows of some items, over the root of how many there are."""
    if len(items):
        share = np.float32(1) / np.sqrt(np.float32(len(items)))
        for item in items:
            for place in range(len(asked)):
                asked[place] += share * table[item, place]
