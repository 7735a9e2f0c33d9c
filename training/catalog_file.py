"""The catalogue: from a file to checked columns, and from those and the orders' items to the model's catalogue."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.attributes import Attributes
from recommender.catalog import LEVEL_SEPARATOR, Catalog
from recommender.compact_json import what_is_not_json
from recommender.errors import DataError
from recommender.strings import StringColumn, by_bytes
from training import fingerprint
from training.baskets import Baskets
from training.catalog_attributes import attribute_columns, unused_columns
from training.catalog_cells import (
    CATALOG_COLUMNS,
    MAX_ATTRIBUTE,
    MAX_TITLE,
    CatalogColumns,
    CatalogSource,
    Troubles,
    understand,
)
from training.columns import Column, as_text, identifier, match_columns, plain_name
from training.delimited import open_unpacked, refuse_endless_line
from training.sources import SourceFile, find_files
from training.views import View, connect, file_view, is_path, place_of, plain_errors, table_view, unreadable_lines

__all__ = ["CatalogColumns", "build_catalog", "items_by_sales", "read_catalog"]

_WINDOWS = 5
_Cells = dict[str, list[Any]]


def read_catalog(source: object) -> CatalogColumns:
    """Read and check a catalogue: CSV, Parquet or JSON Lines (file, glob, folder), a query, or an Arrow object.

    Only `item_id` is required; column names are found in any letter case. What is wrong is told in `findings`; an item
    that comes twice keeps its first row.

    Raises ``DataError`` where there is no column `item_id`, no item, or where the input cannot be read.
    """
    troubles = Troubles()
    connection = connect()
    with plain_errors(place_of(source)):
        if is_path(source):
            files = find_files(os.fspath(source), ("csv", "parquet", "jsonl"))  # type: ignore[call-overload]  # a path
            parts = [_file_cells(connection, file, troubles) for file in files]
            cells, further = _joined(parts)
            digest = fingerprint.of_files((file.path for file in files), {"kind": files[0].kind})
            origin = CatalogSource(further, tuple(file.name for file in files), digest)
        else:
            with table_view(connection, source) as view:
                cells, further = _view_cells(connection, view)
            origin = CatalogSource(further, (), fingerprint.of_cells(cells))
    for name in further:
        troubles.add("catalog-unused-columns", -1, name)
    columns = understand(cells, origin, troubles)
    if not columns.item_ids:
        raise DataError(f"{place_of(source)}: no item; at least one row with an item_id is needed")
    return columns


def items_by_sales(baskets: Baskets, columns: CatalogColumns | None, holdout_share: float) -> list[str]:
    """Every item of the orders and of the catalogue once, those of most early orders first, equal ones by UTF-8 bytes.

    What carts ask for together then lies together in memory. Where two items are as good as each other the lower row
    goes first, so only orders count that are earlier than every window that a ranking is fitted on or measured by.

    Parameters
    ----------
    holdout_share : share of the last orders in each window, see `training.config.BacktestConfig`.
    """
    early = baskets.part(0, int(len(baskets) * (1 - holdout_share) ** _WINDOWS))
    orders = np.bincount(early.items, minlength=len(baskets.item_ids)).tolist()
    sold = dict(zip(baskets.item_ids, orders, strict=True))
    every = by_bytes({*baskets.item_ids, *(columns.item_ids if columns else ())})
    return sorted(every, key=lambda item_id: -sold.get(item_id, 0))


def build_catalog(
    item_ids: Sequence[str],
    columns: CatalogColumns | None,
    *,
    prices: NDArray[np.float64],
    costs: NDArray[np.float64],
    return_rate: NDArray[np.float32],
) -> Catalog:
    """The model's catalogue for `item_ids`, all different.

    Parameters
    ----------
    columns : the catalogue file; an item that it does not name is for sale, with `listed` 0 and without a title.
    prices, costs : float64 (items,), the orders' medians, NaN unknown; used where the catalogue has none.
    return_rate : float32 (items,), the orders' share of returned pieces; used where the catalogue has none.
    """
    places = {item_id: row for row, item_id in enumerate(columns.item_ids)} if columns else {}
    rows = np.array([places.get(item_id, -1) for item_id in item_ids], np.int64)
    listed = rows >= 0

    def text(values: Sequence[str]) -> list[str]:
        return [values[row] if row >= 0 else "" for row in rows.tolist()]

    def known(values: NDArray[Any], otherwise: NDArray[Any]) -> NDArray[np.float64]:
        told = np.full(len(rows), np.nan)
        told[listed] = values[rows[listed]]
        return np.where(np.isnan(told), otherwise, told)

    def flag(values: NDArray[np.uint8], otherwise: int) -> NDArray[np.uint8]:
        flags = np.full(len(rows), otherwise, np.uint8)
        flags[listed] = values[rows[listed]]
        return flags

    c = _nothing() if columns is None else columns
    paths = text(c.categories)
    categories = _with_prefixes(paths)
    brands = by_bytes(set(text(c.brands)) - {""})
    groups = by_bytes(set(text(c.groups)) - {""})
    return Catalog(
        item_ids=StringColumn.of(item_ids),
        titles=StringColumn.of(text(c.titles)),
        item_category=_codes(paths, categories),
        categories=StringColumn.of(categories),
        category_parent=_codes([path.rpartition(LEVEL_SEPARATOR)[0] for path in categories], categories),
        item_brand=_codes(text(c.brands), brands),
        brands=StringColumn.of(brands),
        item_group=_codes(text(c.groups), groups),
        price=known(c.price, prices),
        cost=known(c.cost, costs),
        stock=known(c.stock, np.full(len(rows), np.nan)),
        active=flag(c.active, 1),
        service=flag(c.service, 0),
        return_rate=known(c.return_rate, return_rate).astype(np.float32),
        listed=listed.astype(np.uint8),
        attributes=Attributes.of(item_ids, {name: text(column) for name, column in _attributes(c).items()}),
    )


def _attributes(columns: CatalogColumns) -> dict[str, list[str]]:
    """The further columns, and the groups' names, of which the catalog itself keeps numbers."""
    return columns.attributes | ({"group": columns.groups} if "group" in columns.present else {})


