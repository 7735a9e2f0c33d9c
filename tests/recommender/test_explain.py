"""The evidence of every place: the best-supported share of real baskets, or none."""

from dataclasses import replace

import numpy as np
import pytest
from tiny_shop import (
    BREAD,
    BUTTER,
    COFFEE,
    DELIVERY,
    JAM,
    MILK,
    TEA,
    WINE,
    tiny_catalog,
    tiny_model,
    tiny_rules,
)

from recommender import explain as explain_module
from recommender.cart import parse_cart
from recommender.evidence import Reason, wilson_interval
from recommender.explain import Asker, Evidence, best_rows, explain
from recommender.model import Model
from recommender.placements import Link
from recommender.policy import Pick
from recommender.ranker.inputs import Past, frozen
from recommender.ranker.shop import past_of

NOBODY = Asker(-1, 0)
NO_ORDERS = past_of(None)


def because_of(
    row: int, *items: str, model: Model | None = None, source: str = "pairs", own: Past | None = None
) -> Reason:
    """The reason for an item beside a cart, as a candidate from the pairs or from the ranking."""
    model, cart = model or tiny_model(), parse_cart(tiny_catalog(), items)
    link = Link(source, np.array([row], np.int32), np.array([1.0]), beside=cart.rows)
    (reason,) = explain(
        [Pick(link, 0, row)], Evidence(model, own or NO_ORDERS), NOBODY if own is None else Asker(0, 2**40)
    )
    return reason


def ranked(row: int, *items: str, own: Past | None = None, model: Model | None = None) -> Reason:
    return because_of(row, *items, source="ranker", own=own, model=model)


def orders_of(*orders: tuple[int, ...]) -> Past:
    """The history of one customer, an order a second."""
    lines = np.cumsum([0, *map(len, orders)])
    none = past_of(None)
    past = none._replace(
        order_offsets=np.array([0, len(orders)], np.int64),
        times=np.arange(len(orders), dtype=np.int64),
        line_offsets=lines.astype(np.int64),
        items=np.array([item for order in orders for item in order], np.int32),
    )
    return Past(*map(frozen, past))


def of_source(source: str, row: int) -> Reason:
    link = Link(source, np.array([TEA, row], np.int32), np.array([2.0, 1.0]))
    (reason,) = explain([Pick(link, 1, row)], Evidence(tiny_model(), NO_ORDERS), NOBODY)
    return reason


def test_a_claimed_pair():
    """Bread is in 6 baskets, butter in 5 of them and in 6 of 12: the lift is (5/6) / (6/12) = 5/3."""
    reason = because_of(BUTTER, "bread")
    assert reason == Reason(
        "bought-together", "5 of 6 baskets with Brown bread had it too", ("bread",), 5, 6, pytest.approx(5 / 3), 5
    )


def test_an_unclaimed_pair_is_no_rule():
    """Tea is in 2 baskets, wine in 1 of them and in 2 of 12: the lift is (1/2) / (2/12) = 3."""
    assert because_of(WINE, "tea") == Reason(
        "similar-baskets", "1 of 2 baskets with Tea had it too", ("tea",), 1, 2, pytest.approx(3), 1
    )


def test_a_claimed_pair_goes_before_a_stronger_unclaimed_one():
    """Milk: 2 of 2 baskets with delivery, claimed; made 6 of 6 with bread, unclaimed, that is more, yet no rule."""
    model = tiny_model()
    counts = model.pairs.counts.copy()
    counts[2] = 6
    reason = because_of(MILK, "bread", "delivery", model=replace(model, pairs=replace(model.pairs, counts=counts)))
    assert (reason.kind, reason.because, reason.count, reason.of) == ("bought-together", ("delivery",), 2, 2)


def test_of_several_pairs_the_one_with_the_highest_lower_bound():
    """Bread: 5 of 6 baskets with butter (at least 44%) are better evidence than 2 of 2 with jam (34%)."""
    assert wilson_interval(5, 6)[0] > wilson_interval(2, 2)[0]
    assert because_of(BREAD, "butter", "jam").because == ("butter",)


def test_equal_evidence_goes_to_the_lower_id():
    """Jam: 2 of 6 baskets with bread and 2 of 6 with butter; without the longer rule bread is named."""
    model = tiny_model()
    without = replace(model, rules=replace(tiny_rules(), of=np.array([6, 2, 2], np.int32)))
    reason = because_of(JAM, "butter", "bread", model=without)
    assert (reason.because, reason.count, reason.of) == (("bread",), 2, 6)


def test_a_longer_rule_that_beats_its_pairs():
    """Jam: 2 of 5 baskets with bread and butter (at least 12%), 2 of 6 with either (10%).

    The lift is (2/5) / (2/12) = 2.4.
    """
    assert because_of(JAM, "butter", "bread") == Reason(
        "bought-together",
        "2 of 5 baskets with Brown bread and Salted butter had it too",
        ("bread", "butter"),
        2,
        5,
        pytest.approx(2.4),
        2,
    )


