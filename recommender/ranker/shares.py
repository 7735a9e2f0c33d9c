"""The strongest evidence that counted baskets give: for each suggested item the surest share of them that held it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.evidence import LEAST_CUSTOMERS, Z95
from recommender.model import Model
from recommender.ranker.compiled import Native, NativeType, compiled, compiled_brief, native
from recommender.ranker.inputs import Past, frozen

NOTHING, MET, CLAIMED, RULE = -1, 0, 1, 2
"""What a share rests on: no count, a pair, a claimed pair, a longer rule."""

_LAST_BITS = 1023


class CountedShares(NamedTuple):
    """Counts of pairs and longer rules; see `recommender.model.Pairs` and `recommender.model.LongRules`."""

    item_orders: NDArray[np.int32]
    pair_offsets: NDArray[np.int64]
    pair_items: NDArray[np.int32]
    pair_counts: NDArray[np.int32]
    pair_claimed: NDArray[np.uint8]
    pair_customers: NDArray[np.uint8]
    rule_offsets: NDArray[np.int64]
    rule_antecedents: NDArray[np.int32]
    rule_consequents: NDArray[np.int32]
    rule_counts: NDArray[np.int32]
    rule_of: NDArray[np.int32]
    rule_customers: NDArray[np.uint8]


class Counted(Native):
    """`CountedShares` and the customers' orders."""


class _CountedType(NativeType):
    pass


native(_CountedType, Counted, "shares", "past")


def counted_of(model: Model, past: Past) -> Counted:
    """The model's counts for the kernel; nothing large is copied."""
    return _kept(shares_of(model), past)


def shares_of(model: Model) -> CountedShares:
    """The model's counts of baskets alone."""
    pairs, rules = model.pairs, model.rules
    arrays = (model.item_orders, pairs.offsets, pairs.items, pairs.counts, pairs.claimed, pairs.customers)
    longer = (rules.offsets, rules.antecedents, rules.consequents, rules.counts, rules.of, rules.customers)
    return CountedShares(*map(frozen, (*arrays, *longer)))


@compiled
def _kept(shares: CountedShares, past: Past) -> Counted:
    return Counted(shares, past)


@compiled_brief
def evidence_of(
    counted: Counted, customer: int, now: int, cart: NDArray[np.int32], rows: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.float64], int]:
    """What counted baskets and the customer's own orders say of each row, in one call as each has its price.

    Parameters
    ----------
    customer : row of the customer, -1 for a stranger.  now : seconds since 1970.
    cart : int32, different item rows, ascending.  rows : int32, different item rows.

    Returns
    -------
    counts : int64 (rows, 6), as of `surest_shares`, and the customer's orders with the row.
    at_least : float64 (rows, 2), lower ends of the intervals of both shares, below 0 where there is none.
    orders : the customer's orders.
    """
    counts, at_least, held = (
        np.empty((len(rows), 6), np.int64),
        np.full((len(rows), 2), -1.0),
        np.zeros(len(rows), np.int64),
    )
    counts[:, :5], at_least[:, 0] = surest_shares(counted.shares, cart, rows)
    orders = own_orders(counted.past, customer, now, rows, held) if customer >= 0 else 0
    for place in range(len(rows)):
        counts[place, 5] = held[place]
        if held[place]:
            at_least[place, 1] = _lower_bound(held[place], orders)
    return counts, at_least, orders


