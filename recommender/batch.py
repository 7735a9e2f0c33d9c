"""Many carts at once: JSON Lines in, JSON Lines out, through the same engine as a single cart."""

from __future__ import annotations

import json
import reprlib
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from itertools import islice
from typing import Any, cast

from recommender.cart import CartItem, is_quantity
from recommender.compact_json import compact_json, what_is_not_json
from recommender.engine import Recommender
from recommender.errors import DataError, GoeswithError
from recommender.processes import in_order

CHUNK = 64
MOST_LINE_BYTES = 10_000_000
_CART_FIELDS = frozenset({"cart_id", "items", "customer_id", "at"})
_ITEM_FIELDS = frozenset({"item_id", "quantity"})
_OF_ITEM = "items[]."
_MOST_TOLD = 10


@dataclass(frozen=True)
class CartLine:
    """One line of a carts file.

    Attributes
    ----------
    cart_id : the line's number where the line has none.
    not_used : names of further fields, sorted; those of an item as in ``items[].size``.
    """

    cart_id: str
    items: list[CartItem]
    customer_id: str | None
    at: datetime | None
    not_used: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """What is asked of every cart, as `Recommender.answer` means it."""

    placement: str = "cross-sell"
    k: int = 10
    new_only: bool = False
    filter: str | None = None
    objective: str | None = None


@dataclass(frozen=True)
class Scored:
    """The answers to the carts of some lines: lines of JSON with their line ends, and what is wrong after them.

    `not_used` tells how many of the carts have a field that no cart has, by its name.
    """

    text: bytes
    carts: int
    error: GoeswithError | None = None
    not_used: Mapping[str, int] = field(default_factory=dict[str, int])


def score_lines(
    recommender: Recommender, lines: Iterable[bytes], place: str, asked: Asked, workers: int
) -> Iterator[Scored]:
    """The answers to a JSON Lines file of carts, in its order, made by `workers` processes.

    Raises ``DataError`` for a line that is no cart, ``UsageError`` for what cannot be asked, both after the answers to
    the carts before, and ``StoreError`` where a process dies.
    """

    def score(numbered: tuple[int, list[bytes]]) -> Scored:
        first, some = numbered
        carts: list[CartLine] = []
        answers: list[bytes] = []
        error: GoeswithError | None = None
        try:
            carts.extend(read_carts(some, place, first))
        except GoeswithError as caught:
            error = caught
        try:
            answers.extend(map(compact_json, score_carts(recommender, carts, asked, ready=True)))
        except GoeswithError as caught:
            error = caught
        not_used = Counter(name for cart in carts for name in cart.not_used)
        return Scored(b"".join(answer + b"\n" for answer in answers), len(answers), error, not_used)

    for scored in in_order(score, _chunks(lines), workers):
        yield scored
        if scored.error is not None:
            raise scored.error


def read_carts(lines: Iterable[str | bytes], place: str, first: int = 1) -> Iterator[CartLine]:
    """Carts of a JSON Lines file; blank lines are passed over. `first` is the number of the first line.

    Raises ``DataError`` naming the line, what stands there and what should.

    >>> list(read_carts(['{"items": ["A", {"item_id": "B", "quantity": 2}]}'], "carts"))
    [CartLine(cart_id='1', items=['A', ('B', 2)], customer_id=None, at=None, not_used=())]
    """
    for number, line in enumerate(lines, first):
        if len(line) > MOST_LINE_BYTES:
            raise DataError(f"{place}, line {number}: more than {MOST_LINE_BYTES:,} bytes; write one cart a line")
        if line.strip():
            yield _cart(line, number, f"{place}, line {number}")


def score_carts(
    recommender: Recommender, carts: Sequence[CartLine], asked: Asked, *, ready: bool = False
) -> Iterator[dict[str, Any]]:
    """An answer a cart, in the carts' order, as JSON carries it; `ready` is for `compact_json` alone."""
    answers = recommender.answer_each(
        ((cart.items, cart.customer_id, cart.at) for cart in carts),
        placement=asked.placement,
        k=asked.k,
        new_only=asked.new_only,
        filter=asked.filter,
        objective=asked.objective,
    )
    for cart, answer in zip(carts, answers, strict=True):
        yield {"cart_id": cart.cart_id} | answer.as_json(ready=ready)


