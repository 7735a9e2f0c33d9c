"""Hypothesis strategies for whole models: any text as id or title, any shape down to nothing, every rule kept."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st
from tiny_shop import tiny_manifest

from recommender.attributes import Attributes
from recommender.catalog import LEVEL_SEPARATOR, Catalog
from recommender.customers import Customers
from recommender.model import Bestsellers, Companions, CountedBaskets, Factors, LongRules, Model, Pairs
from recommender.newcomers import Affinities, Newcomers
from recommender.ranker.encoder import Encoder
from recommender.ranker.network import Network
from recommender.ranker.signals import BLEND, ITEM_SIGNALS, SIGNALS
from recommender.ranker.weights import RankerWeights
from recommender.strings import StringColumn, by_bytes
from recommender.substitutes import Substitutes

MOST_BASKETS = 8
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
ids = texts.filter(bool)
amounts = st.one_of(st.just(math.nan), st.floats(-1e12, 1e12))


def column(draw, values, size: int, dtype) -> np.ndarray:
    return np.array(draw(st.lists(values, min_size=size, max_size=size)), dtype)


def numbers(draw, low: float, high: float, size: int) -> np.ndarray:
    """Any float32 of a range, its ends and 0 often, all from one draw: a draw for each would take most of the time."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    marked = random.choice(np.clip([low, 0, high], low, high), size)
    return np.where(random.random(size) < 0.25, marked, random.uniform(low, high, size)).astype(np.float32)


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
        return_rate=numbers(draw, 0, 1, n),
        listed=column(draw, st.integers(0, 1), n, np.uint8),
        attributes=Attributes.of(
            item_ids, {name: draw(st.lists(texts, min_size=n, max_size=n)) for name in draw(st.sets(ids, max_size=3))}
        ),
    )


def _is_tree(categories: list[str]) -> bool:
    above = (path.rpartition(LEVEL_SEPARATOR)[0] for path in categories if LEVEL_SEPARATOR in path)
    return all(path in categories for path in above)


@st.composite
def counted_baskets(draw, items: int) -> CountedBaskets:
    """Any baskets, the empty one among them."""
    rows = st.sets(st.integers(0, items - 1), max_size=items) if items else st.just(set[int]())
    baskets = [sorted(found) for found in draw(st.lists(rows, max_size=MOST_BASKETS))]
    of_items = [[basket for basket, found in enumerate(baskets) if item in found] for item in range(items)]
    return CountedBaskets(
        offsets=np.cumsum([0, *map(len, baskets)]).astype(np.int64),
        items=np.array([item for found in baskets for item in found], np.int32),
        item_offsets=np.cumsum([0, *map(len, of_items)]).astype(np.int64),
        of_items=np.array([basket for found in of_items for basket in found], np.int32),
    )


@st.composite
def pairs(draw, orders: np.ndarray) -> Pairs:
    lists = []
    for row in range(len(orders)):
        others = [other for other in range(len(orders)) if other != row and min(orders[row], orders[other])]
        chosen = draw(st.lists(st.sampled_from(others), unique=True)) if others else []
        scores = sorted(draw(st.lists(st.floats(0, 1, width=32), min_size=len(chosen), max_size=len(chosen))))
        lists.append(list(zip(chosen, scores[::-1], strict=True)))
    flat = [(row, other, score) for row, found in enumerate(lists) for other, score in found]
    counts = np.array([draw(st.integers(1, int(min(orders[a], orders[b])))) for a, b, _ in flat], np.int32)
    return Pairs(
        offsets=np.cumsum([0, *map(len, lists)]).astype(np.int64),
        items=np.array([other for _, other, _ in flat], np.int32),
        counts=counts,
        customers=np.array([draw(st.integers(1, int(count))) for count in counts], np.uint8),
        scores=np.array([score for _, _, score in flat], np.float32),
        weighted=numbers(draw, 0, 1, len(flat)),
        ease=numbers(draw, -1, 1, len(flat)),
        claimed=column(draw, st.integers(0, 1), len(flat), np.uint8),
    )


