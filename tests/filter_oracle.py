"""Filters the slow way: item by item over plain values, and random filters to try it with."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import strategies as st

from recommender.catalog import Catalog
from recommender.filters.tree import Among, Both, Comparison, Either, Missing, Node, Not

TEXTS = ("item_id", "title", "category", "brand", "kind")
NUMBERS = ("price", "cost", "margin", "stock", "return_rate")


def value_of(catalog: Catalog, row: int, name: str) -> Any:
    """Text, number, flag, or None where the item has none."""
    price, cost = float(catalog.price[row]), float(catalog.cost[row])
    category, brand = int(catalog.item_category[row]), int(catalog.item_brand[row])
    known = {
        "item_id": catalog.item_ids[row],
        "title": catalog.titles[row] or None,
        "category": catalog.categories[category] if category >= 0 else None,
        "brand": catalog.brands[brand] if brand >= 0 else None,
        "kind": "service" if catalog.service[row] else "product",
        "active": bool(catalog.active[row]),
        "price": price,
        "cost": cost,
        "margin": finite((price - cost) / price) if price else math.nan,
        "stock": float(catalog.stock[row]),
        "return_rate": float(catalog.return_rate[row]),
    }
    value = known[name] if name in known else catalog.attributes.value(name, row) or None
    return None if isinstance(value, float) and math.isnan(value) else value


def holds(node: Node, catalog: Catalog, row: int) -> bool:
    """Whether a filter is true of one item."""
    if isinstance(node, Both):
        return holds(node.left, catalog, row) and holds(node.right, catalog, row)
    if isinstance(node, Either):
        return holds(node.left, catalog, row) or holds(node.right, catalog, row)
    if isinstance(node, Not):
        return not holds(node.part, catalog, row)
    value = value_of(catalog, row, node.field.name)
    if isinstance(node, Missing):
        return value is None
    if isinstance(node, Among):
        return any(_equal(node.field.name, value, literal.value) for literal in node.literals)
    return _compared(node, value)


def _equal(name: str, value: Any, wanted: Any) -> bool:
    if value is None:
        return False
    if name == "category" and wanted.endswith(" > *"):
        top = wanted.removesuffix(" > *")
        return value == top or value.startswith(top + " > ")
    if name in {*TEXTS, *NUMBERS, "active"} or isinstance(wanted, str):
        return value == wanted
    if isinstance(wanted, bool):
        return {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}.get(value) is wanted
    return _number(value) == wanted


def _compared(test: Comparison, value: Any) -> bool:
    wanted = test.literal.value
    if test.sign in {"=", "!="}:
        return _equal(test.field.name, value, wanted) == (test.sign == "=")
    if isinstance(value, str) and isinstance(wanted, float):
        value = _number(value)
    if value is None:
        return False
    return {"<": value < wanted, "<=": value <= wanted, ">": value > wanted, ">=": value >= wanted}[test.sign]


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def filters_over(catalog: Catalog, depth: int = 3) -> st.SearchStrategy[str]:
    """Texts of filters that name fields, values and attributes of the catalog, and some that it lacks."""
    paths = [*catalog.categories, *(f"{path} > *" for path in catalog.categories), "Nowhere > *", "Nowhere"]
    texts = {
        "item_id": [*catalog.item_ids, "nosuch"],
        "title": [*filter(None, catalog.titles), "nothing"],
        "category": paths,
        "brand": [*catalog.brands, "Nobody"],
        "kind": ["product", "service"],
    }
    amounts = st.sampled_from(["0", "0.25", "1", "2.5", "3", "5", "8", "40", "500", "1e3"])
    attributes = st.sampled_from([*catalog.attributes.names]) if len(catalog.attributes.names) else st.nothing()
    words = st.sampled_from([*map(quoted, catalog.attributes.values), '"none"', "true", "false", "500", "1000"])

    def text_test(name: str) -> st.SearchStrategy[str]:
        value = st.sampled_from(texts[name]).map(quoted)
        among = st.lists(value, min_size=1, max_size=3).map(lambda values: f"{name} in ({', '.join(values)})")
        return st.one_of(value.map(f"{name} = {{}}".format), value.map(f"{name} != {{}}".format), among)

    ordered = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
    tests = st.one_of(
        st.sampled_from(TEXTS).flatmap(text_test),
        st.builds("{} {} {}".format, st.sampled_from(NUMBERS), ordered, amounts),
        st.builds("{} {} {}".format, attributes, st.sampled_from(["=", "!="]), words),
        st.builds("{} {} {}".format, attributes, ordered, st.one_of(amounts, st.just('"5"'))),
        st.sampled_from([*TEXTS, *NUMBERS, "group"]).map("{} is missing".format),
        st.sampled_from(["active = true", "active = false"]),
    )
    return st.recursive(
        tests,
        lambda inner: st.one_of(
            st.builds("({} and {})".format, inner, inner),
            st.builds("({} or {})".format, inner, inner),
            inner.map("not ({})".format),
        ),
        max_leaves=2**depth,
    )


def finite(number: float) -> float:
    """NaN, which is missing, for what is beyond all numbers."""
    return number if math.isfinite(number) else math.nan
