"""A shop of eight items and twelve baskets, small enough that every number of its model is worked out by hand.

One order a day, `ORDER n` on 2026-11-n at 10:00 UTC:

     1  bread butter jam      ann      7  butter milk
     2  bread butter jam               8  coffee delivery milk   bob
     3  bread butter milk              9  delivery milk
     4  bread butter                  10  milk tea
     5  bread butter coffee           11  tea wine
     6  bread(2) milk         ann     12  wine                   zoë

Lines: 3+3+3+2+3+2+2+3+2+2+2+1 = 28. Baskets with the item (row in brackets):

    bread [0] 6    butter [1] 6    coffee [2] 2    delivery [3] 2
    jam   [4] 2    milk   [5] 6    tea    [6] 2    wine     [7] 2

Pairs that met, 5·3 + 6·1 = 21 meetings (which baskets):

    bread  butter 5 (1 2 3 4 5)    bread  jam    2 (1 2)    bread    milk 2 (3 6)    bread  coffee   1 (5)
    butter jam    2 (1 2)          butter milk   2 (3 7)    butter   coffee 1 (5)    coffee delivery 1 (8)
    coffee milk   1 (8)            delivery milk 2 (8 9)    milk     tea  1 (10)     tea    wine     1 (11)

Each basket without a customer counts as a customer of its own; ann's two share bread alone. So bread has 5 customers,
and every other item and every pair as many as baskets.

Kept of each pair besides, by decree: count ÷ 8 as its weighted cosine and count ÷ 16 as its weight in EASE.

Score of i towards j: the asymmetric cosine with exponent 1 and shrinkage 2, count ÷ (n_i + 2), so eighths for bread,
butter and milk, quarters for the others: every score and every sum of scores is exact in float32.
Claimed, by decree (twelve baskets prove nothing): bread–butter, bread–jam, butter–jam, delivery–milk.

Long rules: {bread, butter} → jam 2 of 5, {bread, jam} → butter 2 of 2, {butter, jam} → bread 2 of 2.

Bundles, by decree: bread + butter, 5 of the 7 baskets with one of them (2 expected); delivery + milk, 2 of 6 (½);
bread + butter + jam, 2 of 7 (¼).

Trending: the last 4 baskets against the first 8; expected = earlier baskets ÷ 8 · 4. tea 2 against 0, wine 2 against 0,
delivery 1 against 1 ÷ 8 · 4 = 0.5; milk has 2 where 4 ÷ 8 · 4 = 2 were expected, which is no trend.

Sold best of late (the last tenth of the baskets is the orders 11 and 12): wine, then bread, by `training`'s smoothed
shares (2 + 5·2.5/13) ÷ 7 and 5·6.5/13 ÷ 7; two are kept. Columns of `item_signals` are worked out in
`tiny_item_signals`, companions of categories in `COMPANIONS`.

The ranking, by decree: the blend weighs cosine_sum and own_count by 1 and nothing else, without a bias, the network
corrects nothing, and an eighth of the log share is taken off the order. So an item has the logit
x ÷ (x + 0.1) + n ÷ (n + 1), where x is its sum of scores towards the cart and n the customer's orders with it: see
`logit`, `score` and `chances`. Candidates are the neighbours of the cart's items, what baskets like the cart held, what
the customer bought and may like, and the two that sold best of late.

On the shelf: jam is out of stock, tea is not for sale, delivery is a service, coffee and tea are variants of one
product, wine is known from orders alone (no title, category, price, cost or stock).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import numpy as np

from recommender.attributes import Attributes
from recommender.bundles import Bundles, CountedSets
from recommender.catalog import Catalog
from recommender.customers import Customers
from recommender.manifest import Manifest
from recommender.model import Bestsellers, Companions, CountedBaskets, Factors, LongRules, Model, Pairs
from recommender.newcomers import Newcomers
from recommender.ranker.network import Network
from recommender.ranker.signals import BLEND, ITEM_SIGNALS, SIGNALS
from recommender.ranker.weights import RankerWeights
from recommender.strings import StringColumn
from recommender.substitutes import Substitutes

BREAD, BUTTER, COFFEE, DELIVERY, JAM, MILK, TEA, WINE = range(8)
DRINKS, FOOD, BAKERY, DAIRY, SERVICES = range(5)
ITEM_IDS = ("bread", "butter", "coffee", "delivery", "jam", "milk", "tea", "wine")
ORDERS = (
    ("bread", "butter", "jam"),
    ("bread", "butter", "jam"),
    ("bread", "butter", "milk"),
    ("bread", "butter"),
    ("bread", "butter", "coffee"),
    ("bread", "milk"),
    ("butter", "milk"),
    ("coffee", "delivery", "milk"),
    ("delivery", "milk"),
    ("milk", "tea"),
    ("tea", "wine"),
    ("wine",),
)
CUSTOMERS_OF_ORDERS = {"ann": (1, 6), "bob": (8,), "zoë": (12,)}
NEIGHBOURS = {  # item: (neighbour, count, claimed), best first
    BREAD: ((BUTTER, 5, 1), (JAM, 2, 1), (MILK, 2, 0), (COFFEE, 1, 0)),
    BUTTER: ((BREAD, 5, 1), (JAM, 2, 1), (MILK, 2, 0), (COFFEE, 1, 0)),
    COFFEE: ((BREAD, 1, 0), (BUTTER, 1, 0), (DELIVERY, 1, 0), (MILK, 1, 0)),
    DELIVERY: ((MILK, 2, 1), (COFFEE, 1, 0)),
    JAM: ((BREAD, 2, 1), (BUTTER, 2, 1)),
    MILK: ((BREAD, 2, 0), (BUTTER, 2, 0), (DELIVERY, 2, 1), (COFFEE, 1, 0), (TEA, 1, 0)),
    TEA: ((MILK, 1, 0), (WINE, 1, 0)),
    WINE: ((TEA, 1, 0),),
}
ITEM_ORDERS = (6, 6, 2, 2, 2, 6, 2, 2)
ITEM_CUSTOMERS = (5, 6, 2, 2, 2, 6, 2, 2)
COMPANIONS = {  # category: (companion, baskets with both), best first; a score is that over 10 + the category's baskets
    DRINKS: ((DRINKS, 4), (DAIRY, 3), (BAKERY, 1), (SERVICES, 1)),
    FOOD: ((FOOD, 2), (BAKERY, 2), (DAIRY, 2)),
    BAKERY: ((BAKERY, 6), (DAIRY, 6), (FOOD, 2), (DRINKS, 1)),
    DAIRY: ((DAIRY, 10), (BAKERY, 6), (DRINKS, 3), (FOOD, 2), (SERVICES, 2)),
    SERVICES: ((DAIRY, 2), (SERVICES, 2), (DRINKS, 1)),
}
ATTRIBUTES = {
    "grams": ["500", "250", "1000", "", "250", "1e3", "100", ""],
    "organic": ["yes", "no", "yes", "", "no", "yes", "", ""],
}
LIKED = {"ann": ((DELIVERY, 0.5), (COFFEE, 0.25)), "bob": ((BREAD, 0.5),), "zoë": ()}  # tastes, by decree
RANKER_CARTS = 400


def order_time(day: int) -> int:
    """Seconds since 1970 of order `day`, 1 to 12."""
    return int(datetime(2026, 11, day, 10, tzinfo=UTC).timestamp())


def tiny_catalog() -> Catalog:
    nan = math.nan
    return Catalog(
        item_ids=StringColumn.of(ITEM_IDS),
        titles=StringColumn.of(
            ["Brown bread", "Salted butter", "Coffee", "Delivery to the door", "Plum jam", "Whole milk", "Tea", ""]
        ),
        item_category=np.array([2, 3, 0, 4, 1, 3, 0, -1], np.int32),
        categories=StringColumn.of(["Drinks", "Food", "Food > Bakery", "Food > Dairy", "Services"]),
        category_parent=np.array([-1, -1, 1, 1, -1], np.int32),
        item_brand=np.array([0, 1, -1, -1, 0, 1, -1, -1], np.int32),
        brands=StringColumn.of(["Hearth", "Meadow"]),
        item_group=np.array([-1, -1, 0, -1, -1, -1, 0, -1], np.int32),
        price=np.array([2.5, 3.0, 8.0, 5.0, 4.0, 1.5, 8.0, nan]),
        cost=np.array([1.0, 2.0, 5.0, 1.0, 2.0, 1.0, 5.0, nan]),
        stock=np.array([40.0, 12.0, nan, nan, 0.0, 100.0, 7.0, nan]),
        active=np.array([1, 1, 1, 1, 1, 1, 0, 1], np.uint8),
        service=np.array([0, 0, 0, 1, 0, 0, 0, 0], np.uint8),
        return_rate=np.array([0, 0, 0.25, 0, 0, 0, 0, 0], np.float32),
        listed=np.array([1, 1, 1, 1, 1, 1, 1, 0], np.uint8),
        attributes=Attributes.of(ITEM_IDS, ATTRIBUTES),
    )


def tiny_pairs() -> Pairs:
    rows = [(item, *pair) for item, pairs in NEIGHBOURS.items() for pair in pairs]
    lengths = [len(NEIGHBOURS[item]) for item in range(len(ITEM_IDS))]
    return Pairs(
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        items=np.array([neighbour for _, neighbour, _, _ in rows], np.int32),
        counts=np.array([count for _, _, count, _ in rows], np.int32),
        scores=np.array([count / (ITEM_ORDERS[item] + 2) for item, _, count, _ in rows], np.float32),
        weighted=np.array([count / 8 for _, _, count, _ in rows], np.float32),
        ease=np.array([count / 16 for _, _, count, _ in rows], np.float32),
        claimed=np.array([claimed for _, _, _, claimed in rows], np.uint8),
        customers=np.array([count for _, _, count, _ in rows], np.uint8),
    )


def tiny_rules() -> LongRules:
    return LongRules(
        offsets=np.array([0, 2, 3, 3, 3, 3, 3, 3, 3], np.int64),
        antecedents=np.array([[BREAD, BUTTER, -1], [BREAD, JAM, -1], [BUTTER, JAM, -1]], np.int32),
        consequents=np.array([JAM, BUTTER, BREAD], np.int32),
        counts=np.array([2, 2, 2], np.int32),
        of=np.array([5, 2, 2], np.int32),
        customers=np.array([2, 2, 2], np.uint8),
    )


def tiny_bestsellers() -> Bestsellers:
    return Bestsellers(
        items=np.array([BREAD, BUTTER, MILK, COFFEE, DELIVERY, JAM, TEA, WINE], np.int32),
        recent=np.array([WINE, BREAD], np.int32),
        category_offsets=np.array([0, 2, 6, 7, 9, 10], np.int64),
        category_items=np.array([COFFEE, TEA, BREAD, BUTTER, MILK, JAM, BREAD, BUTTER, MILK, DELIVERY], np.int32),
        trending_items=np.array([TEA, WINE, DELIVERY], np.int32),
        trending_recent=np.array([2, 2, 1], np.int32),
        trending_expected=np.array([0, 0, 0.5], np.float32),
        trending_customers=np.array([2, 2, 1], np.uint8),
    )


def tiny_item_signals() -> np.ndarray:
    """Every column from counts by hand: 12 baskets, the last 4, 2 and 1 of them recent, prior of 5 baskets."""
    share = [(orders + 0.5) / 13 for orders in ITEM_ORDERS]

    def trend(recent: Mapping[int, int], baskets: int) -> list[float]:
        late = [(recent.get(item, 0) + 5 * part) / (baskets + 5) for item, part in enumerate(share)]
        return [math.log(part / whole) for part, whole in zip(late, share, strict=True)]

    bought = (2, 1, 1, 1, 1, 2, 0, 1)  # lines of known customers; ann bought bread twice: 1 of 9 lines is a repetition
    columns = {
        "log_share": [math.log(value) for value in share],
        "trend_30": trend({DELIVERY: 1, MILK: 2, TEA: 2, WINE: 2}, 4),
        "trend_10": trend({TEA: 1, WINE: 2}, 2),
        "trend_2": trend({WINE: 1}, 1),
        "age": [math.log(baskets / 13) for baskets in (13, 13, 9, 6, 13, 11, 4, 3)],
        "idle": [math.log(1 + days) for days in (6, 5, 4, 3, 10, 2, 1, 0)],
        "repeat": [((item == BREAD) + 5 / 9) / (lines + 5) for item, lines in enumerate(bought)],
        "log_price": [math.log(price) for price in (2.5, 3, 8, 5, 4, 1.5, 8)] + [math.nan],
    }
    return np.array([columns[name] for name in ITEM_SIGNALS], np.float32).T.copy()


def tiny_companions() -> Companions:
    baskets = [dict(pairs)[category] for category, pairs in COMPANIONS.items()]
    rows = [(category, *pair) for category, pairs in COMPANIONS.items() for pair in pairs]
    return Companions(
        offsets=np.cumsum([0, *map(len, COMPANIONS.values())]).astype(np.int64),
        items=np.array([companion for _, companion, _ in rows], np.int32),
        scores=np.array([both / (baskets[category] + 10) for category, _, both in rows], np.float32),
    )


def tiny_counted_baskets() -> CountedBaskets:
    baskets = [[ITEM_IDS.index(item) for item in order] for order in ORDERS]
    of_items = [[basket for basket, items in enumerate(baskets) if item in items] for item in range(len(ITEM_IDS))]
    return CountedBaskets(
        offsets=np.cumsum([0, *map(len, baskets)]).astype(np.int64),
        items=np.array([item for items in baskets for item in items], np.int32),
        item_offsets=np.cumsum([0, *map(len, of_items)]).astype(np.int64),
        of_items=np.array([basket for found in of_items for basket in found], np.int32),
    )


def tiny_ranker(weights: Mapping[str, float] | None = None) -> RankerWeights:
    """A blend of the named weights, cosine_sum and own_count unless told; the network corrects nothing."""
    names = [name for name, _, _ in BLEND]
    blend = np.zeros(len(names) + 1, np.float32)
    for name, weight in (weights or {"cosine_sum": 1, "own_count": 1}).items():
        blend[names.index(name)] = weight
    network = Network(
        scales=np.ones(len(SIGNALS), np.float32),
        first=np.zeros((len(SIGNALS), 2), np.float32),
        first_bias=np.zeros(2, np.float32),
        second=np.zeros((2, 2), np.float32),
        second_bias=np.zeros(2, np.float32),
        last=np.zeros(2, np.float32),
        last_bias=np.zeros(1, np.float32),
    )
    return RankerWeights(blend, network, np.array([300, 250, 4000], np.int32), np.array([0.125], np.float32))


def logit(cosines: float = 0, orders: int = 0) -> float:
    """Of an item with so large a sum of scores towards the cart, in so many of the customer's orders."""
    return cosines / (cosines + 0.1) + orders / (orders + 1)


