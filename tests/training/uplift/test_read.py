"""Tables of an event log."""

from datetime import UTC, datetime

import pytest
from event_logs import event, exposure, line, order, write

from recommender.errors import DataError
from training.uplift.read import read_events


def test_items_become_rows_and_units_are_resolved(tmp_path):
    told = read_events(
        write(
            tmp_path / "log",
            exposure("01T10:00", "v1", "shown"),
            event("click", "01T10:01", "v1", customer_id="ann", items=[line("a"), line("b")], placement="p"),
            order("01T10:02", None, "o1", line("a", 2, unit_price=3.0), line("c"), customer_id="ann"),
            order("01T10:03", None, "o2", line("a"), customer_id="bob"),
        )
    )
    assert told.exposures[["unit", "arm", "share", "show"]].to_numpy().tolist() == [["v1", "shown", 0.5, True]]
    assert told.touches[["type", "unit", "item_id"]].to_numpy().tolist() == [["click", "v1", "a"], ["click", "v1", "b"]]
    columns = ["unit", "order_id", "item_id", "quantity"]
    assert told.lines[columns].to_numpy().tolist() == [
        ["v1", "o1", "a", 2.0],
        ["v1", "o1", "c", 1.0],
        ["customer bob", "o2", "a", 1.0],
    ]
    assert told.lines["unit_price"].fillna(-1).tolist() == [3.0, -1.0, -1.0]


def test_what_is_told_twice_counts_once(tmp_path):
    click = event("click", "01T10:01", "v1", items=[line("a"), line("b")], event_id="e1")
    told = read_events(
        write(
            tmp_path / "log",
            click,
            click,
            event("add", "01T10:01", "v1", items=[line("a")], event_id="e1"),
            event("click", "01T10:01", "v1", items=[line("a")]),
            event("click", "01T10:01", "v1", items=[line("a")]),
            order("01T10:02", "v1", "o1", line("a"), line("b")),
            order("01T10:09", "v1", "o1", line("a"), line("b"), line("c")),
        )
    )
    assert told.touches["type"].tolist().count("click") == 4
    assert told.touches["type"].tolist().count("add") == 1
    assert told.lines["item_id"].tolist() == ["a", "b"]


def test_lines_that_are_no_event_are_told(tmp_path):
    good = event("view", "01T10:00", "v1")
    half = exposure("01T10:00", "v1", "shown") | {"share": None}
    soon = good | {"at": "soon"}
    look = good | {"type": "look"}
    folder = write(tmp_path / "log", good, "{", '["view"]', half, event("view", "01T10:00"), look, soon, "  ")
    told = read_events(folder)
    assert len(told.touches) == 1
    path = folder / "2026-11-30.jsonl"
    assert told.problems == (f"{path}: 6 lines are no event of goeswith and left out, the first: {{",)


def test_a_time_bounds_what_is_read(tmp_path):
    folder = write(tmp_path / "log", *[event("view", f"{day:02}T00:00", f"v{day}") for day in (1, 2, 3)])
    told = read_events(folder, datetime(2026, 11, 2, tzinfo=UTC), datetime(2026, 11, 3, tzinfo=UTC))
    assert told.touches["unit"].tolist() == ["v2"]


def test_no_events_are_told_with_a_remedy(tmp_path):
    with pytest.raises(DataError, match="no events; a service writes them there"):
        read_events(tmp_path / "nowhere")
    with pytest.raises(DataError, match="without an event that can be read"):
        read_events(write(tmp_path / "log", "rubbish"))


def test_a_damaged_file_is_told(tmp_path):
    folder = write(tmp_path / "log", event("view", "01T10:00", "v1"))
    (folder / "2026-11-29.jsonl").write_bytes(b"\xff\xfe not UTF-8\n")
    with pytest.raises(DataError, match="a line that is not UTF-8 or longer than 16 MB"):
        read_events(folder)
