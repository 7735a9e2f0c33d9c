"""The report of the tiny shop's events: sums worked by hand, verdicts, and the command as a person types it."""

import json
from datetime import timedelta

import pytest
from event_logs import event, exposure, line, order, write
from tiny_shop import tiny_model
from typed import typed

from recommender.errors import UsageError
from recommender.worth import worth_of
from training.uplift.attribution import by_placement
from training.uplift.experiment import control_of, judged, names
from training.uplift.money import with_money
from training.uplift.read import read_events


@pytest.fixture
def read(tmp_path):
    """Tables of these events, with money."""

    def read(*events):
        told = read_events(write(tmp_path / "log", *events))
        catalog = tiny_model().catalog
        lines, lacking = with_money(told.lines, catalog, worth_of(catalog))
        return told, lines, lacking

    return read


def test_money(read):
    worth, catalog = worth_of(tiny_model().catalog), tiny_model().catalog
    bread = catalog.row("bread")
    _, lines, lacking = read(
        order("01T10:00", "v", "o", line("bread", 2), line("bread", 1, unit_price=9.0), line("wine"), line("ghost"))
    )
    price, cost, rate = worth.price[bread], worth.cost[bread], worth.return_rate[bread]
    assert lines["revenue"].tolist() == [2 * price, 9.0, 0.0, 0.0]
    assert lines["profit"].tolist() == [2 * (1 - rate) * (price - cost), (1 - rate) * (9.0 - cost), 0.0, 0.0]
    assert lacking == {"lines_without_price": 2, "lines_of_unknown_items": 1}


def test_an_order_belongs_to_the_last_click_on_its_item_by_the_same_visitor(read):
    told, lines, _ = read(
        event("view", "01T09:00", "v", items=[line("bread")], request_id="r1", placement="box"),
        event("view", "01T09:00", "v", items=[line("bread")], request_id="r1", placement="box"),
        event("view", "01T09:00", "w", request_id="r2", placement="box"),
        event("click", "01T10:00", "v", items=[line("bread")], placement="box"),
        event("add", "01T10:05", "v", items=[line("bread")], placement="cart"),
        event("click", "01T10:06", "v", items=[line("milk")], placement="cart"),
        order("01T11:00", "v", "o1", line("bread", 1, unit_price=4.0), line("butter", 1, unit_price=8.0)),
        order("01T11:00", "w", "o2", line("bread", 1, unit_price=4.0)),
        order("09T10:06", "v", "o3", line("milk", 1, unit_price=2.0)),
        event("click", "09T10:07", "v", items=[line("milk")]),
    )
    found = by_placement(told.touches, lines, timedelta(days=7))
    counts = [(e["placement"], e["views"], e["clicks"], e["adds"], e["orders"], e["revenue"]) for e in found]
    assert counts == [("cart", 0, 1, 1, 1, 4.0), ("box", 1, 1, 0, 0, 0.0), ("not told", 0, 1, 0, 0, 0.0)]
    found = by_placement(told.touches, lines, timedelta(days=9))
    assert (found[0]["orders"], found[0]["revenue"]) == (2, 6.0)


def report(*arguments):
    said = typed("report", *arguments)
    assert b"Traceback" not in said.stderr
    return said


def visitors(arm, count, buyers, show, first=0):
    """`count` visitors of an arm; the first `buyers` order bread for 10 an hour later."""
    for number in range(first, first + count):
        yield exposure("02T10:00", f"{arm}{number}", arm, show=show)
        if number < first + buyers:
            yield order("02T11:00", f"{arm}{number}", f"{arm}{number}", line("bread", 1, unit_price=10.0))


def judge(told, lines, control="nothing"):
    return judged(told.exposures, lines, control)


def test_an_experiment_worked_by_hand(read):
    told, lines, _ = read(
        *visitors("nothing", 100, 10, show=False),
        *visitors("shown", 100, 20, show=True),
        order("02T09:59", "shown0", "before", line("bread", 1, unit_price=10.0)),
        order("02T12:00", "stranger", "other", line("bread", 1, unit_price=10.0)),
        order("02T12:00", "shown0", "again", line("bread", 3, unit_price=10.0)),
    )
    found = judge(told, lines)
    assert [(a["arm"], a["visitors"], a["ordered"], a["orders"], a["revenue"]) for a in found["arms"]] == [
        ("nothing", 100, 10, 10.0, 100.0),
        ("shown", 100, 20, 21.0, 230.0),
    ]
    (told_of,) = found["differences"]
    assert told_of["arm"] == "shown"
    assert told_of["verdict"] == "not-yet-known"
    assert told_of["revenue"]["absolute"] == pytest.approx(1.3)
    assert told_of["revenue"]["relative"] == pytest.approx(1.3)


