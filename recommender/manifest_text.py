"""What a version is, for people: its manifest without the hashes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from recommender.manifest import Manifest
from recommender.store import Version
from recommender.terminal import table


def manifest_text(version: Version, manifest: Manifest) -> str:
    """Where a version comes from, what it holds, its back-test, what could not be done, and its settings."""
    heads = [
        ["model", f"{version.model_id}{'  serves' if version.current else ''}"],
        ["version", version.name],
        ["window", _window(manifest.window)],
        *([name, _source(source)] for name, source in manifest.input.items()),
        *([name.replace("_", " "), _number(value)] for name, value in manifest.counts.items()),
        ["files", f"{len(manifest.files):,}, {sum(one.bytes for one in manifest.files.values()) / 1e6:,.1f} MB"],
        *(["note", note] for note in manifest.notes),
    ]
    measured = [[f"  {name.replace('_', ' ')}", _number(value)] for name, value in manifest.metrics.items()]
    parts = [table(*_headless(heads)), "back-test", table(*_headless(measured or [["  none", ""]]))]
    return "\n".join([*parts, "settings", table(*_headless(list(_settings(manifest.config))))])


def _headless(rows: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    return rows[0], rows[1:]


def _settings(config: Mapping[str, Any], section: str = "") -> Iterator[list[str]]:
    for name in config:
        value: object = config[name]
        if isinstance(value, Mapping) and value:
            yield from _settings(cast("Mapping[str, Any]", value), f"{section}{name}.")
        else:
            yield [f"  {section}{name}", f"{cast('object', value)}"]


def _window(window: Mapping[str, Any]) -> str:
    first, last = window.get("first"), window.get("last")
    return f"{first[:10]} to {last[:10]}" if first and last else "orders without times"


def _source(source: Mapping[str, Any] | str) -> str:
    if isinstance(source, str):
        return source
    names = ", ".join(source.get("names", [])) or "a table or a query"
    numbers = [f"{source[what]:,} {what}" for what in ("lines", "items") if what in source]
    return ", ".join([names, *numbers, f"sha256 {str(source.get('sha256', ''))[:12]}…"])


def _number(value: float | str) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4g}" if isinstance(value, float) else str(value)
