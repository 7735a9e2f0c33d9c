"""Peers that foretell a customer's next order from earlier ones; the cart is not looked at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from training.baskets import Baskets
from training.evaluation.lists import Score, Scored
from training.evaluation.peers.family import History, Parameters

_GROUPS = 3
_MOST_CUSTOMERS = 20_000


def tifu_knn(history: History, parameters: Parameters) -> Score:
    """TIFU-KNN (Hu et al. 2020): a customer's fading frequencies, and the mean of the `neighbours` most like them.

    Of more than 20,000 customers, those with the most orders are the ones that neighbours are looked for among.

    Parameters
    ----------
    parameters : ``order_decay`` within a group of orders, ``group_decay`` from group to group, ``own`` (the weight of
        the customer's own frequencies) and ``neighbours``.
    """
    tastes = _tastes(history.baskets, float(parameters["order_decay"]), float(parameters["group_decay"]))
    orders = np.bincount(history.baskets.customers[history.baskets.customers >= 0], minlength=tastes.shape[0])
    most = np.sort(np.argsort(-orders, kind="stable")[:_MOST_CUSTOMERS])
    others = tastes[most[orders[most] > 0]]
    squares = np.asarray(others.multiply(others).sum(axis=1)).ravel()
    number, own = min(int(parameters["neighbours"]), others.shape[0]), np.float32(parameters["own"])

    def score(_carts: sparse.csr_matrix, customers: NDArray[np.int32]) -> Scored:
        asked = tastes[customers]
        if not number:
            return Scored(asked)
        near = (asked @ others.T).toarray() * 2 - squares
        nearest = np.argpartition(-near, number - 1, axis=1)[:, :number]
        shape, ones = (len(customers), others.shape[0]), np.full(nearest.size, 1 / number, np.float32)
        means = sparse.csr_matrix((ones, nearest.ravel(), np.arange(len(customers) + 1) * number), shape) @ others
        return Scored((asked * own + means * (1 - own)).tocsr())

    return score


def _tastes(baskets: Baskets, order_decay: float, group_decay: float) -> sparse.csr_matrix:
    """float32 (customers + 1, items); the last row, which -1 finds, is a stranger's and empty.

    A customer's orders make up to three groups of one size, the first of which may be smaller; both means, of a group's
    orders and of the groups, fade with the place from the end.
    """
    known = np.flatnonzero(baskets.customers >= 0)
    by_customer = known[np.argsort(baskets.customers[known], kind="stable")]
    customers = baskets.customers[by_customer]
    numbers = np.bincount(customers, minlength=len(baskets.customer_ids))
    from_end = np.repeat(np.cumsum(numbers), numbers) - 1 - np.arange(len(by_customer))
    size = np.maximum(-(-numbers // _GROUPS), 1)
    groups = -(-numbers // size)
    of_order, place = np.divmod(from_end, size[customers])
    worth = order_decay**place / size[customers] * group_decay**of_order / groups[customers]
    sizes = baskets.sizes[by_customer]
    firsts = baskets.offsets[by_customer]
    lines = np.repeat(firsts - (np.cumsum(sizes) - sizes), sizes) + np.arange(sizes.sum())
    shape = (len(baskets.customer_ids) + 1, len(baskets.item_ids))
    values = np.repeat(worth, sizes).astype(np.float32)
    return sparse.csr_matrix((values, (np.repeat(customers, sizes), baskets.items[lines])), shape=shape)
