"""A policy at work over one model: what a request may be shown, and in which places."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from recommender.cart import Cart
from recommender.customers import Customers
from recommender.filters import Masks
from recommender.merchandising.asked import Asked
from recommender.merchandising.compiled import Rules
from recommender.merchandising.defaults import BoughtRecently, may_be_sold, unsellable
from recommender.merchandising.filling import Filled, Sieve, fill_by_rules
from recommender.merchandising.policy import Policy
from recommender.merchandising.whynot import WhyNot
from recommender.model import Model
from recommender.placements import WITHOUT_SUBSTITUTES, WITHOUT_VARIANTS, Link
from recommender.policy import Alternatives, fill_places, shown_rows
from recommender.suggestion import Suggestion


class AppliedPolicy:
    """One policy over one model and its customers; immutable, safe to share between threads.

    Parameters
    ----------
    guard : keep substitutes out where the policy does not say otherwise; False is for measuring what that costs.

    Attributes
    ----------
    rules : None where the policy has none, so that requests do not ask for them.
    """

    def __init__(self, policy: Policy, model: Model, customers: Customers | None, *, guard: bool = True) -> None:
        self.policy, self._catalog = policy, model.catalog
        defaults = policy.defaults
        sellable = may_be_sold(model.catalog, defaults)
        self._sellable, self._masks = sellable.tobytes(), Masks(model.catalog, sellable)
        self._in_cart = defaults.in_cart
        self._replaced = Alternatives(model, substitutes=guard and defaults.substitutes, variants=defaults.variants)
        self._varied = Alternatives(model, substitutes=False, variants=defaults.variants)
        self._recent = BoughtRecently(model, customers, defaults)
        has_rules = bool(policy.rules or policy.never_together or policy.caps or policy.offers)
        self.rules = Rules(policy, model.catalog, model.item_orders) if has_rules else None

    def allowed(self, text: str | None) -> bytes:
        """A byte an item, not 0 where it may be sold and the filter `text` is true of it; raises ``FilterError``."""
        return self._sellable if text is None else self._masks.of(text)

    def barred(self, base: str, cart: Cart, exclude: Iterable[str], customer: int, now: int) -> set[int]:
        """Rows that must not be shown beside this cart to this customer; `exclude` holds ids."""
        alternatives, rows = self._alternatives(base), cart.rows.tolist()
        barred: set[int] = set() if alternatives is None else alternatives.of(cart.rows)
        if self._in_cart:
            barred.update(rows)
        else:
            barred.difference_update(rows)
        barred.update(shown_rows(self._catalog, exclude), self._recent.of(customer, now))
        return barred

    def offered(self, filled: Filled) -> list[Suggestion]:
        """What is offered besides the places, in places of its own."""
        return [self.rules.offers.suggestion(made) for made in filled.offers] if self.rules is not None else []

    def screened(self, link: Link, most: int, allowed: bytes, barred: set[int], asked: Asked) -> list[int]:
        """Rows of the first `most` candidates of a link that the rules let through, in their order; none is added."""
        if self.rules is None:
            return [pick.row for pick in fill_places([link], allowed, barred, most)]
        standing = self.rules.standing(asked.placement, asked.cart, asked.visitor, asked.at)
        cart, price = asked.cart.rows.tolist(), self._catalog.price
        alone = replace(standing, placing=())
        return [pick.row for pick in fill_by_rules([link], allowed, barred, cart, most, self.rules, alone, price).picks]

    def why_not(
        self, asked: Asked, customer: int, now: int, text: str | None, rejected: set[int], filled: Filled
    ) -> WhyNot:
        """What keeps items away from an answer, in words; `text` is the filter, `rejected` rows were so in review."""
        cart, rules = asked.cart.rows, self.rules
        replaced = self._alternatives(asked.base)
        stages: list[tuple[str, Iterable[int]]] = [
            ("in the cart", cart.tolist() if self._in_cart else ()),
            ("shown on the page already", shown_rows(self._catalog, asked.exclude)),
            *((why, _rows(left_out)) for why, left_out in unsellable(self._catalog, self.policy.defaults)),
            ("not what the filter asks for", _rows(np.frombuffer(self.allowed(text), np.uint8) == 0)),
            ("a substitute or a variant of an item in the cart", replaced.of(cart) if replaced else ()),
            ("bought recently", self._recent.of(customer, now)),
            ("rejected in review", rejected),
        ]
        if rules is None:
            return WhyNot(stages, cart.tolist(), self._catalog, None, None, None)
        offered = {rules.offers.rows.get(made.offer.offer_id, -1) for made in filled.offers}
        stages.append(("offered beside the cart", offered))
        standing, tried = (
            rules.standing(asked.placement, asked.cart, asked.visitor, asked.at, dry_run=dry_run)
            for dry_run in (False, True)
        )
        return WhyNot(stages, cart.tolist(), self._catalog, rules, standing, tried)

    def _alternatives(self, base: str) -> Alternatives | None:
        if base in WITHOUT_SUBSTITUTES:
            return self._replaced
        return self._varied if base in WITHOUT_VARIANTS else None

    def fill(self, chain: Iterable[Link], k: int, allowed: bytes, barred: set[int], asked: Asked) -> Filled:
        """At most `k` places of an answer, by the rules that apply to it, and what is offered besides."""
        rules = self.rules
        if rules is None:
            return Filled(fill_places(chain, allowed, barred, k), {})
        cart = asked.cart
        standing = rules.standing(asked.placement, cart, asked.visitor, asked.at)
        sieve = Sieve(allowed, barred, cart.rows.tolist(), rules, standing, self._catalog.price)
        offers = rules.offers.beside(asked, lambda row: not sieve.admits(row))
        apart = barred | {row for made in offers if (row := rules.offers.rows.get(made.offer.offer_id, -1)) >= 0}
        filled = fill_by_rules(chain, allowed, apart, cart.rows.tolist(), k, rules, standing, self._catalog.price)
        return replace(filled, offers=offers)


def _rows(mask: NDArray[np.bool_]) -> list[int]:
    return np.flatnonzero(mask).tolist()
