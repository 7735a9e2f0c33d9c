"""The miner in scikit-learn's shape."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from mining_oracle import itemsets_of, matrix_of, shop
from mlxtend.frequent_patterns import association_rules, fpgrowth
from scipy import sparse

from recommender.errors import UsageError
from training.estimators import AssociationMiner, NotFittedError
from training.rule_metrics import METRICS

BASKETS = shop(0, 200, 8)
MATRIX = matrix_of(BASKETS, 8)


@pytest.mark.parametrize(
    "X",
    [
        MATRIX,
        sparse.csc_array(MATRIX),
        MATRIX.toarray(),
        MATRIX.toarray().astype(bool),
        pd.DataFrame(MATRIX.toarray().astype(bool)),
        [sorted(basket) for basket in BASKETS],
        (basket for basket in BASKETS),
    ],
    ids=["csr", "csc array", "dense", "bool", "frame", "lists", "generator of sets"],
)
def test_every_kind_of_baskets_gives_the_same(X) -> None:
    miner = AssociationMiner(min_count=10).fit(X)

    expected = itemsets_of(BASKETS, 8, 10, None)
    found = dict(zip(miner.itemsets_["items"], miner.itemsets_["count"], strict=True))
    assert found == expected
    assert (miner.itemsets_["support"] == miner.itemsets_["count"] / 200).all()
    assert miner.item_ids_ == list(range(8))
    assert miner.item_counts_.tolist() == [sum(i in basket for basket in BASKETS) for i in range(8)]
    assert miner.n_baskets_ == 200


def test_the_rules_of_mlxtend() -> None:
    miner = AssociationMiner(min_count=10, max_len=3).fit(MATRIX)
    itemsets = fpgrowth(pd.DataFrame(MATRIX.toarray().astype(bool)), min_support=9.5 / 200, max_len=3)
    theirs = association_rules(itemsets, num_itemsets=200, metric="support", min_threshold=0.0)

    ours = {(r.antecedents, r.consequents): (r.confidence, r.lift) for r in miner.rules_.itertuples()}

    assert len(ours) == len(theirs) == len(miner.rules_)
    for row in theirs.itertuples():
        key = (tuple(sorted(row.antecedents)), tuple(sorted(row.consequents)))
        assert ours[key] == pytest.approx((row.confidence, row.lift))


def test_ids_of_columns_and_lists_are_kept() -> None:
    frame = pd.DataFrame({"tea": [1, 1, 0], "rum": [1, 1, 1]})

    assert AssociationMiner(min_count=2).fit(frame).itemsets_["items"].tolist() == [("tea",), ("rum",), ("tea", "rum")]
    assert AssociationMiner(min_count=2).fit([["rum", "tea", "tea"], ["tea"]]).item_ids_ == ["rum", "tea"]


def test_parameters_are_kept_as_given() -> None:
    miner = AssociationMiner(min_count="many", max_len=-1)

    assert miner.get_params() == {"min_count": "many", "max_len": -1, "memory_share": 0.5}
    assert AssociationMiner(**miner.get_params()).get_params() == miner.get_params()
    assert miner.set_params(min_count=3) is miner
    assert miner.min_count == 3
    assert repr(miner) == "AssociationMiner(min_count=3, max_len=-1, memory_share=0.5)"
    with pytest.raises(UsageError, match="no parameter 'support'; known are min_count, max_len, memory_share"):
        miner.set_params(support=1)
    with pytest.raises(TypeError):
        AssociationMiner(20)


@pytest.mark.parametrize("name", ["itemsets_", "rules_", "item_counts_", "n_baskets_", "item_ids_"])
def test_nothing_is_known_before_fit(name: str) -> None:
    miner = AssociationMiner()

    assert not hasattr(miner, name)
    with pytest.raises(NotFittedError, match=f"{name}: not fitted yet; call fit first"):
        getattr(miner, name)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        miner.nothing  # noqa: B018  # asking is the test


@pytest.mark.parametrize("X", [[], [[]], np.zeros((0, 3)), sparse.csr_matrix((2, 2)), [["a"]]])
def test_little_or_nothing_to_learn(X) -> None:
    miner = AssociationMiner(min_count=1).fit(X)

    assert len(miner.itemsets_) == len(miner.item_ids_) * (miner.n_baskets_ == 1 and miner.item_counts_.any())
    assert list(miner.rules_.columns) == [
        "antecedents",
        "consequents",
        "count",
        "antecedent_count",
        "consequent_count",
        *METRICS,
    ]
    assert len(miner.rules_) == 0


@pytest.mark.parametrize("value", [2, -1, 0.5, np.nan])
def test_a_cell_is_zero_or_one(value: float) -> None:
    with pytest.raises(UsageError, match="every cell is 0 or 1"):
        AssociationMiner(min_count=1).fit(np.array([[1, value], [0, 1]]))


def test_a_text_is_no_basket() -> None:
    with pytest.raises(UsageError, match="basket 1 is the text 'bread'"):
        AssociationMiner(min_count=1).fit([["bread"], "bread"])


def test_ids_that_cannot_be_sorted_are_told() -> None:
    with pytest.raises(UsageError, match="item ids of different types"):
        AssociationMiner(min_count=1).fit([["bread", 7]])


def test_wrong_parameters_are_told_by_fit() -> None:
    with pytest.raises(UsageError, match="minimum count 0"):
        AssociationMiner(min_count=0).fit(MATRIX)


def test_fitting_again_forgets_and_the_input_is_left_alone() -> None:
    before = MATRIX.copy()
    miner = AssociationMiner(min_count=10).fit(MATRIX)

    assert miner.fit([["a"]] * 12).itemsets_["items"].tolist() == [("a",)]
    assert (before != MATRIX).nnz == 0
