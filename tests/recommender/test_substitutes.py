"""Substitutes and variants: barred beside the cart, offered instead of its last item."""

from dataclasses import replace

import numpy as np
from generated_models import ids, models
from hypothesis import given
from hypothesis import strategies as st
from tiny_shop import BREAD, BUTTER, COFFEE, ITEM_IDS, MILK, TEA, tiny_catalog, tiny_customers, tiny_model

from recommender.engine import Recommender
from recommender.placements import WITHOUT_SUBSTITUTES
from recommender.policy import Alternatives
from recommender.substitutes import Substitutes, Variants, replacing

INSTEAD = {BUTTER: [MILK], MILK: [BUTTER]}


def tiny_substitutes() -> Substitutes:
    """Milk and butter replace each other, by decree: 2 baskets held both, 9 were expected."""
    return Substitutes(
        offsets=np.cumsum([0, *(len(INSTEAD.get(row, [])) for row in range(len(ITEM_IDS)))]).astype(np.int64),
        items=np.array([MILK, BUTTER], np.int32),
        scores=np.array([0.75, 0.75], np.float32),
        counts=np.array([2, 2], np.int32),
        expected=np.array([9, 9], np.float32),
        customers=np.array([2, 2], np.uint8),
    )


MODEL = replace(tiny_model(), substitutes=tiny_substitutes())
SHOP = Recommender(MODEL, tiny_customers())


def shown(placement: str, *items: str, shop: Recommender = SHOP, **question) -> list[str]:
    return [s.item_id for s in shop.answer(items, placement=placement, k=100, **question).suggestions]


def test_what_replaces_a_cart():
    assert replacing(MODEL.substitutes, [BREAD, BUTTER]) == {MILK}
    assert replacing(MODEL.substitutes, []) == set()
    variants = Variants(tiny_catalog().item_group)
    assert variants.of([COFFEE, BREAD]) == {COFFEE, TEA}
    assert Alternatives(MODEL).of(np.array([BREAD, BUTTER, TEA], np.int32)) == {MILK, COFFEE, TEA}


def test_substitutes_are_kept_out_of_every_placement_that_adds_to_the_cart():
    without_guard = Recommender(MODEL, tiny_customers(), substitutes=False)
    for placement in WITHOUT_SUBSTITUTES:
        assert "milk" not in shown(placement, "bread", "butter")
        if placement != "add-on":  # milk costs more than most of butter's price
            assert "milk" in shown(placement, "bread", "butter", shop=without_guard)


def test_another_shelf_keeps_the_setting():
    without_guard = Recommender(MODEL, substitutes=False).with_catalog(tiny_catalog())
    assert "milk" in shown("cross-sell", "butter", shop=without_guard)
    assert "milk" not in shown("cross-sell", "butter", shop=SHOP.with_catalog(tiny_catalog()))


def test_what_a_customer_buys_again_is_allowed_unless_it_replaces_something_in_the_cart():
    """Ann bought bread, butter, jam and milk before."""
    assert "milk" in shown("cross-sell", "bread", customer_id="ann")
    assert "milk" not in shown("cross-sell", "bread", "butter", customer_id="ann")


def test_similar_is_what_is_bought_instead_of_the_last_item():
    """Butter: milk; bread is claimed to go with butter, so it does not fill up, nor jam, which is sold out."""
    answer = SHOP.answer(["wine", "butter"], placement="similar")
    first = answer.suggestions[0]
    assert (first.item_id, first.score, first.probability) == ("milk", 0.75, None)
    reason = first.reason.as_json()
    assert reason.pop("confidence_low") < reason["confidence"] < reason.pop("confidence_high")
    assert reason == {
        "kind": "similar",
        "because": ["butter"],
        "count": 2,
        "of": 6,
        "confidence": 2 / 6,
        "lift": (2 / 6) / (6 / 12),
        "customers": 2,
        "text": "instead of Salted butter: 2 baskets held both where 9.0 were expected",
    }
    assert "bread" not in shown("similar", "butter")
    assert answer.fallback == "bestseller"


def test_variants_are_similar_too():
    answer = SHOP.answer(["tea"], placement="similar", k=1)
    assert [(s.item_id, s.reason.as_json()) for s in answer.suggestions] == [
        ("coffee", {"kind": "similar", "because": ["tea"], "text": "another variant of Tea"})
    ]
    assert answer.fallback is None


def test_nothing_is_similar_to_an_empty_cart():
    assert SHOP.answer([], placement="similar").fallback == "bestseller"


@given(models(), st.data())
def test_no_substitute_and_no_variant_of_the_cart_is_shown_beside_it(model, data):
    known = list(model.catalog.item_ids)
    cart = data.draw(st.lists(st.sampled_from(known) | ids if known else ids, max_size=4))
    placement = data.draw(st.sampled_from(sorted(WITHOUT_SUBSTITUTES)))
    rows = [model.catalog.row(item) for item in cart if model.catalog.row(item) >= 0]
    groups = {int(model.catalog.item_group[row]) for row in rows} - {-1}
    new_only = data.draw(st.booleans())
    for suggestion in Recommender(model).answer(cart, placement=placement, k=100, new_only=new_only).suggestions:
        row = model.catalog.row(suggestion.item_id)
        assert not set(rows) & set(model.substitutes.items[model.substitutes.entries(row)].tolist())
        assert int(model.catalog.item_group[row]) not in groups


@given(models(), st.data())
def test_similar_rests_on_the_last_item(model, data):
    known = list(model.catalog.item_ids)
    cart = data.draw(st.lists(st.sampled_from(known), max_size=3)) if known else []
    for suggestion in Recommender(model).answer(cart, placement="similar", k=100).suggestions:
        assert suggestion.item_id not in cart
        if suggestion.reason.kind == "similar":
            assert suggestion.reason.because == (cart[-1],)
