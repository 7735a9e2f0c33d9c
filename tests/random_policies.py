"""Random policies as the tables of a TOML file, and their text."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from filter_oracle import filters_over
from hypothesis import strategies as st
from policy_oracle import Request

from recommender.catalog import Catalog
from recommender.placements import PLACEMENTS

NOON = datetime(2026, 11, 15, 12, tzinfo=UTC)
_REGIONS = ["DE", "at", "CH"]


def text_of(value: dict[str, Any]) -> str:
    """The tables as TOML."""
    lines = [f"{key} = {json.dumps(one)}" for key, one in value.items() if not isinstance(one, dict | list)]
    for key, one in value.items():
        if isinstance(one, dict):
            inner = [k for k in one if not isinstance(one[k], dict)]
            lines += [f"[{key}]", *(f"{k} = {_inline(one[k])}" for k in inner)]
            for k in one.keys() - {*inner}:
                lines += [f"[{key}.{k}]", *(f"{name} = {_inline(one[k][name])}" for name in one[k])]
    for key, tables in value.items():
        for table in tables if isinstance(tables, list) else []:
            lines += [f"[[{key}]]", *(f"{name} = {_inline(one)}" for name, one in table.items())]
    return "\n".join(lines)


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_inline(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return json.dumps(value)


def policies(catalog: Catalog) -> st.SearchStrategy[dict[str, Any]]:
    """A policy with a handful of entries of every kind; many of them meet the same few items."""
    ids = st.lists(st.sampled_from([*catalog.item_ids, "nosuch"]), min_size=1, max_size=4, unique=True)
    filters = filters_over(catalog, depth=1)
    target = st.one_of(ids.map(lambda items: {"items": items}), filters.map(lambda text: {"filter": text}))
    seeds = st.one_of(filters.map(lambda text: {"when_cart": text}), ids.map(lambda items: {"when_cart_items": items}))
    names = [*PLACEMENTS, "drawer"]
    dates = st.sampled_from(
        [{}, {"starts": "2026-11-01"}, {"starts": "2026-11-16"}, {"ends": "2026-11-15"}, {"ends": "2027-01-01"}]
    )
    placed = st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True).map(lambda p: {"placements": p})
    often = [st.just({})] * 3
    when = st.tuples(
        st.one_of(*often, placed), st.one_of(*often, dates), st.sampled_from([{}, {}, {}, {"dry_run": True}])
    )
    when_seeded = st.tuples(when.map(_merged), st.one_of(*often, seeds)).map(_merged)
    bounds = st.sampled_from([{"high": 0.5}, {"high": 1.0}, {"low": 0.2}, {"low": 0.3, "high": 2.0}])
    whom = st.sampled_from([{"adult": True}, {"regions": ["DE", "AT"]}, {"except_regions": ["CH"]}])
    place = st.integers(1, 4).map(lambda place: {"place": place})
    actions = st.one_of(
        st.tuples(st.just({"action": "exclude"}), target),
        st.tuples(st.just({"action": "bury"}), target),
        st.tuples(st.sampled_from([{"action": "boost", "factor": factor} for factor in (0.01, 2, 1000)]), target),
        st.tuples(st.just({"action": "pin"}), ids.map(lambda items: {"items": items}), place),
        st.tuples(st.just({"action": "promote", "quota": 2, "tag": "Ad"}), target, place),
        st.tuples(st.sampled_from([{"action": "price", "of": of} for of in ("cart", "dearest", "added")]), bounds),
        st.tuples(st.just({"action": "restrict"}), target, whom),
    ).map(_merged)
    rules = st.lists(st.tuples(actions, when_seeded).map(_merged), max_size=5)
    sides = [
        st.one_of(filters.map(lambda text, s=side: {s: text}), ids.map(lambda items, s=side: {f"{s}_items": items}))
        for side in ("first", "second")
    ]
    pairs = st.lists(st.tuples(*sides, when.map(_merged)).map(_merged), max_size=2)
    kinds = st.sampled_from([{"by": "brand"}, {"by": "category"}, {"by": "category", "level": 2}])
    most = st.integers(1, 3).map(lambda most: {"most": most})
    caps = st.lists(st.tuples(kinds, most, st.one_of(*often, target), when_seeded).map(_merged), max_size=2)
    return st.fixed_dictionaries(
        {
            "defaults": _defaults(),
            "placements": st.sampled_from([{"drawer": {"base": base, "k": k}} for base in PLACEMENTS for k in (1, 3)]),
            "rules": rules,
            "never_together": pairs,
            "caps": caps,
            "offers": _offers(catalog, target, when.map(_merged)),
        }
    )


def _defaults() -> st.SearchStrategy[dict[str, Any]]:
    switches = ["in_cart", "variants", "out_of_stock", "inactive", "price_zero"]
    off = st.sampled_from([*switches, *[None] * 10]).map(lambda name: {name: False} if name else {})
    return st.tuples(off, st.sampled_from([{}, {}, {"min_stock": 3}, {"most_offers": 1}])).map(_merged)


def _offers(catalog: Catalog, target: Any, when: Any) -> st.SearchStrategy[list[dict[str, Any]]]:
    bands = [{"from": 0, "below": 3, "price": 1}, {"from": 3, "below": 9, "price": 2}]
    prices = st.sampled_from([{"price": 4.5}, {"percent": 12.5}, {"price_table": bands}])
    whom = st.sampled_from([{}, {}, {"regions": ["DE"]}, {"minimum_age": 18}])
    ids = st.lists(st.sampled_from(["care", "wrap", catalog.item_ids[0]]), max_size=3, unique=True)
    one = st.tuples(prices, target, when, whom).map(_merged)
    return ids.flatmap(lambda names: st.tuples(*[one.map(lambda o, n=name: {"id": n} | o) for name in names]).map(list))


def requests(catalog: Catalog) -> st.SearchStrategy[Request]:
    """Carts of one to four items, some unknown, with everything that a request may say."""
    item = st.sampled_from([*catalog.item_ids, "nosuch", "care"])
    context = st.fixed_dictionaries(
        {}, optional={"region": st.sampled_from(_REGIONS), "adult": st.booleans(), "age": st.sampled_from([17, 18])}
    )
    return st.builds(
        Request,
        items=st.lists(item, min_size=1, max_size=4),
        placement=st.sampled_from([*PLACEMENTS, "drawer", "cross-sell"]),
        k=st.sampled_from([1, 3, 10, 100]),
        exclude=st.lists(item, max_size=2),
        context=context,
        filter=st.one_of(st.none(), st.none(), filters_over(catalog, depth=1)),
        at=st.just(NOON),
    )


def _merged(parts: Any) -> dict[str, Any]:
    return {key: value for part in parts for key, value in part.items()}
