"""Further columns of the catalogue: what filters can ask for and exports can write, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recommender.strings import StringColumn, by_bytes, find


@dataclass(frozen=True)
class Attributes:
    """Text by item and attribute, each different text kept once; numbers stay text.

    Attributes
    ----------
    names : text, sorted; lower case, as filters name them (``colour``, ``url``, ``added_at``).
    values : text, sorted, every text that some item has.
    codes : int32 (attributes, items), row in `values`, -1 where an item has none.

    >>> shop = Attributes.of(["a", "b"], {"colour": ["red", ""]})
    >>> shop.value("colour", 0), shop.value("colour", 1), shop.value("size", 0)
    ('red', '', '')
    """

    names: StringColumn = field(default_factory=lambda: StringColumn.of(()))
    values: StringColumn = field(default_factory=lambda: StringColumn.of(()))
    codes: NDArray[np.int32] = field(default_factory=lambda: np.empty((0, 0), np.int32))

    @classmethod
    def of(cls, item_ids: Sequence[str], columns: Mapping[str, Sequence[str]]) -> Attributes:
        """From a text an item for each attribute, "" where an item has none."""
        names = by_bytes(columns)
        values = by_bytes({text for column in columns.values() for text in column} - {""})
        rows = {text: row for row, text in enumerate(values)}
        codes = np.full((len(names), len(item_ids)), -1, np.int32)
        for place, name in enumerate(names):
            codes[place] = [rows.get(text, -1) for text in columns[name]]
        return cls(StringColumn.of(names), StringColumn.of(values), codes)

    def codes_of(self, name: str) -> NDArray[np.int32] | None:
        """int32 (items,), rows in `values` of the attribute `name`; None where the catalogue has no such column."""
        row = find(self.names, name)
        return None if row < 0 else self.codes[row]

    def value(self, name: str, item: int) -> str:
        """The text of one item, "" where it has none."""
        codes = self.codes_of(name)
        return "" if codes is None or codes[item] < 0 else self.values[int(codes[item])]
