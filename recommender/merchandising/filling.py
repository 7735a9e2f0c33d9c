"""The places of an answer filled under the rules of a policy: removed, moved, placed, held apart and counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain as joined

import numpy as np
from numpy.typing import NDArray

from recommender.merchandising.compiled import Rules, Standing
from recommender.merchandising.offers import Made
from recommender.merchandising.policy import Rule
from recommender.placements import Link
from recommender.policy import Pick

PLACED = "placed"
"""Source of a pick that no candidate list holds: the shop put it there."""
_ANY_PRICE = (0.0, float("inf"))


@dataclass(slots=True)
class Filled:
    """Places, best first, the pin or promotion behind an item row where there is one, and what is offered besides."""

    picks: list[Pick]
    placed: dict[int, Rule]
    offers: Sequence[Made] = ()


def fill_by_rules(
    chain: Iterable[Link],
    allowed: bytes,
    barred: set[int],
    cart: Iterable[int],
    k: int,
    rules: Rules,
    standing: Standing,
    price: NDArray[np.float64],
) -> Filled:
    """The first `k` candidates along the chain that the rules let through, pins and promotions at their places.

    Parameters
    ----------
    allowed : a byte an item, not 0 where it may be sold.  barred : rows that must not be shown.
    cart : rows of the cart, which pairs are held apart from.  price : float64 (items,), shop's currency.
    """
    sieve = Sieve(allowed, barred, cart, rules, standing, price)
    links = iter(chain)
    first = next(links, None)
    placed, behind = _placed(first, k, sieve, rules, standing)
    there = () if first is None else (first,)
    ranked, buried = _ranked(joined(there, links), k - len(placed), sieve, standing, rules)
    for pick in buried:
        if len(ranked) == k - len(placed):
            break
        if sieve.admits(pick.row):
            sieve.take(pick.row)
            ranked.append(pick)
    return Filled(_woven(ranked, placed, k), behind)


class Sieve:
    """What may still be shown in one answer; it grows narrower with every item that is taken."""

    def __init__(
        self,
        allowed: bytes,
        barred: set[int],
        cart: Iterable[int],
        rules: Rules,
        standing: Standing,
        price: NDArray[np.float64],
    ) -> None:
        self._allowed, self._shown = allowed, set(barred)
        self._rules, self._standing, self._price = rules, standing, price
        self._counts: dict[tuple[int, int], int] = {}
        self._first = self._second = 0
        if standing.pairs:
            for row in cart:
                self._meet(row)

    def admits(self, row: int) -> bool:
        """Whether the item may be shown now."""
        return row not in self._shown and bool(self._allowed[row]) and self.refusal(row) == 0

    def refusal(self, row: int) -> int:
        """The bit of the first rule that keeps an item away, 0 where none does; pairs count from `Rules.entries`."""
        standing = self._standing
        bits = self._rules.targets.of(row)
        removing = bits & standing.removing
        if removing:
            return removing & -removing
        if bits & standing.holding:
            held = self._held(row, bits)
            if held:
                return held
        if standing.pairs:
            apart = self._apart(row)
            if apart:
                return apart
        for cap in standing.caps:
            if self._is_full(cap, row):
                return 1 << cap
        return 0

    def take(self, row: int) -> None:
        """Note that the item is shown."""
        self._shown.add(row)
        if self._standing.pairs:
            self._meet(row)
        for cap in self._standing.caps:
            key = (cap, self._rules.cap_keys[cap][row])
            self._counts[key] = self._counts.get(key, 0) + 1

    def is_buried(self, row: int) -> bool:
        return bool(self._rules.targets.of(row) & self._standing.burying)

    def _held(self, row: int, bits: int) -> int:
        price, holding = float(self._price[row]), bits & self._standing.holding
        while holding:
            bit = holding & -holding
            low, high = self._standing.bounds.get(bit, _ANY_PRICE)
            if price < low or price > high:
                return bit
            holding ^= bit
        return 0

    def _apart(self, row: int) -> int:
        rules = self._rules
        met = (rules.first.of(row) & self._second) | (rules.second.of(row) & self._first)
        met &= self._standing.pairs
        return (met & -met) << rules.pairs_start

    def _meet(self, row: int) -> None:
        self._first |= self._rules.first.of(row)
        self._second |= self._rules.second.of(row)

    def _is_full(self, cap: int, row: int) -> bool:
        key = self._rules.cap_keys[cap][row]
        return key >= 0 and self._counts.get((cap, key), 0) >= self._rules.most(cap)


def boosted_order(link: Link, rules: Rules, standing: Standing) -> list[int] | None:
    """Places of the link in the order that the boosts give it, None where it stays as it is.

    A boost takes the chance of its items that many times: scores that are logarithms of odds rise by the logarithm of
    the factor, others are multiplied by it.
    """
    logs = rules.factors.logs(link.rows, standing.boosting) if standing.boosting else None
    if logs is None:
        return None
    if link.source == "ranker":
        scores = link.scores + logs
    else:
        scores = link.scores * np.exp(np.where(link.scores < 0, -logs, logs))
    return np.argsort(-scores, kind="stable").tolist()


def _ranked(
    links: Iterator[Link], open_places: int, sieve: Sieve, standing: Standing, rules: Rules
) -> tuple[list[Pick], list[Pick]]:
    ranked: list[Pick] = []
    buried: list[Pick] = []
    if open_places <= 0:
        return ranked, buried
    for link in links:
        rows = link.rows.tolist()
        for place in boosted_order(link, rules, standing) or range(len(rows)):
            row = rows[place]
            if not sieve.admits(row):
                continue
            if standing.burying and sieve.is_buried(row):
                buried.append(Pick(link, place, row))
                continue
            sieve.take(row)
            ranked.append(Pick(link, place, row))
            if len(ranked) == open_places:
                return ranked, buried
    return ranked, buried


def _placed(
    first: Link | None, k: int, sieve: Sieve, rules: Rules, standing: Standing
) -> tuple[dict[int, Pick], dict[int, Rule]]:
    """Pins and promotions by their place, from 1, and the rule behind each item."""
    placed: dict[int, Pick] = {}
    behind: dict[int, Rule] = {}
    for number in standing.placing:
        rule = rules.entries[number]
        assert isinstance(rule, Rule)
        place, most = rule.place, rule.quota if rule.action == "promote" else k
        for row in _wanted(number, rule, first, rules):
            while place in placed:
                place += 1
            if place > k or most == 0:
                break
            if sieve.admits(row):
                sieve.take(row)
                placed[place], behind[row] = _pick(first, row), rule
                most -= 1
    return placed, behind


def _wanted(number: int, rule: Rule, first: Link | None, rules: Rules) -> Iterator[int]:
    """Items of a pin as they are listed; of a promotion those first that the cart suggests."""
    if rule.action == "promote" and first is not None:
        for row in first.rows.tolist():
            if rules.targets.of(row) >> number & 1:
                yield row
    yield from rules.listed[number]


def _pick(first: Link | None, row: int) -> Pick:
    if first is not None:
        found = np.flatnonzero(first.rows == row)
        if len(found):
            return Pick(first, int(found[0]), row)
    return Pick(Link(PLACED, np.array([row], np.int32), np.zeros(1)), 0, row)


def _woven(ranked: list[Pick], placed: dict[int, Pick], k: int) -> list[Pick]:
    """Every placed pick at its place, the ranked ones around them; places close up where picks run out."""
    picks: list[Pick] = []
    rest = iter(ranked)
    for place in range(1, k + 1):
        pick = placed.get(place) or next(rest, None)
        if pick is not None:
            picks.append(pick)
    return picks
