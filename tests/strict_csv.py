"""RFC 4180, read strictly: UTF-8 without a mark, every quoted cell closed, every row as wide as the header."""

from __future__ import annotations

from pathlib import Path


def read_csv(path: Path) -> list[dict[str, str]]:
    """Rows by the header's names; fails on anything that the format does not allow."""
    text = path.read_bytes().decode("utf-8")
    assert not text.startswith("\ufeff"), "a byte order mark would be part of the first name"
    header, *rows = _records(text)
    assert len(set(header)) == len(header), "a name twice"
    assert all(len(row) == len(header) for row in rows), "a row of another width"
    return [dict(zip(header, row, strict=True)) for row in rows]


def _records(text: str) -> list[list[str]]:
    records: list[list[str]] = []
    at = 0
    while at < len(text):
        record: list[str] = []
        while True:
            cell, at = _quoted(text, at) if text[at] == '"' else _plain(text, at)
            record.append(cell)
            end = text[at]
            at += 1
            if end == "\n":
                break
            assert end == ",", f"{end!r} after a cell"
        records.append(record)
    return records


def _plain(text: str, at: int) -> tuple[str, int]:
    end = min(place for place in (text.find(",", at), text.find("\n", at)) if place >= 0)
    cell = text[at:end]
    assert not set(cell) & set('"\r\n'), f"{cell!r} must be quoted"
    return cell, end


def _quoted(text: str, at: int) -> tuple[str, int]:
    cell = ""
    while True:
        end = text.index('"', at + 1)
        cell += text[at + 1 : end]
        if text[end + 1] != '"':
            return cell, end + 1
        cell, at = cell + '"', end + 1