def _nothing() -> CatalogColumns:
    return understand({"item_id": []}, CatalogSource((), (), ""), Troubles())


def _with_prefixes(paths: Sequence[str]) -> list[str]:
    prefixes: set[str] = set()
    for path in set(paths) - {""}:
        prefixes.update(accumulate(path.split(LEVEL_SEPARATOR), lambda above, level: above + LEVEL_SEPARATOR + level))
    return by_bytes(prefixes)


def _codes(values: Sequence[str], names: Sequence[str]) -> NDArray[np.int32]:
    rows = {name: row for row, name in enumerate(names)}
    return np.array([rows.get(value, -1) for value in values], np.int32)


def _file_cells(connection: Any, file: SourceFile, troubles: Troubles) -> tuple[_Cells, tuple[str, ...]]:
    with plain_errors(str(file.path)):
        if file.kind != "parquet":
            refuse_endless_line(file)
        if file.kind == "jsonl":
            return _json_cells(file)
        view = file_view(connection, file, CATALOG_COLUMNS)
        found = _view_cells(connection, view)
        for line in unreadable_lines(connection, file, view):
            troubles.add("catalog-unreadable-lines", line.record, line.text, reason=line.reason)
        return found


def _view_cells(connection: Any, view: View) -> tuple[_Cells, tuple[str, ...]]:
    found = match_columns(view.place, view.columns, CATALOG_COLUMNS, ("item_id",), {})
    attributes = attribute_columns(view.columns)
    cells = ", ".join(
        f"{as_text(column, limit + 1)} AS {identifier(name)}"
        for columns, limit in ((found, MAX_TITLE), (attributes, MAX_ATTRIBUTE))
        for name, column in columns.items()
    )
    table = connection.sql(f"SELECT {cells} FROM {view.sql}").to_arrow_table()
    return table.to_pydict(), unused_columns(view.columns, attributes)


def _json_cells(file: SourceFile) -> tuple[_Cells, tuple[str, ...]]:
    rows: list[Mapping[str, Any]] = []
    names: dict[str, None] = {}
    with open_unpacked(file) as stream, io.BufferedReader(stream) as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                rows.append(_json_row(file, number, line))
                names.update(dict.fromkeys(rows[-1]))
    there = [Column(name, name) for name in names]
    found = match_columns(str(file.path), there, CATALOG_COLUMNS, ("item_id",), {})
    attributes = attribute_columns(there)
    cells = {ours: [row.get(column.name) for row in rows] for ours, column in (found | attributes).items()}
    return cells, unused_columns(there, attributes)


def _json_row(file: SourceFile, number: int, line: bytes) -> Mapping[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"{file.path}: line {number:,}: not JSON ({what_is_not_json(error)}); write one object a line"
        ) from error
    if not isinstance(row, dict):
        raise DataError(f"{file.path}: line {number:,}: {type(row).__name__} instead of an object; write one a line")
    return row


def _joined(parts: Sequence[tuple[_Cells, tuple[str, ...]]]) -> tuple[_Cells, tuple[str, ...]]:
    present = dict.fromkeys(name for cells, _ in parts for name in cells)
    joined: _Cells = {name: [] for name in present}
    for cells, _ in parts:
        for name in present:
            joined[name].extend(cells.get(name) or [None] * len(cells["item_id"]))
    further = {plain_name(name): name for _, names in parts for name in names}
    return joined, tuple(further.values())
