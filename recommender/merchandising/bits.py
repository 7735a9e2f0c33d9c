"""Which rules mean which items: a whole number a row, whose bit r is set where rule r means the row's item."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray


class RuleBits:
    """Rules by item, kept as few different numbers and a code an item, so that a request only looks up.

    Parameters
    ----------
    masks : bool (items,) a rule.
    """

    def __init__(self, masks: Sequence[NDArray[np.bool_]], items: int) -> None:
        packed = np.zeros((items, 0), np.uint8)
        if masks:
            packed = np.packbits(np.column_stack(masks), axis=1, bitorder="little")
        different, codes = _different_rows(packed)
        self._patterns = [int.from_bytes(row.tobytes(), "little") for row in different] or [0]
        self._codes = codes.data
        self._items = np.bincount(codes, minlength=len(self._patterns)).tolist()

    def patterns(self) -> list[tuple[int, int]]:
        """Every set of rules that means some item, and how many items it means."""
        return list(zip(self._patterns, self._items, strict=True))

    def of(self, row: int) -> int:
        """The rules that mean one item.

        >>> RuleBits([np.array([True, False]), np.array([True, True])], 2).of(1)
        2
        """
        return self._patterns[self._codes[row]]

    def of_any(self, rows: Iterable[int]) -> int:
        """The rules that mean one of some items at least."""
        found = 0
        for row in rows:
            found |= self._patterns[self._codes[row]]
        return found


def _different_rows(packed: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """The different rows of uint8 (items, width), and which of them each row is; told apart by checksums."""
    keys = np.random.default_rng(0).integers(0, 1 << 63, packed.shape[1], np.uint64)
    sums = np.zeros(len(packed), np.uint64)
    for column, key in enumerate(keys):
        sums += (packed[:, column].astype(np.uint64) + np.uint64(1)) * key
        sums ^= sums >> np.uint64(29)
    _, first, codes = np.unique(sums, return_index=True, return_inverse=True)
    different, codes = packed[first], codes.reshape(-1).astype(np.int32)
    if not np.array_equal(different[codes], packed):
        different, codes = np.unique(packed, axis=0, return_inverse=True)
    return different, codes.reshape(-1).astype(np.int32)


def bits_of(places: Iterable[int]) -> int:
    """The number whose bits at `places` are set.

    >>> bits_of([0, 3])
    9
    """
    found = 0
    for place in places:
        found |= 1 << place
    return found


def places_of(bits: int) -> list[int]:
    """The places of the set bits, ascending.

    >>> places_of(9)
    [0, 3]
    """
    found: list[int] = []
    while bits:
        lowest = bits & -bits
        found.append(lowest.bit_length() - 1)
        bits ^= lowest
    return found


class Factors:
    """What boosts multiply the chance of items by: logarithms summed by table, eight rules a lookup.

    Parameters
    ----------
    masks : bool (items,) a boost.  factors : above 0, one a boost.
    """

    def __init__(self, masks: Sequence[NDArray[np.bool_]], factors: Sequence[float], items: int) -> None:
        self._member = np.zeros((items, 0), np.uint8)
        if masks:
            self._member = np.packbits(np.column_stack(masks), axis=1, bitorder="little")
        width = self._member.shape[1]
        logs = np.zeros(8 * width)
        logs[: len(factors)] = np.log(np.asarray(factors, np.float64))
        bits = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little")
        self._tables = (logs.reshape(width, 8) @ bits.T.astype(np.float64)).reshape(-1)
        self._starts = 256 * np.arange(width)
        self._width = width

    def logs(self, rows: NDArray[np.int32], active: int) -> NDArray[np.float64] | None:
        """float64 (rows,), the log of each item's factor under the boosts of `active`; None where none means any."""
        applying = np.frombuffer(active.to_bytes(self._width, "little"), np.uint8)
        hits = self._member[rows] & applying
        if not hits.any():
            return None
        return self._tables[hits + self._starts].sum(axis=1)
