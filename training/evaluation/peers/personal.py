"""Peers that look at what a customer bought before, alone or beside the cart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from training.baskets import Baskets
from training.evaluation.lists import Score, Scored
from training.evaluation.peers.family import History, Parameters
from training.evaluation.peers.item_item import asymmetric_cosine

_DAY = 86_400.0
_COSINE = {"exponent": 0.7, "shrinkage": 10}


def personal_frequency(history: History, parameters: Parameters) -> Score:
    """The customer's own orders with an item, perhaps fading with their age; the cart is not looked at."""
    bought = _bought(history.baskets, parameters["fading_days"])

    def score(_carts: sparse.csr_matrix, customers: NDArray[np.int32]) -> Scored:
        return Scored(bought[customers])

    return score


def hand_blend(history: History, parameters: Parameters) -> Score:
    """Asymmetric cosine and the customer's fading frequencies, each over its largest, with a weight between them."""
    bought = _bought(history.baskets, parameters["fading_days"])
    by_cart = asymmetric_cosine(history, _COSINE)
    weight = np.float32(parameters["weight"])

    def score(carts: sparse.csr_matrix, customers: NDArray[np.int32]) -> Scored:
        together = sparse.csr_matrix(by_cart(carts, customers).values)
        return Scored((_relative(together) + _relative(bought[customers]) * weight).tocsr())

    return score


def _bought(baskets: Baskets, fading_days: float | None) -> sparse.csr_matrix:
    """float32 (customers + 1, items); the last row, which -1 finds, is a stranger's and empty."""
    customers = np.repeat(baskets.customers, baskets.sizes)
    known = customers >= 0
    worth = np.ones(len(customers), np.float32)
    if fading_days is not None and len(baskets):
        days = np.repeat(baskets.times[-1] - baskets.times, baskets.sizes) / _DAY
        worth = np.exp(-days / fading_days).astype(np.float32)
    shape = (len(baskets.customer_ids) + 1, len(baskets.item_ids))
    return sparse.csr_matrix((worth[known], (customers[known], baskets.items[known])), shape=shape)


def _relative(scores: sparse.csr_matrix) -> sparse.csr_matrix:
    """Each row over its largest score."""
    if not scores.nnz:
        return scores
    largest = np.maximum(scores.max(axis=1).toarray().ravel(), np.float32(1e-9))
    over = scores.data / np.repeat(largest, np.diff(scores.indptr))
    return sparse.csr_matrix((over.astype(np.float32), scores.indices, scores.indptr), scores.shape)
