"""What a merchant should know of a policy beside a catalogue: what it names in vain, and what contradicts itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import combinations

from recommender.catalog import Catalog
from recommender.merchandising.bits import bits_of, places_of
from recommender.merchandising.compiled import Entry, Rules, targets_of
from recommender.merchandising.policy import NeverTogether, Policy, Rule

_EXAMPLES = 3
_WINNERS = {"pin": ("exclude",), "promote": ("exclude",), "boost": ("exclude", "bury")}


def remarks(policy: Policy, catalog: Catalog, rules: Rules | None, now: datetime | None = None) -> list[str]:
    """A sentence for everything that cannot have been meant; such a rule serves all the same, or does nothing."""
    if rules is None:
        return []
    time = now or datetime.now(UTC)
    found = [
        f"{entry.name}: {told}"
        for place, entry in enumerate(rules.entries)
        for told in _of_entry(place, entry, catalog, rules, time)
    ]
    return [*found, *_contradictions(rules), *_places(policy), *_pairs(policy, rules), *_offers(catalog, rules)]


def _of_entry(place: int, entry: Entry, catalog: Catalog, rules: Rules, now: datetime) -> Iterator[str]:
    if entry.name in rules.problems:
        yield f"does nothing: {rules.problems[entry.name]}"
        return
    unknown = [item for target in targets_of(entry) for item in target.items if catalog.row(item) < 0]
    if unknown:
        more = f" and {len(unknown) - _EXAMPLES:,} more" if len(unknown) > _EXAMPLES else ""
        yield f"the catalogue has no item {', '.join(unknown[:_EXAMPLES])}{more}"
    for what in rules.empty_sides(place):
        yield f"{what} means no item of the catalogue, so the rule does nothing"
    if entry.when.ends is not None and entry.when.ends <= now:
        yield f"ended on {entry.when.ends:%Y-%m-%d}, so it does nothing"


def _contradictions(rules: Rules) -> Iterator[str]:
    """Items that one rule shows and another removes: the removal wins, and that is told."""
    places = {
        action: bits_of(
            p for p, entry in enumerate(rules.entries) if isinstance(entry, Rule) and entry.action == action
        )
        for action in ("pin", "promote", "boost", "exclude", "bury")
    }
    met: dict[tuple[int, int], int] = {}
    for pattern, items in rules.targets.patterns():
        for shown, winners in _WINNERS.items():
            for loser in places_of(pattern & places[shown]):
                for action in winners:
                    for winner in places_of(pattern & places[action]):
                        met[loser, winner] = met.get((loser, winner), 0) + items
    for (loser, winner), items in sorted(met.items()):
        one, other = rules.entries[loser], rules.entries[winner]
        if _may_meet(one, other) and isinstance(other, Rule):
            yield f"{one.name}: {other.name} ({other.action}) wins for {items:,} of its items"


def _places(policy: Policy) -> Iterator[str]:
    placing = [rule for rule in policy.rules if rule.action in {"pin", "promote"}]
    for one, other in combinations(placing, 2):
        if one.place == other.place and _may_meet(one, other):
            yield f"{other.name}: place {other.place} is taken by {one.name}: it gets the next free one"


def _pairs(policy: Policy, rules: Rules) -> Iterator[str]:
    seen: dict[frozenset[object], NeverTogether] = {}
    for pair in policy.never_together:
        both = rules.on_both_sides.get(pair.name, 0)
        if both:
            stand = "items stand" if both != 1 else "item stands"
            yield f"{pair.name}: {both:,} {stand} on both sides, so no two of them ever meet"
        before = seen.setdefault(frozenset((pair.first, pair.second)), pair)
        if before is not pair:
            yield f"{pair.name}: says again, or the other way round, what {before.name} says"


def _offers(catalog: Catalog, rules: Rules) -> Iterator[str]:
    for offer in rules.offers.offers:
        if offer.name in rules.problems:
            yield f"{offer.name}: is never made: {rules.problems[offer.name]}"
            continue
        unknown = [item for item in offer.target.items if catalog.row(item) < 0]
        if unknown:
            yield f"{offer.name}: the catalogue has no item {', '.join(unknown[:_EXAMPLES])}"
        if not any(rules.offers.meant[offer.offer_id]):
            yield f"{offer.name}: applies to no item of the catalogue, so it is never made"
        if not offer.is_priced and offer.offer_id not in rules.offers.rows:
            yield f"{offer.name}: has no price, and the catalogue has no such item to take it from: it is never made"


def _may_meet(one: Entry, other: Entry) -> bool:
    """Whether two rules may apply to one request: some placement, and some moment, in common."""
    here, there = one.when, other.when
    if here.placements and there.placements and not here.placements & there.placements:
        return False
    too_late = here.ends is not None and there.starts is not None and here.ends <= there.starts
    too_early = there.ends is not None and here.starts is not None and there.ends <= here.starts
    return not (too_late or too_early)
