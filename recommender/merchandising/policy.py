"""A policy as values: what the merchant decides about every answer, whatever the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from recommender.experiment import Experiment
from recommender.merchandising.placements import PlacementPolicy
from recommender.placements import PLACEMENTS

ACTIONS = ("exclude", "bury", "boost", "pin", "promote", "price", "restrict")
"""What a rule does with its items: never show, show last, move, give a place, give places and label, hold to a price
beside the cart's, and show to some visitors only."""

REFERENCES = ("cart", "dearest", "added")
"""What a price rule measures by: all items of the cart, its dearest one, or the one added last."""


@dataclass(frozen=True)
class Target:
    """Items: those that a filter is true of, and those of a list. Neither means all of them."""

    filter: str | None = None
    items: tuple[str, ...] = ()

    @property
    def is_everything(self) -> bool:
        return self.filter is None and not self.items


@dataclass(frozen=True)
class When:
    """When a rule applies.

    Attributes
    ----------
    placements : names, empty for every placement.
    starts, ends : with a zone; from `starts` on, and before `ends`. None for no bound.
    cart : the cart must hold one of these items; None where any cart will do.
    dry_run : the rule is told by a trace, and changes nothing.
    """

    placements: frozenset[str] = frozenset()
    starts: datetime | None = None
    ends: datetime | None = None
    cart: Target | None = None
    dry_run: bool = False


@dataclass(frozen=True)
class Rule:
    """One rule; `name` is what messages and traces call it.

    Attributes
    ----------
    action : one of `ACTIONS`.
    factor : of ``boost``: the chance is taken that many times.
    place : of ``pin`` and ``promote``, from 1: where its first item goes.
    quota : of ``promote``: most items of an answer.  tag : of ``promote``: what the shopper reads.
    of : of ``price``, one of `REFERENCES`; `low` to `high` times its price is allowed.
    adult : of ``restrict``: only visitors who are.  regions, except_regions : where alone, and where not.
    """

    name: str
    action: str
    target: Target
    when: When = field(default_factory=When)
    factor: float = 1.0
    place: int = 1
    quota: int = 1
    tag: str = ""
    of: str = "cart"
    low: float = 0.0
    high: float = float("inf")
    adult: bool = False
    regions: frozenset[str] = frozenset()
    except_regions: frozenset[str] = frozenset()


@dataclass(frozen=True)
class NeverTogether:
    """Items of `first` and items of `second` never meet: not in one answer, and not beside a cart."""

    name: str
    first: Target
    second: Target
    when: When = field(default_factory=When)


@dataclass(frozen=True)
class Cap:
    """At most `most` items of one brand, or of one category at `level` (1 is the top), in an answer."""

    name: str
    by: str
    most: int
    level: int
    target: Target
    when: When = field(default_factory=When)


@dataclass(frozen=True)
class Offer:
    """A service that is offered beside items, whether or not any order tells of it.

    Attributes
    ----------
    offer_id : what the shop puts into the cart; an item of the catalogue where that has one of this id.
    target : the items that it is offered with.
    price : fixed, in the shop's currency; percent : of the item's price; table : ``(from, below, price)`` by the
        item's price, rising, without gaps. One of them, or none for the catalogue's own price.
    regions : where alone it is offered.  minimum_age : years.  priority : the highest is offered first.
    """

    offer_id: str
    target: Target
    title: str = ""
    kind: str = "service"
    when: When = field(default_factory=When)
    price: float | None = None
    percent: float | None = None
    table: tuple[tuple[float, float, float], ...] = ()
    regions: frozenset[str] = frozenset()
    minimum_age: float = 0.0
    priority: float = 0.0

    @property
    def name(self) -> str:
        """What messages call it."""
        return f"offer {self.offer_id}"

    @property
    def is_priced(self) -> bool:
        return self.price is not None or self.percent is not None or bool(self.table)


@dataclass(frozen=True)
class Defaults:
    """Exclusions that are on unless they are switched off.

    Attributes
    ----------
    in_cart : what is in the cart.  variants : other variants of that.  substitutes : what replaces it.
    bought_recently : what the customer bought in the last `recent_days` days, where fewer than `rebought_share` of an
        item's lines are by customers who had bought it before.
    out_of_stock : fewer than `min_stock` pieces, as far as the stock is known.  inactive : not for sale.
    price_zero : given away.  most_offers : services that one answer offers at most.
    """

    in_cart: bool = True
    variants: bool = True
    substitutes: bool = True
    bought_recently: bool = True
    recent_days: float = 30.0
    rebought_share: float = 0.05
    out_of_stock: bool = True
    min_stock: float = 0.0
    inactive: bool = True
    price_zero: bool = True
    most_offers: int = 2


_BUILT_IN = {name: PlacementPolicy(name, name) for name in PLACEMENTS}


@dataclass(frozen=True)
class Policy:
    """Everything that one policy file says; `policy_id` is a hash of its bytes, empty where there is no file."""

    policy_id: str = ""
    defaults: Defaults = field(default_factory=Defaults)
    placements: Mapping[str, PlacementPolicy] = field(default_factory=dict[str, PlacementPolicy])
    rules: tuple[Rule, ...] = ()
    never_together: tuple[NeverTogether, ...] = ()
    caps: tuple[Cap, ...] = ()
    offers: tuple[Offer, ...] = ()
    experiment: Experiment | None = None

    def placement(self, name: str) -> PlacementPolicy | None:
        """How a placement is filled; None where neither goeswith nor the shop has one of that name."""
        return self.placements.get(name) or _BUILT_IN.get(name)

    def placement_names(self) -> tuple[str, ...]:
        """Every placement that can be asked for: the built-in ones, then the shop's own."""
        return (*PLACEMENTS, *(name for name in self.placements if name not in PLACEMENTS))