def score(item: int, cosines: float = 0, orders: int = 0) -> float:
    """What cross-sell orders by: the logit less an eighth of the log share."""
    return logit(cosines, orders) - math.log((ITEM_ORDERS[item] + 0.5) / 13) / 8


def chances(logits: Iterable[float]) -> list[float]:
    """e^f of each candidate over 1 + the sum of all: the 1 stands for items that are none of them."""
    raised = [math.exp(value) for value in logits]
    return [value / (1 + sum(raised)) for value in raised]


def tiny_bundles() -> Bundles:
    """All of them in n baskets, one of them at least in the others of a union: orders 1 to 7, 3 and 6 to 10, 1 to 7."""
    return Bundles(
        items=np.array([[BREAD, BUTTER, -1, -1], [DELIVERY, MILK, -1, -1], [BREAD, BUTTER, JAM, -1]], np.int32),
        counts=np.array([5, 2, 2], np.int32),
        apart=np.array([2, 4, 5], np.int32),
        expected=np.array([2, 0.5, 0.25], np.float32),
        customers=np.array([5, 2, 2], np.int32),
    )


def tiny_factors() -> Factors:
    """Two directions, breakfast and drinks; wine is untrained."""
    cart = [[1, 0], [1, 0], [0, 1], [0, 1], [1, 0], [0.5, 0.5], [0, 0.5], [0, 0]]
    home = [[1, 0], [1, 0], [0, 1], [0, 1], [0.5, 0], [0.5, 0.5], [0, 1], [0, 0]]
    return Factors(np.array(cart, np.float32), np.array(home, np.float32))


