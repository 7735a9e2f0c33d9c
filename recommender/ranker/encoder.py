"""The encoder: a small network from a cart and its customer's last lines to every item that may stand beside them.

It reads the cart as a whole, where counts read it pair by pair.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

PAST_LINES = 64
"""Last lines of a customer that count."""


class Encoder(NamedTuple):
    """Weights of the encoder; all of it is float32, and of no width where the shop has none.

    Attributes
    ----------
    cart, past : (items, width), what an item says in the cart, and among the customer's last lines.
    first, first_bias : (width, units), (units,).  second : (units, width).
    item, item_bias : (items, width), (items,), what an item answers to.
    """

    cart: NDArray[np.float32]
    past: NDArray[np.float32]
    first: NDArray[np.float32]
    first_bias: NDArray[np.float32]
    second: NDArray[np.float32]
    item: NDArray[np.float32]
    item_bias: NDArray[np.float32]


def no_encoder(items: int) -> Encoder:
    """An encoder that says the same of every item.

    >>> no_encoder(3).cart.shape
    (3, 0)
    """
    nothing = np.zeros((items, 0), np.float32)
    inner = np.zeros((0, 0), np.float32)
    return Encoder(nothing, nothing, inner, np.zeros(0, np.float32), inner, nothing, np.zeros(items, np.float32))
