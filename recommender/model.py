"""A model: everything that is known of a shop when a cart comes in, as plain arrays.

`SPECS` is the file format: one entry an array, its axes, its bounds and its meaning. Change it and raise
`FORMAT_VERSION`. Customers' histories are not here; they live apart (`recommender.customers`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Array, ArraySpec
from recommender.catalog import Catalog
from recommender.manifest import Manifest
from recommender.strings import StringColumn


@dataclass(frozen=True)
class Pairs:
    """Which items met in one basket: for every item its neighbours, best first (by score, then by row).

    Attributes
    ----------
    offsets : int64 (items + 1,), the neighbours of item i are ``[offsets[i], offsets[i + 1])``.
    items : int32 (pairs,), row of the neighbour.
    counts : int32 (pairs,), counted baskets that held both.
    scores : float32 (pairs,), asymmetric cosine of the item towards its neighbour, above 0.
    claimed : uint8 (pairs,), 1 where the pair met more often than luck explains.
    """

    offsets: NDArray[np.int64]
    items: NDArray[np.int32]
    counts: NDArray[np.int32]
    scores: NDArray[np.float32]
    claimed: NDArray[np.uint8]


@dataclass(frozen=True)
class LongRules:
    """Rules with two antecedents or more and one consequent, sorted by antecedents, then consequent.

    Attributes
    ----------
    offsets : int64 (items + 1,), the rules whose lowest antecedent row is i are ``[offsets[i], offsets[i + 1])``.
    antecedents : int32 (rules, width), rows ascending, padded with -1.
    consequents : int32 (rules,).
    counts : int32 (rules,), baskets with antecedents and consequent.
    of : int32 (rules,), baskets with the antecedents.
    """

    offsets: NDArray[np.int64]
    antecedents: NDArray[np.int32]
    consequents: NDArray[np.int32]
    counts: NDArray[np.int32]
    of: NDArray[np.int32]


@dataclass(frozen=True)
class Bestsellers:
    """What sells most, and what sells more than it used to; each list best first.

    Attributes
    ----------
    items : int32 (bestsellers,), the shop's list.
    category_offsets : int64 (categories + 1,) and category_items : int32 (category_bestsellers,), a list a category,
        counted over the whole branch below it.
    trending_items : int32 (trending,);  trending_recent : int32, its baskets in the recent window;
    trending_expected : float32, the baskets that its earlier share would have given there.
    """

    items: NDArray[np.int32]
    category_offsets: NDArray[np.int64]
    category_items: NDArray[np.int32]
    trending_items: NDArray[np.int32]
    trending_recent: NDArray[np.int32]
    trending_expected: NDArray[np.float32]


@dataclass(frozen=True)
class Factors:
    """Implicit-feedback factorization (Hu, Koren, Volinsky 2008): a vector an item, zeros where untrained.

    Attributes
    ----------
    cart : float32 (items, cart_factors), from baskets: a cart is folded in against it.
    home : float32 (items, home_factors), from customers: meets `Customers.factors`.
    """

    cart: NDArray[np.float32]
    home: NDArray[np.float32]


@dataclass(frozen=True)
class Model:
    """One immutable version.

    Attributes
    ----------
    item_orders : int32 (items,), counted baskets that held the item (`manifest.counts["baskets"]` is their number).
    """

    manifest: Manifest
    catalog: Catalog
    item_orders: NDArray[np.int32]
    pairs: Pairs
    rules: LongRules
    bestsellers: Bestsellers
    factors: Factors

    @property
    def baskets(self) -> int:
        """Baskets that the counts were made from (without giant ones)."""
        return int(self.manifest.counts["baskets"])


class _Bounds(TypedDict):
    low: float
    below: float


def _text(name: str, rows: str, meaning: str) -> tuple[ArraySpec, ArraySpec]:
    return (
        ArraySpec(f"{name}_data", "u1", (f"{name}_data",), f"{meaning}: UTF-8 bytes"),
        ArraySpec(f"{name}_offsets", "i8", (f"{rows}+1",), f"{meaning}: first byte", runs_over=f"{name}_data"),
    )


def _rows(name: str, axis: str, into: str, meaning: str, low: float = 0) -> ArraySpec:
    return ArraySpec(name, "i4", (axis,), meaning, low=low, below=into)


def _offsets(name: str, rows: str, over: str, meaning: str) -> ArraySpec:
    return ArraySpec(name, "i8", (f"{rows}+1",), meaning, runs_over=over)


_FINITE: _Bounds = {"low": -1e300, "below": math.inf}

SPECS: tuple[ArraySpec, ...] = (
    *_text("item_ids", "items", "item ids, sorted by bytes"),
    *_text("titles", "items", "titles"),
    *_text("categories", "categories", "category paths, sorted"),
    *_text("brands", "brands", "brands, sorted"),
    _rows("item_category", "items", "categories", "category of each item, -1 none", low=-1),
    _rows("category_parent", "categories", "categories", "parent of each category, -1 top", low=-1),
    _rows("item_brand", "items", "brands", "brand of each item, -1 none", low=-1),
    ArraySpec("item_group", "i4", ("items",), "variant group of each item, -1 none", low=-1),
    ArraySpec("price", "f8", ("items",), "price, shop's currency, NaN unknown", **_FINITE, or_unknown=True),
    ArraySpec("cost", "f8", ("items",), "cost, shop's currency, NaN unknown", **_FINITE, or_unknown=True),
    ArraySpec("stock", "f8", ("items",), "pieces in stock, NaN unknown", **_FINITE, or_unknown=True),
    ArraySpec("active", "u1", ("items",), "1 for sale", below=2),
    ArraySpec("service", "u1", ("items",), "1 service", below=2),
    ArraySpec("return_rate", "f4", ("items",), "share of pieces returned", low=0, below=1.0001),
    ArraySpec("listed", "u1", ("items",), "1 in the catalogue file", below=2),
    ArraySpec("item_orders", "i4", ("items",), "counted baskets with the item", low=0),
    _offsets("pair_offsets", "items", "pairs", "first neighbour of each item"),
    _rows("pair_items", "pairs", "items", "neighbour"),
    ArraySpec("pair_counts", "i4", ("pairs",), "baskets with both", low=1),
    ArraySpec("pair_scores", "f4", ("pairs",), "asymmetric cosine", low=0, below=math.inf),
    ArraySpec("pair_claimed", "u1", ("pairs",), "1 more than luck", below=2),
    _offsets("rule_offsets", "items", "rules", "first rule by lowest antecedent"),
    ArraySpec("rule_antecedents", "i4", ("rules", "rule_width"), "antecedent rows, -1 padding", low=-1, below="items"),
    _rows("rule_consequents", "rules", "items", "consequent"),
    ArraySpec("rule_counts", "i4", ("rules",), "baskets with all", low=1),
    ArraySpec("rule_of", "i4", ("rules",), "baskets with the antecedents", low=1),
    _rows("bestseller_items", "bestsellers", "items", "bestsellers, best first"),
    _offsets("category_bestseller_offsets", "categories", "category_bestsellers", "first bestseller of each category"),
    _rows("category_bestseller_items", "category_bestsellers", "items", "bestsellers of each category"),
    _rows("trending_items", "trending", "items", "trending, best first"),
    ArraySpec("trending_recent", "i4", ("trending",), "baskets in the recent window", low=0),
    ArraySpec("trending_expected", "f4", ("trending",), "baskets expected there", low=0, below=math.inf),
    ArraySpec("cart_factors", "f4", ("items", "cart_factors"), "item factors from baskets", **_FINITE),
    ArraySpec("home_factors", "f4", ("items", "home_factors"), "item factors from customers", **_FINITE),
)


def to_arrays(model: Model) -> dict[str, Array]:
    """The model's arrays by the names of `SPECS`."""
    c, p, r, b = model.catalog, model.pairs, model.rules, model.bestsellers
    texts = {"item_ids": c.item_ids, "titles": c.titles, "categories": c.categories, "brands": c.brands}
    arrays: dict[str, Array] = {}
    for name, column in texts.items():
        arrays[f"{name}_data"], arrays[f"{name}_offsets"] = column.data, column.offsets
    for name in _CATALOG_ARRAYS:
        arrays[name] = getattr(c, name)
    arrays["item_orders"] = model.item_orders
    for name in ("offsets", "items", "counts", "scores", "claimed"):
        arrays[f"pair_{name}"] = getattr(p, name)
    for name in ("offsets", "antecedents", "consequents", "counts", "of"):
        arrays[f"rule_{name}"] = getattr(r, name)
    arrays["bestseller_items"] = b.items
    arrays["category_bestseller_offsets"], arrays["category_bestseller_items"] = b.category_offsets, b.category_items
    for name in ("trending_items", "trending_recent", "trending_expected"):
        arrays[name] = getattr(b, name)
    arrays["cart_factors"], arrays["home_factors"] = model.factors.cart, model.factors.home
    return arrays


