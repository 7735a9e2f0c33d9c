"""Values of a TOML table, typed and bounded; what is wrong is gathered, so that all of it is told at once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from typing import Any, cast

from recommender.errors import UsageError
from recommender.filters import FilterError, parse

MAX_TEXT = 200
MAX_ITEMS = 10_000


class PolicyError(UsageError):
    """A policy that cannot be used; the message lists everything that is wrong with it."""


class Table:
    """One table of a policy file.

    Parameters
    ----------
    where : what messages call it, as in ``rules[2] "no tobacco"``.
    problems : gathers what is wrong; a value that is wrong reads as its default.
    """

    def __init__(self, where: str, values: Any, problems: list[str]) -> None:
        self.where, self.problems = where, problems
        self._asked: set[str] = set()
        self._values: Mapping[str, Any] = cast("Mapping[str, Any]", values) if isinstance(values, dict) else {}
        if not isinstance(values, dict):
            self.tell(f"found {shown(values)}; expected a table")

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def tell(self, problem: str) -> None:
        """Note one thing that is wrong."""
        self.problems.append(f"{self.where}: {problem}" if self.where else problem)

    def take(self, key: str) -> Any:
        """The raw value, None where there is none."""
        self._asked.add(key)
        return self._values.get(key)

    def text(self, key: str, default: str = "", choices: Sequence[str] = ()) -> str:
        value = self.take(key)
        if value is None:
            return default
        if not isinstance(value, str) or not 0 < len(value) <= MAX_TEXT:
            return self._wrong(key, value, f"expected text of 1 to {MAX_TEXT} characters", default)
        if choices and value not in choices:
            near = get_close_matches(value[:64], choices, 1)
            hint = f"did you mean {near[0]}?" if near else "choose one of them"
            return self._wrong(key, value, f"expected one of {', '.join(choices)}; {hint}", default)
        return value

    def number(self, key: str, default: float, low: float, high: float = math.inf, *, above: bool = False) -> float:
        """A finite number from `low` to `high`; with `above`, larger than `low`."""
        value = self.take(key)
        if value is None:
            return default
        fits = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not fits or value < low or value > high or (above and value == low):
            sign = "above" if above else "of at least"
            top = "" if math.isinf(high) else f" and at most {high:g}"
            return self._wrong(key, value, f"expected a number {sign} {low:g}{top}", default)
        return float(value)

    def whole(self, key: str, default: int, low: int, high: int) -> int:
        value = self.take(key)
        if value is None:
            return default
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            return self._wrong(key, value, f"expected a whole number from {low:,} to {high:,}", default)
        return value

    def flag(self, key: str, default: bool) -> bool:
        value = self.take(key)
        if value is None:
            return default
        return value if isinstance(value, bool) else self._wrong(key, value, "expected true or false", default)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, each once."""
        value = self.take(key)
        if value is None:
            return ()
        values = cast("list[Any]", value) if isinstance(value, list) else []
        if not values or len(values) > MAX_ITEMS or not all(isinstance(text, str) and text for text in values):
            return self._wrong(key, value, f"expected a list of 1 to {MAX_ITEMS:,} texts in quotes", ())
        return tuple(dict.fromkeys(values))

    def filter(self, key: str) -> str | None:
        value = self.take(key)
        if value is None:
            return None
        if not isinstance(value, str):
            return self._wrong(key, value, "expected a filter in quotes, as in 'brand = \"X\"'", None)
        try:
            parse(value)
        except FilterError as error:
            self.tell(f"{key}: {error}")
            return None
        return value

    def time(self, key: str) -> datetime | None:
        """A date or a time, as TOML or as ISO 8601 text; naive means UTC."""
        value = self.take(key)
        if value is None:
            return None
        found = value
        if isinstance(value, str):
            try:
                found = datetime.fromisoformat(value)
            except ValueError:
                found = None
        if isinstance(found, date) and not isinstance(found, datetime):
            found = datetime.combine(found, time())
        if not isinstance(found, datetime):
            return self._wrong(key, value, "expected a date or a time, as in 2026-11-27 or 2026-11-27T08:00:00Z", None)
        return found if found.tzinfo is not None else found.replace(tzinfo=UTC)

    def tables(self, key: str, most: int) -> list[Table]:
        """The tables of ``[[key]]``, each with its number and name for messages."""
        value = self.take(key)
        if value is None:
            return []
        entries = cast("list[Any]", value) if isinstance(value, list) else []
        if not isinstance(value, list) or len(entries) > most:
            return self._wrong(key, value, f"expected at most {most:,} tables, each under [[{key}]]", [])
        return [
            Table(self._called(key, number, entry), entry, self.problems) for number, entry in enumerate(entries, 1)
        ]

    def table(self, key: str) -> Table:
        """The table ``[key]``, empty where there is none."""
        value = self.take(key)
        return Table(f"{self.where}.{key}" if self.where else key, {} if value is None else value, self.problems)

    def keys(self) -> list[str]:
        return list(self._values)

    def refuse_other_keys(self) -> None:
        """Tell every key that nobody asked for."""
        for key in self._values:
            if key not in self._asked:
                near = get_close_matches(key[:64], sorted(self._asked), 1)
                hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(self._asked))}"
                self.tell(f"{key[:60]}: unknown key; {hint}")

    def _called(self, key: str, number: int, entry: Any) -> str:
        values = cast("dict[str, Any]", entry) if isinstance(entry, dict) else {}
        name = values.get("name", values.get("id"))
        place = f"{self.where}.{key}[{number}]" if self.where else f"{key}[{number}]"
        return f"{place} {name[:60]!r}" if isinstance(name, str) and name else place

    def _wrong(self, key: str, value: Any, expected: str, default: Any) -> Any:
        self.tell(f"{key} = {shown(value)}: {expected}")
        return default


def shown(value: Any) -> str:
    """A value for a message, on one line and cut.

    >>> shown("x" * 100)[-5:]
    'xxxx…'
    """
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"