def tiny_manifest() -> Manifest:
    return Manifest(
        input={"sha256": "0" * 64, "orders": "tiny orders", "catalog": "tiny catalogue"},
        window={"first": "2026-11-01T10:00:00Z", "last": "2026-11-12T10:00:00Z"},
        counts={
            "baskets": 12,
            "lines": 28,
            "items": 8,
            "customers": 3,
            "claimed_pairs": 4,
            "rules": 3,
            "ranker_carts": RANKER_CARTS,
            "home_carts": RANKER_CARTS,
        },
        config={"count": {"exponent": 1.0, "shrinkage": 2.0}, "factors": {"alpha": 2.0, "regularization": 0.5}},
        seed=0,
        libraries={},
        metrics={},
    )


def tiny_model() -> Model:
    """The model of the twelve baskets; its manifest is not sealed, so its model id is empty."""
    return Model(
        manifest=tiny_manifest(),
        catalog=tiny_catalog(),
        item_orders=np.array(ITEM_ORDERS, np.int32),
        item_customers=np.array(ITEM_CUSTOMERS, np.uint8),
        item_signals=tiny_item_signals(),
        pairs=tiny_pairs(),
        rules=tiny_rules(),
        bestsellers=tiny_bestsellers(),
        companions=tiny_companions(),
        newcomers=Newcomers.none(tiny_catalog()),
        substitutes=Substitutes.none(len(ITEM_IDS)),
        counted_baskets=tiny_counted_baskets(),
        factors=tiny_factors(),
        ranker=tiny_ranker(),
        home=tiny_ranker(),
        bundles=tiny_bundles(),
        counted_sets=CountedSets(np.array([[BREAD, BUTTER, JAM, -1]], np.int32), np.array([2], np.uint8)),
    )


def tiny_customers() -> Customers:
    """Ann bought twice, Bob and Zoë once."""
    first, sixth, eighth, twelfth = (order_time(day) for day in (1, 6, 8, 12))
    return Customers(
        customer_ids=StringColumn.of(["ann", "bob", "zoë"]),
        offsets=np.array([0, 5, 8, 9], np.int64),
        items=np.array([BREAD, BUTTER, JAM, BREAD, MILK, COFFEE, DELIVERY, MILK, WINE], np.int32),
        opens_order=np.array([1, 0, 0, 1, 0, 1, 0, 0, 1], np.uint8),
        times=np.array([first] * 3 + [sixth] * 2 + [eighth] * 3 + [twelfth], np.int64),
        quantities=np.array([1, 1, 1, 2, 1, 1, 1, 1, 1], np.float32),
        taste_offsets=np.cumsum([0, *map(len, LIKED.values())]).astype(np.int64),
        taste_items=np.array([item for liked in LIKED.values() for item, _ in liked], np.int32),
        taste_scores=np.array([liking for liked in LIKED.values() for _, liking in liked], np.float32),
        factors=np.array([[1, 0], [0, 1], [0, 0]], np.float32),
    )
