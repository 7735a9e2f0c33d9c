"""What must hold for any cart and any model."""

import math
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from generated_models import customers_of, models
from hypothesis import given
from hypothesis import strategies as st
from tiny_shop import BREAD, ITEM_IDS, logit, tiny_catalog, tiny_customers, tiny_manifest, tiny_model, tiny_ranker

from recommender import load
from recommender.catalog import Catalog
from recommender.engine import MAX_K, PLACEMENTS, Recommender
from recommender.model import Bestsellers, Companions, CountedBaskets, Factors, LongRules, Model, Pairs
from recommender.newcomers import Newcomers
from recommender.placements import WITHOUT_SUBSTITUTES, WITHOUT_VARIANTS
from recommender.ranker.signals import ITEM_SIGNALS
from recommender.store import Store
from recommender.strings import StringColumn
from recommender.substitutes import Substitutes
from recommender.suggestion import Answer

SHOP = Recommender(tiny_model(), tiny_customers())
BY_THE_LAST_ITEM = {"add-on", "similar", "upsell"}
HAD = {"ann": {"bread", "butter", "jam", "milk"}, "bob": {"coffee", "delivery", "milk"}, "zoë": {"wine"}}
SELLABLE = {"bread", "butter", "coffee", "delivery", "milk", "wine"}

carts = st.lists(st.sampled_from([*ITEM_IDS, "x", "y"]), max_size=12)
placements = st.sampled_from(list(PLACEMENTS))
customers = st.sampled_from([None, "ann", "bob", "zoë", "nobody"])


def near(value: float) -> Any:
    """The kernel counts in float32."""
    return pytest.approx(value, rel=1e-6)


@given(carts, placements, customers, st.lists(st.sampled_from([*ITEM_IDS, "x"])), st.integers(1, MAX_K))
def test_only_what_may_be_shown(cart: list[str], placement: str, customer: str | None, exclude: list[str], k: int):
    answer = SHOP.answer(cart, placement=placement, customer_id=customer, exclude=exclude, k=k)
    shown = [suggestion.item_id for suggestion in answer.suggestions]
    assert len(shown) == len(set(shown)) <= k
    free = SELLABLE - set(cart) - set(exclude)
    if "tea" in cart and placement in WITHOUT_SUBSTITUTES | WITHOUT_VARIANTS:
        free -= {"coffee"}
    assert set(shown) <= free
    if placement == "buy-again":
        free &= HAD.get(str(customer), free)
    if placement not in BY_THE_LAST_ITEM:
        assert len(shown) == min(k, len(free))
    assert answer.missing_items == [item for item in dict.fromkeys(cart) if item not in ITEM_IDS]


@given(carts, placements, customers, st.randoms(use_true_random=False))
def test_the_order_of_a_cart_changes_nothing(cart: list[str], placement: str, customer: str | None, random: Any):
    known = [item for item in cart if item in ITEM_IDS]
    last = known[-1:] if placement in BY_THE_LAST_ITEM else []
    shuffled = [*random.sample(cart, len(cart)), *last]
    answer = SHOP.answer(cart, placement=placement, customer_id=customer)
    other = SHOP.answer(shuffled, placement=placement, customer_id=customer)
    assert other.suggestions == answer.suggestions
    assert other.fallback == answer.fallback
    assert set(other.missing_items) == set(answer.missing_items)


@given(carts, placements, st.lists(st.floats(0, exclude_min=True, allow_infinity=False), min_size=12, max_size=12))
def test_quantities_and_repetitions_change_nothing(cart: list[str], placement: str, quantities: list[float]):
    weighed = list(zip(cart, quantities, strict=False))
    assert SHOP.answer([*weighed, *cart], placement=placement) == SHOP.answer(cart, placement=placement)


@given(carts, placements, customers, st.integers(1, 9))
def test_a_larger_k_only_appends(cart: list[str], placement: str, customer: str | None, k: int):
    fewer = SHOP.answer(cart, placement=placement, customer_id=customer, k=k).suggestions
    more = SHOP.answer(cart, placement=placement, customer_id=customer, k=k + 1).suggestions
    assert more[:k] == fewer


@given(carts, placements, customers)
def test_the_fallback_names_the_last_resort(cart: list[str], placement: str, customer: str | None):
    answer = SHOP.answer(cart, placement=placement, customer_id=customer)
    kinds = [suggestion.reason.kind for suggestion in answer.suggestions]
    last = kinds[-1] if kinds else None
    if kinds and set(kinds) == {"bestseller"}:
        assert answer.fallback == "bestseller"
    elif answer.fallback is None:
        assert last != "category"
    else:
        assert last == answer.fallback
    assert placement == "cross-sell" or kinds == sorted(kinds, key=_is_last_resort)


def _is_last_resort(kind: str) -> int:
    return ["category", "bestseller"].index(kind) + 1 if kind in {"category", "bestseller"} else 0


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Recommender:
    root = tmp_path_factory.mktemp("store")
    Store(root).publish(tiny_model(), tiny_customers(), promote=True, now=datetime(2026, 11, 21, tzinfo=UTC))
    return load(str(root))


@given(carts, placements, customers)
def test_a_model_that_was_saved_and_loaded_gives_the_same_answers(
    loaded: Recommender, cart: list[str], placement: str, customer: str | None
):
    answer = SHOP.answer(cart, placement=placement, customer_id=customer)
    assert loaded.answer(cart, placement=placement, customer_id=customer).as_json() == answer.as_json()


