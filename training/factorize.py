"""Implicit-feedback factorization with the library `implicit`, with its traps kept away from users.

BLAS runs on one thread (or it crawls), the matrix is a float32 ``csr_matrix`` and the seed an ``int``; padding and
filtered rows of its own ``recommend`` are never used, since scoring happens in `recommender.folding`.
"""

from __future__ import annotations

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from implicit.recommender_base import ModelFitError
from numpy.typing import NDArray
from scipy import sparse
from threadpoolctl import threadpool_limits

from training.config import FactorConfig
from training.progress import Step, unwatched

NO_FACTORS = 0


def factorize(
    purchases: sparse.csr_matrix,
    config: FactorConfig,
    seed: int,
    progress: Step = unwatched,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Alternating least squares on (rows, items), where a row is a basket or a customer.

    Of more rows than `config.sample` all iterations but the last learn from so many, evenly spread; the last one takes
    all rows, and begins with the items that the others found.

    Items in fewer than `config.min_item_orders` rows keep a vector of zeros: they teach nothing and only add noise.

    Parameters
    ----------
    purchases : float32 csr (rows, items), how often; above 0.
    progress : called with finished and total iterations.

    Returns
    -------
    row_factors : float32 (rows, f).  item_factors : float32 (items, f); f is 0 where nothing can be learned, as where
        all rows are the same.
    """
    rows, items = purchases.shape
    nothing = np.zeros((rows, NO_FACTORS), np.float32), np.zeros((items, NO_FACTORS), np.float32)
    trained = np.flatnonzero(np.bincount(purchases.indices, minlength=items) >= config.min_item_orders)
    if not config.factors or len(trained) < 2 or rows < 2:
        return nothing
    matrix = sparse.csr_matrix(purchases[:, trained], dtype=np.float32)
    sampled = config.iterations - 1 if rows > config.sample else 0
    learned = None
    try:
        with threadpool_limits(1, "blas"):
            if sampled:
                evenly = np.linspace(0, rows - 1, config.sample).astype(np.int64)
                model = _fitted(matrix[evenly], config, seed, range(sampled), progress)
                learned = model.item_factors
            model = _fitted(matrix, config, seed, range(sampled, config.iterations), progress, learned)
    except ModelFitError:  # numbers that are not finite
        return nothing
    item_factors = np.zeros((items, config.factors), np.float32)
    item_factors[trained] = model.item_factors
    return np.asarray(model.user_factors, np.float32), item_factors


def _fitted(
    matrix: sparse.csr_matrix,
    config: FactorConfig,
    seed: int,
    iterations: range,
    progress: Step,
    learned: NDArray[np.float32] | None = None,
) -> AlternatingLeastSquares:
    """The model after some of all iterations, from `learned` items, float32 (items, f), or from random numbers."""
    model = AlternatingLeastSquares(
        factors=config.factors,
        regularization=config.regularization,
        alpha=config.alpha,
        iterations=len(iterations),
        random_state=int(seed),
        num_threads=0,
        calculate_training_loss=False,
        use_native=True,
    )
    if learned is not None:
        model.item_factors = learned
        model.user_factors = np.zeros((matrix.shape[0], config.factors), np.float32)
    model.fit_callback = lambda done, _seconds, _loss: progress(iterations[done] + 1, config.iterations)
    model.fit(matrix, show_progress=False)
    return model
