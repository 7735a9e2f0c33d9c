"""What became of every line of the file."""

from __future__ import annotations

from training.doctor.case import Case
from training.doctor.report import FATES, Finding


def account(case: Case) -> dict[str, int]:
    """Lines by fate, zeros left out; the numbers add up to the lines read."""
    kept, repeated, undone, netted, unmatched = case.row("""
        SELECT count_if(rest > 0), coalesce(sum(lines - backs - 1) FILTER (rest > 0), 0)::BIGINT,
               coalesce(sum(lines - backs) FILTER (rest = 0), 0)::BIGINT,
               coalesce(sum(backs) FILTER (matched > 0), 0)::BIGINT,
               coalesce(sum(backs) FILTER (matched = 0), 0)::BIGINT
        FROM doctor_held
    """)
    fates = dict(case.rows("SELECT fate, count(*) FROM doctor_lines WHERE fate IS NOT NULL GROUP BY fate"))
    (unreadable,) = case.row("SELECT count(*) FROM unreadable")
    numbers = {
        "kept": kept,
        "repeated": repeated,
        "sale_returned": undone,
        "return_netted": netted,
        "return_unmatched": unmatched,
        **fates,
        "unreadable": unreadable,
    }
    return {fate: int(numbers[fate]) for fate in FATES if numbers.get(fate)}


def find_unreadable(case: Case) -> list[Finding]:
    """Lines that could not be read at all."""
    (lines,) = case.row("SELECT count(*) FROM unreadable")
    if not lines:
        return []
    rows = case.rows("SELECT line_number, doctor_redacted(reason) FROM unreadable ORDER BY line_number LIMIT 3")
    return [
        case.told(
            "unreadable-lines",
            case.loss(lines),
            f"{lines:,} {'line' if lines == 1 else 'lines'} could not be read.",
            lines,
            0,
            tuple({"line": number, "reason": reason[:80]} for number, reason in rows),
            action="Rejected; the lines go to the quarantine file.",
            remedy="Read the quarantine file (`--quarantine FILE`), correct quotes, separators, encoding.",
        )
    ]
