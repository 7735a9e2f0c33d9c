"""The engine: parse → candidates → rank → policy → explain, for one cart or many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from typing import Any, NamedTuple

import numpy as np

from recommender.add_ons import pieces_beside
from recommender.boxes import Box, BoxAnswer, Boxes
from recommender.bundle_worth import BundleTerms, priced_bundles
from recommender.bundles import Bundle
from recommender.cart import Cart, CartItem, checked_carts, checked_customer, checked_ids, parse_cart, parse_time
from recommender.catalog import Catalog
from recommender.customers import Customers
from recommender.errors import UsageError
from recommender.evidence import Reason
from recommender.explain import Asker, Evidence, explain
from recommender.merchandising.applied import AppliedPolicy
from recommender.merchandising.asked import Asked, Visitor
from recommender.merchandising.filling import PLACED, Filled
from recommender.merchandising.placements import PlacementPolicy
from recommender.merchandising.policy import Policy
from recommender.merchandising.remarks import remarks
from recommender.merchandising.telling import reasons_of
from recommender.merchandising.trace import Found, empty_because, trace_of
from recommender.merchandising.whynot import WhyNot
from recommender.model import Model
from recommender.objective import OBJECTIVES, Objectives
from recommender.passed_over import passed_over
from recommender.placements import (
    PLACEMENTS,
    WITHOUT_SUBSTITUTES,
    Chain,
    Link,
    Question,
    cross_sell,
    new_items,
    shelf_of,
)
from recommender.policy import Pick
from recommender.ranker.rank import Ranker
from recommender.ranker.shares import evidence_of
from recommender.ranker.shop import past_of, shop_of
from recommender.review.rejected import rejected_of
from recommender.review.reviews import Reviews
from recommender.suggestion import Answer, Suggestion
from recommender.uplift import tell_increments
from recommender.wares import ware_of
from recommender.worth import Worth, return_cost_of, worth_of

MAX_K = 100
_BOUNDS_OF_K = range(1, MAX_K + 1)
_REMEMBERED = 1 << 14
_LAST_RESORTS = frozenset({"category", "bestseller"})


AskedCart = tuple[Iterable[CartItem], str | None, datetime | None]
"""Items, customer and time of a cart, as `Recommender.answer` means them."""


class _Terms(NamedTuple):
    """What is asked of one cart or of many.

    Attributes
    ----------
    k : most suggestions.  objective : what their order serves.  source : what makes the candidates.
    filter : as it is written.  allowed : a byte an item, not 0 where it may be sold and the filter is true of it.
    """

    place: PlacementPolicy
    k: int
    objective: str
    source: Callable[[Question], Chain]
    filter: str | None
    allowed: bytes


class Recommender:
    """One model, one catalog, and what is known of customers: immutable, safe to share between threads.

    Parameters
    ----------
    model : the version that serves.
    customers : histories and factors of that version, or None.
    catalog : the model's items with today's stock, prices and active; the model's own by default.
    policy : what the merchant decides; by default nothing but the default exclusions.
    substitutes : keep what replaces an item of the cart out of ``bought-together``, ``cross-sell`` and ``add-on``;
        False is for measuring what that costs.
    reviews : decisions of people; what they rejected is no evidence, in no box, and beside no cart.
    """

    def __init__(
        self,
        model: Model,
        customers: Customers | None = None,
        catalog: Catalog | None = None,
        policy: Policy | None = None,
        *,
        substitutes: bool = True,
        reviews: Reviews | None = None,
    ) -> None:
        self._guard = substitutes
        self.reviews = reviews or Reviews()
        self._rejected = rejected_of(model, self.reviews)
        model = self._rejected.model if self._rejected else model
        self.model = model if catalog is None else replace(model, catalog=catalog)
        self.customers = customers
        self.policy = policy or Policy()
        with ThreadPoolExecutor(1) as beside:  # numpy lets go of the interpreter, so that both halves run at once
            applied = beside.submit(AppliedPolicy, self.policy, self.model, customers, guard=substitutes)
            worth = beside.submit(worth_of, self.catalog, return_cost_of(self.model.manifest.config))
            indexed = beside.submit(self._index_ids)
            factors = model.factors.cart
            self._gram = np.asarray(factors.T @ factors, np.float32)
            self._past = past_of(customers)
            shop = shop_of(model)
            self._ranker, self._home = (Ranker(shop, self._past, weights) for weights in (model.ranker, model.home))
            self._evidence = Evidence(self.model, self._past)
            self._end = int(self._past.times.max()) + 1 if len(self._past.times) else 0
            self._load_machine_code()
            self._applied, self._worth, _ = applied.result(), worth.result(), indexed.result()
        self._shelf = shelf_of(self.model, self._worth)
        self._ware = lru_cache(_REMEMBERED)(partial(ware_of, self.catalog, self._worth))
        self._boxes = Boxes(self.model, self._applied, self._rejected.bundles if self._rejected else frozenset())
        self._objectives = Objectives(self._worth, model.strengths)

    @property
    def catalog(self) -> Catalog:
        return self.model.catalog

    @property
    def worth(self) -> Worth:
        return self._worth

    def with_catalog(self, catalog: Catalog) -> Recommender:
        """The same model with another shelf."""
        return self._renewed(catalog=catalog)

    def with_policy(self, policy: Policy) -> Recommender:
        """The same model and shelf under another policy."""
        return self._renewed(policy=policy)

    def epoch(self, at: datetime | None = None) -> int:
        """How many starts and ends of the policy's rules are past: answers change with it."""
        return 0 if self._applied.rules is None else self._applied.rules.epoch(at)

    def remarks(self) -> list[str]:
        """What a merchant should know of the policy beside this catalogue, a sentence each."""
        return remarks(self.policy, self.catalog, self._applied.rules)

    def suggest(
        self,
        items: Iterable[CartItem],
        *,
        placement: str = "cross-sell",
        customer_id: str | None = None,
        k: int = 10,
        exclude: Iterable[str] = (),
        at: date | str | None = None,
        filter: str | None = None,  # noqa: A002  # the word of HTTP, of policies and of the command
        context: Mapping[str, Any] | None = None,
    ) -> list[Suggestion]:
        """The suggestions of `answer` alone."""
        answer = self.answer(
            items,
            placement=placement,
            customer_id=customer_id,
            k=k,
            exclude=exclude,
            at=at,
            filter=filter,
            context=context,
        )
        return answer.suggestions

    def suggest_many(
        self, carts: Iterable[Mapping[str, Any]], *, placement: str = "cross-sell", k: int = 10
    ) -> list[list[Suggestion]]:
        """`suggest` cart by cart; a cart is a mapping with ``items``, as a line of a file of carts is."""
        return [
            self.suggest(
                cart["items"],
                placement=placement,
                customer_id=cart.get("customer_id"),
                k=k,
                exclude=cart.get("exclude", ()),
                at=cart.get("at"),
                filter=cart.get("filter"),
                context=cart.get("context"),
            )
            for cart in checked_carts(carts)
        ]

    def bundle(self, item_id: str) -> Box | None:
        """The bought-together box of one item, None where there is none: `bundle_answer` says why."""
        return self._boxes.of(item_id).box

    def bundle_answer(self, item_id: str) -> BoxAnswer:
        """The bought-together box of one item, or why there is none."""
        return self._boxes.of(item_id)

    def bundles(self) -> list[Bundle]:
        """The bundles of the shop whose parts can all be sold, those first whose nudge is worth most."""
        return priced_bundles(self.model, self._worth, BundleTerms.of(self.model.manifest.config))

    def answer(
        self,
        items: Iterable[CartItem],
        *,
        placement: str = "cross-sell",
        customer_id: str | None = None,
        k: int = 10,
        exclude: Iterable[str] = (),
        at: date | str | None = None,
        new_only: bool = False,
        filter: str | None = None,  # noqa: A002  # the word of HTTP, of policies and of the command
        context: Mapping[str, Any] | None = None,
        objective: str | None = None,
        trace: bool = False,
    ) -> Answer:
        """What goes with a cart.

        Parameters
        ----------
        items : item ids, ``(item id, quantity)`` or ``{"item_id": …, "quantity": …}``; the last is the one just added.
        exclude : ids that the page shows already.
        at : time of the cart, or its text in ISO 8601, naive means UTC; later orders do not count. Default: after all.
        new_only : rank only items without an order, whatever the placement.
        filter : show only items that it is true of, as in ``price <= 50``.
        context : facts of this visit that restrictions ask for: ``region`` and ``adult``.
        objective : what the order serves: ``probability``, ``revenue`` or ``profit``; by default the placement's own.
        trace : tell every candidate, what its score is made of, and which rule removed or moved it.

        Raises
        ------
        FilterError : for a filter that does not parse, or names a column that the catalogue lacks.
        UsageError : for a placement or objective that does not exist, `k` outside 1 to 100, and items, a customer or a
            time that are none.
        """
        terms = self._terms(placement, k, objective, filter, new_only=new_only)
        time = parse_time(at)
        question = self._question(parse_cart(self.catalog, items), checked_customer(customer_id), time)
        asked = Asked(
            placement, terms.place.base, question.cart, checked_ids(exclude, "exclude"), Visitor.of(context), time
        )
        return self._answered(question, asked, terms, trace=trace)

    def answer_each(
        self,
        carts: Iterable[AskedCart],
        *,
        placement: str = "cross-sell",
        k: int = 10,
        new_only: bool = False,
        filter: str | None = None,  # noqa: A002  # the word of HTTP, of policies and of the command
        objective: str | None = None,
    ) -> Iterator[Answer]:
        """`answer` to each of some carts, in their order; what else is asked is asked of all of them.

        All are ranked before the first is answered. Neither part of the work then drives the other's code and data out
        of the processor's own memory, as they do where each cart is ranked and answered in turn; so carts should come
        by the dozen, not by the million.

        Raises what `answer` raises, before the first answer.
        """
        terms = self._terms(placement, k, objective, filter, new_only=new_only)
        asked = [(self._question(parse_cart(self.catalog, items), customer, at), at) for items, customer, at in carts]
        if terms.source is cross_sell:
            for question, _ in asked:
                question.ranked()
        for question, at in asked:
            yield self._answered(question, Asked(placement, terms.place.base, question.cart, at=at), terms)

    def _answered(self, question: Question, asked: Asked, terms: _Terms, *, trace: bool = False) -> Answer:
        place, cart = terms.place, question.cart
        barred = self._applied.barred(place.base, cart, asked.exclude, question.customer, question.now)
        barred |= (rejected := self._rejected_beside(place.base, cart))

        def links() -> Iterable[Link]:
            return self._objectives.serve(terms.objective, terms.source(question), terms.k, place.relevance_floor)

        filled = self._applied.fill(links(), terms.k, terms.allowed, barred, asked)
        asker, picks = Asker(question.customer, question.now), filled.picks
        reasons = reasons_of(filled, lambda ranked: explain(ranked, self._evidence, asker))
        suggestions = self._suggestions(picks, reasons)
        if place.lift is not None:
            tell_increments(suggestions, place.lift)
        if place.base == "add-on" and cart.added >= 0:
            suggestions = self._in_pieces(suggestions, picks, cart)
        shown = suggestions if terms.source is new_items else [*suggestions, *self._applied.offered(filled)]
        answer = Answer(asked.placement, shown, list(cart.missing_items), _fallback(picks, suggestions))
        if shown and not trace:
            return answer
        why_not = self._applied.why_not(asked, question.customer, question.now, terms.filter, rejected, filled)
        found = Found(list(links()), passed_over(question, terms.source))
        return self._explained(answer, found, filled, why_not, question if trace else None)

    def _terms(self, placement: str, k: int, objective: str | None, text: str | None, *, new_only: bool) -> _Terms:
        place = self._place(placement, k, objective)
        source = new_items if new_only else PLACEMENTS[place.base]
        k, allowed = min(k, place.k or k), self._applied.allowed(text)
        return _Terms(place, k, objective or place.objective, source, text, allowed)

    def _place(self, placement: str, k: int, objective: str | None) -> PlacementPolicy:
        place = self.policy.placement(placement)
        if place is None:
            names = ", ".join(self.policy.placement_names())
            raise UsageError(f"placement {placement!r}: no such placement; there are {names}")
        if k not in _BOUNDS_OF_K:
            raise UsageError(f"k = {k!r:.60}: out of bounds; expected a whole number from 1 to {MAX_K}")
        if objective is not None and objective not in OBJECTIVES:
            raise UsageError(f"objective {objective!r:.60}: no such objective; there are {', '.join(OBJECTIVES)}")
        return place

    def _rejected_beside(self, base: str, cart: Cart) -> set[int]:
        return set() if self._rejected is None or base not in WITHOUT_SUBSTITUTES else self._rejected.barred(cart.rows)

    def _explained(
        self, answer: Answer, found: Found, filled: Filled, why_not: WhyNot, traced: Question | None
    ) -> Answer:
        """The answer with its trace, where a question is given, and with the reason where it is empty."""
        if traced is not None:
            of = traced.ranker.contributions(traced.cart.rows, traced.customer, traced.now)
            trace = trace_of(found, filled, why_not, of.get, self.catalog, self.policy.policy_id)
            answer = replace(answer, trace=trace.as_json())
        return answer if answer.suggestions else replace(answer, empty_because=empty_because(found, why_not))

    def _load_machine_code(self) -> None:
        """Now, once for all workers: no customer waits for it."""
        nothing = np.empty(0, np.int32)
        self._ranker.rank(nothing, -1, self._end)
        evidence_of(self._evidence.counted, -1, self._end, nothing, nothing)

    def _index_ids(self) -> None:
        """Now, for the same reason."""
        self.catalog.row("")
        if self.customers is not None:
            self.customers.row("")

    def _renewed(self, catalog: Catalog | None = None, policy: Policy | None = None) -> Recommender:
        return Recommender(
            self.model,
            self.customers,
            catalog,
            policy or self.policy,
            substitutes=self._guard,
            reviews=self.reviews,
        )

    def _question(self, cart: Cart, customer_id: str | None, at: datetime | None) -> Question:
        customer, factors = -1, None
        if self.customers is not None and customer_id is not None:
            customer = self.customers.row(customer_id)
        now = self._now(at)
        if self.customers is not None and customer >= 0 and now >= self._end:
            factors = self.customers.factors[customer]
        ranker = self._ranker if len(cart.rows) else self._home
        return Question(self.model, cart, self._gram, ranker, customer, now, factors, self._shelf, self._past)

    def _now(self, at: datetime | None) -> int:
        """Seconds of the cart's time; the end of the window where it is not told, or orders have no times."""
        if at is None or self.model.manifest.window.get("last") is None:
            return self._end
        return int((at.replace(tzinfo=UTC) if at.tzinfo is None else at).timestamp())

    def _in_pieces(self, suggestions: Sequence[Suggestion], picks: Sequence[Pick], cart: Cart) -> list[Suggestion]:
        pieces = [pieces_beside(self.model, cart.added, pick.row, cart.quantity) for pick in picks]
        return [replace(told, quantity=quantity) for told, quantity in zip(suggestions, pieces, strict=True)]

    def _suggestions(self, picks: Sequence[Pick], reasons: Sequence[Reason]) -> list[Suggestion]:
        known, suggestions = self._ware, list[Suggestion]()
        for pick, reason in zip(picks, reasons, strict=True):
            link, place, row = pick
            ware, earned, basis = known(row), None, None
            score = link.scores.item(place)
            probability = None if link.probabilities is None else link.probabilities.item(place)
            if probability is not None and ware.profit is not None:
                earned, basis = probability * ware.profit, ware.profit_basis
            suggestion = Suggestion(ware.item_id, ware.title, ware.price, score, reason, probability, earned, basis)
            suggestion.requires_consent = ware.is_service
            suggestions.append(suggestion)
        return suggestions


def _fallback(picks: Sequence[Pick], suggestions: Sequence[Suggestion]) -> str | None:
    if {suggestion.reason.kind for suggestion in suggestions} - {"promoted"} == {"bestseller"}:
        return "bestseller"
    for pick in reversed(picks):
        if (last := pick.link.source) != PLACED:
            return last if last in _LAST_RESORTS else None
    return None
