"""What goes with one item, as far as it rests on that item: bestsellers that fill places on a page are left out."""

from __future__ import annotations

from recommender.suggestion import Suggestion
from training.exports.source import Source

FALLBACKS = frozenset({"category", "bestseller", "trending"})


def related(source: Source, row: int, placement: str, k: int) -> list[Suggestion]:
    """Suggestions for a cart of the item `row` alone, best first, at most `k`.

    What merely sells well is left out, and so is what was in its baskets no more often than in all. An item that is no
    longer sold has none.
    """
    if not source.catalog.active[row]:
        return []
    found = source.recommender.suggest([source.catalog.item_ids[row]], placement=placement, k=k)
    return [suggestion for suggestion in found if _rests_on_the_item(suggestion)]


def _rests_on_the_item(suggestion: Suggestion) -> bool:
    reason = suggestion.reason
    return reason.kind not in FALLBACKS and not (
        reason.lift is not None and reason.lift <= 1 and reason.kind != "similar"
    )
