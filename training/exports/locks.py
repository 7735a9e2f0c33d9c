"""What a person has curated: relations that an export writes as they are given, or leaves alone."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from recommender.compact_json import what_is_not_json
from recommender.engine import PLACEMENTS
from recommender.errors import DataError
from recommender.shelf import shown

EVERY = "*"
BUNDLE = "bundle"
_MOST_BYTES = 100_000_000
UNTOUCHED: tuple[str, ...] = ()


@dataclass(frozen=True)
class Locks:
    """Locked relations by item id and relation.

    Attributes
    ----------
    related : for ``(item_id, relation)`` the ids to write, in order; none of them where it is to be left untouched.
    """

    related: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    def of(self, item_id: str, relation: str) -> tuple[str, ...] | None:
        """The ids to write, `UNTOUCHED` for none of ours, None where nothing is locked.

        >>> locks = Locks({("A", "*"): (), ("B", "upsell"): ("C",)})
        >>> locks.of("A", "upsell"), locks.of("B", "upsell"), locks.of("B", "add-on")
        ((), ('C',), None)
        """
        return self.related.get((item_id, relation), self.related.get((item_id, EVERY)))

    def touch(self, item_id: str) -> bool:
        """True where any relation of an item is locked."""
        return item_id in self._items

    @cached_property
    def _items(self) -> frozenset[str]:
        return frozenset(item_id for item_id, _ in self.related)


def read_locks(path: Path | None) -> Locks:
    """Locks of a CSV (``item_id,relation,related``, one related id a row) or JSON Lines file (``related`` a list).

    A relation is a placement or ``bundle``; empty or ``*`` means all of an item's relations. Without a related id the
    relation is left untouched.

    Raises ``DataError`` naming the line, what stands there and what should.
    """
    if path is None:
        return Locks()
    related: dict[tuple[str, str], tuple[str, ...]] = {}
    for place, item_id, relation, ids in _lines(path):
        key = (item_id, relation)
        if key in related and (not ids or not related[key]):
            raise DataError(f"{place}: {shown(item_id)} is both left untouched and given ids for {relation}; keep one")
        if relation == EVERY and ids:
            raise DataError(f"{place}: ids for every relation of {shown(item_id)}; name the relation they belong to")
        if item_id in ids:
            raise DataError(f"{place}: {shown(item_id)} is related to itself; take it out")
        related[key] = tuple(dict.fromkeys((*related.get(key, ()), *ids)))
    return Locks(related)


def _lines(path: Path) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    try:
        with path.open("rb") as raw:
            data = raw.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise DataError(f"{path}: more than {_MOST_BYTES:,} bytes; name a CSV or JSON Lines file (--locked)")
        with io.TextIOWrapper(io.BytesIO(data), encoding="utf-8-sig", newline="") as file:
            rows = _json_rows(file, path) if path.suffix.lower() == ".jsonl" else _csv_rows(file, path)
            for place, row in rows:
                yield place, *_understood(row, place)
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 ({error.reason} at byte {error.start:,}); save it again as such") from error
    except csv.Error as error:
        raise DataError(f"{path}: not readable as CSV ({error}); save it again as such") from error
    except OSError as error:
        raise DataError(
            f"{path}: cannot be read ({error.strerror}); name a CSV or JSON Lines file (--locked)"
        ) from error


def _csv_rows(file: Any, path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    reader = csv.DictReader(file, strict=True)
    names = reader.fieldnames or ()
    if "item_id" not in names:
        there = ", ".join(shown(name) for name in list(names)[:10]) or "none"
        raise DataError(f"{path}: no column item_id among {there}; expected item_id,relation,related")
    for row in reader:
        place = f"{path}, line {reader.line_num:,}"
        if None in row:
            raise DataError(f"{place}: more cells than the header has columns; quote cells that hold commas")
        related = row.get("related") or ""
        yield place, row | {"related": [related] if related else []}


def _json_rows(file: Any, path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for number, line in enumerate(file, 1):
        place = f"{path}, line {number:,}"
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DataError(f"{place}: not JSON ({what_is_not_json(error)}); write one object a line") from error
        if not isinstance(row, dict):
            raise DataError(
                f'{place}: {row!r:.60} is no object; expected {{"item_id": …, "relation": …, "related": […]}}'
            )
        yield place, row


def _understood(row: Mapping[str, Any], place: str) -> tuple[str, str, tuple[str, ...]]:
    item_id, relation, related = row.get("item_id"), row.get("relation") or EVERY, row.get("related") or []
    if not isinstance(item_id, str) or not item_id:
        raise DataError(f"{place}: item_id is {shown(item_id)}; expected an item's id")
    known = dict.fromkeys((EVERY, BUNDLE, *PLACEMENTS, "upsell"))
    if relation not in known:
        raise DataError(f"{place}: relation {shown(relation)}: no such relation; there are {', '.join(known)}")
    if not isinstance(related, list) or not all(isinstance(other, str) and other for other in related):
        raise DataError(f"{place}: related is {shown(related)}; expected item ids")
    return item_id, relation, tuple(related)
