"""The event log: whole lines by many writers, bounds, and erasure while others write."""

import json
import os
import threading
from pathlib import Path

import pytest

from recommender.events import EventLog, EventsFullError, event_files
from recommender.events.log import erase_events


def click(visitor, **further):
    return {"type": "click", "at": "2026-11-23T12:00:00.000Z", "visitor_id": visitor, **further}


def lines(folder: Path):
    return [json.loads(line) for path in event_files(folder) for line in path.read_text().splitlines()]


def test_events_are_appended_for_their_owner_alone(tmp_path):
    log = EventLog(tmp_path / "events")
    log.append([click("v1"), click("v2")])
    log.append([click("v3")])
    assert [event["visitor_id"] for event in lines(tmp_path / "events")] == ["v1", "v2", "v3"]
    (file,) = event_files(tmp_path / "events")
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_many_writers_leave_whole_lines(tmp_path):
    def write(name):
        log = EventLog(tmp_path)
        for number in range(50):
            log.append([click(f"{name}-{number}", items=["x" * 500] * 20)])

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {event["visitor_id"] for event in lines(tmp_path)} == {f"{n}-{i}" for n in "abcd" for i in range(50)}


def test_a_full_day_takes_no_more(tmp_path):
    log = EventLog(tmp_path, most_bytes=200)
    log.append([click("v1")])
    with pytest.raises(EventsFullError, match="200 at most"):
        log.append([click("v2"), click("v3")])
    assert [event["visitor_id"] for event in lines(tmp_path)] == ["v1"]


def test_half_a_line_is_taken_back(tmp_path, monkeypatch):
    log, write = EventLog(tmp_path), os.write
    log.append([click("v1")])
    left = iter([10])

    def full_disk(descriptor, data):
        for size in left:
            return write(descriptor, data[:size])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full_disk)
    with pytest.raises(OSError, match="No space"):
        log.append([click("v2")])
    monkeypatch.undo()
    log.append([click("v3")])
    assert [event["visitor_id"] for event in lines(tmp_path)] == ["v1", "v3"]


def test_a_writer_that_died_half_way_takes_no_other_line_with_it(tmp_path):
    log = EventLog(tmp_path)
    log.append([click("v1")])
    (file,) = event_files(tmp_path)
    with file.open("a") as half:
        half.write('{"type": "cli')
    log.append([click("v2")])
    assert [json.loads(line)["visitor_id"] for line in file.read_text().splitlines() if line[-1] == "}"] == ["v1", "v2"]


def test_erasing_takes_a_customer_and_the_visitors_that_were_this_customer(tmp_path):
    (tmp_path / "2026-11-22.jsonl").write_text(json.dumps(click("v1")) + "\nrubbish\n" + json.dumps(click("v2")) + "\n")
    EventLog(tmp_path).append([click("v1", customer_id="ann"), {"type": "order", "customer_id": "ann"}, click("v3")])
    assert erase_events(tmp_path, "ann") == 3
    assert [path.read_text().count("\n") for path in event_files(tmp_path)] == [2, 1]
    assert "rubbish" in event_files(tmp_path)[0].read_text()
    assert erase_events(tmp_path, "ann") == 0
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in event_files(tmp_path)[1:])


def test_nothing_is_lost_that_is_written_while_somebody_is_erased(tmp_path):
    log = EventLog(tmp_path)
    log.append([click("v", customer_id="ann") for _ in range(200)])
    written = threading.Thread(target=lambda: [log.append([click(f"w{number}")]) for number in range(300)])
    written.start()
    for _ in range(20):
        erase_events(tmp_path, "ann")
        EventLog(tmp_path).append([click("v", customer_id="ann")])
    written.join()
    assert {f"w{number}" for number in range(300)} <= {event["visitor_id"] for event in lines(tmp_path)}


def test_other_files_are_no_events(tmp_path):
    for name in ("2026-11-22.jsonl", "2026-11-22.jsonl.gz", "notes.jsonl", ".2026-11-22.jsonl-7"):
        (tmp_path / name).write_text("")
    assert [path.name for path in event_files(tmp_path)] == ["2026-11-22.jsonl"]
    assert event_files(tmp_path / "nowhere") == []
