"""How much likelier what is shown is ordered than what was held back: worked by hand."""

import math
from datetime import timedelta

import pytest
from event_logs import exposure, line, order, write

from training.uplift.lift import lifts
from training.uplift.read import read_events

WEEK = timedelta(days=7)


def visitors(arm, count, buyers, *, show, **further):
    """Each is shown bread and milk, or would have been; the buyers order the bread a day later."""
    for number in range(count):
        yield exposure("02T10:00", f"{arm}{number}", arm, show=show, items=["bread", "milk"], **further)
        if number < buyers:
            yield order("03T10:00", f"{arm}{number}", f"{arm}{number}", line("bread", 2), line("tea"))


def found(tmp_path, *events, window=WEEK):
    told = read_events(write(tmp_path / "log", *events))
    return lifts(told.exposures, told.lines, "nothing", window)


def test_worked_by_hand(tmp_path):
    (entry,) = found(tmp_path, *visitors("nothing", 100, 20, show=False), *visitors("shown", 200, 60, show=True))
    assert (entry["placement"], entry["shown"], entry["bought"]) == ("cross-sell", 400, 60)
    assert (entry["held_back"], entry["bought_anyway"]) == (200, 20)
    assert (entry["with_offer"], entry["without_offer"]) == (0.15, 0.1)
    assert entry["lift"] == pytest.approx(1.5)
    shown = (60 * 0.7**2 + 140 * 0.3**2) / 400**2 / 0.15**2
    held_back = (20 * 0.8**2 + 80 * 0.2**2) / 200**2 / 0.1**2
    assert math.log(entry["lift_high"] / 1.5) == pytest.approx(1.959964 * math.sqrt(shown + held_back))
    assert entry["lift_low"] * entry["lift_high"] == pytest.approx(1.5**2)


def test_what_counts(tmp_path):
    (entry,) = found(
        tmp_path,
        exposure("02T10:00", "v1", "shown", items=["bread"]),
        exposure("02T11:00", "v1", "shown", items=["milk", "tea"]),
        order("01T10:00", "v1", "early", line("bread")),
        order("03T10:00", "v1", "o1", line("bread"), line("milk")),
        order("04T10:00", "v1", "o2", line("bread")),
        exposure("02T10:00", "v2", "nothing", show=False, items=["bread"]),
        order("09T10:01", "v2", "late", line("bread")),
    )
    assert (entry["shown"], entry["bought"], entry["held_back"], entry["bought_anyway"]) == (1, 1, 1, 0)
    assert entry["lift"] is None


def test_arms_in_another_order_showed_other_items(tmp_path):
    (entry,) = found(
        tmp_path,
        *visitors("nothing", 100, 20, show=False),
        *visitors("shown", 100, 30, show=True),
        *visitors("profit", 100, 90, show=True, objective="profit"),
    )
    assert (entry["shown"], entry["bought"]) == (200, 30)


def test_without_an_arm_that_is_shown_nothing_there_is_none(tmp_path):
    assert found(tmp_path, *visitors("nothing", 100, 20, show=True), *visitors("shown", 100, 30, show=True)) == []
