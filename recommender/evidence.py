"""Why an item is suggested: counts of real baskets, with an interval, in numbers and in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import sqrt
from typing import Any

from recommender.compact_json import ready

Z95 = 1.959963984540054
LEAST_CUSTOMERS = 5
"""Different customers behind what shoppers are told."""
_REMEMBERED = 1 << 10


@dataclass(slots=True, unsafe_hash=True)
class Reason:
    """The evidence of one suggestion; not frozen, which would take three times as long to make.

    Attributes
    ----------
    kind : ``bought-together``, ``similar-baskets``, ``buy-again``, ``similar-customers``, ``category``, ``new``,
        ``similar``, ``trending``, ``bestseller``.
    because : ids of the cart's items that it rests on.
    count, of : baskets with the item, of those with `because` (of all, or of the customer's own, where that is empty);
        None where there is no such count.
    lift : confidence over the item's share of all baskets; None where there is no count.
    customers : different customers behind the counts or those that `text` tells, `recommender.model.MOST_CUSTOMERS` of
        more; a basket without a customer counts as one. None where nothing is counted.
    text : one sentence for people.
    """

    kind: str
    text: str
    because: tuple[str, ...] = ()
    count: int | None = None
    of: int | None = None
    lift: float | None = None
    customers: int | None = None
    _told: dict[str, Any] | None = field(default=None, init=False, repr=False, compare=False)
    _ready: Any = field(default=None, init=False, repr=False, compare=False)

    @property
    def confidence(self) -> float | None:
        """`count` over `of`; None where nothing was counted."""
        return self._shares()[0]

    @property
    def confidence_low(self) -> float | None:
        """The lower end of its 95% interval, of Wilson."""
        return self._shares()[1]

    @property
    def confidence_high(self) -> float | None:
        """The upper end of it."""
        return self._shares()[2]

    def as_json(self) -> dict[str, Any]:
        """The reason as HTTP and files carry it; confidence and its 95% interval follow from the counts."""
        told = self._told
        if told is None:  # once, as the same reason is told of many carts
            told = self._told = self._figures_and_text()
        return {"kind": self.kind, "because": list(self.because), **told}

    def as_ready_json(self) -> Any:
        """`as_json` as a part of what `compact_json` writes."""
        if self._ready is None:
            self._ready = ready(self.as_json())
        return self._ready

    def _shares(self) -> tuple[float, float, float] | tuple[None, None, None]:
        """The confidence and both ends of its interval."""
        if self.count is None or not self.of:
            return None, None, None
        return self.count / self.of, *wilson_interval(self.count, self.of)

    def _figures_and_text(self) -> dict[str, Any]:
        value: dict[str, Any] = {}
        confidence, low, high = self._shares()
        if confidence is not None:
            value |= {"count": self.count, "of": self.of}
            value |= {"confidence": confidence, "confidence_low": low, "confidence_high": high}
        if self.lift is not None:
            value["lift"] = self.lift
        if self.customers is not None:
            value["customers"] = self.customers
        value["text"] = self.text
        return value


def wilson_interval(count: int, of: int, z: float = Z95) -> tuple[float, float]:
    """Wilson's score interval of a share (Wilson 1927): `count` of `of`, `z` standard deviations wide.

    >>> low, high = wilson_interval(212, 1940)
    >>> round(low, 3), round(high, 3)
    (0.096, 0.124)
    >>> wilson_interval(0, 0)
    (0.0, 1.0)
    """
    if of <= 0:
        return 0.0, 1.0
    share = count / of
    spread = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    middle, scale = share + z * z / (2 * of), 1 + z * z / of
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def bought_with(
    kind: str, because: Sequence[str], titles: Sequence[str], count: int, of: int, lift: float, customers: int
) -> Reason:
    """Evidence of items that met in baskets: `count` of the `of` baskets with `because` held it too.

    >>> bought_with("bought-together", ["7"], ["Mouse"], 212, 1940, 5.2, 180).text
    '212 of 1,940 baskets with Mouse had it too'
    """
    text = f"{count:,} of {of:,} baskets with {' and '.join(titles)} had it too"
    return Reason(kind, text, tuple(because), count, of, lift, customers)


def bundled(count: int, of: int, expected: float) -> str:
    """Evidence of a bundle: `count` of the `of` baskets with one of its items held all, `expected` by luck.

    >>> bundled(58, 700, 11.31)
    'all in 58 of the 700 baskets with one of them, where luck would give 11'
    """
    return f"all in {count:,} of the {of:,} baskets with one of them, where luck would give {expected:,.0f}"


def boxed(count: int, of: int, title: str) -> str:
    """Evidence of a box: `count` of the `of` baskets with its first item held all of it.

    >>> boxed(58, 700, "Touring tyre")
    '58 of 700 baskets with Touring tyre held all of it'
    """
    return f"{count:,} of {of:,} baskets with {title} held all of it"


@lru_cache(_REMEMBERED)
def bought_before(count: int, of: int) -> Reason:
    """Evidence from the customer's own orders, and nobody else's: `count` of `of` held the item.

    >>> bought_before(5, 12).text
    'in 5 of 12 earlier orders of this customer'
    """
    return Reason("buy-again", f"in {count:,} of {of:,} earlier orders of this customer", (), count, of, None, 1)


def sells(kind: str, where: str, count: int, of: int, customers: int, *, well: bool = True) -> Reason:
    """Evidence of an item that sells without regard to the cart; it is called a bestseller where it sells `well`.

    >>> sells("category", "Audio", 80, 1200, 75).text
    'a bestseller in Audio: in 80 of 1,200 baskets'
    >>> sells("bestseller", "", 4, 1200, 4, well=False).text
    'in 4 of all 1,200 baskets'
    """
    best = f"a bestseller{where and f' in {where}'}"
    text = f"{best}: in {count:,} of {of:,} baskets" if well else f"in {count:,} of all {of:,} baskets"
    return Reason(kind, text, (), count, of, None, customers)


def rises(recent: int, expected: float, customers: int) -> Reason:
    """Evidence of a trend: baskets of late against those that the item's earlier share would have given.

    >>> rises(31, 8.2, 29).text
    'sold in 31 baskets of late where 8 were expected'
    """
    text = f"sold in {recent:,} baskets of late where {expected:,.0f} were expected"
    return Reason("trending", text, customers=customers)


def comes_new(because: Sequence[str], name: str) -> Reason:
    """Evidence of an item that has hardly been sold: what it goes with by category, brand or title, without counts.

    >>> comes_new(["7"], "Printers").text
    'new, goes with Printers'
    """
    return Reason("new", f"new, goes with {name}" if because else "new", tuple(because))


def replaces(because: str, title: str, count: int, of: int, expected: float, lift: float, customers: int) -> Reason:
    """Evidence of a substitute: `count` of the `of` baskets with the item `because` held both, `expected` by luck.

    >>> replaces("7", "Large eggs", 3, 2683, 100.4, 0.03, 3).text
    'instead of Large eggs: 3 baskets held both where 100.4 were expected'
    """
    text = f"instead of {title}: {count:,} baskets held both where {expected:,.1f} were expected"
    return Reason("similar", text, (because,), count, of, lift, customers)


def varies(because: str, title: str) -> Reason:
    """Evidence of another variant of the product.

    >>> varies("7", "Blue mug").text
    'another variant of Blue mug'
    """
    return Reason("similar", f"another variant of {title}", (because,))
