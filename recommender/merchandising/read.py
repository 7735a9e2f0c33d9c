"""A policy file becomes a policy, or the list of everything that is wrong with it."""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path

from recommender.merchandising.cells import PolicyError, Table
from recommender.merchandising.conditions import read_target, read_when
from recommender.merchandising.placements import OBJECTIVES, PlacementPolicy
from recommender.merchandising.policy import (
    ACTIONS,
    REFERENCES,
    Cap,
    Defaults,
    NeverTogether,
    Policy,
    Rule,
    Target,
)
from recommender.merchandising.read_experiment import read_experiment
from recommender.merchandising.read_offer import read_offer
from recommender.placements import PLACEMENTS

MAX_BYTES = 1 << 20
MAX_RULES = 1000
MAX_CAPS = 50
MAX_OFFERS = 200
MAX_PLACES = 100
MAX_LIFT = 100
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_ACTIONS_OF_KEYS = {
    "factor": ("boost",),
    "place": ("pin", "promote"),
    **dict.fromkeys(("quota", "tag"), ("promote",)),
    **dict.fromkeys(("of", "low", "high"), ("price",)),
    **dict.fromkeys(("adult", "regions", "except_regions"), ("restrict",)),
}


def read_policy(path: Path) -> Policy:
    """The policy of a file; raises ``PolicyError`` where it cannot be read, and for everything that is wrong in it."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise PolicyError(f"{path}: cannot be read ({error.strerror}); name a policy file in TOML") from error
    try:
        return parse_policy(data)
    except PolicyError as error:
        raise PolicyError(f"{path}: {error}") from error


def parse_policy(data: bytes) -> Policy:
    """The policy of a TOML text in UTF-8; raises ``PolicyError`` with everything that is wrong.

    >>> parse_policy(b"[defaults]\\nvariants = false").defaults.variants
    False
    """
    if len(data) > MAX_BYTES:
        raise PolicyError(f"more than {MAX_BYTES:,} bytes; name items by filters instead of lists")
    try:
        values = tomllib.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise PolicyError(f"no TOML in UTF-8: {error}; mend that place") from error
    problems: list[str] = []
    top = Table("", values, problems)
    placements = _placements(top.table("placements"))
    names = (*PLACEMENTS, *(name for name in placements if name not in PLACEMENTS))
    dry_run = top.flag("dry_run", default=False)
    policy = Policy(
        policy_id=hashlib.sha256(data).hexdigest()[:12],
        defaults=_defaults(top.table("defaults")),
        placements=placements,
        rules=tuple(_rule(table, names, dry_run) for table in top.tables("rules", MAX_RULES)),
        never_together=tuple(
            _never_together(table, names, dry_run) for table in top.tables("never_together", MAX_RULES)
        ),
        caps=tuple(_cap(table, names, dry_run) for table in top.tables("caps", MAX_CAPS)),
        offers=tuple(read_offer(table, names, dry_run) for table in top.tables("offers", MAX_OFFERS)),
        experiment=read_experiment(top.table("experiment"), names),
    )
    top.refuse_other_keys()
    _refuse_repeated_names(policy, problems)
    if problems:
        listed = "".join(f"\n  {problem}" for problem in problems)
        raise PolicyError(f"{len(problems):,} {'problem' if len(problems) == 1 else 'problems'}{listed}")
    return policy


def _placements(table: Table) -> dict[str, PlacementPolicy]:
    found: dict[str, PlacementPolicy] = {}
    for name in table.keys():  # noqa: SIM118  # a table is no mapping
        entry = table.table(name)
        if not _NAME.fullmatch(name):
            table.tell(f"{name[:60]!r}: expected at most 64 of a-z, 0-9, - and _, as in checkout-drawer")
        base = entry.text("base", name if name in PLACEMENTS else "", tuple(PLACEMENTS))
        if not base:
            entry.tell(
                f"base is missing: {name!r} is no built-in placement; say which fills it: {', '.join(PLACEMENTS)}"
            )
        if name in PLACEMENTS and base != name:
            entry.tell(f"base = {base!r}: {name} fills itself; name a placement of your own to fill it otherwise")
        found[name] = PlacementPolicy(
            name=name,
            base=base,
            k=entry.whole("k", 0, 1, MAX_PLACES) or None,
            objective=entry.text("objective", "probability", OBJECTIVES),
            relevance_floor=entry.number("relevance_floor", 0.0, 0, 1),
            lift=entry.number("lift", 0.0, 0, MAX_LIFT, above=True) or None,
        )
        entry.refuse_other_keys()
    return found


def _defaults(table: Table) -> Defaults:
    plain = Defaults()
    names = ("in_cart", "variants", "substitutes", "bought_recently", "out_of_stock", "inactive", "price_zero")
    flags = {name: table.flag(name, default=getattr(plain, name)) for name in names}
    found = Defaults(
        **flags,
        recent_days=table.number("recent_days", plain.recent_days, 0, 3650, above=True),
        rebought_share=table.number("rebought_share", plain.rebought_share, 0, 1),
        min_stock=table.number("min_stock", plain.min_stock, 0),
        most_offers=table.whole("most_offers", plain.most_offers, 0, 20),
    )
    table.refuse_other_keys()
    return found


def _rule(table: Table, names: tuple[str, ...], dry_run: bool) -> Rule:
    action = table.text("action", "", ACTIONS)
    if not action and "action" not in table:
        table.tell(f"action is missing; expected one of {', '.join(ACTIONS)}")
    target = read_target(table, "filter", "items")
    rule = Rule(
        name=table.text("name", table.where),
        action=action,
        target=target,
        when=read_when(table, names, dry_run),
        factor=table.number("factor", 1.0, 0, 1000, above=True),
        place=table.whole("place", 1, 1, MAX_PLACES),
        quota=table.whole("quota", 1, 1, MAX_PLACES),
        tag=table.text("tag", ""),
        of=table.text("of", "cart", REFERENCES),
        low=table.number("low", 0.0, 0),
        high=table.number("high", float("inf"), 0),
        adult=table.flag("adult", default=False),
        regions=frozenset(table.texts("regions")),
        except_regions=frozenset(table.texts("except_regions")),
    )
    _check_rule(rule, table)
    table.refuse_other_keys()
    return rule


def _check_rule(rule: Rule, table: Table) -> None:
    for key, actions in _ACTIONS_OF_KEYS.items():
        if key in table and rule.action and rule.action not in actions:
            table.tell(f"{key}: belongs to action = {' or '.join(map(repr, actions))}, not to {rule.action!r}")
    if rule.target.is_everything and rule.action != "price" and "filter" not in table and "items" not in table:
        table.tell("filter and items are missing; say which items are meant, with one of them or both")
    if rule.action == "pin" and "filter" in table:
        table.tell("filter: a pin names its items; list them in items, or use action = 'promote'")
    if rule.action == "boost" and "factor" not in table:
        table.tell("factor is missing; expected a number above 0 and at most 1000, as in factor = 2")
    if rule.action == "price" and "low" not in table and "high" not in table:
        table.tell("low and high are missing; write high = 0.5 for at most half the price")
    if rule.low > rule.high:
        table.tell(f"low = {rule.low:g} is above high = {rule.high:g}; swap them")
    if rule.action == "restrict" and not (rule.adult or rule.regions or rule.except_regions):
        table.tell("adult, regions and except_regions are missing; say who alone is shown these items")


def _never_together(table: Table, names: tuple[str, ...], dry_run: bool) -> NeverTogether:
    sides: list[Target] = []
    for side in ("first", "second"):
        sides.append(read_target(table, side, f"{side}_items"))
        if side not in table and f"{side}_items" not in table:
            table.tell(f"{side} is missing; give a filter as {side}, or a list of ids as {side}_items")
    found = NeverTogether(table.text("name", table.where), *sides, when=read_when(table, names, dry_run, seeds=False))
    table.refuse_other_keys()
    return found


def _cap(table: Table, names: tuple[str, ...], dry_run: bool) -> Cap:
    by = table.text("by", "", ("category", "brand"))
    for key in ("by", "most"):
        if key not in table:
            table.tell(f"{key} is missing; write by = 'category' (or 'brand') and most = 2")
    if by == "brand" and "level" in table:
        table.tell("level: belongs to by = 'category'; leave it out")
    found = Cap(
        name=table.text("name", table.where),
        by=by,
        most=table.whole("most", 1, 1, MAX_PLACES),
        level=table.whole("level", 1, 1, 20),
        target=read_target(table, "filter", "items"),
        when=read_when(table, names, dry_run),
    )
    table.refuse_other_keys()
    return found


def _refuse_repeated_names(policy: Policy, problems: list[str]) -> None:
    seen: set[str] = set()
    for entry in (*policy.rules, *policy.never_together, *policy.caps, *policy.offers):
        if entry.name in seen:
            problems.append(f"{entry.name!r}: two rules have this name; a trace could not tell them apart: rename one")
        seen.add(entry.name)
