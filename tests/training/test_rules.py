"""Association rules against mlxtend, and the longer rules that a model keeps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mining_oracle import Basket, baskets_over, count_of, itemsets_of, matrix_of, shop
from mlxtend.frequent_patterns import association_rules as their_rules
from mlxtend.frequent_patterns import fpgrowth
from scipy import sparse

from recommender.model import LongRules
from training.common_baskets import by_item, free_lines
from training.config import CountConfig
from training.itemsets import frequent_itemsets
from training.pairs import pair_codes
from training.rules import ItemsetCounts, association_rules, count_rules, long_rules

ITEMS = 6
Shown = dict[tuple[tuple[int, ...], tuple[int, ...]], tuple[int, int, int]]


def shown(matrix: sparse.csr_matrix, min_count: int) -> Shown:
    found: Shown = {}
    for rules in association_rules(frequent_itemsets(matrix, min_count)):
        for row in range(len(rules)):
            key = (tuple(rules.antecedents[row].tolist()), tuple(rules.consequents[row].tolist()))
            assert key not in found
            found[key] = tuple(
                int(counts[row]) for counts in (rules.counts, rules.antecedent_counts, rules.consequent_counts)
            )
    return found


@settings(max_examples=40, deadline=None)
@given(baskets_over(ITEMS, most=12), st.integers(1, 4))
def test_every_split_of_every_itemset_once(baskets: list[Basket], min_count: int) -> None:
    found = shown(matrix_of(baskets, ITEMS), min_count)

    for (antecedents, consequents), counts in found.items():
        assert not set(antecedents) & set(consequents)
        whole = tuple(sorted(antecedents + consequents))
        assert counts == tuple(count_of(baskets, items) for items in (whole, antecedents, consequents))
    itemsets = itemsets_of(baskets, ITEMS, min_count, None)
    assert len(found) == sum(2 ** len(items) - 2 for items in itemsets)
    assert len(found) == count_rules(frequent_itemsets(matrix_of(baskets, ITEMS), min_count))


def test_rules_come_by_length_then_antecedents_then_consequents() -> None:
    keys = list(shown(matrix_of(shop(0, 300, ITEMS), ITEMS), 5))

    assert keys == sorted(keys, key=lambda rule: (len(rule[0]) + len(rule[1]), len(rule[0]), rule))


def test_the_rules_of_mlxtend() -> None:
    matrix = matrix_of(shop(1, 500, 10), 10)
    frame = pd.DataFrame(matrix.toarray().astype(bool))
    itemsets = fpgrowth(frame, min_support=(20 - 0.5) / 500)
    theirs = their_rules(itemsets, num_itemsets=500, metric="support", min_threshold=0.0)

    assert shown(matrix, 20) == {
        (tuple(sorted(a)), tuple(sorted(c))): (round(both * 500), round(n_a * 500), round(n_c * 500))
        for a, c, both, n_a, n_c in zip(
            theirs["antecedents"],
            theirs["consequents"],
            theirs["support"],
            theirs["antecedent support"],
            theirs["consequent support"],
            strict=True,
        )
    }


def test_counts_are_looked_up_by_rows() -> None:
    baskets = shop(2, 300, 8)
    itemsets = frequent_itemsets(matrix_of(baskets, 8), 3)
    known = ItemsetCounts(itemsets)

    for length in range(1, itemsets.longest + 1):
        rows, counts = itemsets.of_length(length)
        assert known(rows[::-1]).tolist() == counts[::-1].tolist()


def test_no_itemsets_no_rules() -> None:
    empty = frequent_itemsets(sparse.csr_matrix((3, 4), dtype=np.float32), 1)

    assert list(association_rules(empty)) == []
    assert count_rules(empty) == 0


def listed(rules: LongRules) -> list[tuple[tuple[int, ...], int, int, int]]:
    return [
        (tuple(row for row in antecedents if row >= 0), consequent, count, of)
        for antecedents, consequent, count, of in zip(
            rules.antecedents.tolist(),
            rules.consequents.tolist(),
            rules.counts.tolist(),
            rules.of.tolist(),
            strict=True,
        )
    ]


def recipe(times: int = 60) -> list[Basket]:
    """40 and 41 are bought often and apart; 42 is bought when both are there."""
    apart = [frozenset({40}), frozenset({41})] * 200
    together = [frozenset({40, 41, 42}) for _ in range(times)] + [frozenset({40, 41})] * 10
    return shop(4, 1500, 40) + apart + together + [frozenset({42, 0})] * 30


def kept(baskets: list[Basket], customers: np.ndarray | None = None, max_len: int = 3, **settings_) -> LongRules:
    matrix = matrix_of(baskets, 45)
    itemsets = frequent_itemsets(matrix, 10, max_len=max_len)
    return long_rules(itemsets, matrix, CountConfig(**settings_), customers)


def test_a_rule_that_needs_both_is_kept() -> None:
    assert ((40, 41), 42, 60, 70) in listed(kept(recipe()))


def test_a_rule_that_adds_nothing_is_not() -> None:
    # 41 follows 40 always; a third item that is there by luck makes no better rule
    baskets = [basket | {41} if 40 in basket else basket for basket in recipe()]
    baskets += [frozenset({40, 41, 43}), frozenset({40, 41})] * 50

    assert not [rule for rule in listed(kept(baskets)) if rule[1] == 41]


@pytest.mark.parametrize(("different", "there"), [(1, False), (2, False), (3, True)])
def test_a_longer_rule_needs_three_customers(different: int, there: bool) -> None:
    baskets = recipe()
    customers = np.arange(len(baskets), dtype=np.int32)
    cooks = [order for order, basket in enumerate(baskets) if {40, 41, 42} <= basket]
    customers[cooks] = np.arange(len(cooks)) % different

    found = kept(baskets, customers)
    rules = listed(found)
    assert (((40, 41), 42, 60, 70) in rules) == there
    if there:
        assert found.customers[rules.index(((40, 41), 42, 60, 70))] == different


@pytest.mark.parametrize(
    ("claimed", "there"), [([], False), ([(40, 41)], False), ([(40, 42)], True), ([(41, 42)], True)]
)
def test_a_longer_rule_needs_a_claim_of_its_consequent(claimed: list[tuple[int, int]], there: bool) -> None:
    matrix = matrix_of(recipe(), 45)
    rows, columns = np.array(claimed, np.int64).reshape(-1, 2).T
    codes = pair_codes(rows, columns, 45)

    found = long_rules(frequent_itemsets(matrix, 10, max_len=3), matrix, CountConfig(), claimed=codes)

    assert (((40, 41), 42, 60, 70) in listed(found)) == there


def test_the_least_count_applies() -> None:
    assert ((40, 41), 42, 60, 70) not in listed(kept(recipe(), min_pair_count=61))


def test_the_arrays_are_those_of_the_model() -> None:
    rules = kept(recipe() + [frozenset({30, 31, 32, 33})] * 40, max_len=4)

    assert rules.antecedents.shape == (len(rules.counts), 3)
    assert {len(antecedents) for antecedents, *_ in listed(rules)} == {2, 3}
    assert (rules.offsets[0], rules.offsets[-1], len(rules.offsets)) == (0, len(rules.counts), 46)
    for item in range(45):
        assert (rules.antecedents[rules.offsets[item] : rules.offsets[item + 1], 0] == item).all()
    padded = [(*antecedents, consequent) for antecedents, consequent, *_ in listed(rules)]
    by_rows = list(zip(rules.antecedents.tolist(), rules.consequents.tolist(), strict=True))
    assert by_rows == sorted(by_rows)
    assert len(padded) == len(set(padded))


def test_rules_are_kept_only_where_confidence_rises() -> None:
    baskets = recipe()

    for antecedents, consequent, count, of in listed(kept(baskets, max_len=4)):
        for item in antecedents:
            shorter = tuple(set(antecedents) - {item})
            assert count / of > count_of(baskets, (*shorter, consequent)) / count_of(baskets, shorter)


@pytest.mark.parametrize("seed", range(3))
def test_shuffled_items_make_no_long_rules(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sizes = rng.geometric(0.12, 3000)
    lines = rng.choice(60, sizes.sum(), p=(1 / np.arange(1, 61)) / (1 / np.arange(1, 61)).sum())
    orders = np.repeat(np.arange(3000), sizes)
    matrix = sparse.csr_matrix((np.ones(len(lines), np.float32), (orders, lines)), shape=(3000, 60))
    matrix.sum_duplicates()

    found = long_rules(frequent_itemsets(matrix, 20, max_len=3), matrix, CountConfig())

    assert len(found.counts) <= 2


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (2, 3)])
def test_nothing_in_nothing_out(shape: tuple[int, int]) -> None:
    matrix = sparse.csr_matrix(shape, dtype=np.float32)

    found = long_rules(frequent_itemsets(matrix, 1), matrix, CountConfig())

    assert found.antecedents.shape == (0, 2)
    assert found.offsets.tolist() == [0] * (shape[1] + 1)


def test_lines_besides_itemsets_as_a_naive_oracle_counts_them() -> None:
    baskets = shop(6, 200, 8)
    matrix = matrix_of(baskets, 8)
    itemsets = np.array([(i, j, k) for i in range(8) for j in range(i) for k in range(j)], np.int32)

    found = free_lines(by_item(matrix), itemsets, np.diff(matrix.indptr).astype(np.int64))

    assert found.tolist() == [
        sum(len(basket) - 3 for basket in baskets if set(itemset) <= basket) for itemset in itemsets.tolist()
    ]
    assert free_lines(by_item(matrix), itemsets[:, :0], np.array([4, 5])).tolist() == [9] * len(itemsets)
