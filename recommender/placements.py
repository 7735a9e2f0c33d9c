"""Where suggestions are shown, and the sources that fill each place: a chain, each link filling only open places."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from recommender.add_ons import AddOnTerms, cheap_elsewhere, companions, followers
from recommender.candidates import Meetings, category_bestsellers, meetings
from recommender.cart import Cart
from recommender.folding import fold_in, nearest
from recommender.model import Model
from recommender.newcomers import FEW_ORDERS, NewItems
from recommender.ranker.inputs import Past
from recommender.ranker.rank import Ranker, Ranking
from recommender.ranking import by_summed_cosine
from recommender.substitutes import Variants
from recommender.upsell import UpsellTerms, better_items, dearer_companions, owned_items
from recommender.worth import Worth, worth_of

FACTOR_CANDIDATES = 100
_MOST_BOUGHT = 10_000


@dataclass(frozen=True)
class Shelf:
    """What the catalog says of items that orders say little of.

    Attributes
    ----------
    unsold : items without an order.  seldom_sold : items of fewer than five orders, unsold ones included.
    """

    unsold: NewItems
    seldom_sold: NewItems
    variants: Variants
    worth: Worth


def shelf_of(model: Model, worth: Worth | None = None) -> Shelf:
    """What the model's catalog says of items; without `worth`, at a return cost of 0."""
    unsold, seldom_sold = (
        NewItems(model.newcomers, model.catalog, np.flatnonzero(few).astype(np.int32))
        for few in (model.newcomers.unsold != 0, model.item_orders < FEW_ORDERS)
    )
    return Shelf(unsold, seldom_sold, Variants(model.catalog.item_group), worth or worth_of(model.catalog))


@dataclass(slots=True)
class Question:
    """All that one answer rests on.

    Attributes
    ----------
    gram : float32 (f, f), ``factors.T @ factors`` of the model's cart factors.
    ranker : the learned ranking of carts, or where there is nothing in this one, that of home pages.
    customer : row of the customer, -1 for a stranger.  now : time of the cart, seconds since 1970.
    customer_factors : float32 (home factors,), the customer's own, or None for a stranger.
    shelf : what the catalog says of new items and of variants.
    past : the customers' orders, None where nobody is known.
    ranking : of the cart, once it was asked for.
    """

    model: Model
    cart: Cart
    gram: NDArray[np.float32]
    ranker: Ranker
    customer: int
    now: int
    customer_factors: NDArray[np.float32] | None
    shelf: Shelf
    past: Past | None = None
    ranking: Ranking | None = None

    def ranked(self) -> Ranking:
        """The learned ranking of the cart, made once."""
        if self.ranking is None:
            self.ranking = self.ranker.rank(self.cart.rows, self.customer, self.now)
        return self.ranking

    def learned(self) -> Link:
        """That ranking as a link, with its probabilities where it was fitted."""
        ranking, rows = self.ranked(), self.cart.rows
        fitted = self.model.is_ranker_fitted if len(rows) else self.model.is_home_fitted
        return Link("ranker", ranking.rows, ranking.scores, ranking.probabilities if fitted else None, rows)


@dataclass(slots=True)
class Link:
    """One link of a chain: ranked candidates of one source.

    Attributes
    ----------
    source : ``ranker``, ``pairs``, ``factors``, ``home``, ``new``, ``substitutes``, ``variants``, ``upsell``,
        ``category``, ``trending`` or ``bestseller``.
    rows : int32 (candidates,), best first.  scores : float64 (candidates,), falling.
    probabilities : float64 (candidates,), calibrated, where they are known.
    beside : int32, the rows of the cart that they were chosen for; None for ``category``, ``trending``, ``bestseller``
        and what rests on factors.
    own : whether all are items that the customer had before, and are shown for that.
    """

    source: str
    rows: NDArray[np.int32]
    scores: NDArray[np.float64]
    probabilities: NDArray[np.float64] | None = None
    beside: NDArray[np.int32] | None = None
    own: bool = False


Chain = Iterator[Link]


def bought_together(question: Question) -> Chain:
    """Claimed rules first, whatever their score: below a product stands what is known to go with it."""
    found = meetings(question.model.pairs, question.cart.rows)
    yield _pairs(found.where(found.claimed), question.cart.rows)
    yield _pairs(found, question.cart.rows)
    yield from _last_resorts(question)


def cross_sell(question: Question) -> Chain:
    """Everything that comes into question by one learned score: in a cart the likeliest item goes first."""
    if len(question.cart.rows) or question.customer >= 0:
        yield question.learned()
    yield from _folded_in(question)
    newest = _new(question.shelf.seldom_sold, question.cart)
    related = newest.scores > 0
    if related.any():
        yield replace(newest, rows=newest.rows[related], scores=newest.scores[related])
    yield from _last_resorts(question)


