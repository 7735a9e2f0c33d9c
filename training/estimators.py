"""Mining in scikit-learn's shape, without scikit-learn: parameters as given, `fit`, learned attributes (``rules_``)."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from itertools import chain, pairwise
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from recommender.errors import UsageError
from training.itemsets import Itemsets, frequent_itemsets
from training.mining_guard import check_rules
from training.rule_metrics import METRICS, rule_metrics
from training.rules import Rules, association_rules, count_rules

_COUNTS = ("count", "antecedent_count", "consequent_count")


class NotFittedError(UsageError, AttributeError):
    """A learned attribute was asked for before `fit`."""


class AssociationMiner:
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

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.get_params().items())})"

    def __getattr__(self, name: str) -> Any:
        if name in AssociationMiner.__annotations__:
            raise NotFittedError(f"{type(self).__name__}.{name}: not fitted yet; call fit first")
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002  # scikit-learn passes it
        """Parameters by name, as they were given."""
        return {name: getattr(self, name) for name in _parameters(type(self))}

    def set_params(self, **params: Any) -> Self:
        """Change parameters; what was learned stays until the next `fit`.

        Raises
        ------
        UsageError
            For a name that is no parameter.
        """
        known = _parameters(type(self))
        for name in params:
            if name not in known:
                raise UsageError(f"{type(self).__name__}: no parameter {name!r}; known are {', '.join(known)}")
        for name, value in params.items():
            setattr(self, name, value)
        return self

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
        matrix, item_ids = _baskets(X)
        itemsets = frequent_itemsets(matrix, self.min_count, max_len=self.max_len, memory_share=self.memory_share)
        check_rules(count_rules(itemsets), itemsets.longest, self.memory_share)
        self.item_ids_ = item_ids
        self.item_counts_ = np.bincount(matrix.indices, minlength=matrix.shape[1]).astype(np.int32)
        self.n_baskets_ = matrix.shape[0]
        self.itemsets_ = _itemset_frame(itemsets, item_ids, matrix.shape[0])
        self.rules_ = _rule_frame(association_rules(itemsets), item_ids, matrix.shape[0])
        return self


def _parameters(estimator: type) -> list[str]:
    return [name for name in inspect.signature(estimator.__init__).parameters if name != "self"]


def _baskets(X: Any) -> tuple[sparse.csr_matrix, list[Any]]:
    if isinstance(X, pd.DataFrame):
        return _binary(sparse.csr_matrix(X.to_numpy())), list(X.columns)
    if sparse.issparse(X) or (isinstance(X, np.ndarray) and X.ndim == 2 and X.dtype != object):
        matrix = _binary(sparse.csr_matrix(X))
        return matrix, list(range(matrix.shape[1]))
    return _from_lists(X)


def _binary(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    matrix = matrix.copy()
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    wrong = np.flatnonzero(matrix.data != 1)
    if len(wrong):
        raise UsageError(f"X holds {matrix.data[wrong[0]]!r}: every cell is 0 or 1; pass X > 0 for quantities")
    return matrix


def _from_lists(X: Iterable[Iterable[Any]]) -> tuple[sparse.csr_matrix, list[Any]]:
    baskets: Sequence[set[Any]] = [_different(basket, number) for number, basket in enumerate(X)]
    item_ids = sorted(set(chain.from_iterable(baskets)))
    rows = {item: row for row, item in enumerate(item_ids)}
    offsets = np.concatenate(([0], np.cumsum([len(basket) for basket in baskets], dtype=np.int64)))
    items = np.fromiter((rows[item] for basket in baskets for item in sorted(basket)), np.int32, int(offsets[-1]))
    shape = (len(baskets), len(item_ids))
    return sparse.csr_matrix((np.ones(len(items), np.int32), items, offsets), shape=shape), item_ids


def _different(basket: Iterable[Any], number: int) -> set[Any]:
    if isinstance(basket, str | bytes):
        raise UsageError(f"basket {number} is the text {basket[:40]!r}: a basket is a list of item ids")
    return set(basket)


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


__all__ = ["AssociationMiner", "NotFittedError"]
