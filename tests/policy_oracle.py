"""What a policy promises, checked on an answer the slow way: from the tables of its file, item by item."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from filter_oracle import holds

from recommender.catalog import Catalog
from recommender.filters import parse as parse_filter
from recommender.suggestion import Answer

Entry = Mapping[str, Any]
parse = lru_cache(1000)(parse_filter)


@dataclass(frozen=True)
class Request:
    """One request, in the words of HTTP."""

    items: list[str]
    placement: str
    k: int
    exclude: list[str]
    context: Mapping[str, Any]
    filter: str | None
    at: datetime


class Promises:
    """The promises of the policy `told` (as a TOML reader gives it) over one catalog, for one request."""

    def __init__(self, told: Entry, catalog: Catalog, request: Request) -> None:
        self.told, self.catalog, self.request = told, catalog, request
        self.row = {item_id: row for row, item_id in enumerate(catalog.item_ids)}
        self.cart = [item for item in dict.fromkeys(request.items) if item in self.row]
        self.rules = [rule for rule in told.get("rules", []) if self.applies(rule)]

    def check(self, answer: Answer) -> None:
        """Fails with what is broken."""
        shown = [s for s in answer.suggestions if s.reason.kind != "offer"]
        ids = [s.item_id for s in shown]
        every = [s.item_id for s in answer.suggestions]
        assert len(set(every)) == len(every), "an item twice"
        assert len(ids) <= min(self.request.k, self.placement().get("k", 100))
        for item in ids:
            assert self.may_be_shown(item), f"{item} must not be shown"
        assert not (shown and answer.empty_because)
        assert every or answer.empty_because, "empty, and nobody knows why"
        self.check_pairs(ids)
        self.check_caps(ids)
        self.check_places(shown)
        self.check_offers(answer)

    def applies(self, entry: Entry, placements: Iterable[str] = ()) -> bool:
        """Whether an entry of the file applies to this request."""
        if entry.get("dry_run") or self.told.get("dry_run"):
            return False
        named = entry.get("placements", placements)
        if named and self.request.placement not in named:
            return False
        starts, ends = (_time(entry[key]) if key in entry else None for key in ("starts", "ends"))
        if (starts and self.request.at < starts) or (ends and self.request.at >= ends):
            return False
        seeds = {"filter": entry.get("when_cart"), "items": entry.get("when_cart_items", [])}
        seeded = "when_cart" in entry or "when_cart_items" in entry
        return not seeded or any(self.meant(seeds, item) for item in dict.fromkeys(self.cart))

    def meant(self, entry: Entry, item: str, filter_key: str = "filter", items_key: str = "items") -> bool:
        text, items = entry.get(filter_key), entry.get(items_key) or []
        if text is None and not items:
            return True
        return item in items or (text is not None and holds(parse(text), self.catalog, self.row[item]))

    def price(self, item: str) -> float:
        return float(self.catalog.price[self.row[item]])

    def may_be_shown(self, item: str) -> bool:
        row, defaults = self.row[item], {"in_cart": True, "variants": True} | self.told.get("defaults", {})
        catalog, request = self.catalog, self.request
        stock = float(catalog.stock[row])
        if item in request.exclude or (defaults["in_cart"] and item in self.cart):
            return False
        if defaults.get("inactive", True) and not catalog.active[row]:
            return False
        if defaults.get("out_of_stock", True) and (stock <= 0 or stock < defaults.get("min_stock", 0)):
            return False
        if defaults.get("price_zero", True) and self.price(item) == 0:
            return False
        if defaults["variants"] and self.base() not in {"similar", "upsell", "buy-again"} and self.is_variant(item):
            return False
        if request.filter is not None and not holds(parse(request.filter), catalog, row):
            return False
        return not any(self.removes(rule, item) for rule in self.rules)

    def placement(self) -> Entry:
        return self.told.get("placements", {}).get(self.request.placement, {})

    def base(self) -> str:
        return self.placement().get("base", self.request.placement)

    def is_variant(self, item: str) -> bool:
        if item in self.cart:
            return False
        group = self.catalog.item_group
        return any(
            group[self.row[item]] >= 0 and group[self.row[item]] == group[self.row[c]] and c != item for c in self.cart
        )

    def removes(self, rule: Entry, item: str) -> bool:
        if not self.meant(rule, item):
            return False
        if rule["action"] == "restrict":
            region = str(self.request.context.get("region", "")).upper()
            outside = "regions" in rule and region not in {name.upper() for name in rule["regions"]}
            inside = "except_regions" in rule and region in {"", *(name.upper() for name in rule["except_regions"])}
            return outside or inside or (rule.get("adult", False) and self.age() < 18)
        if rule["action"] == "price":
            reference = self.reference(rule.get("of", "cart"))
            low, high = rule.get("low", 0) * reference, rule.get("high", math.inf) * reference
            return reference > 0 and (self.price(item) < low or self.price(item) > high)
        return rule["action"] == "exclude"

    def reference(self, of: str) -> float:
        known = [self.price(item) for item in sorted(self.cart, key=str.encode) if not math.isnan(self.price(item))]
        if of == "added":
            last = [item for item in self.request.items if item in self.row][-1:]
            return self.price(last[0]) if last and not math.isnan(self.price(last[0])) else 0.0
        return sum(known) if of == "cart" else max(known, default=0.0)

    def age(self) -> float:
        """At least 18 for who says so; below it for who denies it."""
        told, age = self.request.context.get("adult"), self.request.context.get("age", 0)
        return {None: age, True: max(age, 18), False: min(age, 17)}[told]

    def check_pairs(self, ids: list[str]) -> None:
        for pair in filter(self.applies, self.told.get("never_together", [])):
            for item in ids:
                for other in {*ids, *self.cart} - {item}:
                    both = self.meant(pair, item, "first", "first_items") and self.meant(
                        pair, other, "second", "second_items"
                    )
                    assert not both, f"{item} and {other} must never meet"

    def check_caps(self, ids: list[str]) -> None:
        for cap in filter(self.applies, self.told.get("caps", [])):
            counted = [self.kind(item, cap) for item in ids if self.meant(cap, item)]
            for kind in {*counted} - {None}:
                assert counted.count(kind) <= cap["most"], f"more than {cap['most']} of {kind}"

    def kind(self, item: str, cap: Entry) -> str | None:
        row = self.row[item]
        if cap["by"] == "brand":
            brand = int(self.catalog.item_brand[row])
            return self.catalog.brands[brand] if brand >= 0 else None
        category = int(self.catalog.item_category[row])
        levels = self.catalog.categories[category].split(" > ") if category >= 0 else []
        return " > ".join(levels[: cap.get("level", 1)]) or None

    def check_places(self, shown: list[Any]) -> None:
        """A first pin stands at its place; what is promoted is meant to be; what is buried comes last."""
        ids = [s.item_id for s in shown]
        placing = [rule for rule in self.rules if rule["action"] in {"pin", "promote"}]
        held = any(map(self.applies, [*self.told.get("never_together", []), *self.told.get("caps", [])]))
        if placing and placing[0]["action"] == "pin" and not held:
            able = [item for item in placing[0]["items"] if item in self.row and self.may_be_shown(item)]
            an_offer_too = self.offered_ids() & {*placing[0]["items"]}  # an item where the offer is not made
            place = placing[0].get("place", 1)
            if able and not an_offer_too and place <= self.request.k and "k" not in self.placement():
                at = ids.index(able[0]) + 1
                behind = [item for item in ids[at:] if not any(self.meant(rule, item) for rule in placing)]
                assert at == place or (at < place and not behind), f"{able[0]} is pinned to {place}: {ids}"
        promoted = [s.item_id for s in shown if s.reason.kind == "promoted"]
        for item in promoted:
            assert any(self.meant(rule, item) for rule in placing), f"{item} is promoted by nobody"
        quota = sum(rule.get("quota", 1) if rule["action"] == "promote" else len(rule["items"]) for rule in placing)
        assert len(promoted) <= quota
        buried = [rule for rule in self.rules if rule["action"] == "bury"]
        ranked = [item for item in ids if not any(self.meant(rule, item) for rule in placing)]
        last = [any(self.meant(rule, item) for rule in buried) for item in ranked]
        assert last == sorted(last), f"buried items go last: {ranked}"

    def offered_ids(self) -> set[str]:
        return {offer["id"] for offer in self.told.get("offers", [])}

    def check_offers(self, answer: Answer) -> None:
        kinds = [s.reason.kind == "offer" for s in answer.suggestions]
        assert kinds == sorted(kinds), "offers stand behind the ranked items"
        made = [s for s in answer.suggestions if s.reason.kind == "offer"]
        assert len(made) <= self.told.get("defaults", {}).get("most_offers", 2)
        by_id = {offer["id"]: offer for offer in self.told.get("offers", [])}
        for suggestion in made:
            offer = by_id[suggestion.item_id]
            assert self.applies(offer, ["add-on", "cross-sell"])
            assert (suggestion.preselected, suggestion.requires_consent, suggestion.probability) == (False, True, None)
            (beside,) = suggestion.reason.because
            assert beside in self.cart
            assert self.meant(offer, beside)
            assert suggestion.item_id not in {*self.request.items, *self.request.exclude}
            assert self.age() >= offer.get("minimum_age", 0)
            regions = {region.upper() for region in offer.get("regions", [])}
            assert not regions or str(self.request.context.get("region", "")).upper() in regions
            assert suggestion.item_id not in self.row or self.may_be_shown(suggestion.item_id)
            self.check_price(offer, suggestion.price, self.price(beside))

    def check_price(self, offer: Entry, price: float | None, beside: float) -> None:
        if "price" in offer:
            assert price == offer["price"]
        elif "percent" in offer:
            assert price is not None
            assert math.isclose(price, beside * offer["percent"] / 100, abs_tol=0.00501)
        elif "price_table" in offer:
            bands = [band for band in offer["price_table"] if band["from"] <= beside < band.get("below", math.inf)]
            assert [band["price"] for band in bands] == [price]


def _time(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
