"""Add-ons: prices, directions and pieces, worked out on the tiny shop's pairs."""

from dataclasses import replace

import numpy as np
import pytest
from tiny_shop import BREAD, BUTTER, DELIVERY, JAM, MILK, tiny_catalog, tiny_customers, tiny_model

from recommender.add_ons import AddOnTerms, companions, followers, lower_confidence, pieces_beside
from recommender.candidates import meetings
from recommender.engine import Recommender
from recommender.evidence import wilson_interval
from recommender.model import Model
from recommender.quantities import PairQuantities


def following(main: int, model: Model | None = None, **terms: float) -> list[int]:
    model = model or tiny_model()
    found = meetings(model.pairs, np.array([main], np.int32))
    return followers(model, found, main, AddOnTerms(**terms))[0].tolist()


def priced(**prices: float) -> Model:
    catalog = tiny_catalog()
    price = catalog.price.copy()
    for item_id, value in prices.items():
        price[catalog.row(item_id)] = value
    return replace(tiny_model(), catalog=replace(catalog, price=price))


def entry(main: int, row: int) -> int:
    pairs = tiny_model().pairs
    start = int(pairs.offsets[main])
    return start + pairs.items[start : int(pairs.offsets[main + 1])].tolist().index(row)


def test_the_lower_bounds_are_those_of_the_intervals():
    counts = np.arange(7)
    assert lower_confidence(counts, 6).tolist() == pytest.approx([wilson_interval(int(n), 6)[0] for n in counts])


def test_an_add_on_is_cheap_beside_its_main_item():
    """Milk costs 1.50; 2 of its 6 baskets held delivery (5.00), at least .097."""
    assert following(MILK) == []
    assert following(MILK, priced(delivery=1.2)) == [DELIVERY]
    assert following(MILK, priced(delivery=1.2001)) == []
    assert following(MILK, price_ratio=4.0) == [DELIVERY]


def test_a_trace_tells_what_was_too_dear_too_seldom_or_rather_the_main_item():
    """Every neighbour and every bestseller is shown, or has its reason."""
    model = priced(delivery=1.2)
    told = {}
    for item in ("milk", "delivery", "bread"):
        trace = Recommender(model, None).answer([item], placement="add-on", trace=True).trace or {}
        told[item] = {one["item_id"]: one["removed_by"] for one in trace["candidates"]}
        found = meetings(model.pairs, np.array([model.catalog.row(item)], np.int32))
        seen = {model.catalog.item_ids[row] for row in {*found.rows.tolist(), *model.bestsellers.items.tolist()}}
        assert set(told[item]) >= seen - {item}
    assert told["milk"]["delivery"] is None
    assert told["milk"]["bread"] == "bought with the item added too seldom"
    assert told["milk"]["jam"] == "of the same topmost category as the item added"
    assert told["bread"]["jam"] == "too dear beside the item added"
    counts = model.item_orders.copy()
    counts[BREAD] = 5 * counts[BUTTER]
    trace = (
        Recommender(replace(model, item_orders=counts), None).answer(["bread"], placement="add-on", trace=True).trace
    )
    told = {one["item_id"]: one["removed_by"] for one in (trace or {})["candidates"]}
    assert told["butter"] == "the item added is rather its add-on"


def test_what_many_buyers_take_may_cost_more():
    """5 of butter's 6 baskets held bread, at least .436; of bread's held jam 2, at least .097, and jam costs 4."""
    assert following(BUTTER) == [BREAD]
    assert following(BREAD) == [BUTTER]  # the bottle and the cage: each the other's add-on
    assert following(BUTTER, priced(bread=7.5)) == [BREAD]
    assert following(BUTTER, priced(bread=7.51)) == []
    assert following(BUTTER, follower_share=0.5) == []
    assert following(BREAD, price_ratio=2.0) == [BUTTER, JAM]


def test_the_direction_counts():
    """Jam is in 2 baskets, bread in 6: the confidence jam → bread is a third of bread → jam's other way round."""
    assert following(BREAD, price_ratio=2.0, against=3.0) == [BUTTER, JAM]
    assert following(BREAD, price_ratio=2.0, against=2.9) == [BUTTER]
    assert following(JAM, against=1.0) == [BREAD, BUTTER]


def test_unclaimed_neighbours_need_five_baskets_and_more_than_their_share():
    model = tiny_model()
    found = meetings(model.pairs, np.array([BREAD], np.int32))
    assert companions(model, found, BREAD, AddOnTerms())[0].tolist() == []
    often = replace(found, counts=np.full(len(found.rows), 5, np.int32))  # milk: 5 · 12 > 6 · 6
    assert companions(model, often, BREAD, AddOnTerms())[0].tolist() == [MILK]
    everywhere = replace(model, item_orders=np.full(8, 12, np.int32))
    assert companions(everywhere, often, BREAD, AddOnTerms())[0].tolist() == []


def test_without_prices_the_confidence_alone_decides():
    nothing = replace(tiny_model(), catalog=replace(tiny_catalog(), price=np.full(8, np.nan)))
    assert following(BREAD, nothing) == [BUTTER, JAM]


def test_three_detectors_three_batteries():
    quantities = PairQuantities(
        np.array([entry(BUTTER, BREAD)]), np.array([2], np.float32), np.array([1.5], np.float32)
    )
    model = replace(tiny_model(), pair_quantities=quantities)
    shop = Recommender(model, tiny_customers())

    def pieces(quantity: float) -> dict[str, int]:
        found = shop.suggest([("butter", quantity)], placement="add-on")
        return {suggestion.item_id: suggestion.quantity for suggestion in found}

    assert pieces(1) == {"bread": 2, "wine": 1}
    assert pieces(3)["bread"] == 4  # 4.5 pieces: half a piece is not rounded up
    assert pieces(4)["bread"] == 6
    assert pieces(1000)["bread"] == 40  # all there are
    assert pieces(1e300)["bread"] == 40
    twice = shop.suggest([("butter", 2), "coffee", ("butter", 2)], placement="add-on")
    assert {s.item_id: s.quantity for s in twice}["bread"] == 6
    assert {s.quantity for s in shop.suggest([("butter", 4)], placement="cross-sell")} == {1}
    assert pieces_beside(model, BREAD, BUTTER, 5) == 1
    assert pieces_beside(model, BREAD, DELIVERY) == 1


def test_a_box_holds_the_pieces_that_go_with_one(monkeypatch):
    """Two loaves to a piece of butter; 40 loaves and 12 pieces make 12, 20 loaves 10."""
    quantities = PairQuantities(np.array([entry(BUTTER, BREAD)]), np.array([2], np.float32), np.zeros(1, np.float32))
    model = replace(tiny_model(), pair_quantities=quantities)
    box = Recommender(model).bundle("butter")
    assert box is not None
    assert box.add_to_cart == [{"item_id": "butter", "quantity": 1}, {"item_id": "bread", "quantity": 2}]
    assert (box.price, box.available) == (8.0, 12)
    stock = tiny_catalog().stock.copy()
    stock[BREAD] = 21
    fewer = Recommender(model, None, replace(tiny_catalog(), stock=stock)).bundle("butter")
    assert fewer is not None
    assert fewer.available == 10
