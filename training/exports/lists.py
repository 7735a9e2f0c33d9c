"""What goes with one item, as far as it rests on that item.

Bestsellers that fill the places of a page, and offers that a policy makes, are left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from recommender.engine import MAX_K
from recommender.suggestion import Suggestion
from training.exports.source import Source

NOT_OF_THE_ITEM = frozenset({"category", "bestseller", "trending", "offer"})


@dataclass(frozen=True)
class Listed:
    """One entry of a list.

    Attributes
    ----------
    platform_id : what the shop system calls the item.
    row : of the item, -1 for one that only a locked relation names.
    suggestion : with its evidence; None where a person has chosen the item.
    """

    platform_id: str
    row: int
    suggestion: Suggestion | None


def related(source: Source, row: int, placement: str, k: int) -> list[Listed] | None:
    """What stands beside the item `row` at a placement, best first, at most `k`; None where it is to be left alone.

    A locked relation is given as it is. Else these are the suggestions for a cart of this item; what merely sells well
    is left out, and so is what was in its baskets no more often than in all. An item that is no longer sold has none.
    An id stands once in a list, and never that of the item itself.
    """
    item_id = source.catalog.item_ids[row]
    locked = source.locks.of(item_id, placement)
    if locked is not None:
        source.tell_lock(item_id, placement, locked)
        return _chosen(source, row, locked, k) if locked else None
    if not source.catalog.active[row] or placement not in source.recommender.policy.placement_names():
        return []
    asked = k if source.ids.column is None else min(MAX_K, 2 * k)
    found = source.recommender.suggest([item_id], placement=placement, k=asked)
    resting = (suggestion for suggestion in found if _rests_on_the_item(suggestion))
    return _once(source, row, ((source.catalog.row(one.item_id), one) for one in resting))[:k]


def _rests_on_the_item(suggestion: Suggestion) -> bool:
    reason = suggestion.reason
    if reason.kind in NOT_OF_THE_ITEM:
        return False
    return reason.kind == "similar" or reason.lift is None or reason.lift > 1


def _once(source: Source, row: int, found: Iterable[tuple[int, Suggestion]]) -> list[Listed]:
    texts = source.ids.texts
    shown = {texts[row], ""}
    listed: list[Listed] = []
    for other, suggestion in found:
        platform_id = texts[other] if other >= 0 else ""
        if platform_id not in shown:
            shown.add(platform_id)
            listed.append(Listed(platform_id, other, suggestion))
    return listed


def _chosen(source: Source, row: int, ids: tuple[str, ...], k: int) -> list[Listed]:
    """Locked ids as they are given."""
    if len(ids) > k:
        source.told.add(f"locked relations cut to the {k} items that fit", source.catalog.item_ids[row])
    own = source.ids.texts[row]
    return [
        Listed(platform_id, source.catalog.row(item_id), None)
        for item_id in ids[:k]
        for platform_id in source.translated((item_id,))
        if platform_id != own
    ]