def told_of_not_used(not_used: Mapping[str, int]) -> list[str]:
    """A sentence for each field that no cart has: it may be further data, or a name that is written wrongly.

    >>> told_of_not_used({"custmer": 2})
    ["2 carts have the field 'custmer', which is not used; did you mean customer_id?"]
    """
    told = [_told(name, carts) for name, carts in sorted(not_used.items())[:_MOST_TOLD]]
    further = len(not_used) - len(told)
    return told + ([f"{further:,} further fields are not used"] if further else [])


def _told(name: str, carts: int) -> str:
    inside = name.startswith(_OF_ITEM)
    names = sorted(_ITEM_FIELDS if inside else _CART_FIELDS)
    near = get_close_matches(name.removeprefix(_OF_ITEM)[:64], names, 1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
    return f"{carts:,} {'carts have' if carts != 1 else 'cart has'} the field {name!r:.60}, which is not used; {hint}"


def _chunks(lines: Iterable[bytes]) -> Iterator[tuple[int, list[bytes]]]:
    """Some lines at a time, with the number of the first."""
    lines, first = iter(lines), 1
    while some := list(islice(lines, CHUNK)):
        yield first, some
        first += len(some)


def _cart(line: str | bytes, number: int, place: str) -> CartLine:
    try:
        text = line if isinstance(line, str) else line.removeprefix(BOM_UTF8).decode("utf-8", "surrogatepass")
        value: object = _value_of(text.rstrip())
    except UnicodeDecodeError as error:
        told = f"{place}: byte {error.start + 1} is {error.object[error.start]:#04x}, which is not UTF-8"
        raise DataError(f"{told}; save the file as UTF-8 text, unpacked") from error
    except _TwiceError as error:
        raise DataError(f"{place}: the name {error.name!r:.60} stands twice in one object; write it once") from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"{place}: not JSON ({what_is_not_json(error)}); write one object a line") from error
    if not isinstance(value, dict):
        raise DataError(f'{place}: {value!r:.60} is no object; expected {{"items": [...]}}')
    fields = cast("dict[str, Any]", value)
    items = fields.get("items")
    if not isinstance(items, list):
        raise DataError(f'{place}: "items" is {reprlib.repr(items)}; expected a list of item ids')
    customer_id = fields.get("customer_id")
    if customer_id is not None and not isinstance(customer_id, str):
        raise DataError(f'{place}: "customer_id" is {reprlib.repr(customer_id)}; expected text')
    cart_id = fields.get("cart_id")
    if cart_id is not None and (isinstance(cart_id, bool) or not isinstance(cart_id, str | int)):
        raise DataError(f'{place}: "cart_id" is {reprlib.repr(cart_id)}; expected text or a whole number')
    each, others = cast("list[object]", items), fields.keys() - _CART_FIELDS
    cart_items = [item if isinstance(item, str) else _with_quantity(item, place, others) for item in each]
    name = str(number if cart_id is None else cart_id)
    return CartLine(name, cart_items, customer_id, _time(fields.get("at"), place), tuple(sorted(others)))


class _TwiceError(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        seen = set[str]()
        raise _TwiceError(next(name for name, _ in pairs if name in seen or seen.add(name)))
    return fields


_value_of = json.JSONDecoder(object_pairs_hook=_each_once).decode


def _with_quantity(item: Any, place: str, others: set[str]) -> CartItem:
    if isinstance(item, dict):
        fields = cast("dict[str, Any]", item)
        item_id, quantity = fields.get("item_id"), fields.get("quantity", 1)
        if isinstance(item_id, str) and is_quantity(quantity):
            others.update(_OF_ITEM + name for name in fields.keys() - _ITEM_FIELDS)
            return item_id, quantity
    shown = reprlib.repr(cast("object", item))
    raise DataError(f'{place}: item {shown}; expected an id or {{"item_id": text, "quantity": above 0}}')


def _time(text: object, place: str) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(cast("str", text))
    except (TypeError, ValueError) as error:
        raise DataError(
            f'{place}: "at" is {reprlib.repr(text)}; expected an ISO 8601 time like 2026-11-21T10:00:00'
        ) from error