@st.composite
def companions(draw, categories: int) -> Companions:
    lists = []
    for _ in range(categories):
        chosen = draw(st.lists(st.integers(0, categories - 1), unique=True, max_size=4))
        scores = sorted(draw(st.lists(st.floats(0, 1, width=32), min_size=len(chosen), max_size=len(chosen))))
        lists.append(list(zip(chosen, scores[::-1], strict=True)))
    return Companions(
        offsets=np.cumsum([0, *map(len, lists)]).astype(np.int64),
        items=np.array([other for found in lists for other, _ in found], np.int32),
        scores=np.array([score for found in lists for _, score in found], np.float32),
    )


@st.composite
def rankers(draw, first: int, second: int) -> RankerWeights:
    """Any blend and network of these widths; few candidates, so that they are too few at times."""
    random = np.random.default_rng(draw(st.integers(0, 99)))

    def weights(*shape: int) -> np.ndarray:
        return random.normal(0, 2, shape).astype(np.float32)

    network = Network(
        scales=random.uniform(0.01, 3, len(SIGNALS)).astype(np.float32),
        first=weights(len(SIGNALS), first),
        first_bias=weights(first),
        second=weights(first, second),
        second_bias=weights(second),
        last=weights(second),
        last_bias=weights(1),
    )
    breadth = draw(st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 99)))
    spread = column(draw, st.floats(0, 1, width=32), 1, np.float32)
    return RankerWeights(weights(len(BLEND) + 1), network, np.array(breadth, np.int32), spread)


def item_signals(draw, items: int) -> np.ndarray:
    """Any signals; only a price may be unknown."""
    signals = numbers(draw, -9, 0, items * len(ITEM_SIGNALS)).reshape(items, len(ITEM_SIGNALS))
    prices = st.one_of(st.just(math.nan), st.floats(-9, 9, width=32))
    signals[:, ITEM_SIGNALS.index("log_price")] = column(draw, prices, items, np.float32)
    return signals


@st.composite
def affinities(draw, traits: int) -> Affinities:
    rows = [draw(st.lists(st.integers(0, traits - 1), unique=True)) for _ in range(traits)]
    lengths = [len(row) for row in rows]
    scores = [sorted(numbers(draw, 0, 9, length))[::-1] for length in lengths]
    return Affinities(
        offsets=np.cumsum([0, *lengths]).astype(np.int64),
        items=np.array([other for row in rows for other in row], np.int32),
        scores=np.array([score for row in scores for score in row], np.float32),
    )


@st.composite
def newcomers(draw, catalog: Catalog, orders: np.ndarray) -> Newcomers:
    n, words = len(catalog), draw(st.integers(0, 3))
    titles = [draw(st.lists(st.integers(0, words - 1), unique=True)) if words else [] for _ in range(n)]
    total = sum(map(len, titles))
    return Newcomers(
        unsold=column(draw, st.integers(0, 1), n, np.uint8) * (orders == 0),
        home=column(draw, rows_below(len(catalog.categories)), n, np.int32),
        categories=draw(affinities(len(catalog.categories))),
        brands=draw(affinities(len(catalog.brands))),
        words=draw(affinities(words)),
        word_offsets=np.cumsum([0, *map(len, titles)]).astype(np.int64),
        word_rows=np.array([word for title in titles for word in title], np.int32),
        word_weights=numbers(draw, 0, 1, total),
    )


@st.composite
def substitutes(draw, orders: np.ndarray) -> Substitutes:
    sold = np.flatnonzero(orders).tolist()
    pairs = [(a, b) for a in sold for b in sold if a < b and draw(st.booleans())]
    most = {pair: int(min(orders[list(pair)])) for pair in pairs}
    told = {pair: (draw(st.floats(0, 1, width=32)), draw(st.integers(0, most[pair]))) for pair in pairs}
    rows = sorted((a, -told[min(a, b), max(a, b)][0], b) for pair in pairs for a, b in (pair, pair[::-1]))
    both = [told[min(a, b), max(a, b)] for a, _, b in rows]
    customers = [draw(st.integers(0, count)) for _, count in both]
    return Substitutes(
        offsets=np.searchsorted([a for a, _, _ in rows], np.arange(len(orders) + 1)).astype(np.int64),
        items=np.array([b for _, _, b in rows], np.int32),
        scores=np.array([score for score, _ in both], np.float32),
        counts=np.array([count for _, count in both], np.int32),
        expected=numbers(draw, 0, 1e6, len(rows)),
        customers=np.array(customers, np.uint8),
    )


