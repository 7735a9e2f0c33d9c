"""Why an item is shown, where the policy had a hand in it: what is promoted says so."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from recommender.evidence import Reason
from recommender.merchandising.filling import PLACED, Filled
from recommender.merchandising.policy import Rule
from recommender.policy import Pick


def reasons_of(filled: Filled, explain: Callable[[Iterable[Pick]], list[Reason]]) -> list[Reason]:
    """A reason a pick: its evidence, and the label of the promotion that put it there."""
    if not filled.placed:
        return explain(filled.picks)
    found = iter(explain([pick for pick in filled.picks if pick.link.source != PLACED]))
    return [_labelled(pick, filled.placed.get(pick.row), found) for pick in filled.picks]


def _labelled(pick: Pick, rule: Rule | None, found: Iterable[Reason]) -> Reason:
    if pick.link.source == PLACED:
        return Reason("promoted", rule.tag if rule is not None and rule.tag else "chosen by the shop")
    reason = next(iter(found))
    if rule is None or rule.action != "promote":
        return reason
    return replace(reason, kind="promoted", text=f"{rule.tag or 'promoted'}: {reason.text}")
