"""What changed against an earlier version: rows that are new or differ, and keys that are no more."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from training.exports.cells import Row


class Changes:
    """Rows of today held against those of an earlier version.

    Parameters
    ----------
    before : the earlier rows.
    key : how many of the first cells tell a row apart.

    >>> changes = Changes([("a", 1), ("b", 2), ("c", 3)], key=1)
    >>> list(changes.of([("b", 2), ("c", 4), ("d", 5)]))
    [('c', 4), ('d', 5)]
    >>> changes.new, changes.changed, changes.lost()
    (1, 1, [('a',)])
    """

    def __init__(self, before: Iterable[Row], key: int) -> None:
        self._key = key
        self._before = {row[:key]: _digest(row) for row in before}
        self._seen: set[Row] = set()
        self.new = self.changed = 0

    def of(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows that were not there, or not like this, in their order."""
        for row in rows:
            key = row[: self._key]
            self._seen.add(key)
            before = self._before.get(key)
            if before is None:
                self.new += 1
                yield row
            elif before != _digest(row):
                self.changed += 1
                yield row

    def lost(self) -> list[Row]:
        """Keys that no row has any more, in the earlier order; ask once all rows have passed."""
        return [key for key in self._before if key not in self._seen]


def _digest(row: Row) -> bytes:
    return hashlib.blake2b(repr(row).encode("utf-8", "surrogatepass"), digest_size=16).digest()