@st.composite
def encoders(draw, items: int) -> Encoder | None:
    """None, or any weights of one."""
    width, units = draw(st.integers(0, 3)), draw(st.integers(0, 3))
    if not width:
        return None
    shapes = ((items, width), (items, width), (width, units), (units,), (units, width), (items, width), (items,))
    return Encoder(*(numbers(draw, -2, 2, math.prod(shape)).reshape(shape) for shape in shapes))


@st.composite
def models(draw) -> Model:
    catalog = draw(catalogs())
    n = len(catalog)
    baskets = draw(counted_baskets(n))
    orders = np.diff(baskets.item_offsets).astype(np.int32)
    rows = st.lists(st.integers(0, n - 1), max_size=n) if n else st.just([])
    trending = draw(rows)
    sold_late = [draw(st.integers(0, 9)) for _ in trending]
    units, fitted = draw(st.tuples(st.integers(0, 3), st.integers(0, 3))), st.integers(0, 1)
    counts = {"baskets": len(baskets.offsets) - 1, "ranker_carts": draw(fitted), "home_carts": draw(fitted)}
    widths = draw(st.tuples(st.integers(0, 2), st.integers(0, 2)))
    return Model(
        manifest=replace(tiny_manifest(), counts=counts),
        catalog=catalog,
        item_orders=orders,
        item_customers=np.array([draw(st.integers(0, int(sold))) for sold in orders], np.uint8),
        item_signals=item_signals(draw, n),
        pairs=draw(pairs(orders)),
        rules=LongRules.none(n),
        bestsellers=Bestsellers(
            items=np.array(draw(rows), np.int32),
            recent=np.array(draw(rows), np.int32),
            category_offsets=np.zeros(len(catalog.categories) + 1, np.int64),
            category_items=np.empty(0, np.int32),
            trending_items=np.array(trending, np.int32),
            trending_recent=np.array(sold_late, np.int32),
            trending_expected=numbers(draw, 0, 9, len(trending)),
            trending_customers=np.array([draw(st.integers(0, sold)) for sold in sold_late], np.uint8),
        ),
        companions=draw(companions(len(catalog.categories))),
        newcomers=draw(newcomers(catalog, orders)),
        substitutes=draw(substitutes(orders)),
        counted_baskets=baskets,
        factors=Factors(*(numbers(draw, -1e6, 1e6, n * width).reshape(n, width) for width in widths)),
        ranker=draw(rankers(*units)),
        home=draw(rankers(*units)),
        encoder=draw(encoders(n)),
    )


@st.composite
def customers_of(draw, model: Model) -> Customers:
    customer_ids = by_bytes(draw(st.sets(texts, max_size=4)))
    most = len(model.catalog)
    orders = st.sets(st.integers(0, most - 1), min_size=1) if most else st.nothing()
    histories = [draw(st.lists(orders, max_size=3)) if most else [] for _ in customer_ids]
    seconds = st.integers(-(2**53), 2**53 - 1)
    times = [sorted(draw(st.lists(seconds, min_size=len(found), max_size=len(found)))) for found in histories]
    lines = [
        (item, place == 0, time)
        for found, moments in zip(histories, times, strict=True)
        for order, time in zip(found, moments, strict=True)
        for place, item in enumerate(sorted(order))
    ]
    liked = [draw(st.lists(st.integers(0, most - 1), unique=True)) if most else [] for _ in customer_ids]
    likings = st.floats(0, 9, width=32)
    scores = [sorted(draw(st.lists(likings, min_size=len(found), max_size=len(found))))[::-1] for found in liked]
    width = model.factors.home.shape[1]
    factors = numbers(draw, -1, 1, len(customer_ids) * width)
    return Customers(
        customer_ids=StringColumn.of(customer_ids),
        offsets=np.cumsum([0, *(sum(map(len, found)) for found in histories)]).astype(np.int64),
        items=np.array([item for item, _, _ in lines], np.int32),
        opens_order=np.array([opens for _, opens, _ in lines], np.uint8),
        times=np.array([time for _, _, time in lines], np.int64),
        quantities=numbers(draw, 0, 1e6, len(lines)),
        taste_offsets=np.cumsum([0, *map(len, liked)]).astype(np.int64),
        taste_items=np.array([item for found in liked for item in found], np.int32),
        taste_scores=np.array([score for found in scores for score in found], np.float32),
        factors=factors.reshape(len(customer_ids), width),
    )