def test_a_longer_rule_that_beats_no_pair_is_not_told():
    """Butter: {bread, jam} gives 2 of 2 (at least 34%), bread alone 5 of 6 (44%)."""
    assert because_of(BUTTER, "bread", "jam").because == ("bread",)


def test_a_rule_about_another_item_is_no_evidence():
    assert because_of(MILK, "bread", "butter").because == ("bread",)


def test_a_longer_rule_makes_a_pair_bought_together():
    """Made 2 of 2, {tea, wine} → milk beats milk's unclaimed 1 of 2 with tea."""
    model = tiny_model()
    rules = replace(
        model.rules,
        offsets=np.array([0, 2, 3, 3, 3, 3, 3, 4, 4], np.int64),
        antecedents=np.array([*model.rules.antecedents.tolist(), [TEA, WINE, -1]], np.int32),
        consequents=np.array([*model.rules.consequents, MILK], np.int32),
        counts=np.array([*model.rules.counts, 2], np.int32),
        of=np.array([*model.rules.of, 2], np.int32),
        customers=np.array([*model.rules.customers, 2], np.uint8),
    )
    reason = because_of(MILK, "tea", "wine", model=replace(model, rules=rules))
    assert (reason.kind, reason.because, reason.count, reason.of) == ("bought-together", ("tea", "wine"), 2, 2)


def test_of_several_longer_rules_the_surest():
    """Wine: 1 of 2 with bread and butter (at least 9%), 5 of 6 with bread and jam (44%), with butter and jam too."""
    model = tiny_model()
    rules = replace(
        model.rules,
        consequents=np.array([WINE, WINE, WINE], np.int32),
        counts=np.array([1, 5, 5], np.int32),
        of=np.array([2, 6, 6], np.int32),
    )
    pairs = replace(model.pairs, items=np.where(model.pairs.items == COFFEE, WINE, model.pairs.items).astype(np.int32))
    reason = because_of(WINE, "bread", "butter", "jam", model=replace(model, rules=rules, pairs=pairs))
    assert (reason.kind, reason.because, reason.count, reason.of) == ("bought-together", ("bread", "jam"), 5, 6)


@pytest.mark.parametrize(
    ("source", "row", "reason"),
    [
        ("factors", COFFEE, Reason("similar-baskets", "baskets like this one often held it")),
        ("home", COFFEE, Reason("similar-customers", "customers who buy alike bought it")),
        ("trending", WINE, Reason("trending", "sold in 2 baskets of late where 0 were expected", customers=2)),
        ("category", BUTTER, Reason("category", "a bestseller in Dairy: in 6 of 12 baskets", (), 6, 12, None, 6)),
        ("category", DELIVERY, Reason("category", "a bestseller in Services: in 2 of 12 baskets", (), 2, 12, None, 2)),
        ("category", WINE, Reason("category", "a bestseller: in 2 of 12 baskets", (), 2, 12, None, 2)),
        ("bestseller", BUTTER, Reason("bestseller", "a bestseller: in 6 of 12 baskets", (), 6, 12, None, 6)),
    ],
)
def test_other_sources(source: str, row: int, reason: Reason):
    assert of_source(source, row) == reason


@pytest.mark.parametrize(("sold", "called"), [(200, 20), (30, 10)])
def test_the_best_tenth_of_what_was_sold_are_called_bestsellers(sold: int, called: int):
    shop = replace(
        tiny_model(),
        item_orders=np.array([1] * sold + [0] * 50, np.int32),
        bestsellers=replace(
            tiny_model().bestsellers,
            items=np.arange(150, dtype=np.int32),
            recent=np.arange(50, 200, dtype=np.int32),
        ),
    )
    assert best_rows(shop) == {*range(called), *range(50, 50 + called)}


