"""How much memory a mining run would take, asked before it runs.

The number of itemsets is estimated by walking up from pairs to longer itemsets at random (Knuth 1975, with resampling):
every frequent itemset of k + 1 items holds k + 1 frequent itemsets of k items, so their number is that of the itemsets
of k items times the mean number of items that extend one, divided by k + 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.errors import UsageError
from training.frequent_pairs import (
    FrequentPairs,
    Triangles,
    frequent_pairs,
    most_pairs,
    ranked_baskets,
    triangles,
)
from training.memory import free_memory

_WALKS = 256
_FEWEST_WALKS = 48
_MOST_LINES = 50_000_000
_MOST_STEPS = 300_000_000
_BYTES_PER_ITEMSET = 160
_BYTES_PER_COPIED_LINE = 160
_BYTES_PER_PAIR = 80
_BYTES_PER_LINE = 60
_BYTES_PER_RULE = 200
_BEYOND_COUNTING = 1e15
_TRIES = 40
_MARGIN = 2
_MIB = 1 << 20
_GIB = 1 << 30

Ranks = tuple[int, ...]


@dataclass(frozen=True)
class Work:
    """What a mining run would find and take.

    Attributes
    ----------
    itemsets : float64 (lengths,), itemsets of 1, 2, 3, … items; exact for 1 and 2, estimated from 3 on.
    rooms : bytes of the baskets that are copied meanwhile.
    """

    itemsets: NDArray[np.float64]
    rooms: int

    def needs(self, max_len: int | None = None) -> float:
        """Bytes of a run up to `max_len` (None: all lengths)."""
        return float(self.itemsets[:max_len].sum()) * _BYTES_PER_ITEMSET + self.rooms


class _Extensions:
    """Ranks that make a frequent itemset of a shorter one; many walks ask for the same."""

    def __init__(self, matrix: sparse.csr_matrix, frequent: FrequentPairs) -> None:
        self._min_count = frequent.min_count
        self._held = ranked_baskets(matrix, frequent.rows)
        self._by_item = self._held.T.tocsr()
        self._known: dict[Ranks, NDArray[np.int64]] = {}

    def __call__(self, itemset: Ranks) -> NDArray[np.int64]:
        if itemset not in self._known:
            self._known[itemset] = self._found(itemset)
        return self._known[itemset]

    def _found(self, itemset: Ranks) -> NDArray[np.int64]:
        baskets = self._baskets_of(itemset[0])
        for rank in itemset[1:]:
            baskets = np.intersect1d(baskets, self._baskets_of(rank), assume_unique=True)
        together = np.bincount(self._held[baskets].indices, minlength=self._held.shape[1])
        together[list(itemset)] = 0
        return np.flatnonzero(together >= self._min_count)

    def _baskets_of(self, rank: int) -> NDArray[np.int32]:
        return self._by_item.indices[self._by_item.indptr[rank] : self._by_item.indptr[rank + 1]]


def check_pairs(matrix: sparse.csr_matrix, min_count: int, allowed: int) -> None:
    """Refuse, before any pair is counted, a run whose pairs alone could be too many.

    Raises
    ------
    UsageError
        With the smallest `min_count` that would do.
    """
    pairs, needed = most_pairs(matrix, min_count), _bytes_of_pairs(matrix, min_count)
    if needed > allowed:
        least = _least_that(lambda count: _bytes_of_pairs(matrix, count) <= allowed, min_count)
        raise _refusal(min_count, f"up to {pairs:,} pairs", needed, allowed, least, 1)


def _bytes_of_pairs(matrix: sparse.csr_matrix, min_count: int) -> int:
    """Bytes that the lines and the pairs take while they are counted, at most."""
    return matrix.nnz * _BYTES_PER_LINE + most_pairs(matrix, min_count) * _BYTES_PER_PAIR


def check_rooms(frequent: FrequentPairs, allowed: int) -> None:
    """Refuse a run whose pairs and copied baskets alone would take more than `allowed` bytes; raises ``UsageError``."""
    needed = _bytes_of(frequent, 0)
    if needed > allowed:
        raise _refusal(frequent.min_count, f"{len(frequent):,} pairs", needed, allowed, None, 2)


def check_work(matrix: sparse.csr_matrix, frequent: FrequentPairs, max_len: int | None, allowed: int) -> None:
    """Refuse, before it runs, a run that would take more than `allowed` bytes.

    Raises
    ------
    UsageError
        With the estimate, the bound, the smallest `min_count` and the greatest `max_len` that would do, with a margin
        of two for an estimate that is too low.
    """
    met = triangles_in_reach(frequent)
    if met is not None and _bytes_of(frequent, most_from_triangles(met.total, max_len)) <= allowed:
        return
    enough = allowed / _BYTES_PER_ITEMSET
    work = estimate(matrix, frequent, met, max_len, enough)
    if work.needs() <= allowed:
        return
    lengths = [k for k in range(2, len(work.itemsets)) if work.needs(k) <= allowed / _MARGIN]
    least = _least_that(
        lambda count: _estimate_at(matrix, count, max_len, enough).needs() <= allowed / _MARGIN, frequent.min_count
    )
    raise _refusal(frequent.min_count, _many(work), work.needs(), allowed, least, max(lengths, default=None))


def itemsets_within(allowed: int) -> int:
    """Itemsets that `allowed` bytes have room for."""
    return allowed // _BYTES_PER_ITEMSET


def ran_out(min_count: int) -> UsageError:
    """The refusal where the system gave less memory than it had free."""
    return UsageError(
        f"itemsets in {min_count:,} baskets or more: the memory ran out; raise the minimum count (--min-count) or limit"
        " the length (--max-len)"
    )


def too_many(found: int, min_count: int, allowed: int) -> UsageError:
    """The refusal to go on once more itemsets are found than there is memory for."""
    return _refusal(min_count, f"{found:,} so far", found * _BYTES_PER_ITEMSET, allowed, None, None)


def most_from_triangles(triangles: int, max_len: int | None) -> float:
    """The most itemsets of three items and more that `triangles` can carry.

    By the theorem of Kruskal and Katona (in Lovász's form) ``C(x, 3)`` triangles close at most ``C(x, k)`` sets of k
    items, so fewer than ``2^x`` in all.

    >>> most_from_triangles(1000, max_len=3)
    1000.0
    >>> most_from_triangles(10, max_len=None) >= 10 + 5 + 1  # five items that all met
    True
    """
    if max_len is not None and max_len <= 3:
        return float(triangles)
    x = np.cbrt(6.0 * triangles) + 2  # C(x, 3) >= triangles
    return float(np.exp2(min(x, 1000.0)))


def estimate(
    matrix: sparse.csr_matrix,
    frequent: FrequentPairs,
    met: Triangles | None,
    max_len: int | None,
    enough: float = _BEYOND_COUNTING,
) -> Work:
    """Estimate the itemsets of every length, up to the length at which they are more than `enough` together.

    The same input gives the same estimate. Expect it within a factor of two of the truth.
    """
    found = [float(len(frequent.rows)), float(len(frequent))]
    rng = np.random.default_rng(0)
    extensions = _Extensions(matrix, frequent)
    many = _walks(frequent)
    walks, weights = _any_pairs(frequent, many, rng) if met is None else _first_pairs(met, many, rng)
    while walks and (max_len is None or len(found) < max_len) and sum(found) <= enough:
        nexts = [_steps(walk, extensions(walk), met) for walk in walks]
        spread = np.array([len(more) for more in nexts], np.float64) * weights
        found.append(float(spread.mean()) / _ways(len(walks[0]) + 1, met))
        if not spread.any():
            break
        drawn = rng.choice(len(walks), size=len(walks), p=spread / spread.sum())
        walks = [tuple(sorted((*walks[w], int(rng.choice(nexts[w]))))) for w in drawn]
        weights = np.full(len(walks), found[-1])
    return Work(np.array(found[:max_len]), _rooms(frequent))


def triangles_in_reach(frequent: FrequentPairs) -> Triangles | None:
    """The triangles of frequent pairs, None where it would take long to find them all."""
    pairs = np.diff(frequent.lists.starts)
    steps = int(pairs[frequent.lists.others].sum())
    return triangles(frequent) if steps <= _MOST_STEPS else None


def _walks(frequent: FrequentPairs) -> int:
    """Walks that are enough, fewer where a step is long: it reads the baskets of an itemset."""
    if not len(frequent):
        return _FEWEST_WALKS
    lines = float(frequent.lists.counts.mean()) * frequent.lines.table.shape[1] / max(int(frequent.counts.max()), 1)
    return int(np.clip(_MOST_LINES / max(lines, 1), _FEWEST_WALKS, _WALKS))


def _steps(walk: Ranks, extensions: NDArray[np.int64], met: Triangles | None) -> NDArray[np.int64]:
    """From the ends of a triangle to its middle, from any other itemset to any extension."""
    if len(walk) > 2 or met is None:
        return extensions
    return extensions[(extensions > walk[0]) & (extensions < walk[1])]


def _ways(length: int, met: Triangles | None) -> int:
    """Walks that lead to one itemset of this length."""
    return length if length > 3 or met is None else 1


def _any_pairs(
    frequent: FrequentPairs, many: int, rng: np.random.Generator
) -> tuple[Sequence[Ranks], NDArray[np.float64]]:
    """Pairs drawn evenly, and their number as the weight of each."""
    drawn = rng.integers(0, len(frequent), many)
    pairs = zip(frequent.lower[drawn].tolist(), frequent.lists.others[drawn].tolist(), strict=True)
    return list(pairs), np.full(many, float(len(frequent)))


def _first_pairs(met: Triangles, many: int, rng: np.random.Generator) -> tuple[Sequence[Ranks], NDArray[np.float64]]:
    """Ends of triangles to start from, all or drawn by their middles, and weights whose mean is the number of all."""
    ends = met.middles.tocoo()
    if ends.nnz <= many:
        return list(zip(ends.row.tolist(), ends.col.tolist(), strict=True)), np.full(ends.nnz, float(ends.nnz))
    share = ends.data / ends.data.sum(dtype=np.float64)
    drawn = rng.choice(ends.nnz, size=many, p=share)
    return list(zip(ends.row[drawn].tolist(), ends.col[drawn].tolist(), strict=True)), 1 / share[drawn]


def _bytes_of(frequent: FrequentPairs, longer: float) -> float:
    """The most bytes that a run can take; often enough to let it run without an estimate."""
    return (len(frequent.rows) + len(frequent) + longer) * _BYTES_PER_ITEMSET + _rooms(frequent)


def _rooms(frequent: FrequentPairs) -> int:
    """Bytes of the baskets that are copied while itemsets are grown, at most, on all cores."""
    return int(frequent.lines_with_pairs.max(initial=0)) * _BYTES_PER_COPIED_LINE


def _estimate_at(matrix: sparse.csr_matrix, min_count: int, max_len: int | None, enough: float) -> Work:
    frequent = frequent_pairs(matrix, min_count)
    return estimate(matrix, frequent, triangles_in_reach(frequent), max_len, enough)


def _least_that(fits: Callable[[int], bool], fails: int) -> int | None:
    """The smallest count above `fails` that `fits`, found by larger and larger steps, then by halving."""
    step = max(1, fails // 4)
    for _ in range(_TRIES):
        if fits(fails + step):
            break
        fails += step
        step = max(1, fails // 4)
    else:
        return None
    while step > 1:
        half = step // 2
        if fits(fails + half):
            step = half
        else:
            fails, step = fails + half, step - half
    return fails + step


def _many(work: Work) -> str:
    return f"{work.itemsets.sum():,.0f} or more (an estimate)"


def _refusal(
    min_count: int, found: str, needed: float, allowed: int, count: int | None, length: int | None
) -> UsageError:
    remedies = []
    if count is not None:
        remedies.append(f"a minimum count of {count:,} (--min-count)")
    if length is not None:
        remedies.append(f"itemsets of at most {length} items (--max-len)")
    advice = f"{' or '.join(remedies)} would do" if remedies else "raise the minimum count or limit the length"
    return UsageError(
        f"itemsets in {min_count:,} baskets or more: {found} need {_size(needed)}, and {_size(allowed)} may be taken;"
        f" {advice}"
    )


def _size(size: float) -> str:
    return f"{size / _GIB:,.1f} GiB" if size >= _GIB else f"{size / _MIB:,.0f} MiB"


def check_rules(rules: int, longest: int, memory_share: float) -> None:
    """Refuse to write more rules than could be held.

    Raises
    ------
    UsageError
        With the number, the bound and the remedy.
    """
    allowed = int(free_memory() * memory_share)
    if rules * _BYTES_PER_RULE > allowed:
        raise UsageError(
            f"{rules:,} rules of up to {longest} items need {_size(rules * _BYTES_PER_RULE)}, and {_size(allowed)} may"
            " be taken; raise the minimum count (--min-count) or limit the itemsets' length (--max-len)"
        )
