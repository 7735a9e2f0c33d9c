"""One `[[offers]]` table of a policy file."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import inf

from recommender.merchandising.cells import Table
from recommender.merchandising.conditions import read_target, read_when
from recommender.merchandising.policy import Offer

PLACEMENTS_OF_OFFERS = frozenset({"add-on", "cross-sell"})
"""Where offers stand unless they say otherwise."""
MAX_BANDS = 100


def read_offer(table: Table, names: tuple[str, ...], dry_run: bool) -> Offer:
    """The offer of a table; what is wrong is told there."""
    when = read_when(table, names, dry_run, seeds=False)
    price = table.number("price", 0.0, 0) if "price" in table else None
    percent = table.number("percent", 0.0, 0, 100, above=True) if "percent" in table else None
    offer = Offer(
        offer_id=table.text("id"),
        target=read_target(table, "filter", "items"),
        title=table.text("title"),
        kind=table.text("kind", "service"),
        when=when if when.placements else replace(when, placements=PLACEMENTS_OF_OFFERS),
        price=price,
        percent=percent,
        table=_bands(table),
        regions=frozenset(table.texts("regions")),
        minimum_age=table.number("minimum_age", 0.0, 0, 150),
        priority=table.number("priority", 0.0, -1e6, 1e6),
    )
    if "id" not in table:
        table.tell("id is missing; give the id that the shop puts into the cart, as in id = 'warranty-2y'")
    if offer.target.is_everything and "filter" not in table and "items" not in table:
        table.tell("filter and items are missing; say which items it is offered with")
    priced = [key for key in ("price", "percent", "price_table") if key in table]
    if len(priced) > 1:
        table.tell(f"{' and '.join(priced)}: an offer has one price; keep one of them")
    if not table.flag("requires_consent", default=True):
        table.tell("requires_consent = false: a paid extra is never added without consent; leave it out")
    table.refuse_other_keys()
    return offer


def _bands(table: Table) -> tuple[tuple[float, float, float], ...]:
    bands: list[tuple[float, float, float]] = []
    for entry in table.tables("price_table", MAX_BANDS):
        low, below = entry.number("from", 0.0, 0), entry.number("below", inf, 0, above=True)
        if "price" not in entry:
            entry.tell("price is missing; give what the service costs in this band")
        bands.append((low, below, entry.number("price", 0.0, 0)))
        entry.refuse_other_keys()
        if below <= low:
            entry.tell(f"below = {below:g} is not above from = {low:g}; swap them")
    for (_, end, _), (start, _, _) in pairwise(bands):
        if start > end:
            table.tell(f"price_table: a gap from {end:g} to {start:g}, where items would have no price: close it")
        elif start < end:
            table.tell(f"price_table: bands overlap from {start:g} to {end:g}; begin the next band at {end:g}")
    return tuple(bands)