def test_an_item_further_down_the_lists_is_told_with_its_count_and_not_called_a_bestseller(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(explain_module, "_LEAST_BEST", 1)
    first = int(tiny_model().bestsellers.items[0])
    for reason_of in (lambda row: ranked(row, "wine"), lambda row: of_source("bestseller", row)):
        assert reason_of(first).text.startswith("a bestseller: in ")
        assert reason_of(BUTTER).text == "in 6 of all 12 baskets"


def without_bestsellers(*rows: int) -> Model:
    """The tiny shop with shorter lists of bestsellers."""
    best = tiny_model().bestsellers
    kept = best.items[~np.isin(best.items, rows)]
    recent = best.recent[~np.isin(best.recent, rows)]
    return replace(tiny_model(), bestsellers=replace(best, items=kept, recent=recent))


def test_a_ranked_item_that_is_claimed_with_the_cart():
    assert ranked(BUTTER, "bread") == because_of(BUTTER, "bread")
    assert ranked(DELIVERY, "milk").kind == "bought-together"


def test_a_claimed_pair_is_told_even_where_the_item_sells_more_without_it():
    """Jam: made 2 of 40 baskets with bread (claimed) against 2 of 12 in all."""
    model = tiny_model()
    orders = model.item_orders.copy()
    orders[BREAD] = 40
    assert ranked(JAM, "bread", model=replace(model, item_orders=orders)).kind == "bought-together"


def test_a_ranked_item_that_the_cart_says_nothing_about_is_a_bestseller():
    """Milk: 2 of 6 baskets with bread, against 6 of 12 in all."""
    assert ranked(MILK, "bread") == Reason("bestseller", "a bestseller: in 6 of 12 baskets", (), 6, 12, None, 6)


def test_a_share_among_like_baskets_that_is_surely_above_the_share_of_all():
    """Milk made 6 of 6 baskets with bread: at least 61%, above its 6 of 12, and no claim."""
    model = tiny_model()
    counts = model.pairs.counts.copy()
    counts[2] = 6
    reason = ranked(MILK, "bread", model=replace(model, pairs=replace(model.pairs, counts=counts)))
    assert (reason.kind, reason.because, reason.count, reason.of) == ("similar-baskets", ("bread",), 6, 6)


def test_a_ranked_item_that_is_no_bestseller_is_told_by_what_it_met():
    """Coffee: 1 of 6 baskets with bread is little, but all that there is once it is in no list of bestsellers."""
    reason = ranked(COFFEE, "bread", model=without_bestsellers(COFFEE))
    assert (reason.kind, reason.because, reason.count, reason.of) == ("similar-baskets", ("bread",), 1, 6)


def test_a_ranked_item_that_sold_best_of_late_is_a_bestseller():
    """Wine met nothing of the cart and stands in the recent list alone."""
    best = tiny_model().bestsellers
    model = replace(tiny_model(), bestsellers=replace(best, items=best.items[best.items != WINE]))
    assert ranked(WINE, "bread", model=model).kind == "bestseller"


def test_what_the_customer_bought_before():
    """Butter in 4 of 4 own orders: at least 51%, more than 5 of 6 baskets with bread (44%)."""
    own = orders_of((BUTTER,), (BUTTER, JAM), (BUTTER,), (BUTTER,))
    assert wilson_interval(4, 4)[0] > wilson_interval(5, 6)[0]
    assert ranked(BUTTER, "bread", own=own) == Reason(
        "buy-again", "in 4 of 4 earlier orders of this customer", (), 4, 4, None, 1
    )


def test_baskets_that_say_more_than_the_customers_own_orders():
    """Butter in 1 of 1 own orders: at least 21%."""
    assert ranked(BUTTER, "bread", own=orders_of((BUTTER,))).kind == "bought-together"


def test_an_item_of_the_customer_that_met_nothing_of_the_cart():
    assert ranked(WINE, "bread", own=orders_of((WINE,), (JAM,))).count == 1
    assert ranked(WINE, own=orders_of((WINE,))).kind == "buy-again"


def test_orders_from_the_time_of_the_cart_on_do_not_count():
    """Of four orders with butter, in the seconds 0 to 3, two lie before second 2."""
    link = Link("ranker", np.array([WINE, BUTTER], np.int32), np.array([2.0, 1.0]), beside=np.empty(0, np.int32))
    own = orders_of((BUTTER,), (BUTTER, JAM), (BUTTER,), (BUTTER,))
    (reason,) = explain([Pick(link, 1, BUTTER)], Evidence(tiny_model(), own), Asker(0, 2))
    assert (reason.kind, reason.count, reason.of) == ("buy-again", 2, 2)


def test_other_items_of_the_customer_are_no_evidence():
    assert ranked(BUTTER, "bread", own=orders_of((JAM,), (TEA,))) == because_of(BUTTER, "bread")


def test_what_the_customers_history_leads_to():
    """Delivery goes with what Ann bought: no pair with the cart, no own order, no bestseller."""
    reason = ranked(DELIVERY, own=orders_of((BREAD,)), model=without_bestsellers(DELIVERY))
    assert reason == Reason("similar-baskets", "often bought with what this customer bought before")


def test_what_baskets_like_a_strangers_cart_held():
    """Delivery met nothing of the cart, and a stranger bought nothing before."""
    for own in (None, orders_of()):
        reason = ranked(DELIVERY, "bread", own=own, model=without_bestsellers(DELIVERY))
        assert reason == Reason("similar-baskets", "baskets like this one often held it")


def test_many_places_of_several_sources_are_explained_in_their_order():
    model, cart = tiny_model(), parse_cart(tiny_catalog(), ["bread"])
    ranker = Link("ranker", np.array([BUTTER, MILK], np.int32), np.array([2.0, 1.0]), beside=cart.rows)
    last = Link("bestseller", np.array([TEA, WINE], np.int32), np.array([2.0, 2.0]))
    picks = [Pick(link, place, int(link.rows[place])) for link in (ranker, last) for place in range(2)]
    reasons = explain(picks, Evidence(model, NO_ORDERS), NOBODY)
    assert [(reason.kind, reason.count) for reason in reasons] == [
        ("bought-together", 5),
        ("bestseller", 6),
        ("bestseller", 2),
        ("bestseller", 2),
    ]