@compiled
def surest_shares(
    known: CountedShares, cart: NDArray[np.int32], rows: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The best share of each row: claims go first, then what shoppers may be told, then what is surest.

    Shoppers may be told what `recommender.evidence.LEAST_CUSTOMERS` are behind. Surest is the highest lower end of
    Wilson's 95% interval, see `recommender.evidence.wilson_interval`; of equals the lower cart item, then the shorter.

    Parameters
    ----------
    cart : int32, different item rows, ascending.  rows : int32, different item rows.

    Returns
    -------
    best : int64 (rows, 5), what the share rests on, the cart item of the pair or the position of the rule, count, of,
        and the customers behind the count, 255 of more.
    at_least : float64 (rows,), the lower end of its interval, below 0 where there is no share.
    """
    best = np.full((len(rows), 5), NOTHING, np.int64)
    at_least = np.full(len(rows), -1.0)
    wanted = _bits_of(rows)
    offsets, others, counts, claimed = known.pair_offsets, known.pair_items, known.pair_counts, known.pair_claimed
    customers = known.pair_customers
    for source in cart:
        of = int(known.item_orders[source])
        for entry in range(offsets[source], offsets[source + 1]):
            if wanted[others[entry] & _LAST_BITS]:
                place = _place(rows, others[entry])
                if place >= 0:
                    basis = CLAIMED if claimed[entry] else MET
                    _keep_better(best, at_least, place, basis, source, counts[entry], of, customers[entry])
    rule_offsets, consequents = known.rule_offsets, known.rule_consequents
    if len(consequents) and len(cart) > 1:
        for source in cart:
            for rule in range(rule_offsets[source], rule_offsets[source + 1]):
                if wanted[consequents[rule] & _LAST_BITS]:
                    place = _place(rows, consequents[rule])
                    if place >= 0 and _holds(cart, known.rule_antecedents, rule):
                        count, of, buyers = known.rule_counts[rule], known.rule_of[rule], known.rule_customers[rule]
                        _keep_better(best, at_least, place, RULE, rule, count, of, buyers)
    return best, at_least


@compiled
def own_orders(past: Past, customer: int, now: int, rows: NDArray[np.int32], held: NDArray[np.int64]) -> int:
    """The customer's orders before `now`, seconds since 1970; `held`, int64 (rows,), tells how many held each row."""
    held[:] = 0
    items, times, starts, wanted = past.items, past.times, past.line_offsets, _bits_of(rows)
    first, last = past.order_offsets[customer], past.order_offsets[customer + 1]
    end = first
    while end < last and times[end] < now:
        end += 1
    for line in range(starts[first], starts[end]):
        if wanted[items[line] & _LAST_BITS]:
            place = _place(rows, items[line])
            if place >= 0:
                held[place] += 1
    return end - first


@compiled
def _keep_better(
    best: NDArray[np.int64],
    at_least: NDArray[np.float64],
    place: int,
    basis: int,
    source: int,
    count: int,
    of: int,
    customers: int,
) -> None:
    low, worth, worth_before = _lower_bound(count, of), _worth(basis, customers), _worth(best[place, 0], best[place, 4])
    if worth > worth_before or (worth == worth_before and low > at_least[place]):
        at_least[place] = low
        best[place, 0], best[place, 1], best[place, 2], best[place, 3] = basis, source, count, of
        best[place, 4] = customers


@compiled
def _worth(basis: int, customers: int) -> int:
    return 2 * (basis > MET) + (customers >= LEAST_CUSTOMERS)


@compiled
def _lower_bound(count: int, of: int) -> float:
    share = count / of
    spread = Z95 * np.sqrt(share * (1 - share) / of + Z95 * Z95 / (4 * of * of))
    return max(0.0, (share + Z95 * Z95 / (2 * of) - spread) / (1 + Z95 * Z95 / of))


@compiled
def _bits_of(rows: NDArray[np.int32]) -> NDArray[np.bool_]:
    """bool (1024,): False where no row can be, by the last bits of its number."""
    bits = np.zeros(_LAST_BITS + 1, np.bool_)
    for row in rows:
        bits[row & _LAST_BITS] = True
    return bits


@compiled
def _place(rows: NDArray[np.int32], row: int) -> int:
    for place in range(len(rows)):
        if rows[place] == row:
            return place
    return -1


@compiled
def _holds(cart: NDArray[np.int32], antecedents: NDArray[np.int32], rule: int) -> bool:
    for place in range(antecedents.shape[1]):
        row = antecedents[rule, place]
        if row >= 0 and not _is_in(cart, row):
            return False
    return True


@compiled
def _is_in(cart: NDArray[np.int32], row: int) -> bool:
    place = np.searchsorted(cart, row)
    return bool(place < len(cart) and cart[place] == row)