def add_on(question: Question) -> Chain:
    """What follows the item that was added last and is cheap beside it, as far as prices are known."""
    main, model = question.cart.added, question.model
    if main < 0:
        yield from _last_resorts(question)
        return
    beside, terms = np.array([main], np.int32), AddOnTerms.of(model.manifest.config)
    found = meetings(model.pairs, beside)
    yield Link("pairs", *followers(model, found, main, terms), beside=beside)
    yield Link("pairs", *companions(model, found, main, terms), beside=beside)
    last = _bestsellers(model)
    cheap = cheap_elsewhere(model, last.rows, main, terms)
    yield replace(last, rows=last.rows[cheap], scores=last.scores[cheap])


def trending(question: Question) -> Chain:
    """What sells more of late than its earlier share would have given, then bestsellers."""
    best = question.model.bestsellers
    excess = best.trending_recent - best.trending_expected
    yield Link("trending", best.trending_items, excess / np.sqrt(best.trending_expected + 1.0))
    yield _bestsellers(question.model)


def similar(question: Question) -> Chain:
    """What may be bought instead of the item that was added last, then bestsellers that do not go with it."""
    added = question.cart.added
    if added < 0:
        yield from _last_resorts(question)
        return
    model, beside = question.model, np.array([added], np.int32)
    entries = model.substitutes.entries(added)
    scores = model.substitutes.scores[entries].astype(np.float64)
    yield Link("substitutes", model.substitutes.items[entries], scores, beside=beside)
    variants = np.array(sorted(question.shelf.variants.of([added])), np.int32)
    yield Link("variants", variants, np.ones(len(variants)), beside=beside)
    found = meetings(model.pairs, beside)
    complements = found.rows[found.claimed]
    for link in _last_resorts(question):
        other = ~np.isin(link.rows, complements)
        yield replace(link, rows=link.rows[other], scores=link.scores[other])


def upsell(question: Question) -> Chain:
    """What serves the need of the item that was added last better, then dearer companions of what the customer owns;
    nothing where neither is known."""
    main, model, worth = question.cart.added, question.model, question.shelf.worth
    terms = UpsellTerms.of(model.manifest.config)
    if main >= 0:
        yield Link("upsell", *better_items(model, worth, main, terms), beside=np.array([main], np.int32))
    if question.past is not None and question.customer >= 0:
        owned = owned_items(question.past, question.customer, question.now)
        yield Link("pairs", *dearer_companions(model, worth, owned, terms), beside=owned)


def buy_again(question: Question) -> Chain:
    """What the customer had before and is likely to take now; for a stranger bestsellers."""
    if question.past is None or question.customer < 0:
        yield from _last_resorts(question)
        return
    owned = owned_items(question.past, question.customer, question.now, most=_MOST_BOUGHT)
    learned = question.learned()
    again = np.isin(learned.rows, owned)
    chances = learned.probabilities
    yield replace(
        learned,
        rows=learned.rows[again],
        scores=learned.scores[again],
        probabilities=None if chances is None else chances[again],
        own=True,
    )


def new_items(question: Question) -> Chain:
    """Items without an order, those first that go with the cart."""
    yield _new(question.shelf.unsold, question.cart)


PLACEMENTS: Mapping[str, Callable[[Question], Chain]] = {
    "bought-together": bought_together,
    "cross-sell": cross_sell,
    "add-on": add_on,
    "similar": similar,
    "trending": trending,
    "upsell": upsell,
    "buy-again": buy_again,
}
WITHOUT_SUBSTITUTES = frozenset({"bought-together", "cross-sell", "add-on"})
"""Placements that never show what replaces, or varies, an item of the cart."""
WITHOUT_VARIANTS = frozenset({"trending"})
"""Placements that never show another variant of an item of the cart, but may show what replaces it."""


def _pairs(found: Meetings, beside: NDArray[np.int32]) -> Link:
    return Link("pairs", *by_summed_cosine(found), beside=beside)


def _folded_in(question: Question) -> Chain:
    model, cart = question.model, question.cart
    if model.factors.cart.shape[1] and len(cart.rows):
        config = model.manifest.config["factors"]
        point = fold_in(
            model.factors.cart, question.gram, cart.rows, float(config["alpha"]), float(config["regularization"])
        )
        yield _nearest("factors", model.factors.cart, point)
    if question.customer_factors is not None and not len(cart.rows):
        yield _nearest("home", model.factors.home, question.customer_factors)


def _new(items: NewItems, cart: Cart) -> Link:
    scores = items.scores(cart.rows)
    order = np.argsort(-scores, kind="stable")
    return Link("new", items.rows[order], scores[order], beside=cart.rows)


def _nearest(source: str, factors: NDArray[np.float32], point: NDArray[np.float32]) -> Link:
    return Link(source, *nearest(factors, point, FACTOR_CANDIDATES))


def _last_resorts(question: Question) -> Chain:
    rows = category_bestsellers(question.model, question.cart)
    yield Link("category", rows, question.model.item_orders[rows].astype(np.float64))
    yield _bestsellers(question.model)


def _bestsellers(model: Model) -> Link:
    rows = model.bestsellers.items
    return Link("bestseller", rows, model.item_orders[rows].astype(np.float64))
