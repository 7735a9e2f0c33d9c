"""The doctor's report as text for people."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from typing import Any

from training.doctor.report import FATES, SEVERITIES, Example, Finding, Report, Severity, iso_time

_WIDTH = 90
_GLUE = "\ue000"
"""Stands for a space that no line may break at (textwrap breaks at every other kind of space)."""
_WORDS: dict[Severity, tuple[str, str]] = {
    "error": ("error", "errors"),
    "warning": ("warning", "warnings"),
    "info": ("note", "notes"),
}
_COLORS: dict[Severity, str] = {"error": "31", "warning": "33", "info": "36"}
_LABELS = {"order_id": "order", "item_id": "item", "customer_id": "customer", "ordered_at": "time"}
_PLAIN_NUMBERS = 1e9


def report_text(report: Report, *, color: bool = False) -> str:
    """The whole report, at most 90 columns wide; `color` only for a terminal."""
    parts = [_head(report), _accounting(report), _readiness(report), f"Findings: {tally(report)}"]
    parts += [_finding(finding, color) for finding in report.findings]
    return "\n\n".join(parts)


def _head(report: Report) -> str:
    kept = f"{report.lines:,} of {report.lines_read:,} lines make {_count(report.orders, 'order')}"
    kept += f" of {_count(report.items, 'item')}"
    kept += f" by {_count(report.customers, 'known customer')}" if report.customers else ""
    lines = [kept, f"{_count(report.multi_item_orders, 'order')} with two items or more"]
    first, last = iso_time(report.first), iso_time(report.last)
    if first and last and report.first is not None and report.last is not None:
        days = report.last // 86_400 - report.first // 86_400 + 1
        lines.append(f"{first[:10]} to {last[:10]} ({_count(days, 'day')})")
    return "\n".join(lines)


def _accounting(report: Report) -> str:
    rows = [_row(number, report.lines_read, FATES[fate]) for fate, number in report.accounting.items()]
    rows.append(_row(sum(report.accounting.values()), report.lines_read, "all lines read"))
    if report.quarantined:
        where = report.quarantine or "written nowhere; `--quarantine FILE` writes them down"
        rows.append(f"Rejected lines with their reasons: {where}")
    return "\n".join(["Lines", *rows])


def _readiness(report: Report) -> str:
    ready = report.readiness
    items = ready.rules + ready.category + ready.bestsellers
    rows = (
        _row(ready.rules, items, "in orders enough for rules (20 or more)"),
        _row(ready.category, items, "can lean on their category (5 orders, or a category in the catalog)"),
        _row(ready.bestsellers, items, "on bestsellers alone"),
    )
    return "\n".join(["Items", *rows])


def _row(number: int, of: int, label: str) -> str:
    return f"{number:>12,} {100 * number / of if of else 0:>6.1f} %  {label}"


def tally(report: Report) -> str:
    """How many findings of each severity."""
    told: list[str] = []
    for severity in SEVERITIES:
        number = sum(finding.severity == severity for finding in report.findings)
        told += [f"{number} {_WORDS[severity][number != 1]}"] if number else []
    return ", ".join(told) or "none"


def _finding(finding: Finding, color: bool) -> str:
    word = _WORDS[finding.severity][0]
    told = f"\x1b[{_COLORS[finding.severity]}m{word}\x1b[0m" if color else word
    touched: list[str] = []
    if finding.lines:
        touched.append(f"{_count(finding.lines, _rows_of(finding))} ({_percent(finding.share)})")
    if finding.orders:
        touched.append(_count(finding.orders, "order"))
    right = ", ".join(touched)
    gap = max(_WIDTH - len(word) - 2 - len(finding.code) - len(right), 2)
    head = f"{told}  {finding.code}{' ' * gap}{right}".rstrip()
    return "\n".join([head, *_body(finding)])


def _rows_of(finding: Finding) -> str:
    return "catalog row" if finding.code.startswith("catalog-") else "line"


def _body(finding: Finding) -> Iterator[str]:
    yield _wrapped(finding.what, "  ")
    yield from (f"      {row}" for row in _examples(finding.examples))
    yield _wrapped(finding.action, "  training   ")
    yield _wrapped(finding.remedy, "  to change  ")


def _examples(examples: tuple[Example, ...]) -> list[str]:
    rows = [[f"{_LABELS.get(name, name)} {_value(value)}" for name, value in example.items()] for example in examples]
    widths = [
        max((len(row[place]) for row in rows if place < len(row)), default=0)
        for place in range(max(map(len, rows), default=0))
    ]
    return [_cut("   ".join(cell.ljust(widths[place]) for place, cell in enumerate(row)).rstrip()) for row in rows]


def _cut(row: str) -> str:
    return row if len(row) <= _WIDTH - 6 else f"{row[: _WIDTH - 7]}…"


def _value(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, int | float):
        return f"{value:,}" if abs(value) < _PLAIN_NUMBERS else f"{value:g}"
    text = "".join(mark if mark.isprintable() else mark.encode("unicode_escape").decode() for mark in str(value))
    return text or "''"


def _wrapped(text: str, lead: str) -> str:
    whole = re.sub("`[^`]*`", lambda code: code[0].replace(" ", _GLUE), text)
    return textwrap.fill(
        whole,
        _WIDTH,
        initial_indent=lead,
        subsequent_indent=" " * len(lead),
        break_long_words=False,
        break_on_hyphens=False,
    ).replace(_GLUE, " ")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _percent(share: float) -> str:
    if 0 < share < 0.0005:
        return "< 0.1 %"
    return f"{100 * share:.1f} %"
