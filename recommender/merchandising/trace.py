"""Every candidate of an answer: where it came from, what its score is made of, and which rule removed or moved it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from recommender.catalog import Catalog
from recommender.merchandising.filling import Filled
from recommender.merchandising.whynot import WhyNot
from recommender.passed_over import PassedOver
from recommender.placements import Link

MOST_TOLD = 1000
_REASONS_TOLD = 4


@dataclass(frozen=True)
class Candidate:
    """One candidate.

    Attributes
    ----------
    source : the first source that named it.  rank : its place there, from 1.
    rank, score : None where the placement itself turned it down.
    place : in the answer, from 1; None where it is not shown.
    removed_by : what keeps it away; ``no place left`` where nothing does.
    moved_by : rules that boost, bury, pin or promote it.  tried : rules of a dry run that would touch it.
    contributions : what each signal adds to the score, for candidates of the ranker.
    """

    item_id: str
    source: str
    rank: int | None
    score: float | None
    probability: float | None
    place: int | None
    removed_by: str | None
    moved_by: list[str] = field(default_factory=list[str])
    tried: list[str] = field(default_factory=list[str])
    contributions: Mapping[str, float] | None = None

    def as_json(self) -> dict[str, Any]:
        value = {name: getattr(self, name) for name in ("item_id", "source", "rank", "score", "probability", "place")}
        value |= {"removed_by": self.removed_by, "moved_by": self.moved_by, "dry_run": self.tried}
        return value if self.contributions is None else value | {"contributions": dict(self.contributions)}


class Found(NamedTuple):
    """What an answer was filled from: the links of its chain, and what the placement itself turned down."""

    links: Sequence[Link]
    passed_over: Sequence[PassedOver]


@dataclass(frozen=True)
class Trace:
    """How an answer came about; `left_out` counts candidates beyond those that are told."""

    policy_id: str
    rules: list[str]
    candidates: list[Candidate]
    left_out: int

    def as_json(self) -> dict[str, Any]:
        return {
            "policy_id": self.policy_id or None,
            "rules": self.rules,
            "candidates": [candidate.as_json() for candidate in self.candidates],
            "candidates_left_out": self.left_out,
        }


def first_namings(links: Iterable[Link]) -> list[tuple[int, Link, int]]:
    """Every candidate's row with the first link, and the place there, that names it, in the order of the chain."""
    found: dict[int, tuple[int, Link, int]] = {}
    for link in links:
        for place, row in enumerate(link.rows.tolist()):
            found.setdefault(row, (row, link, place))
    return list(found.values())


def trace_of(
    found: Found,
    filled: Filled,
    why_not: WhyNot,
    contributions: Callable[[int], Mapping[str, float] | None],
    catalog: Catalog,
    policy_id: str,
) -> Trace:
    """The trace of an answer that was filled from `found`; what the placement itself turned down comes last."""
    shown = {pick.row: place for place, pick in enumerate(filled.picks, 1)}
    sieve = why_not.after(shown)
    told: list[Candidate] = []
    namings = first_namings(found.links)
    placed = [
        (pick.row, pick.link, pick.place) for pick in filled.picks if pick.row not in {row for row, _, _ in namings}
    ]
    for row, link, place in [*placed, *namings][:MOST_TOLD]:
        moved = why_not.moving(row)
        if row in filled.placed:
            moved.append(filled.placed[row].name)
        told.append(
            Candidate(
                item_id=catalog.item_ids[row],
                source=link.source,
                rank=place + 1,
                score=float(link.scores[place]),
                probability=None if link.probabilities is None else float(link.probabilities[place]),
                place=shown.get(row),
                removed_by=None if row in shown else why_not.reason(row, sieve) or "no place left",
                moved_by=moved,
                tried=why_not.tried(row),
                contributions=contributions(row) if link.source == "ranker" else None,
            )
        )
    turned_down = _turned_down(found.passed_over, {row for row, _, _ in (*placed, *namings)}, catalog)
    most = MOST_TOLD - len(told)
    left_out = max(len(placed) + len(namings) - MOST_TOLD, 0) + max(len(turned_down) - most, 0)
    return Trace(policy_id, why_not.rule_names(), told + turned_down[:most], left_out)


def _turned_down(unfit: Sequence[PassedOver], named: set[int], catalog: Catalog) -> list[Candidate]:
    ids, found = catalog.item_ids, dict[int, Candidate]()
    for source, why in unfit:
        for row in why.keys() - named - found.keys():
            found[row] = Candidate(ids[row], source, None, None, None, None, why[row])
    return [found[row] for row in sorted(found)]


def empty_because(found: Found, why_not: WhyNot) -> str:
    """Why an answer is empty, in one sentence."""
    rows = [row for row, _, _ in first_namings(found.links)]
    turned_down = {
        row: why for _, reasons in reversed(found.passed_over) for row, why in reasons.items() if row not in rows
    }
    if not rows and not turned_down:
        return "no candidate: nothing that this placement draws from goes with the cart"
    sieve = why_not.after({})
    counts = Counter(why_not.reason(row, sieve) or "no place left" for row in rows) + Counter(turned_down.values())
    told = ", ".join(f"{count:,} {why}" for why, count in counts.most_common(_REASONS_TOLD))
    more = sum(counts.values()) - sum(count for _, count in counts.most_common(_REASONS_TOLD))
    number = counts.total()
    if number == 1:
        return f"the only candidate is left out: {next(iter(counts))}"
    return f"all {number:,} candidates are left out: {told}{f', {more:,} for other reasons' if more else ''}"
