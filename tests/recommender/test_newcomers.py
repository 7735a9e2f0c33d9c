"""New items: the arithmetic of their scores, and what `--new-only` promises."""

from dataclasses import replace

import numpy as np
import pytest
from generated_models import ids, models
from hypothesis import given
from hypothesis import strategies as st
from tiny_shop import BAKERY, BREAD, COFFEE, DAIRY, DRINKS, JAM, MILK, TEA, tiny_model

from recommender.cart import parse_cart
from recommender.engine import Recommender
from recommender.newcomers import Affinities, Newcomers, NewItems, goes_with_most
from recommender.placements import PLACEMENTS, Question, shelf_of
from recommender.ranker.rank import Ranker
from recommender.ranker.shop import past_of, shop_of

SPREAD, RED = range(2)


def affinities(traits: int, known: dict[int, list[tuple[int, float]]]) -> Affinities:
    rows = [known.get(trait, []) for trait in range(traits)]
    return Affinities(
        offsets=np.cumsum([0, *map(len, rows)]).astype(np.int64),
        items=np.array([other for row in rows for other, _ in row], np.int32),
        scores=np.array([score for row in rows for _, score in row], np.float32),
    )


def tiny_newcomers() -> Newcomers:
    """Bakery goes with dairy (2) and drinks (1); brand 0 with brand 1 (1); the word red with spread (4).

    Jam's title is spread and red by halves, bread's is red alone.
    """
    return Newcomers(
        unsold=np.zeros(8, np.uint8),
        home=np.array([BAKERY, DAIRY, DRINKS, 4, 1, DAIRY, DRINKS, -1], np.int32),
        categories=affinities(5, {BAKERY: [(DAIRY, 2.0), (DRINKS, 1.0)], DAIRY: [(DRINKS, 1.5)]}),
        brands=affinities(2, {0: [(1, 1.0)]}),
        words=affinities(2, {RED: [(SPREAD, 4.0)]}),
        word_offsets=np.array([0, 1, 1, 1, 1, 3, 3, 3, 3], np.int64),
        word_rows=np.array([RED, SPREAD, RED], np.int32),
        word_weights=np.array([1, 0.5, 0.5], np.float32),
    )


def shop(unsold: list[int], stock: dict[int, float] | None = None) -> Recommender:
    """The tiny shop in which some items are new; jam is in stock again."""
    model = tiny_model()
    orders, left = model.item_orders.copy(), model.catalog.stock.copy()
    orders[unsold] = 0
    left[JAM] = np.nan
    for row, pieces in (stock or {}).items():
        left[row] = pieces
    catalog = replace(model.catalog, stock=left)
    newcomers = replace(tiny_newcomers(), unsold=(orders == 0).astype(np.uint8))
    return Recommender(replace(model, catalog=catalog, item_orders=orders, newcomers=newcomers))


def scores(rows: list[int], *cart: int) -> list[float]:
    items = NewItems(tiny_newcomers(), tiny_model().catalog, np.array(rows, np.int32))
    return items.scores(np.array(cart, np.int32)).tolist()


def test_a_score_is_category_and_three_tenths_of_brand_and_words():
    """Beside bread: milk 2 + 0.3 · 1; coffee 1; jam 0.3 · 0.5 · 4."""
    assert scores([COFFEE, JAM, MILK], BREAD) == pytest.approx([1.0, 0.6, 2.3])


def test_the_best_item_of_the_cart_counts():
    assert scores([COFFEE], BREAD, MILK) == [1.5]
    assert scores([COFFEE]) == [0.0]
    assert scores([]) == []


def test_the_item_that_it_goes_with_most():
    found = goes_with_most(
        tiny_newcomers(), tiny_model().catalog, np.array([BREAD, MILK], np.int32), np.array([COFFEE, JAM, 7], np.int32)
    )
    assert [array.tolist() for array in found] == [[MILK, BREAD, -1], [True, False, False]]


def test_new_only_ranks_items_without_an_order_and_makes_up_no_counts():
    answer = shop([COFFEE, JAM, MILK]).answer(["bread"], new_only=True)
    assert [(s.item_id, s.score, s.reason.as_json()) for s in answer.suggestions] == [
        ("milk", pytest.approx(2.3), {"kind": "new", "because": ["bread"], "text": "new, goes with Bakery"}),
        ("coffee", 1.0, {"kind": "new", "because": ["bread"], "text": "new, goes with Bakery"}),
        ("jam", pytest.approx(0.6), {"kind": "new", "because": ["bread"], "text": "new, goes with Brown bread"}),
    ]
    assert answer.fallback is None


def test_new_items_that_go_with_nothing_of_the_cart_are_only_new():
    answer = shop([COFFEE, JAM]).answer(["wine"], new_only=True)
    assert [(s.item_id, s.reason.as_json()) for s in answer.suggestions] == [
        ("coffee", {"kind": "new", "because": [], "text": "new"}),
        ("jam", {"kind": "new", "because": [], "text": "new"}),
    ]


def test_new_items_are_sellable_no_variant_of_the_cart_and_not_on_the_page():
    assert [s.item_id for s in shop([COFFEE, JAM], {JAM: 0}).answer(["bread"], new_only=True).suggestions] == ["coffee"]
    assert shop([COFFEE]).answer(["tea"], new_only=True).suggestions == []
    assert shop([COFFEE]).answer(["bread"], new_only=True, exclude=["coffee"]).suggestions == []


def test_a_shop_without_new_items_has_none():
    assert Recommender(tiny_model()).answer(["bread"], new_only=True).suggestions == []


def test_in_a_cart_new_items_stand_between_what_is_ranked_and_the_last_resorts():
    """Of the items of fewer than five orders, coffee, tea and jam go with bread."""
    model = replace(tiny_model(), newcomers=tiny_newcomers())
    cart = parse_cart(model.catalog, ["bread"])
    ranker = Ranker(shop_of(model), past_of(None), model.ranker)
    question = Question(model, cart, np.eye(2, dtype=np.float32), ranker, -1, 0, None, shelf_of(model))
    links = list(PLACEMENTS["cross-sell"](question))
    assert [link.source for link in links] == ["ranker", "factors", "new", "category", "bestseller"]
    assert links[2].rows.tolist() == [COFFEE, TEA, JAM]
    assert links[2].scores.tolist() == pytest.approx([1.0, 1.0, 0.6])


@given(models(), st.data())
def test_new_only_never_shows_an_item_that_was_sold(model, data):
    shop = Recommender(model)
    known = list(model.catalog.item_ids)
    cart = data.draw(st.lists(st.sampled_from(known) | ids if known else ids, max_size=4))
    placement = data.draw(st.sampled_from(sorted(PLACEMENTS)))
    answer = shop.answer(cart, placement=placement, k=100, new_only=True)
    rows = [model.catalog.row(suggestion.item_id) for suggestion in answer.suggestions]
    assert len(set(rows)) == len(rows)
    for row, suggestion in zip(rows, answer.suggestions, strict=True):
        assert model.item_orders[row] == 0
        assert suggestion.item_id not in cart
        assert suggestion.reason.kind == "new"
        assert set(suggestion.reason.because) <= set(cart)
        assert suggestion.reason.count is None
        assert suggestion.probability is None
    listed = [suggestion.score for suggestion in answer.suggestions]
    assert listed == sorted(listed, reverse=True)
