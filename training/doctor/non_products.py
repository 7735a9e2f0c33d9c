"""Lines that are no goods: postage, bank charges, vouchers, manual adjustments, samples, fees."""

from __future__ import annotations

from collections.abc import Sequence

from training.doctor.case import Case, example
from training.doctor.report import Finding

_WORDS = (
    r"(dotcom[ _-]?)?postage|(shipping|delivery|handling|service|restocking|bank|amazon|paypal|payment)[ _-]?"
    r"(fee|charge|cost)s?|shipping|freight|gift[ _-]?(card|voucher|certificate)s?([ _-]?[0-9]+)*|gift([ _-][0-9]+)+"
    r"|(manual[ _-]?)?adjust(ment)?s?[0-9]*|(adjust )?bad[ _-]?debt|cruk|discounts?|coupons?|vouchers?|donations?"
    r"|rounding"
)
_CODES = r"post|dot|m|d|s|b|c2|pads|manual|carriage|samples?|fees?|commission|test[0-9]+"
_TITLES = (
    r"(dotcom )?postage|carriage|manual|discounts?|samples?|(adjust )?bad debt|.*\bcommission|coupons?|donations?"
    r"|.*\bfees?"
    r"|(bank|delivery|shipping|handling|service|postage) charges?|.*\bgift (card|voucher|certificate)s?\b"
    r"[ £$€]*[0-9.,]*|misc sales trans(action)?s?"
)
_CODED = 0.9
_NAMED = 12


def flag_non_products(case: Case) -> None:
    """Set `product` and `named` (True where the shop itself said so) in ``doctor_items``.

    Words such as POSTAGE are told from any shop's ids; codes such as M or POST only where nine in ten of the other ids
    are long and have a digit, so that a shop whose items are called B and M keeps them.
    """
    (coded,) = case.row(f"""
        SELECT coalesce(avg(if(length(item_id) >= 4 AND regexp_matches(item_id, '[0-9]'), 1, 0)), 0) >= {_CODED}
        FROM doctor_items WHERE flaw IS NULL AND NOT regexp_full_match(lower(trim(item_id)), '{_WORDS}|{_CODES}')
    """)
    pattern = f"{_WORDS}|{_CODES}" if coded else _WORDS
    case.run(f"""
        UPDATE doctor_items SET product = false WHERE flaw IS NULL AND (
            regexp_full_match(lower(trim(item_id)), '{pattern}')
            OR regexp_full_match(lower(trim(coalesce(title, ''))), '{_TITLES}'))
    """)
    _say(case, case.config.non_products, product=False)
    _say(case, case.config.keep_as_products, product=True)


def _say(case: Case, item_ids: Sequence[str], *, product: bool) -> None:
    if item_ids:
        case.connection.execute(
            "UPDATE doctor_items SET product = ? WHERE list_contains(?::VARCHAR[], item_id)", [product, list(item_ids)]
        )


def find_non_products(case: Case) -> list[Finding]:
    """Postage and its like, the ids with most lines first."""
    lines, orders = case.row("SELECT count(*), count(DISTINCT o) FROM doctor_lines WHERE fate = 'non_product'")
    if not lines:
        return []
    rows = case.rows("""
        SELECT first_line AS line_number, item_id, title, lines FROM doctor_items
        WHERE NOT product AND flaw IS NULL ORDER BY lines DESC, item_id
    """)
    examples = tuple(example(zip(("line_number", "item_id", "title", "lines"), row, strict=True)) for row in rows[:3])
    named = ", ".join(str(example([("item_id", row[1])])["item_id"]) for row in rows[:_NAMED])
    named += ", …" if len(rows) > _NAMED else ""
    ids = "1 item id is" if len(rows) == 1 else f"{len(rows):,} item ids are"
    return [
        case.told(
            "non-products",
            "info",
            f"{ids} no product, but postage, a charge, a voucher or the like: {named}.",
            lines,
            orders,
            tuple({key: value for key, value in one.items() if value is not None} for one in examples),
            action="Left out of the baskets.",
            remedy="Keep one: `--set 'orders.keep_as_products=[\"M\"]'`;"
            " add one: `--set 'orders.non_products=[\"TIP\"]'`.",
        )
    ]