@given(models(), st.data())
def test_any_model_answers_any_cart(model: Model, data: st.DataObject):
    histories = data.draw(customers_of(model))
    shop = Recommender(model, histories)
    ids = list(model.catalog.item_ids)
    cart = data.draw(st.lists(st.one_of(st.sampled_from(ids), st.text(max_size=3)) if ids else st.text(max_size=3)))
    placement, k = data.draw(placements), data.draw(st.integers(1, MAX_K))
    customer = data.draw(st.sampled_from([None, *histories.customer_ids]))
    at = data.draw(st.one_of(st.none(), st.datetimes(timezones=st.just(UTC))))
    answer = shop.answer(cart, placement=placement, customer_id=customer, k=k, at=at)
    shown = [suggestion.item_id for suggestion in answer.suggestions]
    sellable = {item for item, may in zip(ids, model.catalog.sellable(), strict=True) if may}
    assert len(shown) == len(set(shown)) <= k
    assert set(shown) <= sellable - set(cart)
    for suggestion in answer.suggestions:
        assert math.isfinite(suggestion.score)
        assert suggestion.probability is None or 0 <= suggestion.probability <= 1
        reason = suggestion.reason
        assert reason.count is None or 0 <= reason.count <= (reason.of or 0)


def ring(items: int) -> Model:
    """Every item met the one after it twice and the next once, basket i held i and i + 1, and the first ten sell best.

    Scores are ½ and ¼, log shares 0.
    """
    ids, nothing = [f"{item:05}" for item in range(items)], np.empty(0, np.int32)
    rows = np.arange(items)
    unknown, none = np.full(items, math.nan), np.full(items, -1, np.int32)
    catalog = Catalog(
        StringColumn.of(ids),
        StringColumn.of([""] * items),
        none,
        StringColumn.of([]),
        nothing,
        none,
        StringColumn.of([]),
        none,
        *[unknown] * 3,
        np.ones(items, np.uint8),
        *[np.zeros(items, np.uint8)] * 3,
    )
    after = np.stack([(rows + 1) % items, (rows + 2) % items], axis=1).reshape(-1).astype(np.int32)
    pairs = Pairs(
        offsets=np.arange(0, 2 * items + 1, 2),
        items=after,
        counts=np.tile(np.array([2, 1], np.int32), items),
        scores=np.tile(np.array([0.5, 0.25], np.float32), items),
        weighted=np.zeros(2 * items, np.float32),
        ease=np.zeros(2 * items, np.float32),
        claimed=np.ones(2 * items, np.uint8),
        customers=np.ones(2 * items, np.uint8),
    )
    best = np.arange(10, dtype=np.int32)
    bestsellers = Bestsellers(
        best, best, np.zeros(1, np.int64), *[nothing] * 3, np.empty(0, np.float32), np.empty(0, np.uint8)
    )
    neighbours = np.stack([rows, (rows + 1) % items], axis=1)
    before = np.sort(np.stack([(rows - 1) % items, rows], axis=1), axis=1)
    pairwise = [array.reshape(-1).astype(np.int32) for array in (np.sort(neighbours, axis=1), before)]
    twos = np.arange(0, 2 * items + 1, 2)
    return Model(
        manifest=replace(tiny_manifest(), counts={"baskets": items}),
        catalog=catalog,
        item_orders=np.full(items, 2, np.int32),
        item_customers=np.full(items, 2, np.uint8),
        item_signals=np.zeros((items, len(ITEM_SIGNALS)), np.float32),
        pairs=pairs,
        rules=LongRules.none(items),
        bestsellers=bestsellers,
        companions=Companions(np.zeros(1, np.int64), nothing, np.empty(0, np.float32)),
        newcomers=Newcomers.none(catalog),
        substitutes=Substitutes.none(items),
        counted_baskets=CountedBaskets(twos, pairwise[0], twos, pairwise[1]),
        factors=Factors(*[np.zeros((items, 0), np.float32)] * 2),
        ranker=tiny_ranker(),
        home=tiny_ranker(),
    )


def test_a_cart_of_ten_thousand_items():
    """All but the last eight of a ring: 10,000 meets the two before it (½ + ¼), 10,001 one of them (¼)."""
    shop = Recommender(ring(10_008))
    answer = shop.answer([f"{item:05}" for item in reversed(range(10_000))] + ["x"] * 10_000, placement="cross-sell")
    found = [(s.item_id, s.score) for s in answer.suggestions]
    assert found == [("10000", near(logit(0.75))), ("10001", near(logit(0.25)))]
    assert answer.missing_items == ["x"]


def test_a_cart_of_everything_leaves_nothing():
    answer = SHOP.answer(ITEM_IDS)
    why = "all 8 candidates are left out: 8 in the cart"
    assert answer == Answer("cross-sell", [], [], None, empty_because=why)


def test_neighbours_of_one_score_are_ordered_by_id():
    shop = Recommender(ring(100))
    assert [s.item_id for s in shop.suggest(["00010", "00090", "00050"], k=6)] == [
        f"{item:05}" for item in (11, 51, 91, 12, 52, 92)
    ]


def test_rows_are_sorted_so_the_first_item_is_the_smallest_id():
    assert BREAD == 0
    assert list(tiny_catalog().item_ids) == sorted(ITEM_IDS)
