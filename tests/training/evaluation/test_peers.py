"""Every peer on a tiny shop, against the same arithmetic written out naively."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from scipy import sparse

from training.baskets import Baskets
from training.evaluation.lists import Lists, Score, ranked
from training.evaluation.peers import FAMILIES
from training.evaluation.peers.family import Family, History
from training.evaluation.peers.item_item import asymmetric_cosine, confidence, implicit_neighbours, lift
from training.evaluation.peers.linear import ease
from training.evaluation.peers.next_basket import tifu_knn
from training.evaluation.peers.personal import hand_blend, personal_frequency
from training.evaluation.peers.popularity import popularity
from training.evaluation.questions import Questions, second_half
from training.evaluation.tuning import tune

ITEMS = 9
STRANGER = np.array([-1], np.int32)


@pytest.fixture
def history(make_baskets: Callable[..., Baskets]) -> History:
    random = np.random.default_rng(3)
    orders = [random.choice(ITEMS - 1, size=random.integers(1, 5), replace=False).tolist() for _ in range(40)]
    customers = random.integers(-1, 4, size=40).tolist()
    return History(make_baskets(orders, items=ITEMS, customers=customers))


def sets_of(history: History) -> list[set[int]]:
    offsets, items = history.baskets.offsets, history.baskets.items
    return [set(items[offsets[order] : offsets[order + 1]].tolist()) for order in range(len(history.baskets))]


def scores(score: Score, cart: list[int], customers: np.ndarray = STRANGER) -> np.ndarray:
    row = sparse.csr_matrix((np.ones(len(cart), np.float32), ([0] * len(cart), cart)), shape=(1, ITEMS))
    rows, values = score(row, customers).candidates(0)
    full = np.zeros(ITEMS)
    full[rows] = values
    return full


def summed(history: History, cart: list[int], weight: Callable[[int, int, int, int], float]) -> np.ndarray:
    """Sum over the cart of ``weight(c_ij, n_i, n_j, N)``."""
    sets = sets_of(history)
    full = np.zeros(ITEMS)
    for i, j in product(cart, range(ITEMS)):
        both = sum({i, j} <= basket for basket in sets)
        if i != j and both:
            full[j] += weight(both, sum(i in b for b in sets), sum(j in b for b in sets), len(sets))
    return full


def test_confidence(history: History) -> None:
    expected = summed(history, [0, 3], lambda both, first, _second, _all: both / first)
    assert scores(confidence(history, {}), [0, 3]) == pytest.approx(expected, rel=1e-6)


def test_lift(history: History) -> None:
    expected = summed(history, [1, 4], lambda both, first, second, total: both * total / (first * second))
    assert scores(lift(history, {}), [1, 4]) == pytest.approx(expected, rel=1e-6)


def test_asymmetric_cosine(history: History) -> None:
    expected = summed(history, [2, 5], lambda both, first, second, _all: both / (first**0.7 * second**0.3 + 10))
    found = scores(asymmetric_cosine(history, {"exponent": 0.7, "shrinkage": 10}), [2, 5])
    assert found == pytest.approx(expected, rel=1e-6)


def test_ease_in_closed_form(history: History) -> None:
    x = history.matrix.toarray()[:, : ITEMS - 1].astype(np.float64)
    inverse = np.linalg.inv(x.T @ x + 5 * np.eye(ITEMS - 1))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)

    found = scores(ease(history, {"regularization": 5}), [0, 6])

    assert found[: ITEMS - 1] == pytest.approx(weights[0] + weights[6], abs=1e-5)


def test_popularity_of_all_and_of_the_latest_baskets(history: History) -> None:
    sets = sets_of(history)
    for share, part in ((1.0, sets), (0.1, sets[-4:])):
        expected = [sum(item in basket for basket in part) for item in range(ITEMS)]
        assert scores(popularity(history, {"latest_share": share}), [0]).tolist() == expected


def test_personal_frequency_fades(history: History) -> None:
    customers, times = history.baskets.customers, history.baskets.times
    expected = np.zeros((2, ITEMS))
    for order, basket in enumerate(sets_of(history)):
        if customers[order] == 2:
            age = (times[-1] - times[order]) / 86_400
            for item in basket:
                expected[:, item] += [1, np.exp(-age / 30)]
    customer = np.array([2], np.int32)

    for days, row in ((None, 0), (30, 1)):
        found = scores(personal_frequency(history, {"fading_days": days}), [0], customer)
        assert found == pytest.approx(expected[row], rel=1e-5)
    assert not scores(personal_frequency(history, {"fading_days": None}), [0]).any()


def test_the_hand_blend_of_both(history: History) -> None:
    customer = np.array([1], np.int32)
    by_cart = scores(asymmetric_cosine(history, {"exponent": 0.7, "shrinkage": 10}), [0, 2])
    own = scores(personal_frequency(history, {"fading_days": 90}), [0], customer)

    found = scores(hand_blend(history, {"weight": 0.5, "fading_days": 90}), [0, 2], customer)

    assert found == pytest.approx(by_cart / by_cart.max() + 0.5 * own / own.max(), rel=1e-5)


def test_tifu_knn_by_hand(make_baskets: Callable[..., Baskets]) -> None:
    """Customer 0 has four orders: groups of one or two from the end, {3}+{2} (2 the latest), {1}+{0}; decays .5 and .1.

    Customer 1 took items 4, 5 and 6, customer 2 items 2 and 0; the nearest of customer 0 is itself, then 2.
    """
    orders, customers = [[0], [1], [3], [2], [4, 5, 6], [2, 0]], [0, 0, 0, 0, 1, 2]
    history = History(make_baskets(orders, items=ITEMS, customers=customers))
    parameters = {"order_decay": 0.5, "group_decay": 0.1, "own": 0.75}
    own = np.array([0.0125, 0.025, 0.25, 0.125, 0, 0, 0, 0, 0])
    other = np.array([1, 0, 1, 0, 0, 0, 0, 0, 0])

    for neighbours, near in ((1, own), (2, (own + other) / 2)):
        found = scores(tifu_knn(history, parameters | {"neighbours": neighbours}), [7], np.array([0], np.int32))
        assert found == pytest.approx(0.75 * own + 0.25 * near, rel=1e-6)


def questions_of(make_baskets: Callable[..., Baskets], orders: list[list[int]]) -> Questions:
    from training.evaluation.questions import Later

    baskets = make_baskets(orders, items=ITEMS, customers=[0] * len(orders), has_line_order=True)
    return second_half(Later(baskets, 0, len(orders), np.ones(ITEMS, np.bool_), 100, 0))


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_peer_lists_sold_items_once_and_none_of_the_cart(
    family: Family, history: History, make_baskets: Callable[..., Baskets]
) -> None:
    questions = questions_of(make_baskets, [[0, 1, 2], [3, 4], [5, 6, 7, 0], [1, 8]])

    for parameters in family.grid:
        lists = ranked(family.fit(history, parameters), questions, history.most_sold, ITEMS)
        for cart in range(len(questions)):
            listed = lists.rows[cart][lists.rows[cart] >= 0].tolist()
            assert sorted(listed) == sorted(set(range(ITEMS - 1)) - set(questions.cart(cart).tolist()))


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_peer_gives_the_same_twice(family: Family, history: History, make_baskets: Callable[..., Baskets]) -> None:
    questions = questions_of(make_baskets, [[0, 1, 2], [3, 4, 5, 6]])

    def once() -> Lists:
        fresh = History(history.baskets, seed=5)
        return ranked(family.fit(fresh, family.grid[0]), questions, fresh.most_sold, ITEMS)

    assert once().rows.tolist() == once().rows.tolist()


def test_lists_go_by_score_then_sales(history: History, make_baskets: Callable[..., Baskets]) -> None:
    questions = questions_of(make_baskets, [[0, 1]])
    values = np.array([[9, 0, 2, 2, 0, 0, 0, 0, 99]], np.float32)

    def score(carts: sparse.csr_matrix, _customers: np.ndarray) -> object:
        from training.evaluation.lists import Scored

        return Scored(np.repeat(values, carts.shape[0], axis=0))

    listed = ranked(score, questions, history.most_sold, ITEMS).rows[0]

    cart = questions.cart(0).tolist()
    by_sales = [item for item in history.most_sold.tolist() if item not in cart]
    tied = [item for item in by_sales if item in (2, 3)]
    assert listed[: len(by_sales)].tolist() == tied + [item for item in by_sales if item not in tied]


def test_tuning_takes_the_highest_hit_rate_and_the_first_of_equals(
    history: History, make_baskets: Callable[..., Baskets]
) -> None:
    questions = questions_of(make_baskets, [[0, 1]] * 3)

    def fit(_history: History, parameters: dict) -> Score:
        from training.evaluation.lists import Scored

        def score(carts: sparse.csr_matrix, _customers: np.ndarray) -> Scored:
            weights = np.zeros((carts.shape[0], ITEMS), np.float32)
            weights[:, parameters["item"]] = parameters["sign"]
            return Scored(weights)

        return score

    family = Family("made up", fit, ({"item": 1, "sign": -1}, {"item": 1, "sign": 1}, {"item": 1, "sign": 2}))
    tuned = tune(family, history, questions)

    assert [rate for _, rate in tuned.tried] == [1.0, 1.0, 1.0]
    assert tuned.parameters == {"item": 1, "sign": -1}


def test_without_questions_a_peer_keeps_its_first_parameters(
    history: History, make_baskets: Callable[..., Baskets]
) -> None:
    none = questions_of(make_baskets, [[0], [1]])

    for family in FAMILIES:
        assert tune(family, history, none).parameters == family.grid[0]
        assert tune(family, history, none).tried == ()


def test_an_order_of_all_items_but_one_has_no_weight_and_warns_nobody(make_baskets: Callable[..., Baskets]) -> None:
    history = History(make_baskets([list(range(ITEMS - 1))] * 9, items=ITEMS))
    score = implicit_neighbours(history, {"weights": "tfidf", "K": 5})
    assert np.isfinite(scores(score, [0, 1])).all()
