"""The tiny shop's model says what its twelve baskets say."""

from collections import Counter
from itertools import combinations

import numpy as np
from tiny_shop import CUSTOMERS_OF_ORDERS, ITEM_IDS, ORDERS, order_time, tiny_customers, tiny_model


def test_orders_of_each_item():
    counts = Counter(item for order in ORDERS for item in order)
    assert tiny_model().item_orders.tolist() == [counts[item] for item in ITEM_IDS]
    assert sum(map(len, ORDERS)) == 28


def test_pairs_best_first():
    model, together = tiny_model(), Counter(pair for order in ORDERS for pair in combinations(sorted(order), 2))
    seen = Counter()
    for row, item in enumerate(ITEM_IDS):
        part = slice(model.pairs.offsets[row], model.pairs.offsets[row + 1])
        neighbours = [ITEM_IDS[other] for other in model.pairs.items[part]]
        counts = [together[min(item, other), max(item, other)] for other in neighbours]
        assert model.pairs.counts[part].tolist() == counts
        assert model.pairs.scores[part].tolist() == [count / (model.item_orders[row] + 2) for count in counts]
        order = list(zip(-model.pairs.scores[part], model.pairs.items[part], strict=True))
        assert order == sorted(order)
        seen.update({(min(item, other), max(item, other)): 1 for other in neighbours})
    assert set(seen) == set(together)
    assert set(seen.values()) == {2}


def test_long_rules():
    rules = tiny_model().rules
    for antecedents, consequent, count, of in zip(
        rules.antecedents, rules.consequents, rules.counts, rules.of, strict=True
    ):
        names = {ITEM_IDS[row] for row in antecedents if row >= 0}
        assert sum(names <= set(order) for order in ORDERS) == of
        assert sum(names | {ITEM_IDS[consequent]} <= set(order) for order in ORDERS) == count


def test_customers_bought_what_their_orders_say():
    customers = tiny_customers()
    for customer_id, days in CUSTOMERS_OF_ORDERS.items():
        items, times, _ = customers.history(customers.row(customer_id))
        expected = [(ITEM_IDS.index(item), order_time(day)) for day in days for item in ORDERS[day - 1]]
        assert list(zip(items.tolist(), times.tolist(), strict=True)) == expected


def test_trend():
    bestsellers, recent, earlier = tiny_model().bestsellers, ORDERS[8:], ORDERS[:8]
    rows = zip(bestsellers.trending_items, bestsellers.trending_recent, bestsellers.trending_expected, strict=True)
    for row, count, expected in rows:
        assert count == sum(ITEM_IDS[row] in order for order in recent)
        assert expected == np.float32(sum(ITEM_IDS[row] in order for order in earlier) / len(earlier) * len(recent))
