"""A model: everything that is known of a shop when a cart comes in, as plain arrays.

How the arrays lie in files says `recommender.model_arrays`. Customers' histories are not here; they live apart
(`recommender.customers`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recommender.bundles import Bundles, CountedSets
from recommender.catalog import Catalog
from recommender.manifest import Manifest
from recommender.newcomers import Newcomers
from recommender.quantities import PairQuantities
from recommender.ranker.encoder import Encoder
from recommender.ranker.weights import RankerWeights
from recommender.substitutes import Substitutes

MOST_CUSTOMERS = 255
"""Customers are counted up to this number."""


@dataclass(frozen=True)
class Pairs:
    """Which items met in one basket: for every item its neighbours, best first (by score, then by row).

    Attributes
    ----------
    offsets : int64 (items + 1,), the neighbours of item i are ``[offsets[i], offsets[i + 1])``.
    items : int32 (pairs,), row of the neighbour.
    counts : int32 (pairs,), counted baskets that held both.
    scores : float32 (pairs,), asymmetric cosine of the item towards its neighbour, above 0.
    weighted : float32 (pairs,), cosine in which small baskets weigh more.
    ease : float32 (pairs,), weight in the linear item-item model EASE, 0 outside of its head.
    claimed : uint8 (pairs,), 1 where the pair met more often than luck explains.
    customers : uint8 (pairs,), different customers among `counts`, `MOST_CUSTOMERS` of more; a basket without a
        customer counts as one.
    """

    offsets: NDArray[np.int64]
    items: NDArray[np.int32]
    counts: NDArray[np.int32]
    scores: NDArray[np.float32]
    weighted: NDArray[np.float32]
    ease: NDArray[np.float32]
    claimed: NDArray[np.uint8]
    customers: NDArray[np.uint8]


@dataclass(frozen=True)
class LongRules:
    """Rules with two antecedents or more and one consequent, sorted by antecedents, then consequent.

    Attributes
    ----------
    offsets : int64 (items + 1,), the rules whose lowest antecedent row is i are ``[offsets[i], offsets[i + 1])``.
    antecedents : int32 (rules, width), rows ascending, padded with -1.
    consequents : int32 (rules,).
    counts : int32 (rules,), baskets with antecedents and consequent.
    of : int32 (rules,), baskets with the antecedents.
    customers : uint8 (rules,), of `counts`, as of `Pairs`.
    """

    offsets: NDArray[np.int64]
    antecedents: NDArray[np.int32]
    consequents: NDArray[np.int32]
    counts: NDArray[np.int32]
    of: NDArray[np.int32]
    customers: NDArray[np.uint8]

    @classmethod
    def none(cls, items: int) -> LongRules:
        """Of a shop without any."""
        nothing, width = np.empty(0, np.int32), 2
        offsets, antecedents = np.zeros(items + 1, np.int64), np.empty((0, width), np.int32)
        return cls(offsets, antecedents, nothing, nothing, nothing, np.empty(0, np.uint8))


@dataclass(frozen=True)
class Bestsellers:
    """What sells most, and what sells more than it used to; each list best first.

    Attributes
    ----------
    items : int32 (bestsellers,), the shop's list.  recent : int32 (recent,), the same of the last tenth of baskets.
    category_offsets : int64 (categories + 1,) and category_items : int32 (category_bestsellers,), a list a category,
        counted over the whole branch below it.
    trending_items : int32 (trending,);  trending_recent : int32, its baskets in the recent window;
    trending_expected : float32, the baskets that its earlier share would have given there;
    trending_customers : uint8, customers of `trending_recent`, as of `Pairs`.
    """

    items: NDArray[np.int32]
    recent: NDArray[np.int32]
    category_offsets: NDArray[np.int64]
    category_items: NDArray[np.int32]
    trending_items: NDArray[np.int32]
    trending_recent: NDArray[np.int32]
    trending_expected: NDArray[np.float32]
    trending_customers: NDArray[np.uint8]


@dataclass(frozen=True)
class Factors:
    """Implicit-feedback factorization (Hu, Koren, Volinsky 2008): a vector an item, zeros where untrained.

    Attributes
    ----------
    cart : float32 (items, cart_factors), from baskets: a cart is folded in against it.
    home : float32 (items, home_factors), from customers: meets `Customers.factors`.
    """

    cart: NDArray[np.float32]
    home: NDArray[np.float32]


@dataclass(frozen=True)
class Companions:
    """Which categories are bought with which: for every category others, best first (by score, then by row).

    Attributes
    ----------
    offsets : int64 (categories + 1,).  items : int32 (companions,), rows of categories.
    scores : float32 (companions,), shrunk confidence of category → category.
    """

    offsets: NDArray[np.int64]
    items: NDArray[np.int32]
    scores: NDArray[np.float32]


@dataclass(frozen=True)
class CountedBaskets:
    """The baskets that were counted, oldest first, without customers or times: where baskets like a cart are found.

    Attributes
    ----------
    offsets : int64 (baskets + 1,) and items : int32 (lines,), item rows of each basket.
    item_offsets : int64 (items + 1,) and of_items : int32 (lines,), the baskets of each item, oldest first.
    """

    offsets: NDArray[np.int64]
    items: NDArray[np.int32]
    item_offsets: NDArray[np.int64]
    of_items: NDArray[np.int32]


@dataclass(frozen=True)
class Model:
    """One immutable version.

    Attributes
    ----------
    item_orders : int32 (items,), counted baskets that held the item (`manifest.counts["baskets"]` is their number).
    item_customers : uint8 (items,), different customers among `item_orders`, as of `Pairs`.
    item_signals : float32 (items, ITEM_SIGNALS), columns of `recommender.ranker.signals.ITEM_SIGNALS`.
    ranker : how a cart is ranked.  home : the same where nothing is in the cart, as on a home page: a customer's own
        orders weigh more there than beside a cart.
    strengths : float32 (2,), how much a unit of the shop's currency counts where an order serves revenue, and where it
        serves profit; see `recommender.objective`.
    encoder : None where the shop is too large for one.
    """

    manifest: Manifest
    catalog: Catalog
    item_orders: NDArray[np.int32]
    item_customers: NDArray[np.uint8]
    item_signals: NDArray[np.float32]
    pairs: Pairs
    rules: LongRules
    bestsellers: Bestsellers
    companions: Companions
    newcomers: Newcomers
    substitutes: Substitutes
    counted_baskets: CountedBaskets
    factors: Factors
    ranker: RankerWeights
    home: RankerWeights
    bundles: Bundles = field(default_factory=Bundles.none)
    counted_sets: CountedSets = field(default_factory=CountedSets.none)
    pair_quantities: PairQuantities = field(default_factory=PairQuantities.none)
    strengths: NDArray[np.float32] = field(default_factory=lambda: np.zeros(2, np.float32))
    encoder: Encoder | None = None

    @property
    def baskets(self) -> int:
        """Baskets that the counts were made from (without giant ones)."""
        return int(self.manifest.counts["baskets"])

    @property
    def is_ranker_fitted(self) -> bool:
        """False where the shop had too little evidence: then the documented blend ranks, without a probability."""
        return bool(self.manifest.counts.get("ranker_carts"))

    @property
    def is_home_fitted(self) -> bool:
        """The same of `home`."""
        return bool(self.manifest.counts.get("home_carts"))
