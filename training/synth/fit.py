"""Fitting how new orders are put together, so that habits and what goes together are as strong as in the shop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from training.significance import chance_per_pair
from training.synth.kernel.draw import OldOrders, draw
from training.synth.plan import Plan, Size, plan
from training.synth.shop import Shop

_PILOT_ORDERS = 20_000
_TOP_PAIRS = 1_000
_HALVINGS = 6
_ROUNDS = 2
_MOST = 0.98


@dataclass(frozen=True)
class Mixture:
    """How an order is put together from fragments of old ones.

    Attributes
    ----------
    own : chance that a fragment comes from an order of the same customer, else from anybody's with an item in common.
    going_on : chance that a fragment has one line more.
    """

    own: float = 0.5
    going_on: float = 0.5


def drawn_lines(shop: Shop, made: Plan, mixture: Mixture, seed: int) -> NDArray[np.int32]:
    """int32 (lines,): the old line that each line of the planned orders is a copy of."""
    lines = np.empty(int(made.sizes.sum()), np.int32)
    first, last = shop.customers[made.templates], shop.customers[made.templates + 1]
    old = OldOrders(shop.offsets, shop.items, shop.order_of, *shop.by_item)
    draw(old, first, last, made.like, made.sizes, mixture.own, mixture.going_on, seed, lines)
    return lines


def fit(shop: Shop, seed: int) -> Mixture:
    """The mixture with which the shop's customers buy again as often, and its best pairs are as far from chance.

    A pilot of the shop's own size, 20,000 orders at most, is drawn again and again; each chance is closed in on.
    """
    number = min(len(shop), _PILOT_ORDERS)
    made = plan(shop, Size(orders=number), np.random.default_rng(seed))
    pairs = best_pairs(shop.items, shop.offsets, len(shop.item_ids))
    wanted = repeat_share(shop.items, shop.order_of, _owners(shop), shop.has_customers)
    strength = pair_strength(shop.items, shop.offsets, len(shop.item_ids), pairs)
    mixture = Mixture()
    offsets = np.concatenate(([0], np.cumsum(made.sizes)))
    order_of = np.repeat(np.arange(len(made), dtype=np.int32), made.sizes)

    def repeats(own: float) -> bool:
        items = shop.items[drawn_lines(shop, made, replace(mixture, own=own), seed)]
        return repeat_share(items, order_of, made.customers, shop.has_customers) < wanted

    def holds(going_on: float) -> bool:
        items = shop.items[drawn_lines(shop, made, replace(mixture, going_on=going_on), seed)]
        return pair_strength(items, offsets, len(shop.item_ids), pairs) < strength

    for _ in range(_ROUNDS):
        mixture = replace(mixture, going_on=_least(holds))
        if shop.has_customers:
            mixture = replace(mixture, own=_least(repeats))
    return mixture


def repeat_share(
    items: NDArray[np.int32], order_of: NDArray[np.int32], customers: NDArray[np.int32], known: bool = True
) -> float:
    """Share of the lines with an item that their customer has in another, counted once for each but one.

    >>> items, orders = np.array([7, 8, 7, 7]), np.array([0, 0, 1, 2])
    >>> repeat_share(items, orders, np.array([0, 0, 1]))  # customer 0 bought item 7 twice
    0.25
    """
    if not known or not len(items):
        return 0.0
    owners = customers[order_of].astype(np.int64)
    return 1 - len(np.unique(owners * (int(items.max()) + 1) + items)) / len(items)


def best_pairs(items: NDArray[np.int32], offsets: NDArray[np.int64], different: int) -> NDArray[np.int32]:
    """int32 (1,000 at most, 2): the pairs that met most often beyond what chance gives."""
    matrix = _matrix(items, offsets, different)
    counts = np.bincount(items, minlength=different)
    chosen = np.argsort(-counts, kind="stable")[:_TOP_PAIRS]
    small = matrix[:, chosen]
    met = sparse.triu(small.T @ small, 1, format="coo")
    chance = chance_per_pair(np.diff(offsets))
    beyond = met.data - counts[chosen[met.row]].astype(float) * counts[chosen[met.col]] * chance
    order = np.argsort(-beyond, kind="stable")[:_TOP_PAIRS]
    return np.column_stack((chosen[met.row[order]], chosen[met.col[order]])).astype(np.int32)


def pair_strength(
    items: NDArray[np.int32], offsets: NDArray[np.int64], different: int, pairs: NDArray[np.int32]
) -> float:
    """Meetings of these pairs over those that chance gives, all together; 1 where there is none."""
    counts = np.bincount(items, minlength=different).astype(float)
    expected = float((counts[pairs[:, 0]] * counts[pairs[:, 1]]).sum()) * chance_per_pair(np.diff(offsets))
    held = _matrix(items, offsets, different).tocsc()
    met = held[:, pairs[:, 0]].multiply(held[:, pairs[:, 1]]).sum()
    return float(met) / expected if expected else 1.0


def _matrix(items: NDArray[np.int32], offsets: NDArray[np.int64], different: int) -> sparse.csr_matrix:
    return sparse.csr_matrix((np.ones(len(items), np.int32), items, offsets), (len(offsets) - 1, different))


def _owners(shop: Shop) -> NDArray[np.int32]:
    return np.repeat(np.arange(len(shop.customers) - 1, dtype=np.int32), np.diff(shop.customers))


def _least(too_low: Callable[[float], bool]) -> float:
    """The value at which a rising measure is no longer too low, found by halving."""
    low, high = 0.0, _MOST
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if too_low(middle) else (low, middle)
    return (low + high) / 2
