"""Item factors learned from baskets, in scikit-learn's shape, and carts folded into them."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recommender.errors import UsageError
from recommender.folding import fold_in, nearest
from training.basket_input import basket_matrix
from training.config import FactorConfig, with_values
from training.estimator import Estimator
from training.factorize import factorize


class ItemFactorizer(Estimator):
    """Implicit-feedback factors of items, by alternating least squares (Hu, Koren & Volinsky 2008).

    Parameters
    ----------
    factors : length of an item's vector, 1 to 512.
    regularization : weight of the vectors' norm, 0 to 1000.
    alpha : confidence of one purchase, above 0, at most 1000.
    iterations : 1 to 100.
    min_item_orders : baskets that an item needs to get a vector, 1 or more; the others have zeros.
    seed : of the first vectors; the same seed and baskets give the same factors.

    Attributes
    ----------
    item_ids_ : list, the id of every item, as for `AssociationMiner`.
    item_factors_ : float32 (items, factors).
    n_baskets_ : number of baskets.

    >>> baskets = [["tea", "milk"], ["tea", "milk", "cake"]] * 20 + [["nut", "bolt"], ["nut", "bolt", "saw"]] * 20
    >>> factorizer = ItemFactorizer(factors=4, seed=1).fit(baskets)
    >>> [item_id for item_id, _ in factorizer.recommend(["tea"], k=2)]
    ['milk', 'cake']
    >>> factorizer.transform([["tea"], ["saw", "nut"]]).shape
    (2, 4)
    """

    item_ids_: list[Any]
    item_factors_: NDArray[np.float32]
    n_baskets_: int

    def __init__(
        self,
        *,
        factors: int = 32,
        regularization: float = 0.05,
        alpha: float = 10.0,
        iterations: int = 8,
        min_item_orders: int = 5,
        seed: int = 0,
    ) -> None:
        self.factors = factors
        self.regularization = regularization
        self.alpha = alpha
        self.iterations = iterations
        self.min_item_orders = min_item_orders
        self.seed = seed

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002  # scikit-learn passes y
        """Factorize baskets.

        Parameters
        ----------
        X : as for `AssociationMiner.fit`.
        y : not used.

        Raises
        ------
        UsageError
            For a parameter out of range, a matrix of other values than 0 and 1, and baskets that teach nothing.
        """
        config = self._checked()
        matrix, item_ids = basket_matrix(X)
        _, item_factors = factorize(matrix.astype(np.float32), config, self.seed)
        if not item_factors.shape[1]:
            raise UsageError(
                f"{matrix.shape[0]:,} baskets of {matrix.shape[1]:,} items: factors need two baskets, and two items in"
                f" {self.min_item_orders:,} baskets or more each; give more baskets or a lower min_item_orders"
            )
        self.item_ids_ = item_ids
        self.item_factors_ = item_factors
        self.n_baskets_ = matrix.shape[0]
        return self

    def transform(self, X: Any) -> NDArray[np.float32]:
        """Carts as points among the items: float32 (carts, factors), zeros for a cart without a known item.

        Each is one least-squares step (`recommender.folding.fold_in`). Items that were not fitted are left out.

        Parameters
        ----------
        X : as for `fit`: a frame with any of the same columns, a matrix, or lists of ids.
        """
        factors = self.item_factors_
        rows = self._rows()
        matrix, ids = basket_matrix(X)
        known = np.array([rows.get(item_id, -1) for item_id in ids], np.int32)
        gram = factors.T @ factors
        points = np.zeros((matrix.shape[0], factors.shape[1]), np.float32)
        for cart in range(len(points)):
            items = known[matrix.indices[matrix.indptr[cart] : matrix.indptr[cart + 1]]]
            points[cart] = self._folded(np.sort(items[items >= 0]), gram)
        return points

    def recommend(self, items: Any, k: int = 10) -> list[tuple[Any, float]]:
        """The items that go best with a cart, best first, ties by the order of `item_ids_`.

        Parameters
        ----------
        items : ids of the cart; ids that were not fitted are left out.
        k : items at most, 1 or more.

        Returns
        -------
        Ids and products with the cart's point, all above 0; nothing for a cart without a known item.

        Raises
        ------
        UsageError
            For a text in place of ids, and a `k` below 1.
        """
        if isinstance(items, str | bytes):
            raise UsageError(f"the cart is the text {items[:40]!r}: a cart is a list of item ids")
        if k < 1:
            raise UsageError(f"k {k}: give 1 or more")
        factors, rows = self.item_factors_, self._rows()
        cart = np.array(sorted({rows[item_id] for item_id in items if item_id in rows}), np.int32)
        point = self._folded(cart, factors.T @ factors)
        found, scores = nearest(factors, point, k + len(cart))
        kept = np.flatnonzero(~np.isin(found, cart))[:k]
        return [(self.item_ids_[row], score) for row, score in zip(found[kept], scores[kept].tolist(), strict=True)]

    def _folded(self, rows: NDArray[np.int32], gram: NDArray[np.float32]) -> NDArray[np.float32]:
        return fold_in(self.item_factors_, gram, rows, self.alpha, self.regularization)

    def _rows(self) -> dict[Any, int]:
        return {item_id: row for row, item_id in enumerate(self.item_ids_)}

    def _checked(self) -> FactorConfig:
        values = {name: value for name, value in self.get_params().items() if name != "seed"}
        if values["factors"] == 0:
            raise UsageError("factors 0: give 1 or more")
        return with_values({"factors": values, "seed": self.seed}).factors
