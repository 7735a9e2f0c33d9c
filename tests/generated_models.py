"""Hypothesis strategies for whole models: any text as id or title, any shape down to nothing, every rule kept."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st
from tiny_shop import tiny_manifest

from recommender.catalog import LEVEL_SEPARATOR, Catalog
from recommender.customers import Customers
from recommender.model import Bestsellers, Factors, LongRules, Model, Pairs
from recommender.strings import StringColumn, by_bytes

BASKETS = 1000
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
ids = texts.filter(bool)
amounts = st.one_of(st.just(math.nan), st.floats(-1e12, 1e12))


def column(draw, values, size: int, dtype) -> np.ndarray:
    return np.array(draw(st.lists(values, min_size=size, max_size=size)), dtype)


def rows_below(size: int):
    return st.integers(-1, size - 1)


@st.composite
def catalogs(draw) -> Catalog:
    item_ids = by_bytes(draw(st.sets(ids, max_size=6)))
    n = len(item_ids)
    paths = draw(
        st.sets(
            st.lists(ids.filter(lambda level: LEVEL_SEPARATOR not in level), min_size=1, max_size=3).map(tuple),
            max_size=4,
        )
    )
    every = {path[:depth] for path in paths for depth in range(1, len(path) + 1)}
    categories = by_bytes({LEVEL_SEPARATOR.join(path) for path in every})
    parents = (
        [
            categories.index(path.rpartition(LEVEL_SEPARATOR)[0]) if LEVEL_SEPARATOR in path else -1
            for path in categories
        ]
        if _is_tree(categories)
        else [-1] * len(categories)
    )
    brands = by_bytes(draw(st.sets(ids, max_size=3)))
    return Catalog(
        item_ids=StringColumn.of(item_ids),
        titles=StringColumn.of(draw(st.lists(texts, min_size=n, max_size=n))),
        item_category=column(draw, rows_below(len(categories)), n, np.int32),
        categories=StringColumn.of(categories),
        category_parent=np.array(parents, np.int32),
        item_brand=column(draw, rows_below(len(brands)), n, np.int32),
        brands=StringColumn.of(brands),
        item_group=column(draw, rows_below(3), n, np.int32),
        price=column(draw, amounts, n, np.float64),
        cost=column(draw, amounts, n, np.float64),
        stock=column(draw, amounts, n, np.float64),
        active=column(draw, st.integers(0, 1), n, np.uint8),
        service=column(draw, st.integers(0, 1), n, np.uint8),
        return_rate=column(draw, st.floats(0, 1, width=32), n, np.float32),
        listed=column(draw, st.integers(0, 1), n, np.uint8),
    )


def _is_tree(categories: list[str]) -> bool:
    above = (path.rpartition(LEVEL_SEPARATOR)[0] for path in categories if LEVEL_SEPARATOR in path)
    return all(path in categories for path in above)


@st.composite
def pairs(draw, orders: np.ndarray) -> Pairs:
    lists = []
    for row in range(len(orders)):
        others = [other for other in range(len(orders)) if other != row and min(orders[row], orders[other])]
        chosen = draw(st.lists(st.sampled_from(others), unique=True)) if others else []
        scores = sorted(draw(st.lists(st.floats(0, 1, width=32), min_size=len(chosen), max_size=len(chosen))))
        lists.append(list(zip(chosen, scores[::-1], strict=True)))
    flat = [(row, other, score) for row, found in enumerate(lists) for other, score in found]
    return Pairs(
        offsets=np.cumsum([0, *map(len, lists)]).astype(np.int64),
        items=np.array([other for _, other, _ in flat], np.int32),
        counts=np.array([draw(st.integers(1, int(min(orders[a], orders[b])))) for a, b, _ in flat], np.int32),
        scores=np.array([score for _, _, score in flat], np.float32),
        claimed=column(draw, st.integers(0, 1), len(flat), np.uint8),
    )


@st.composite
def models(draw) -> Model:
    catalog = draw(catalogs())
    n = len(catalog)
    orders = column(draw, st.integers(0, BASKETS), n, np.int32)
    rows = st.lists(st.integers(0, n - 1), max_size=n) if n else st.just([])
    trending = draw(rows)
    finite = st.floats(-1e6, 1e6, width=32)
    widths = draw(st.tuples(st.integers(0, 2), st.integers(0, 2)))
    return Model(
        manifest=replace(tiny_manifest(), counts={"baskets": BASKETS}),
        catalog=catalog,
        item_orders=orders,
        pairs=draw(pairs(orders)),
        rules=LongRules(np.zeros(n + 1, np.int64), np.empty((0, 3), np.int32), *[np.empty(0, np.int32)] * 3),
        bestsellers=Bestsellers(
            items=np.array(draw(rows), np.int32),
            category_offsets=np.zeros(len(catalog.categories) + 1, np.int64),
            category_items=np.empty(0, np.int32),
            trending_items=np.array(trending, np.int32),
            trending_recent=column(draw, st.integers(0, 9), len(trending), np.int32),
            trending_expected=column(draw, st.floats(0, 9, width=32), len(trending), np.float32),
        ),
        factors=Factors(*(column(draw, finite, n * width, np.float32).reshape(n, width) for width in widths)),
    )


@st.composite
def customers_of(draw, model: Model) -> Customers:
    customer_ids = by_bytes(draw(st.sets(texts, max_size=4)))
    most = 3 if len(model.catalog) else 0
    lengths = draw(st.lists(st.integers(0, most), min_size=len(customer_ids), max_size=len(customer_ids)))
    lines, width = sum(lengths), model.factors.home.shape[1]
    seconds = st.integers(-(2**63), 2**63 - 1)
    times = [sorted(draw(st.lists(seconds, min_size=length, max_size=length))) for length in lengths]
    factors = column(draw, st.floats(-1, 1, width=32), len(lengths) * width, np.float32)
    return Customers(
        customer_ids=StringColumn.of(customer_ids),
        offsets=np.cumsum([0, *lengths]).astype(np.int64),
        items=column(draw, st.integers(0, max(len(model.catalog) - 1, 0)), lines, np.int32),
        times=np.array([time for found in times for time in found], np.int64),
        quantities=column(draw, st.floats(0, 1e6, width=32), lines, np.float32),
        factors=factors.reshape(len(lengths), width),
    )
