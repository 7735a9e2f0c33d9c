"""Services that no order tells of: which are offered beside a cart, for which of its items, and at what price."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import isnan
from typing import Any

from recommender.cart import Cart
from recommender.catalog import Catalog
from recommender.evidence import Reason
from recommender.merchandising.asked import Asked
from recommender.merchandising.policy import Offer, Policy, Target
from recommender.suggestion import Suggestion


@dataclass(frozen=True)
class Made:
    """One offer beside one item of the cart, at a price in the shop's currency."""

    offer: Offer
    beside: int
    price: float | None


@dataclass(frozen=True)
class Offers:
    """The offers of a policy over one catalog.

    Attributes
    ----------
    meant : a byte an item, not 0 where the offer applies to it, by the offer's id.
    rows : item row of offers that are items of the catalog.
    """

    offers: Sequence[Offer]
    catalog: Catalog
    most: int
    meant: Mapping[str, bytes]
    rows: Mapping[str, int]
    _by_placement: dict[str, list[Offer]] = field(default_factory=dict[str, list[Offer]])

    def beside(self, asked: Asked, left_out: Callable[[int], bool]) -> list[Made]:
        """What is offered beside a cart, the highest priority first, at most `most`; `left_out` says of an item row
        whether it must not be shown.
        """
        found: list[Made] = []
        if not self.offers:
            return found
        gone = {*asked.exclude, *asked.cart.missing_items}
        preferred = self._by_preference(asked.cart, only_added=asked.base == "add-on")
        now = asked.at or datetime.now(UTC)
        for offer in self._of(asked.placement):
            if len(found) == self.most:
                break
            row = self.rows.get(offer.offer_id, -1)
            if offer.offer_id in gone or (row >= 0 and left_out(row)) or not _may_see(offer, asked, now):
                continue
            made = self._for_an_item(offer, preferred, row)
            if made is not None:
                found.append(made)
        return found

    def suggestion(self, made: Made) -> Suggestion:
        """An offer as an answer carries it: never preselected, with consent, without a probability."""
        row = self.rows.get(made.offer.offer_id, -1)
        title = made.offer.title or (self.catalog.title(row) if row >= 0 else made.offer.offer_id)
        beside = self.catalog.item_ids[made.beside]
        return Suggestion(
            item_id=made.offer.offer_id,
            title=title,
            price=made.price,
            score=0.0,
            reason=Reason("offer", f"offered with {self.catalog.title(made.beside)}", (beside,)),
            requires_consent=True,
        )

    def _of(self, placement: str) -> list[Offer]:
        if placement not in self._by_placement:
            shown = [offer for offer in self.offers if placement in offer.when.placements and not offer.when.dry_run]
            self._by_placement[placement] = sorted(shown, key=lambda offer: -offer.priority)
        return self._by_placement[placement]

    def _for_an_item(self, offer: Offer, preferred: Iterable[int], row: int) -> Made | None:
        """Beside the item added last where it applies to that, else beside the dearest item that it applies to."""
        meant = self.meant[offer.offer_id]
        for item in preferred:
            if not meant[item] or item == row:
                continue
            price = float(self.catalog.price[item])
            asked = price_of(offer, None if isnan(price) else price)
            if asked is not None:
                return Made(offer, item, asked)
            if not offer.is_priced and row >= 0:
                own = float(self.catalog.price[row])
                return Made(offer, item, None if isnan(own) else own)
        return None

    def _by_preference(self, cart: Cart, *, only_added: bool) -> list[int]:
        last = [cart.added] if cart.added >= 0 else []
        if only_added:
            return last
        price = self.catalog.price
        others = (row for row in cart.rows.tolist() if row != cart.added)
        return last + sorted(others, key=lambda row: 0.0 if isnan(price[row]) else -price[row])


def offers_of(policy: Policy, catalog: Catalog, meant: Callable[[str, Target], Any]) -> Offers:
    """The offers of a policy; `meant` gives bool (items,) of what a target means, by the name of who asks."""
    return Offers(
        offers=policy.offers,
        catalog=catalog,
        most=policy.defaults.most_offers,
        meant={offer.offer_id: meant(offer.name, offer.target).tobytes() for offer in policy.offers},
        rows={o.offer_id: row for o in policy.offers if (row := catalog.row(o.offer_id)) >= 0},
    )


def price_of(offer: Offer, item_price: float | None) -> float | None:
    """What the offer costs beside an item of that price; None where it does not say.

    >>> price_of(Offer("care", Target(), percent=12.5), 79.90)
    9.99
    >>> price_of(Offer("care", Target(), table=((0.0, 100.0, 9.0), (100.0, 500.0, 29.0))), 100.0)
    29.0
    """
    if offer.price is not None:
        return offer.price
    if item_price is None:
        return None
    if offer.percent is not None:
        return round(item_price * offer.percent / 100, 2)
    return next((price for low, below, price in offer.table if low <= item_price < below), None)


def _may_see(offer: Offer, asked: Asked, now: datetime) -> bool:
    when = offer.when
    if (when.starts is not None and now < when.starts) or (when.ends is not None and now >= when.ends):
        return False
    if offer.regions and asked.visitor.region not in map(str.upper, offer.regions):
        return False
    return asked.visitor.age >= offer.minimum_age
