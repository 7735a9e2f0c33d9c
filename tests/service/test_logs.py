"""Lines of the log and bodies of answers: whatever a client sent, one line each, and JSON."""

import json
import logging
import os

import pytest

from service.logs import JsonFormatter, RequestLog

STRANGE = ["plain", "zoë", "\u2028", "\x85", "\n", "\ud800", "\x00", '"']


@pytest.fixture
def pipe():
    reader, writer = os.pipe()
    yield reader, writer
    os.close(reader)
    os.close(writer)


@pytest.mark.parametrize("text", STRANGE)
def test_a_request_is_one_line_in_ascii(pipe, text):
    reader, writer = pipe
    RequestLog(writer).write({"route": text, "placement": None, "shown": [text], "status": 200})
    written = os.read(reader, 10_000)
    assert written.isascii()
    assert written.decode().splitlines() == [written.decode().removesuffix("\n")]
    line = json.loads(written)
    assert (line["level"], line["event"], line["pid"]) == ("info", "request", os.getpid())
    assert (line["route"], line["shown"], line["status"]) == (text, [text], 200)
    assert "placement" not in line


def test_a_line_that_the_system_takes_piece_by_piece_is_written_whole(pipe, monkeypatch):
    reader, writer = pipe
    write = os.write
    monkeypatch.setattr(os, "write", lambda to, data: write(to, data[:100]))
    shown = ["x" * 100] * 40
    RequestLog(writer).write({"shown": shown})
    assert json.loads(os.read(reader, 1 << 20))["shown"] == shown


def test_a_reader_that_went_away_stops_no_request():
    reader, writer = os.pipe()
    os.close(reader)
    RequestLog(writer).write({"status": 200})
    os.close(writer)


def test_without_a_place_to_go_nothing_is_written():
    RequestLog().write({"status": object()})


def test_a_failure_carries_its_traceback():
    try:
        json.loads("gone")
    except ValueError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, "", 0, "request failed", (), (type(error), error, error.__traceback__)
        )
    record.fields = {"request_id": "r", "number": 1 << 70}
    line = json.loads(JsonFormatter().format(record))
    assert line["traceback"].startswith("Traceback")
    assert line["traceback"].endswith("Expecting value: line 1 column 1 (char 0)")
    assert (line["level"], line["event"], line["number"]) == ("error", "request failed", 1 << 70)
