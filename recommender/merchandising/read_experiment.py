"""The table ``[experiment]`` of a policy file."""

from __future__ import annotations

import math
import re

from recommender.experiment import Arm, Experiment
from recommender.merchandising.cells import Table
from recommender.merchandising.placements import OBJECTIVES

MAX_ARMS = 10
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SHARES_SLACK = 1e-6


def read_experiment(table: Table, names: tuple[str, ...]) -> Experiment | None:
    """The experiment that a policy names, None where it names none or what it says cannot be used."""
    if not table.keys():
        return None
    name = table.text("name", "")
    if not _NAME.fullmatch(name):
        table.tell("name: expected 1 to 64 of letters, digits, '.', '-' and '_', as in name = 'spring-2027'")
    placements = table.texts("placements")
    for placement in placements:
        if placement not in names:
            table.tell(f"placements: no placement {placement[:60]!r}; there are {', '.join(names)}")
    table.take("arms")
    every = table.table("arms")
    arms = tuple(_arm(_named(every, arm), arm) for arm in every.keys())  # noqa: SIM118  # a table is no mapping
    table.refuse_other_keys()
    if not 2 <= len(arms) <= MAX_ARMS:
        table.tell(
            f"arms: {len(arms)} of them; an experiment compares 2 to {MAX_ARMS}, each as arms.NAME = {{share = 0.5}}"
        )
        return None
    total = math.fsum(arm.share for arm in arms)
    if abs(total - 1) > _SHARES_SLACK:
        table.tell(f"arms: the shares sum up to {total:g}; they must be 1, so that every visitor has an arm")
    if sum(not arm.show for arm in arms) > 1:
        table.tell("arms: show = false stands twice; one arm that is shown nothing is enough: join them")
    return Experiment(name, arms, frozenset(placements))


def _named(arms: Table, name: str) -> Table:
    if not _NAME.fullmatch(name):
        arms.tell(f"{name[:60]!r}: expected 1 to 64 of letters, digits, '.', '-' and '_'")
    return arms.table(name)


def _arm(table: Table, name: str) -> Arm:
    if "share" not in table:
        table.tell("share is missing; say which part of the visitors it gets, as in share = 0.1")
    arm = Arm(
        name=name,
        share=table.number("share", 0.0, 0, 1, above=True),
        show=table.flag("show", default=True),
        objective=table.text("objective", "", OBJECTIVES) or None,
    )
    table.refuse_other_keys()
    return arm
