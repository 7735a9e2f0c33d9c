"""What the compiled kernel reads and writes: plain arrays in named tuples."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.encoder import Encoder

SUMS = 5
OWN_SUMS = 8
CATEGORY_SUMS = 4


class Shop(NamedTuple):
    """The model as the kernel sees it; every array is read-only.

    Attributes
    ----------
    baskets : counted baskets.  item_orders : int32 (items,), those with each item.
    item_signals : float32 (items, ITEM_SIGNALS).
    category, branch : int32 (items,), full category and its second level, -1 unknown.
    pair_offsets, pair_items, pair_counts, pair_cosines, pair_weighted, pair_ease : see `recommender.model.Pairs`.
    recent : int32, bestsellers of the recent window, best first.
    companion_offsets, companion_items, companion_scores : category → category, see `recommender.model.Companions`.
    basket_offsets, basket_items, item_basket_offsets, item_baskets : see `recommender.model.CountedBaskets`.
    basket_norms : float32 (baskets,), 1 over the root of the rarities of a basket's items.
    rarity : float32 (items,), ``log(baskets / item_orders)``.
    similar_baskets, basket_visits : how many baskets like the cart count, and how many are looked at.
    encoder : see `recommender.ranker.encoder.Encoder`.
    """

    baskets: float
    item_orders: NDArray[np.int32]
    item_signals: NDArray[np.float32]
    category: NDArray[np.int32]
    branch: NDArray[np.int32]
    pair_offsets: NDArray[np.int64]
    pair_items: NDArray[np.int32]
    pair_counts: NDArray[np.int32]
    pair_cosines: NDArray[np.float32]
    pair_weighted: NDArray[np.float32]
    pair_ease: NDArray[np.float32]
    recent: NDArray[np.int32]
    companion_offsets: NDArray[np.int64]
    companion_items: NDArray[np.int32]
    companion_scores: NDArray[np.float32]
    basket_offsets: NDArray[np.int64]
    basket_items: NDArray[np.int32]
    item_basket_offsets: NDArray[np.int64]
    item_baskets: NDArray[np.int32]
    basket_norms: NDArray[np.float32]
    rarity: NDArray[np.float32]
    similar_baskets: int
    basket_visits: int
    encoder: Encoder


class Past(NamedTuple):
    """Customers' histories as the kernel sees them; see `recommender.customers.Customers`."""

    order_offsets: NDArray[np.int64]
    times: NDArray[np.int64]
    line_offsets: NDArray[np.int64]
    items: NDArray[np.int32]
    taste_offsets: NDArray[np.int64]
    taste_items: NDArray[np.int32]
    taste_scores: NDArray[np.float32]


class Scratch(NamedTuple):
    """One thread's working memory. Between carts `slot_of` and all sums are zero.

    Attributes
    ----------
    slot_of : int32 (items,), 1 + the slot of an item that was met, 0 for the others; the cart's items come first.
    rows : int32 (slots + 1,), item of each slot.
    sums : float32 (SUMS, slots), sums over the cart's items; see `recommender.ranker.slots`. A sum lies beside itself,
        so that the blend takes many slots at a time.
    own_of : int32 (slots,), 1 + the place in `own` of an item that the customer bought, 0 for the others.
    own_slots : int32 (places + 1,), slot of each place.
    own : float32 (places, OWN_SUMS), sums over the customer's orders; those of one item lie beside each other.
    category : float32 (categories + 1, CATEGORY_SUMS); the last row stays zero and stands for no category.
    basket : float32 (baskets,) and item : float32 (items,), sums of one step.
    """

    slot_of: NDArray[np.int32]
    rows: NDArray[np.int32]
    sums: NDArray[np.float32]
    own_of: NDArray[np.int32]
    own_slots: NDArray[np.int32]
    own: NDArray[np.float32]
    category: NDArray[np.float32]
    basket: NDArray[np.float32]
    item: NDArray[np.float32]


def new_scratch(shop: Shop) -> Scratch:
    """Working memory for one shop; the system gives pages to what carts touch of it, not to all."""
    items = len(shop.item_orders)
    return Scratch(
        slot_of=np.zeros(items, np.int32),
        rows=np.zeros(items + 1, np.int32),
        sums=np.zeros((SUMS, items), np.float32),
        own_of=np.zeros(items, np.int32),
        own_slots=np.zeros(items + 1, np.int32),
        own=np.zeros((items, OWN_SUMS), np.float32),
        category=np.zeros((len(shop.companion_offsets), CATEGORY_SUMS), np.float32),
        basket=np.zeros(len(shop.basket_norms), np.float32),
        item=np.zeros(items, np.float32),
    )


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """A read-only view: mapped and fresh arrays are then of one type to the compiler."""
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view
