"""The report as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from recommender.terminal import table

_VERDICTS = {
    "gain": "adds to what visitors bring",
    "loss": "takes from what visitors bring",
    "not-yet-known": "cannot be told from the control yet",
}
_TOO_FEW = {
    "too-few-visitors": "fewer than {least} visitors in it or in {control}",
    "too-few-buyers": "fewer than {least} visitors of it and of {control} have ordered",
}
_BASES = {
    "cost": "known costs",
    "category-margin": "costs worked out from categories' margins",
    "revenue": "prices alone, as no cost is known",
}


def text(report: Mapping[str, Any]) -> str:
    """All of it, paragraphs apart."""
    parts = [_head(report), _experiment(report["experiment"]), _attributed(report), "\n".join(report["problems"])]
    return "\n\n".join(part for part in parts if part)


def _head(report: Mapping[str, Any]) -> str:
    first, last = report["first_event"], report["last_event"]
    period = f"{first[:10]} to {last[:10]}" if first else "no events in this time"
    lines = [f"events    {period}", f"orders    {report['orders']:,}, revenue {report['revenue']:,.2f}"]
    if report["profit_basis"]:
        lines.append(f"profit    {report['profit']:,.2f}, by {_BASES[report['profit_basis']]}")
    if report["lines_without_price"]:
        lines.append(f"          {report['lines_without_price']:,} lines without a price count nothing")
    if unknown := report["lines_of_unknown_items"]:
        lines.append(f"          {unknown:,} lines of items that the model does not know bring no profit")
    return "\n".join(lines)


def _experiment(found: Mapping[str, Any] | None) -> str:
    if found is None:
        return "no experiment: without visitors who are shown nothing, nobody knows what suggestions add"
    header = ["arm", "share", "visitors", "ordered", "orders", "revenue", "profit"]
    rows = [_arm(arm, found["control"]) for arm in found["arms"]]
    lines = [f"experiment {found['name']}, since {found['since'][:10]}", table(header, rows, frozenset(range(1, 7)))]
    if found["visitors_in_two_arms"]:
        count = found["visitors_in_two_arms"]
        lines.append(f"{count:,} visitors were in two arms, as shares were changed under one name: left out")
    for told in found["differences"]:
        lines += ["", *_difference(told, found)]
    if not found["differences"]:
        lines.append("only one arm has visitors yet: nothing to compare")
    if found["lifts"]:
        lines += ["", *_lifts(found["lifts"])]
    return "\n".join(lines)


def _arm(arm: Mapping[str, Any], control: str) -> list[str]:
    name = f"{arm['arm']} (control)" if arm["arm"] == control else arm["arm"]
    counts = [f"{arm[of]:,.0f}" for of in ("visitors", "ordered", "orders")]
    return [name, f"{arm['share']:.0%}", *counts, f"{arm['revenue']:,.2f}", f"{arm['profit']:,.2f}"]


def _difference(told: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    arm, control = told["arm"], found["control"]
    if "least" in told:
        yield f"{arm}: too few to compare: {_TOO_FEW[told['verdict']].format(least=told['least'], control=control)}"
        return
    if told["verdict"] == "uneven-arms":
        yield (
            f"{arm}: NOT JUDGED. Arms as uneven as these happen once in {1 / max(found['luck_of_shares'], 1e-12):,.0f} "
            "times by luck: something loses visitors of one arm. Mend that, then name the experiment anew"
        )
    else:
        yield f"{arm}: {_VERDICTS[told['verdict']]} (profit a visitor, at any number of looks)"
    header = [f"a visitor, {arm} beside {control}", arm, control, "difference", "95%, asked once", "95%, at every look"]
    yield table(
        header, [_row(measure, told[measure]) for measure in ("orders", "revenue", "profit")], frozenset(range(1, 6))
    )
    profit = told["profit"]
    yield (
        f"so many visitors show a difference of {profit['would_be_seen']:,.4g} in profit four times out of five"
        + (f"; one as large as this needs {profit['visitors_needed']:,}" if profit["visitors_needed"] else "")
    )


def _lifts(entries: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "of the suggestions that were shown, and of those held back, the visitor ordered"
    header = ["placement", "shown", "ordered", "", "held back", "ordered", "", "lift", "95%"]
    rows = [
        [
            entry["placement"],
            *(f"{entry['shown']:,}", f"{entry['bought']:,}", f"{entry['with_offer']:.2%}"),
            *(f"{entry['held_back']:,}", f"{entry['bought_anyway']:,}", f"{entry['without_offer']:.2%}"),
            *(
                ("too few", "")
                if entry["lift"] is None
                else (f"{entry['lift']:.2f}", f"{entry['lift_low']:.2f} to {entry['lift_high']:.2f}")
            ),
        ]
        for entry in entries
    ]
    yield table(header, rows, frozenset(range(1, 9)))
    yield "a lift in the policy, as [placements.NAME] lift = 1.25, gives suggestions their incremental_profit"


def _row(measure: str, found: Mapping[str, Any]) -> list[str]:
    relative = "" if found["relative"] is None else f" ({found['relative']:+.1%})"
    return [
        measure,
        f"{found['arm']:,.4f}",
        f"{found['control']:,.4f}",
        f"{found['absolute']:+,.4f}{relative}",
        f"{found['low']:+,.4f} to {found['high']:+,.4f}",
        f"{found['always_low']:+,.4f} to {found['always_high']:+,.4f}",
    ]


def _attributed(report: Mapping[str, Any]) -> str:
    if not report["attributed"]:
        return "nothing was seen or clicked: storefronts tell it with POST /v1/events"
    header = ["placement", "views", "clicks", "added", "orders", "revenue", "profit"]
    rows = [
        [
            entry["placement"],
            *(f"{entry[name]:,}" for name in ("views", "clicks", "adds", "orders")),
            *(f"{entry[name]:,.2f}" for name in ("revenue", "profit")),
        ]
        for entry in report["attributed"]
    ]
    days = report["attribution_days"]
    return "\n".join(
        [
            f"ordered within {days:g} days of a click on the item: no uplift, much of it would have been bought anyway",
            table(header, rows, frozenset(range(1, 7))),
        ]
    )
