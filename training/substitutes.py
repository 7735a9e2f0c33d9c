"""Which items replace which: alike by catalog and by company, and hardly ever bought together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, special

from recommender.catalog import Catalog
from recommender.substitutes import Substitutes
from training.contexts import Contexts
from training.counting import BasketLines
from training.counting.asked import counts_of_pairs
from training.counting.customers import Buyers
from training.look_alikes import Pairs, alike_titles, often_expected, same_leaf
from training.row_products import row_products
from training.significance import Claims, chance_per_pair, false_discoveries_below

LEAST_ORDERS = 20
_KEPT = 20
_DOUBT = 5.0
_MOST_LIFT = 0.5
_MOST_LIFT_UNNAMED = 0.2
_LEAST_LIKENESS = 0.6
_LEAST_LIKENESS_UNNAMED = 0.88
_RATE = 0.05
_RATE_OF_FAMILIES = 0.001


@dataclass(frozen=True)
class _Pairs:
    """Pairs that may replace each other, ``first < second``, each once.

    Attributes
    ----------
    first, second : int64 (pairs,), item rows.  family : int64, pairs of one family lend each other evidence.
    counts, expected : float64, baskets with both, and those that luck would have given.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    family: NDArray[np.int64]
    counts: NDArray[np.float64]
    expected: NDArray[np.float64]

    def where(self, kept: NDArray[np.bool_]) -> _Pairs:
        return _Pairs(*(getattr(self, field.name)[kept] for field in fields(self)))


def substitutes(lines: BasketLines, claims: Claims, buyers: Buyers, catalog: Catalog) -> Substitutes:
    """Up to 20 substitutes of each item, and never a pair that is claimed as bought together.

    Items of 20 orders or more come into question, in pairs of one leaf category; where the catalog has no categories,
    pairs of alike titles; where it has neither, pairs of nearly one company that the same customers bought, but in
    different baskets. A pair is taken if it met less than half as often as luck would have it, and more seldom than
    luck explains, by itself or together with the other pairs of its category.

    Parameters
    ----------
    buyers : of the same baskets.
    """
    orders = lines.item_orders.astype(np.int64)
    chance = chance_per_pair(lines.sizes)
    rows = np.flatnonzero(orders >= LEAST_ORDERS)
    filed = catalog.item_category[rows] >= 0
    titled = np.array([bool(catalog.titles[row]) for row in rows.tolist()], np.bool_)

    listed = (
        same_leaf(catalog, rows[filed], orders),
        alike_titles(catalog, rows[~filed & titled]),
        often_expected(rows[~filed & ~titled], orders, chance),
    )
    of_leaf, titled_alike, expected_often = _met(lines, listed, chance, claims)
    named = _concatenated(_replacing(of_leaf), _replacing(titled_alike))
    unnamed = _replacing_unnamed(expected_often)
    unnamed = unnamed.where(_share_customers(lines, buyers.order_customers, unnamed))
    asked = np.unique(np.concatenate([named.first, named.second, unnamed.first, unnamed.second]))
    contexts = Contexts(lines, asked)
    named, likeness = _of_like_company(named, contexts, _LEAST_LIKENESS, unknown=_LEAST_LIKENESS)
    unnamed, unnamed_likeness = _of_like_company(unnamed, contexts, _LEAST_LIKENESS_UNNAMED, unknown=0.0)
    found, likeness = _concatenated(named, unnamed), np.concatenate([likeness, unnamed_likeness])
    return _listed(found, likeness, buyers, len(orders))


def _of_like_company(
    pairs: _Pairs, contexts: Contexts, least: float, unknown: float
) -> tuple[_Pairs, NDArray[np.float64]]:
    """The pairs whose company is alike, and how alike it is; company that is not known counts as `unknown`."""
    likeness = contexts.likeness(pairs.first, pairs.second)
    likeness[np.isnan(likeness)] = unknown
    alike = likeness >= least
    return pairs.where(alike), likeness[alike]


def _concatenated(*parts: _Pairs) -> _Pairs:
    return _Pairs(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(_Pairs)))


