"""Prices, discounts and costs that are no amounts, or 0."""

from __future__ import annotations

from recommender.shelf import MAX_AMOUNT
from training.doctor.case import Case
from training.doctor.report import Finding

_AMOUNTS = (("price", "unit_price"), ("cost", "unit_cost"))
_SALES = "fate IS NULL AND units > 0"


def forget_zero_amounts(case: Case) -> None:
    """Prices that are 0 in every line say nothing, and costs neither: they count as unknown."""
    for amount, _ in _AMOUNTS:
        if _largest(case, amount) == 0:
            case.run(f"UPDATE doctor_lines SET {amount} = NULL")


def find_zero_amounts(case: Case) -> list[Finding]:
    """Prices or costs that are 0 in every line, and lines with a price of 0 among others."""
    found: list[Finding] = []
    for amount, column in _AMOUNTS:
        if column in case.present and _largest(case, amount) is None:
            found += _always_zero(case, column)
    return found + _given_away(case)


def _always_zero(case: Case, column: str) -> list[Finding]:
    source, counts = _sales(case, "doctor_lines JOIN raw USING (line_number)", f"{column} = 0")
    if not counts[0]:
        return []
    return [
        case.finding(
            "amounts-always-zero",
            "warning",
            f"No line has a {column} above 0.",
            source=source,
            show=("order_id", "item_id", column),
            action="They count as unknown: an item whose price is 0 would not be suggested.",
            remedy=f"Write the {column} in the export, or leave it empty.",
            counts=counts,
        )
    ]


def _given_away(case: Case) -> list[Finding]:
    source, counts = _sales(case, "doctor_lines", "price = 0")
    if not counts[0]:
        return []
    columns = tuple(name for name in ("unit_price", "discount") if name in case.present)
    return [
        case.finding(
            "zero-prices",
            "info",
            f"{_lines_have(counts)} a price of 0.",
            source=source,
            show=("order_id", "item_id", *columns),
            action="An item whose median price is 0 is not suggested, unless the catalog has another price.",
            remedy="Leave prices empty where they are unknown, or give the item its price in the catalog. What is free"
            " is shown with `price_zero = false` in the policy.",
            counts=counts,
        )
    ]


def _sales(case: Case, table: str, which: str) -> tuple[str, tuple[int, int]]:
    """The sold lines of `table` where `which` is true, for `Case.finding`, and the number of their lines and orders."""
    source = f"(SELECT line_number, o FROM {table} WHERE {which} AND {_SALES})"
    lines, orders = case.row(f"SELECT count(*), count(DISTINCT o) FROM {source}")
    return source, (lines, orders)


def _lines_have(counts: tuple[int, int]) -> str:
    return f"{counts[0]:,} {'line has' if counts[0] == 1 else 'lines have'}"


def _largest(case: Case, amount: str) -> float | None:
    return case.row(f"SELECT max({amount}) FROM doctor_lines WHERE {_SALES}")[0]


def find_odd_prices(case: Case) -> list[Finding]:
    """Prices, discounts and costs that are no number from 0 to `MAX_AMOUNT`, and discounts above the price."""
    columns = tuple(name for name in ("unit_price", "discount", "unit_cost") if name in case.present)
    if not columns:
        return []
    source, counts = _sales(case, "doctor_lines", "odd_price")
    if not counts[0]:
        return []
    return [
        case.finding(
            "unusable-prices",
            "warning",
            f"{_lines_have(counts)} a price, discount or cost that is no number from"
            f" 0 to {MAX_AMOUNT:,.0f}, or a discount above the price.",
            source=source,
            show=("order_id", "item_id", *columns),
            action="That amount counts as unknown; the item stays in the basket.",
            remedy="Write amounts as in 1234.5, with a decimal point and without a currency; a discount is positive,"
            " for one piece. A file with decimal commas: \"sql:FROM read_csv('FILE', decimal_separator = ',')\".",
            counts=counts,
        )
    ]
