"""Peers that sum one number of each pair of items over the cart."""

from __future__ import annotations

import warnings

import numpy as np
from implicit.nearest_neighbours import BM25Recommender, CosineRecommender, TFIDFRecommender
from implicit.utils import ParameterWarning
from numpy.typing import NDArray
from scipy import sparse
from threadpoolctl import threadpool_limits

from training.evaluation.lists import Score, Scored
from training.evaluation.peers.family import History, Parameters

_IMPLICIT = {"cosine": CosineRecommender, "tfidf": TFIDFRecommender, "bm25": BM25Recommender}


def confidence(history: History, _parameters: Parameters) -> Score:
    """Share of the baskets with a cart's item that had the candidate too: ``c_ij / n_i``."""
    return _summed(history, history.item_orders, np.ones(len(history.item_orders)), 0.0)


def lift(history: History, _parameters: Parameters) -> Score:
    """How much oftener than by chance: ``c_ij N / (n_i n_j)``."""
    orders = history.item_orders
    return _summed(history, orders / history.matrix.shape[0], orders, 0.0)


def asymmetric_cosine(history: History, parameters: Parameters) -> Score:
    """``c_ij / (n_i ** e * n_j ** (1 - e) + shrinkage)`` (Aiolli 2013)."""
    exponent = parameters["exponent"]
    orders = history.item_orders.astype(np.float64)
    return _summed(history, orders**exponent, orders ** (1 - exponent), parameters["shrinkage"])


def implicit_neighbours(history: History, parameters: Parameters) -> Score:
    """The library `implicit`'s item-item recommenders, their similarities summed over the cart."""
    settings = dict(parameters)
    model = _IMPLICIT[settings.pop("weights")](**settings)
    with threadpool_limits(1, "blas"), warnings.catch_warnings(), np.errstate(invalid="ignore"):
        warnings.simplefilter("ignore", ParameterWarning)  # of a matrix that it makes itself
        model.fit(history.matrix.copy(), show_progress=False)
    similarity = sparse.csr_matrix(model.similarity, dtype=np.float32)
    similarity.data = np.nan_to_num(similarity.data)  # TFIDF weighs an order of all items but one 0: 0 / 0
    return by_sum(similarity)


def by_sum(weights: sparse.csr_matrix) -> Score:
    """Score of a candidate: the sum of its weights, csr (items, items), from the items of the cart."""

    def score(carts: sparse.csr_matrix, _customers: NDArray[np.int32]) -> Scored:
        return Scored((carts @ weights).tocsr())

    return score


def _summed(history: History, from_weight: NDArray, to_weight: NDArray, shrinkage: float) -> Score:
    pairs = history.pairs
    first = np.repeat(np.arange(pairs.shape[0]), np.diff(pairs.indptr))
    values = pairs.data / (np.asarray(from_weight)[first] * np.asarray(to_weight)[pairs.indices] + shrinkage)
    return by_sum(sparse.csr_matrix((values.astype(np.float32), pairs.indices, pairs.indptr), pairs.shape))
