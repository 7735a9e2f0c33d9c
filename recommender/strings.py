"""Columns of text as two plain arrays, so that they can be memory-mapped and shared between processes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

_STRIDE = 16


@dataclass(frozen=True)
class StringColumn:
    """Text row by row: UTF-8 bytes one after the other, and where each row begins.

    Attributes
    ----------
    data : uint8, shape (total bytes,)
    offsets : int64, shape (rows + 1,); row ``i`` is ``data[offsets[i]:offsets[i + 1]]``.

    >>> column = StringColumn.of(["bread", "milk", ""])
    >>> list(column), column[1], len(column)
    (['bread', 'milk', ''], 'milk', 3)
    """

    data: NDArray[np.uint8]
    offsets: NDArray[np.int64]

    @classmethod
    def of(cls, values: Iterable[str]) -> StringColumn:
        """Encode text; raises ``UnicodeEncodeError`` for lone surrogates."""
        encoded = [value.encode() for value in values]
        offsets = np.zeros(len(encoded) + 1, np.int64)
        np.cumsum([len(value) for value in encoded], out=offsets[1:])
        return cls(np.frombuffer(b"".join(encoded), np.uint8), offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __iter__(self) -> Iterator[str]:
        text = self.data.tobytes()
        bounds = self.offsets.tolist()
        for start, end in pairwise(bounds):
            yield text[start:end].decode()

    def __getitem__(self, row: int) -> str:
        return self.raw(row).decode()

    def raw(self, row: int) -> bytes:
        """The UTF-8 bytes of one row."""
        return self.data[self.offsets[row] : self.offsets[row + 1]].tobytes()

    @cached_property
    def landmarks(self) -> list[bytes]:
        """Every 16th row: a search runs over these, which is fast, before it decodes a row."""
        return [self.raw(row) for row in range(0, len(self), _STRIDE)]


def find(column: StringColumn, value: str) -> int:
    """Row of ``value`` in a column sorted by UTF-8 bytes, or -1.

    >>> column = StringColumn.of(["a", "b", "d"])
    >>> find(column, "b"), find(column, "c")
    (1, -1)
    """
    key = value.encode(errors="surrogatepass")
    start = _STRIDE * max(bisect_right(column.landmarks, key) - 1, 0)
    rows = range(start, min(start + _STRIDE, len(column)))
    row = start + bisect_left(rows, key, key=column.raw)
    return row if row < len(column) and column.raw(row) == key else -1


def by_bytes(values: Iterable[str]) -> list[str]:
    """Sorted by UTF-8 bytes: the order of every id column in a model (it is also the order of code points).

    >>> by_bytes(["é", "z", "a"])
    ['a', 'z', 'é']
    """
    return sorted(values, key=str.encode)