def from_arrays(manifest: Manifest, a: Mapping[str, Array]) -> Model:
    """The model that `to_arrays` took apart."""

    def text(name: str) -> StringColumn:
        return StringColumn(a[f"{name}_data"], a[f"{name}_offsets"])

    catalog = Catalog(
        item_ids=text("item_ids"),
        titles=text("titles"),
        categories=text("categories"),
        brands=text("brands"),
        **{name: a[name] for name in _CATALOG_ARRAYS},
    )
    pairs = Pairs(*(a[f"pair_{name}"] for name in ("offsets", "items", "counts", "scores", "claimed")))
    rules = LongRules(*(a[f"rule_{name}"] for name in ("offsets", "antecedents", "consequents", "counts", "of")))
    bestsellers = Bestsellers(
        a["bestseller_items"],
        a["category_bestseller_offsets"],
        a["category_bestseller_items"],
        a["trending_items"],
        a["trending_recent"],
        a["trending_expected"],
    )
    factors = Factors(a["cart_factors"], a["home_factors"])
    return Model(manifest, catalog, a["item_orders"], pairs, rules, bestsellers, factors)


_CATALOG_ARRAYS = (
    "item_category",
    "category_parent",
    "item_brand",
    "item_group",
    "price",
    "cost",
    "stock",
    "active",
    "service",
    "return_rate",
    "listed",
)
