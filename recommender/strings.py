"""Columns of text as two plain arrays, so that they can be memory-mapped and shared between processes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

_CRC_OF_BYTE = np.array([crc32(bytes([255 - byte])) ^ 0xFF000000 for byte in range(256)], np.uint32)
_LONG = 64
_ROW_BITS, _ROW = np.uint64(32), np.uint64(2**32 - 1)


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
        return str(self._bytes[self._bounds[row] : self._bounds[row + 1]], "utf-8")

    def raw(self, row: int) -> bytes:
        """The UTF-8 bytes of one row."""
        return bytes(self._bytes[self._bounds[row] : self._bounds[row + 1]])

    @cached_property
    def _bytes(self) -> memoryview:
        """The data as slices of it are taken fastest."""
        return np.ascontiguousarray(self.data).data

    @cached_property
    def _bounds(self) -> memoryview:
        return np.ascontiguousarray(self.offsets).data

    @cached_property
    def buckets(self) -> tuple[memoryview, memoryview]:
        """Rows by the checksum of their bytes: the first place of each bucket, int32, and the rows, int32."""
        number = 1 << max(len(self) - 1, 1).bit_length()
        bucket = checksums(self) & np.uint32(number - 1)
        firsts = np.concatenate([[0], np.cumsum(np.bincount(bucket, minlength=number))])
        _, rows = _rows_by(bucket)
        return firsts.astype(np.int32).data, rows.astype(np.int32).data


def checksums(column: StringColumn) -> NDArray[np.uint32]:
    """uint32 (rows,), the CRC-32 (ISO 3309) of each row's bytes, as `zlib.crc32` gives it.

    >>> int(checksums(StringColumn.of(["", "bread"]))[1]) == crc32(b"bread")
    True
    """
    lengths = np.diff(column.offsets)
    sums = np.empty(len(column), np.uint32)
    for row in np.flatnonzero(lengths > _LONG).tolist():
        sums[row] = crc32(column.raw(row))
    shorter = np.flatnonzero(lengths <= _LONG)
    longest_first = shorter[np.argsort(-lengths[shorter], kind="stable")]
    starts, lengths = column.offsets[longest_first], lengths[longest_first]
    found = np.full(len(shorter), 0xFFFFFFFF, np.uint32)
    for place in range(int(lengths.max(initial=0))):
        rows = int(np.searchsorted(-lengths, -place))
        byte = column.data[starts[:rows] + place]
        found[:rows] = _CRC_OF_BYTE[(found[:rows] ^ byte) & 255] ^ (found[:rows] >> 8)
    sums[longest_first] = ~found
    return sums


def _rows_by(numbers: NDArray[np.uint32]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """The numbers, rising, and the row of each."""
    in_order = np.sort(numbers.astype(np.uint64) << _ROW_BITS | np.arange(len(numbers), dtype=np.uint64))
    return in_order >> _ROW_BITS, in_order & _ROW


def find(column: StringColumn, value: str) -> int:
    """Row of ``value`` in a column of different texts, or -1.

    >>> column = StringColumn.of(["a", "b", "d"])
    >>> find(column, "b"), find(column, "c")
    (1, -1)
    """
    key = value.encode(errors="surrogatepass")
    firsts, rows = column.buckets
    bucket = crc32(key) & (len(firsts) - 2)
    for place in range(firsts[bucket], firsts[bucket + 1]):
        if column.raw(rows[place]) == key:
            return rows[place]
    return -1


def has_twice(column: StringColumn) -> bool:
    """Whether two rows are the same text.

    >>> has_twice(StringColumn.of(["b", "a"])), has_twice(StringColumn.of(["b", "a", "b"]))
    (False, True)
    """
    sums, rows = _rows_by(checksums(column))
    alike = np.zeros(len(rows) + 1, np.bool_)
    alike[1:-1] = sums[1:] == sums[:-1]
    texts = [column.raw(row) for row in rows[alike[:-1] | alike[1:]].tolist()]
    return len(set(texts)) < len(texts)


def by_bytes(values: Iterable[str]) -> list[str]:
    """Sorted by UTF-8 bytes, which is the order of code points too: customers of a model, and items that sold alike.

    >>> by_bytes(["é", "z", "a"])
    ['a', 'z', 'é']
    """
    return sorted(values, key=str.encode)