def test_a_large_effect_is_a_gain_and_seen_from_the_other_side_a_loss(read):
    told, lines, _ = read(*visitors("nothing", 300, 30, show=False), *visitors("shown", 300, 150, show=True))
    assert judge(told, lines)["differences"][0]["verdict"] == "gain"
    assert judge(told, lines, "shown")["differences"][0]["verdict"] == "loss"


def test_few_visitors_and_uneven_arms_are_not_judged(read):
    told, lines, _ = read(*visitors("nothing", 99, 0, show=False), *visitors("shown", 120, 100, show=True))
    assert judge(told, lines)["differences"] == [{"arm": "shown", "verdict": "too-few-visitors", "least": 100}]
    told, lines, _ = read(*visitors("nothing", 120, 9, show=False), *visitors("shown", 120, 10, show=True))
    assert judge(told, lines)["differences"] == [{"arm": "shown", "verdict": "too-few-buyers", "least": 20}]
    told, lines, _ = read(*visitors("nothing", 200, 20, show=False), *visitors("shown", 300, 150, show=True))
    found = judge(told, lines)
    assert found["luck_of_shares"] < 1e-4
    assert found["differences"][0]["verdict"] == "uneven-arms"


def test_who_was_in_two_arms_is_left_out(read):
    told, lines, _ = read(
        exposure("02T10:00", "v1", "nothing", show=False),
        exposure("02T11:00", "v1", "shown"),
        exposure("02T10:00", "v2", "shown"),
    )
    found = judge(told, lines)
    assert found["visitors_in_two_arms"] == 1
    assert [(arm["arm"], arm["visitors"]) for arm in found["arms"]] == [("nothing", 0), ("shown", 1)]


def test_which_experiment_and_which_control(read):
    told, _, _ = read(
        exposure("03T10:00", "v1", "a", experiment="new"),
        exposure("02T10:00", "v1", "z", show=False, experiment="old"),
        exposure("02T10:00", "v2", "a", experiment="old"),
    )
    assert names(told.exposures) == ["new", "old"]
    old = told.exposures[told.exposures["experiment"] == "old"]
    assert control_of(old, None) == "z"
    assert control_of(old[old["arm"] == "a"], None) == "a"
    with pytest.raises(UsageError, match="no such arm; there are a, z"):
        control_of(old, "b")


def test_the_command(tiny_store, tmp_path):
    log = write(
        tmp_path / "log", *visitors("nothing", 300, 30, show=False), *visitors("shown", 300, 150, show=True), "rubbish"
    )
    said = report("--store", tiny_store, "--events", log)
    assert said.returncode == 0
    assert "shown: adds to what visitors bring" in said.stdout.decode()
    assert "1 line is no event of goeswith and left out, the first: rubbish" in said.stdout.decode()
    found = json.loads(report("--store", tiny_store, "--events", log, "--json").stdout)
    assert found["orders"] == 180
    assert found["experiment"]["control"] == "nothing"
    assert found["experiment"]["differences"][0]["orders"]["absolute"] == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--experiment", "autumn"], 2, "--experiment autumn: not among these events; there are spring"),
        (["--control", "x"], 2, "--control x: the experiment has no such arm; there are nothing"),
        (["--since", "soon"], 2, "soon"),
        (["--since", "2030-01-01"], 0, "no events in this time"),
        (["--window", "0"], 2, "--window"),
    ],
)
def test_what_cannot_be_meant(tiny_store, tmp_path, arguments, code, told):
    log = write(tmp_path / "log", exposure("02T10:00", "v", "nothing", show=False))
    said = report("--store", tiny_store, "--events", log, *arguments)
    assert said.returncode == code
    assert told in (said.stdout + said.stderr).decode()


def test_without_events(tiny_store):
    said = report("--store", tiny_store)
    assert said.returncode == 3
    assert "no events; a service writes them there" in said.stderr.decode()
