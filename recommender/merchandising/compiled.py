"""A policy over one catalog: every filter and date looked at once, so that a request only looks up."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from math import isnan

import numpy as np
from numpy.typing import NDArray

from recommender.cart import Cart
from recommender.catalog import Catalog
from recommender.filters import FilterError, mask_of, parse
from recommender.merchandising.asked import Visitor
from recommender.merchandising.bits import Factors, RuleBits, bits_of, places_of
from recommender.merchandising.offers import offers_of
from recommender.merchandising.policy import Cap, NeverTogether, Policy, Rule, Target

Entry = Rule | Cap | NeverTogether
Mask = NDArray[np.bool_]
_KEPT_STANDINGS = 256


@dataclass(frozen=True)
class Standing:
    """The rules that apply to one request, as bits of `Rules.entries`.

    Attributes
    ----------
    removing, burying, boosting, holding : of rules that exclude or restrict, bury, boost, and hold to a price.
    bounds : lowest and highest price, shop's currency, by the bit of a price rule.
    pairs : of `Rules.first` and `Rules.second`.
    caps : places in `Rules.entries`.  placing : places of pins and promotions, in the order of the policy.
    """

    active: int
    removing: int
    burying: int
    boosting: int
    holding: int
    bounds: Mapping[int, tuple[float, float]]
    pairs: int
    caps: tuple[int, ...]
    placing: tuple[int, ...]


class Rules:
    """The rules of a policy over one catalog; immutable, safe to share between threads.

    Attributes
    ----------
    entries : boosts first, then the other rules, caps and pairs; the place of one is its bit.
    targets : the items that rules and caps mean.  first, second : the sides of pairs, from bit 0.
    factors : of the boosts.
    listed : item rows of a pin or promotion by its place, best first.
    cap_keys : int32 by item and cap, what is counted, -1 where the cap does not mean the item.
    pairs_start : place of the first pair in `entries`.
    offers : the services of the policy.
    on_both_sides : items that are on both sides of a pair, by its name.
    problems : rules that cannot apply to this catalog, and why.
    """

    def __init__(self, policy: Policy, catalog: Catalog, item_orders: NDArray[np.int32]) -> None:
        self._catalog, self._known = catalog, dict[str, Mask]()
        self.problems: dict[str, str] = {}
        boosts = [rule for rule in policy.rules if rule.action == "boost"]
        others = [rule for rule in policy.rules if rule.action != "boost"]
        self.entries: tuple[Entry, ...] = (*boosts, *others, *policy.caps, *policy.never_together)
        targets = [
            self._meant(entry.name, entry.target) for entry in self.entries if not isinstance(entry, NeverTogether)
        ]
        carts = [self._cart_mask(entry) for entry in self.entries]
        sides = [[self._meant(pair.name, side) for side in (pair.first, pair.second)] for pair in policy.never_together]
        self.first, self.second = (RuleBits([pair[side] for pair in sides], len(catalog)) for side in (0, 1))
        self.targets, self._triggers = RuleBits(targets, len(catalog)), RuleBits(carts, len(catalog))
        self.factors = Factors(targets[: len(boosts)], [rule.factor for rule in boosts], len(catalog))
        self.listed = {
            place: self._listed(entry, targets[place], item_orders)
            for place, entry in enumerate(self.entries)
            if isinstance(entry, Rule) and entry.action in {"pin", "promote"}
        }
        self.cap_keys = {
            place: _cap_keys(entry, targets[place], catalog).data
            for place, entry in enumerate(self.entries)
            if isinstance(entry, Cap)
        }
        self._always = bits_of(place for place, entry in enumerate(self.entries) if entry.when.cart is None)
        self._of_action = {
            action: bits_of(p for p, entry in enumerate(self.entries) if isinstance(entry, Rule) and entry.action in of)
            for action, of in _STEPS.items()
        }
        self.pairs_start = len(self.entries) - len(policy.never_together)
        self.on_both_sides = {
            pair.name: int((first & second).sum())
            for pair, (first, second) in zip(policy.never_together, sides, strict=True)
        }
        self._empty = _empty_sides(self.entries, targets, carts, sides)
        self.offers = offers_of(policy, catalog, self._meant)
        moments = (moment for e in (*self.entries, *policy.offers) for moment in (e.when.starts, e.when.ends))
        self._times = sorted(moment.timestamp() for moment in moments if moment is not None)
        self._applying = lru_cache(_KEPT_STANDINGS)(self._find_applying)

    def standing(
        self, placement: str, cart: Cart, visitor: Visitor, now: datetime | None, *, dry_run: bool = False
    ) -> Standing:
        """The rules that apply to one request.

        Parameters
        ----------
        now : time of the cart; None for the time of the clock.
        dry_run : rules that are only tried out apply too.
        """
        rows = cart.rows.tolist()
        active = self._applying(placement, self.epoch(now), visitor, dry_run)
        active &= self._always | self._triggers.of_any(rows)
        of = self._of_action
        holding = active & of["price"]
        return Standing(
            active=active,
            removing=active & of["remove"],
            burying=active & of["bury"],
            boosting=active & of["boost"],
            holding=holding,
            bounds=self._bounds(holding, rows, cart.added) if holding else {},
            pairs=active >> self.pairs_start,
            caps=tuple(place for place in self.cap_keys if active >> place & 1),
            placing=tuple(place for place in self.listed if active >> place & 1),
        )

    def epoch(self, now: datetime | None) -> int:
        """How many starts and ends of rules are past: answers of one model change with it, and not in between."""
        if not self._times:
            return 0
        return bisect_right(self._times, (now or datetime.now(UTC)).timestamp())

    def most(self, cap: int) -> int:
        """How many items of one kind the cap at that place lets through."""
        entry = self.entries[cap]
        return entry.most if isinstance(entry, Cap) else 0

    def names(self, bits: int) -> list[str]:
        """What the rules of `bits` are called."""
        return [self.entries[place].name for place in places_of(bits)]

    def empty_sides(self, place: int) -> list[str]:
        """Which parts of a rule mean no item of the catalog."""
        return self._empty[place]

    def _find_applying(self, placement: str, epoch: int, visitor: Visitor, dry_run: bool) -> int:
        time = self._times[epoch - 1] if epoch else float("-inf")
        return bits_of(
            place
            for place, entry in enumerate(self.entries)
            if entry.name not in self.problems
            and (dry_run or not entry.when.dry_run)
            and (not entry.when.placements or placement in entry.when.placements)
            and (entry.when.starts is None or entry.when.starts.timestamp() <= time)
            and (entry.when.ends is None or time < entry.when.ends.timestamp())
            and not (isinstance(entry, Rule) and entry.action == "restrict" and _may_see(entry, visitor))
        )

    def _bounds(self, holding: int, rows: list[int], added: int) -> dict[int, tuple[float, float]]:
        known = {row: price for row in rows if not isnan(price := float(self._catalog.price[row]))}
        references = {
            "cart": sum(known.values()),
            "dearest": max(known.values(), default=0.0),
            "added": known.get(added, 0.0),
        }
        bounds: dict[int, tuple[float, float]] = {}
        for place in places_of(holding):
            rule = self.entries[place]
            if isinstance(rule, Rule) and references[rule.of] > 0:
                bounds[1 << place] = (rule.low * references[rule.of], rule.high * references[rule.of])
        return bounds

    def _cart_mask(self, entry: Entry) -> Mask:
        return (
            np.zeros(len(self._catalog), np.bool_)
            if entry.when.cart is None
            else self._meant(entry.name, entry.when.cart)
        )

    def _meant(self, name: str, target: Target) -> Mask:
        mask = np.full(len(self._catalog), target.is_everything)
        if target.filter is not None:
            try:
                if target.filter not in self._known:
                    self._known[target.filter] = mask_of(parse(target.filter), self._catalog)
                mask = self._known[target.filter].copy()
            except FilterError as error:
                self.problems[name] = str(error)
        rows = [row for row in map(self._catalog.row, target.items) if row >= 0]
        mask[rows] = True
        return mask

    def _listed(self, rule: Rule, mask: Mask, item_orders: NDArray[np.int32]) -> tuple[int, ...]:
        """The items in the order of the list, then what else the filter is true of, most sold first."""
        rows = [row for row in map(self._catalog.row, rule.target.items) if row >= 0]
        others = np.flatnonzero(mask)
        if rule.target.filter is not None:
            rows += others[np.argsort(-item_orders[others], kind="stable")][:_PROMOTED].tolist()
        return tuple(dict.fromkeys(rows))


def _empty_sides(
    entries: Sequence[Entry], targets: Sequence[Mask], carts: Sequence[Mask], sides: Sequence[Sequence[Mask]]
) -> list[list[str]]:
    rows = [[("filter", mask)] for mask in targets] + [
        [("first", first), ("second", second)] for first, second in sides
    ]
    for entry, masks, cart in zip(entries, rows, carts, strict=True):
        if entry.when.cart is not None:
            masks.append(("when_cart", cart))
    return [[what for what, mask in masks if not mask.any()] for masks in rows]


def _cap_keys(cap: Cap, mask: Mask, catalog: Catalog) -> NDArray[np.int32]:
    keys = catalog.item_brand
    if cap.by == "category":
        keys = np.append(_at_level(catalog, cap.level), np.int32(-1))[catalog.item_category]
    return np.where(mask, keys, -1).astype(np.int32)


def _at_level(catalog: Catalog, level: int) -> NDArray[np.int32]:
    """int32 (categories,): the category's own ancestor at `level`, from 1; itself where it is not that deep."""
    parents = catalog.category_parent.tolist()
    found: list[int] = []
    for category in range(len(parents)):
        path = [category]
        while parents[path[-1]] >= 0 and len(path) <= len(parents):
            path.append(parents[path[-1]])
        found.append(path[max(len(path) - level, 0)])
    return np.array(found, np.int32)


def _may_see(rule: Rule, visitor: Visitor) -> bool:
    """Whether a visitor is one of those whom a restriction lets through; an unknown region is none."""
    if rule.adult and not visitor.adult:
        return False
    if rule.regions and visitor.region not in map(str.upper, rule.regions):
        return False
    return not rule.except_regions or visitor.region not in {"", *map(str.upper, rule.except_regions)}


def targets_of(entry: Entry) -> Iterable[Target]:
    """Everything that a rule says of items."""
    if isinstance(entry, NeverTogether):
        return (entry.first, entry.second)
    return (entry.target,) if entry.when.cart is None else (entry.target, entry.when.cart)


_PROMOTED = 100
_STEPS: Mapping[str, frozenset[str]] = {
    "remove": frozenset({"exclude", "restrict"}),
    "bury": frozenset({"bury"}),
    "boost": frozenset({"boost"}),
    "price": frozenset({"price"}),
}
