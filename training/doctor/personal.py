"""E-mail addresses and card numbers where an id should be: refused, and never shown whole."""

from __future__ import annotations

from recommender.errors import DataError
from training.doctor.case import Case
from training.doctor.masking import ADDRESS
from training.doctor.report import Finding

MOST_CARDS = 0.8
"""Share of a column's values that must look like card numbers; by chance a tenth of long numbers passes Luhn."""
SOME_ADDRESSES = 0.05
"""Share of a column's values from which e-mail addresses are a habit and no slip."""


def find_personal_ids(case: Case) -> list[Finding]:
    """Personal data among customer and order ids; stray addresses of customers are marked as unknown customers.

    Raises ``DataError`` where a column is personal data and ``allow_personal_ids`` is not set.
    """
    findings: list[Finding] = []
    for column, table in (("customer_id", "doctor_customers"), ("order_id", "doctor_order_ids")):
        findings += _addresses(case, column, table)
        findings += _cards(case, column, table)
    return findings


def _addresses(case: Case, column: str, table: str) -> list[Finding]:
    values, found = case.row(
        f"SELECT count(*), count_if(regexp_matches({column}, '{ADDRESS}')) FROM {table} WHERE flaw IS NULL"
    )
    if not found:
        return []
    if found >= SOME_ADDRESSES * values:
        return _refused(
            case, column, table, found, values, "an e-mail address", f"regexp_matches({column}, '{ADDRESS}')"
        )
    allowed = case.config.allow_personal_ids
    if column == "customer_id" and not allowed:
        case.run(f"UPDATE {table} SET flaw = 'personal' WHERE regexp_matches({column}, '{ADDRESS}')")
    stray = f"regexp_matches({column}, '{ADDRESS}')"
    dropped = column == "customer_id" and not allowed
    return [
        _finding(
            case,
            column,
            stray,
            what=f"{found:,} of {values:,} values of {column} are e-mail addresses.",
            action="Those orders count as orders of an unknown customer." if dropped else "Kept as ids.",
        )
    ]


def _cards(case: Case, column: str, table: str) -> list[Finding]:
    values, found = case.row(f"SELECT count(*), count_if(doctor_is_card({column})) FROM {table} WHERE flaw IS NULL")
    if not found or found < MOST_CARDS * values:
        return []
    return _refused(case, column, table, found, values, "a card number", f"doctor_is_card({column})")


def _refused(case: Case, column: str, table: str, found: int, values: int, kind: str, condition: str) -> list[Finding]:
    what = f"{column}: {found:,} of {values:,} different values look like {kind}"
    if not case.config.allow_personal_ids:
        (shown,) = case.row(f"SELECT min(doctor_masked({column})) FROM {table} WHERE flaw IS NULL AND {condition}")
        raise DataError(
            f"{what} (as {shown}); personal data does not belong in a model: write a customer number or a hash "
            "there, or accept it with `--set orders.allow_personal_ids=true`"
        )
    return [_finding(case, column, condition, what=f"{what}.", action="Kept as ids, as you have allowed.")]


def _finding(case: Case, column: str, condition: str, *, what: str, action: str) -> Finding:
    return case.finding(
        f"personal-{column.replace('_', '-')}s",
        "warning",
        what,
        source=f"(SELECT line_number, order_id AS o FROM raw WHERE {condition})",
        show=(column,),
        action=action,
        remedy="Better write a customer number or a hash there; `--set orders.allow_personal_ids=true` accepts them.",
    )
