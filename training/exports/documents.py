"""Target `static`: a folder with a JSON document for every item, for a CDN or a shop without a service.

A document is what ``GET /v1/items/{item_id}/bundle`` and ``GET /v1/items/{item_id}/suggestions`` answer, without the
ids of model and request, so that it changes with its content alone. What is for the merchant alone is not in it.
"""

from __future__ import annotations

import hashlib
import json
import string
from collections.abc import Iterable
from typing import Any

from recommender.links import add_links
from recommender.shoppers import box_for_shoppers, document_for_shoppers
from training.exports.cells import Column, Row
from training.exports.source import Source
from training.exports.target import Target

K = 10
PLACEMENTS_SHOWN = ("bought-together", "cross-sell", "add-on", "upsell")
ITEMS = "items"
_PLAIN = frozenset((string.ascii_letters + string.digits + "-_").encode())
_LONGEST = 180
_DEVICES = frozenset({"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(1, 10))})
_COLUMNS = (Column("file", "id"), Column("document", "text"))


def file_name(item_id: str) -> str:
    """A name for any id that every file system and every address can hold.

    Letters, digits, ``-`` and ``_`` stand for themselves, every other byte of its UTF-8 is written ``~`` and two hex
    digits; so is the first of a name that Windows keeps for a device. What is longer than 180 characters is cut, and
    ends with its hash.

    >>> file_name("A-7"), file_name("../é"), file_name("con")
    ('A-7.json', '~2E~2E~2F~C3~A9.json', '~63on.json')
    """
    data = item_id.encode("utf-8", "surrogatepass")
    name = "".join(chr(byte) if byte in _PLAIN else f"~{byte:02X}" for byte in data)
    if name.upper() in _DEVICES:
        name = f"~{data[0]:02X}{name[1:]}"
    if len(name) > _LONGEST:
        name = f"{name[:_LONGEST].rsplit('~', 1)[0]}~~{hashlib.sha256(data).hexdigest()[:16]}"
    return f"{name}.json"


def _columns(_source: Source) -> tuple[Column, ...]:
    return _COLUMNS


def _rows(source: Source, first: int, end: int) -> Iterable[Row]:
    known = source.recommender.policy.placement_names()
    placements = [name for name in PLACEMENTS_SHOWN if name in known]
    for row in range(first, end):
        if not source.ids.holds[row]:
            continue
        name, item_id = f"{ITEMS}/{file_name(source.ids.texts[row])}", source.catalog.item_ids[row]
        if source.locks.touch(item_id):
            source.told.add("documents of items with locked relations left untouched", item_id)
            yield (name, None)
        else:
            document = _document(source, row, placements)
            text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
            yield (name, text)


def _document(source: Source, row: int, placements: list[str]) -> dict[str, Any]:
    item_id, k = source.catalog.item_ids[row], source.options.k or K
    document = source.recommender.bundle_answer(item_id).as_json()
    box_for_shoppers(document["bundle"])
    if document["bundle"] is not None:
        add_links(document["bundle"]["items"], source.catalog)
    suggestions: dict[str, Any] = {}
    for placement in placements:
        answer = source.recommender.answer([item_id], placement=placement, k=k).as_json()
        document_for_shoppers(answer)
        add_links(answer["suggestions"], source.catalog)
        suggestions[placement] = answer["suggestions"]
    return document | {"suggestions": suggestions}


STATIC = Target("static", _columns, 1, _rows, formats={}, k=K, folder=True)
