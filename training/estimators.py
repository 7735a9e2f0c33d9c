"""Mining and factorization in scikit-learn's shape: parameters as given, `fit`, learned attributes (``rules_``)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.basket_input import basket_matrix
from training.estimator import Estimator, NotFittedError
from training.item_factorizer import ItemFactorizer
from training.itemsets import Itemsets, frequent_itemsets
from training.mining_guard import check_rules
from training.rule_metrics import METRICS, rule_metrics
from training.rules import Rules, association_rules, count_rules

_COUNTS = ("count", "antecedent_count", "consequent_count")


class AssociationMiner(Estimator):
    """Frequent itemsets and association rules of baskets.

    Parameters
    ----------
    min_count : baskets that an itemset is in at least, 1 or more.
    max_len : items of the longest itemset, 1 or more; None for all lengths.
    memory_share : share of free memory that may be taken, above 0, at most 1.

    Attributes
    ----------
    item_ids_ : list, the id of every item: a frame's column names, a matrix's column numbers, or the ids of the lists,
        sorted.
    item_counts_ : int32 (items,), baskets with each.
    n_baskets_ : number of baskets.
    itemsets_ : pandas frame of `items` (tuples of ids), `count` and `support`, by length, then by item.
    rules_ : pandas frame of `antecedents`, `consequents` (tuples of ids), `count`, `antecedent_count`,
        `consequent_count` and every metric of `training.rule_metrics.RuleMetrics`.

    >>> miner = AssociationMiner(min_count=2).fit([["bread", "butter"], ["bread", "butter", "jam"], ["bread"]])
    >>> miner.itemsets_["items"].tolist(), miner.itemsets_["count"].tolist()
    ([('bread',), ('butter',), ('bread', 'butter')], [3, 2, 2])
    >>> miner.rules_[["antecedents", "consequents", "confidence"]].values.tolist()
    [[('bread',), ('butter',), 0.666...], [('butter',), ('bread',), 1.0]]
    """

    item_ids_: list[Any]
    item_counts_: NDArray[np.int32]
    n_baskets_: int
    itemsets_: pd.DataFrame
    rules_: pd.DataFrame

    def __init__(self, *, min_count: int = 20, max_len: int | None = None, memory_share: float = 0.5) -> None:
        self.min_count = min_count
        self.max_len = max_len
        self.memory_share = memory_share

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002  # scikit-learn passes y
        """Mine baskets.

        Parameters
        ----------
        X : (baskets, items) of 0 and 1, sparse, dense or a pandas frame; or one collection of item ids a basket, where
            an item counts once.
        y : not used.

        Raises
        ------
        UsageError
            For a parameter out of range, a matrix of other values, and work that would not fit into memory.
        """
        matrix, item_ids = basket_matrix(X)
        itemsets = frequent_itemsets(matrix, self.min_count, max_len=self.max_len, memory_share=self.memory_share)
        check_rules(count_rules(itemsets), itemsets.longest, self.memory_share)
        self.item_ids_ = item_ids
        self.item_counts_ = np.bincount(matrix.indices, minlength=matrix.shape[1]).astype(np.int32)
        self.n_baskets_ = matrix.shape[0]
        self.itemsets_ = _itemset_frame(itemsets, item_ids, matrix.shape[0])
        self.rules_ = _rule_frame(association_rules(itemsets), item_ids, matrix.shape[0])
        return self


def _itemset_frame(itemsets: Itemsets, item_ids: list[Any], baskets: int) -> pd.DataFrame:
    items = [item_ids[row] for row in itemsets.items.tolist()]
    sets = [tuple(items[start:stop]) for start, stop in pairwise(itemsets.offsets.tolist())]
    counts = itemsets.counts.astype(np.int64)
    return pd.DataFrame({"items": pd.Series(sets, dtype=object), "count": counts, "support": counts / max(baskets, 1)})


def _rule_frame(shapes: Iterable[Rules], item_ids: list[Any], baskets: int) -> pd.DataFrame:
    frames = [_shape_frame(rules, item_ids, baskets) for rules in shapes]
    if not frames:
        return pd.DataFrame(columns=["antecedents", "consequents", *_COUNTS, *METRICS])
    return pd.concat(frames, ignore_index=True)


def _shape_frame(rules: Rules, item_ids: list[Any], baskets: int) -> pd.DataFrame:
    def named(rows: NDArray[np.int32]) -> pd.Series:
        return pd.Series([tuple(item_ids[row] for row in line) for line in rows.tolist()], dtype=object)

    counts = [column.astype(np.int64) for column in (rules.counts, rules.antecedent_counts, rules.consequent_counts)]
    metrics = rule_metrics(*counts, baskets)
    columns = dict(zip(_COUNTS, counts, strict=True)) | {name: getattr(metrics, name) for name in METRICS}
    return pd.DataFrame({"antecedents": named(rules.antecedents), "consequents": named(rules.consequents), **columns})


__all__ = ["AssociationMiner", "ItemFactorizer", "NotFittedError"]