def _met(lines: BasketLines, listed: Sequence[Pairs], chance: float, claims: Claims) -> list[_Pairs]:
    """The listed pairs that are not claimed, with the baskets that held both."""
    orders = lines.item_orders.astype(np.int64)
    first, second = (np.concatenate([pairs[side] for pairs in listed]) for side in (0, 1))
    found = counts_of_pairs(lines, first, second).astype(np.float64)
    borders = np.cumsum([len(pairs[0]) for pairs in listed])[:-1]
    claimed = claims.codes(len(orders))
    parts: list[_Pairs] = []
    for (one, other, family), met in zip(listed, np.split(found, borders), strict=True):
        expected = chance * orders[one].astype(np.float64) * orders[other]
        pairs = _Pairs(one, other, family, met, expected)
        parts.append(pairs.where(~np.isin(one * len(orders) + other, claimed)))
    return parts


def _replacing(pairs: _Pairs) -> _Pairs:
    """Pairs that met too seldom, by themselves or as all of their family do."""
    families = int(pairs.family.max(initial=-1)) + 1
    met = np.bincount(pairs.family, pairs.counts, families)
    expected = np.bincount(pairs.family, pairs.expected, families)
    ratio = np.minimum((met + _DOUBT) / (expected + _DOUBT), 1.0)
    seldom = (special.gammaincc(met + 1.0, expected) < _RATE_OF_FAMILIES) & (ratio < _MOST_LIFT)
    lift = (pairs.counts + _DOUBT * ratio[pairs.family]) / (pairs.expected + _DOUBT)
    alone = false_discoveries_below(_too_seldom(pairs), len(pairs.first), _RATE)
    return pairs.where((alone | seldom[pairs.family]) & (lift < _MOST_LIFT))


def _replacing_unnamed(pairs: _Pairs) -> _Pairs:
    """Pairs of which nothing but the orders is known: each must have met too seldom by itself."""
    alone = false_discoveries_below(_too_seldom(pairs), len(pairs.first), _RATE)
    return pairs.where(alone & (_lift(pairs) < _MOST_LIFT_UNNAMED))


def _too_seldom(pairs: _Pairs) -> NDArray[np.float64]:
    """P(X <= count) for a Poisson X of the expected mean: the regularized upper incomplete gamma function."""
    return np.asarray(special.gammaincc(pairs.counts + 1.0, pairs.expected))


def _lift(pairs: _Pairs) -> NDArray[np.float64]:
    return (pairs.counts + 1.0) / (pairs.expected + 1.0)


def _share_customers(lines: BasketLines, order_customers: NDArray[np.int32] | None, pairs: _Pairs) -> NDArray[np.bool_]:
    """bool (pairs,): more customers bought both, on whatever days, than luck explains; false where none are known."""
    if order_customers is None or not len(pairs.first):
        return np.zeros(len(pairs.first), np.bool_)
    customer = np.repeat(order_customers, lines.sizes)
    known = customer >= 0
    shape = (len(lines.item_orders), int(order_customers.max(initial=-1)) + 1)
    ones = np.ones(int(known.sum()), np.bool_)
    buyers = sparse.csr_matrix((ones, (lines.items[known], customer[known])), shape=shape)
    buyers.sum_duplicates()
    bought = np.diff(buyers.indptr)
    chance = chance_per_pair(np.bincount(buyers.indices, minlength=shape[1]))
    both = row_products(buyers.astype(np.float32), pairs.first, pairs.second)
    return both > chance * bought[pairs.first] * bought[pairs.second]


def _listed(pairs: _Pairs, likeness: NDArray[np.float64], buyers: Buyers, items: int) -> Substitutes:
    """Both ways, the 20 best of each item, and of these the pairs that stand in both lists."""
    scores = (likeness * np.maximum(1 - _lift(pairs), 0.01)).astype(np.float32)
    rows = np.concatenate([pairs.first, pairs.second])
    others = np.concatenate([pairs.second, pairs.first])
    both = np.concatenate([scores, scores])
    order = np.lexsort((others, -both, rows))
    lengths = np.bincount(rows, minlength=items)
    place = np.empty(len(rows), np.int64)
    place[order] = np.arange(len(rows)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    half = len(pairs.first)
    kept = np.tile((place[:half] < _KEPT) & (place[half:] < _KEPT), 2)
    order = order[kept[order]]
    offsets = np.zeros(items + 1, np.int64)
    np.cumsum(np.bincount(rows[order], minlength=items), out=offsets[1:])
    pair = order % max(half, 1)
    others, met = others[order].astype(np.int32), pairs.counts[pair].astype(np.int32)
    return Substitutes(
        offsets=offsets,
        items=others,
        scores=both[order],
        counts=met,
        expected=pairs.expected[pair].astype(np.float32),
        customers=buyers.beside(offsets, others, met),
    )
