"""Prices, discounts and costs that are no amounts."""

from __future__ import annotations

from recommender.shelf import MAX_AMOUNT
from training.doctor.case import Case
from training.doctor.report import Finding


def find_odd_prices(case: Case) -> list[Finding]:
    """Prices, discounts and costs that are no number from 0 to `MAX_AMOUNT`, and discounts above the price."""
    columns = tuple(name for name in ("unit_price", "discount", "unit_cost") if name in case.present)
    if not columns:
        return []
    source = "(SELECT line_number, o FROM doctor_lines WHERE odd_price AND fate IS NULL AND units > 0)"
    lines, orders = case.row(f"SELECT count(*), count(DISTINCT o) FROM {source}")
    if not lines:
        return []
    return [
        case.finding(
            "unusable-prices",
            "warning",
            f"{lines:,} {'line has' if lines == 1 else 'lines have'} a price, discount or cost that is no number from"
            f" 0 to {MAX_AMOUNT:,.0f}, or a discount above the price.",
            source=source,
            show=("order_id", "item_id", *columns),
            action="That amount counts as unknown; the item stays in the basket.",
            remedy="Write amounts as in 1234.5, with a decimal point and without a currency; a discount is positive,"
            " for one piece. A file with decimal commas: \"sql:FROM read_csv('FILE', decimal_separator = ',')\".",
            counts=(lines, orders),
        )
    ]
