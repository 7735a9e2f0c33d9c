"""Where the encoder begins to learn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.ranker.encoder import Encoder

WIDTH, UNITS = 64, 256
_SMALL = 0.05
_SHRINKAGE = 10
_MORE, _ROUNDS = 9, 6
_LENGTH, _OF_PAST, _OF_UNITS = 0.2, 0.5, 0.1


def drawn_layers(sold: NDArray[np.int64], random: np.random.Generator) -> list[NDArray[np.float32]]:
    """Small random numbers, in the order of `Encoder`; an item's bias begins as the log of its share."""
    items = len(sold)

    def drawn(rows: int, columns: int, spread: float) -> NDArray[np.float32]:
        return random.normal(0, spread, (rows, columns)).astype(np.float32)

    share = np.log((sold + 0.5) / (sold + 0.5).sum()).astype(np.float32)
    cart, past, item = (drawn(items, WIDTH, _SMALL) for _ in range(3))
    first = drawn(WIDTH, UNITS, (2 / WIDTH) ** 0.5)
    return [cart, past, first, np.zeros(UNITS, np.float32), drawn(UNITS, WIDTH, UNITS**-0.5), item, share]


def start_at_directions(
    layers: list[NDArray[np.float32]], matrix: sparse.csr_matrix, random: np.random.Generator
) -> list[NDArray[np.float32]]:
    """The same with items that point where their baskets do, so that few steps have to teach them.

    All items are equally long, as random numbers of spread `_LENGTH` would be; those that no basket holds are 0. A
    customer's lines begin at half of that, and the units hardly say anything. `matrix` as below.
    """
    along = principal_directions(matrix, WIDTH, random)
    length = np.linalg.norm(along, axis=1, keepdims=True)
    table = along / np.maximum(length, 1e-6) * np.float32(_LENGTH * WIDTH**0.5)
    start = Encoder(*layers)
    changed = start._replace(
        cart=table, past=table * np.float32(_OF_PAST), second=start.second * np.float32(_OF_UNITS), item=table.copy()
    )
    return list(changed)


def principal_directions(matrix: sparse.csr_matrix, width: int, random: np.random.Generator) -> NDArray[np.float32]:
    """float32 (items, width): items along the main directions of baskets, times the singular value of each.

    A truncated singular value decomposition by random projections (Halko, Martinsson & Tropp 2011) of baskets × items,
    each line over the root of the basket's size and of the item's orders; the first direction, which is how often items
    sell, is left out. Of fewer items or baskets than `width` the last directions are 0.

    Parameters
    ----------
    matrix : float32 (baskets, items) of ones.

    Examples
    --------
    Two items that go together, and two others:

    >>> matrix = sparse.csr_matrix(np.repeat([[1, 1, 0, 0], [0, 0, 1, 1]], 4, axis=0).astype(np.float32))
    >>> along = principal_directions(matrix, 2, np.random.default_rng(0))[:, 0]
    >>> bool(along[0] * along[1] > 0), bool(along[0] * along[2] < 0)
    (True, True)
    """
    baskets, items = matrix.shape
    wanted = min(width + 1 + _MORE, baskets, items)
    sizes = np.maximum(np.diff(matrix.indptr), 1).astype(np.float32)
    orders = np.bincount(matrix.indices, minlength=items).astype(np.float32)
    lines = np.repeat(sizes**-0.5, np.diff(matrix.indptr)) * (orders + _SHRINKAGE)[matrix.indices] ** -0.5
    weighed = sparse.csr_matrix((lines.astype(np.float32), matrix.indices, matrix.indptr), shape=matrix.shape)
    back = weighed.T.tocsr()
    basis = random.normal(size=(items, wanted)).astype(np.float32)
    for _ in range(_ROUNDS):
        basis, _ = np.linalg.qr(back @ (weighed @ basis))
    inside, strengths, _ = np.linalg.svd(basis.T @ (back @ (weighed @ basis)))
    directions = np.zeros((items, width), np.float32)
    kept = ((basis @ inside) * strengths**0.5)[:, 1 : width + 1]
    directions[:, : kept.shape[1]] = kept
    return directions
