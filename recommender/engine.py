"""The engine: parse → candidates → rank → policy → explain, for one cart or many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from math import isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.candidates import matching_rules
from recommender.cart import CartItem, parse_cart
from recommender.catalog import Catalog
from recommender.customers import Customers
from recommender.errors import UsageError
from recommender.evidence import Reason
from recommender.explain import explain
from recommender.model import Model
from recommender.placements import PLACEMENTS, Question
from recommender.policy import Pick, barred_rows, fill_places
from recommender.suggestion import Answer, Suggestion

MAX_K = 100
_BOUNDS_OF_K = range(1, MAX_K + 1)
_LAST_RESORTS = frozenset({"category", "bestseller"})


class Recommender:
    """One model, one catalog, and what is known of customers: immutable, safe to share between threads.

    Parameters
    ----------
    model : the version that serves.
    customers : histories and factors of that version, or None.
    catalog : the model's items with today's stock, prices and active; the model's own by default.
    """

    def __init__(self, model: Model, customers: Customers | None = None, catalog: Catalog | None = None) -> None:
        self.model = model if catalog is None else replace(model, catalog=catalog)
        self.customers = customers
        self._sellable = self.catalog.sellable().tobytes()
        factors = model.factors.cart
        self._gram = np.asarray(factors.T @ factors, np.float32)

    @property
    def catalog(self) -> Catalog:
        return self.model.catalog

    def with_catalog(self, catalog: Catalog) -> Recommender:
        """The same model with another shelf."""
        return Recommender(self.model, self.customers, catalog)

    def suggest(
        self,
        items: Iterable[CartItem],
        *,
        placement: str = "cross-sell",
        customer_id: str | None = None,
        k: int = 10,
        exclude: Iterable[str] = (),
        at: datetime | None = None,
    ) -> list[Suggestion]:
        """The suggestions of `answer` alone."""
        answer = self.answer(items, placement=placement, customer_id=customer_id, k=k, exclude=exclude, at=at)
        return answer.suggestions

    def suggest_many(
        self, carts: Iterable[Mapping[str, Any]], *, placement: str = "cross-sell", k: int = 10
    ) -> list[list[Suggestion]]:
        """`suggest` cart by cart; a cart is a mapping with ``items``, perhaps ``customer_id``, ``exclude``, ``at``."""
        return [
            self.suggest(
                cart["items"],
                placement=placement,
                customer_id=cart.get("customer_id"),
                k=k,
                exclude=cart.get("exclude", ()),
                at=cart.get("at"),
            )
            for cart in carts
        ]

    def answer(
        self,
        items: Iterable[CartItem],
        *,
        placement: str = "cross-sell",
        customer_id: str | None = None,
        k: int = 10,
        exclude: Iterable[str] = (),
        at: datetime | None = None,
    ) -> Answer:
        """What goes with a cart.

        Parameters
        ----------
        items : item ids, or ``(item id, quantity)``; the last is the one just added.
        exclude : ids that the page shows already.
        at : time of the cart, naive means UTC; what a customer did later must not count. Default: after every order.

        Raises
        ------
        UsageError : for a placement that does not exist, `k` outside 1 to 100, or items that are no ids.
        """
        chain = PLACEMENTS.get(placement)
        if chain is None:
            raise UsageError(f"placement {placement!r}: no such placement; there are {', '.join(PLACEMENTS)}")
        if k not in _BOUNDS_OF_K:
            raise UsageError(f"k = {k!r:.60}: out of bounds; expected a whole number from 1 to {MAX_K}")
        cart = parse_cart(self.catalog, items)
        question = Question(self.model, cart, self._gram, self._customer_factors(customer_id, at))
        barred = barred_rows(self.catalog, cart.rows, exclude)
        picks = fill_places(chain(question), self._sellable, barred, k)
        reasons = explain(self.model, picks, matching_rules(self.model, cart))
        suggestions = [self._suggestion(pick, reason) for pick, reason in zip(picks, reasons, strict=True)]
        return Answer(placement, suggestions, list(cart.missing_items), _fallback(picks))

    def _customer_factors(self, customer_id: str | None, at: datetime | None) -> NDArray[np.float32] | None:
        if self.customers is None or customer_id is None or self._is_past(at):
            return None
        row = self.customers.row(customer_id)
        return None if row < 0 else self.customers.factors[row]

    def _is_past(self, at: datetime | None) -> bool:
        last = self.model.manifest.window.get("last")
        if at is None or last is None:
            return False
        return _utc(at) < _utc(datetime.fromisoformat(str(last)))

    def _suggestion(self, pick: Pick, reason: Reason) -> Suggestion:
        row = pick.row
        price = float(self.catalog.price[row])
        return Suggestion(
            item_id=self.catalog.item_ids[row],
            title=self.catalog.title(row),
            price=None if isnan(price) else price,
            score=pick.score,
            reason=reason,
        )


def _fallback(picks: Sequence[Pick]) -> str | None:
    last = picks[-1].link.source if picks else None
    return last if last in _LAST_RESORTS else None


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at
