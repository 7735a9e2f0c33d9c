"""Text for people: aligned columns and suggestions as they look on a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from recommender.suggestion import Answer

_TO_THE_RIGHT = frozenset({"", "price", "score", "chance", "earns"})
_WHERE_KNOWN = frozenset({"chance", "earns"})


def table(header: Sequence[str], rows: Iterable[Sequence[str]], right: frozenset[int] = frozenset()) -> str:
    """Columns as wide as their widest cell, two spaces apart; `right` names the columns aligned to the right.

    >>> print(table(["item", "count"], [["bread", "1,940"], ["milk", "7"]], frozenset({1})))
    item   count
    bread  1,940
    milk       7
    """
    lines = [list(header), *(list(row) for row in rows)]
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            _padded(cell, width, place in right) for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def answer_text(answer: Answer) -> str:
    """An answer as a table: place, item, price, score and why; chance and expected profit where any is known."""
    columns = [
        ("", [f"{place}" for place, _ in enumerate(answer.suggestions, 1)]),
        ("item", [shortened(s.item_id, 20) for s in answer.suggestions]),
        ("title", [shortened(s.title, 36) for s in answer.suggestions]),
        ("price", [_amount(s.price) for s in answer.suggestions]),
        ("score", [f"{s.score:.4g}" for s in answer.suggestions]),
        ("chance", ["" if s.probability is None else f"{s.probability:.1%}" for s in answer.suggestions]),
        ("earns", [_amount(s.expected_profit) for s in answer.suggestions]),
        ("kind", [s.reason.kind for s in answer.suggestions]),
        ("why", [shortened(s.reason.text, 120) for s in answer.suggestions]),
    ]
    columns = [(name, cells) for name, cells in columns if name not in _WHERE_KNOWN or any(cells)]
    names = [name for name, _ in columns]
    right = frozenset(place for place, name in enumerate(names) if name in _TO_THE_RIGHT)
    lines = [table(names, zip(*(cells for _, cells in columns), strict=True), right)]
    if not answer.suggestions:
        lines = [f"nothing to suggest: {answer.empty_because or 'no item of the model may be shown beside this cart'}"]
    if answer.missing_items:
        lines.append(f"not in the model: {', '.join(shortened(item, 40) for item in answer.missing_items)}")
    if answer.fallback is not None:
        lines.append(f"the cart did not fill every place: the rest are {answer.fallback} suggestions")
    if answer.trace is not None:
        lines += ["", _trace_table(answer.trace)]
    return "\n".join(lines)


def _amount(value: float | None) -> str:
    return "" if value is None else f"{value:,.2f}"


def _trace_table(trace: Mapping[str, Any]) -> str:
    rows = [
        [
            str(candidate["place"] or ""),
            shortened(candidate["item_id"], 20),
            candidate["source"],
            str(candidate["rank"] or ""),
            "" if candidate["score"] is None else f"{candidate['score']:.4g}",
            shortened(candidate["removed_by"] or "", 60),
            shortened(", ".join(candidate["moved_by"]), 40),
            shortened(", ".join(candidate["dry_run"]), 40),
        ]
        for candidate in trace["candidates"]
    ]
    header = ["place", "candidate", "source", "rank", "score", "left out", "moved by", "dry run"]
    more = trace["candidates_left_out"]
    text = table(header, rows, frozenset({0, 3, 4}))
    return f"{text}\nand {more:,} more candidates" if more else text


def shortened(text: str, width: int) -> str:
    """At most `width` columns of printable text, with an ellipsis where it was cut.

    >>> shortened("a\\tlong title", 8)
    'a long…'
    """
    printable = "".join(c if c.isprintable() else " " for c in text)
    return printable if len(printable) <= width else printable[: width - 1].rstrip() + "…"


def _padded(cell: str, width: int, right: bool) -> str:
    padding = " " * (width - _width(cell))
    return padding + cell if right else cell + padding


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else not unicodedata.combining(c) for c in text)
