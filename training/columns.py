"""Which column of a file is which of ours, and the SQL that turns any type of column into ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from recommender.errors import DataError, UsageError
from recommender.shelf import shown

MAX_TEXT = 300
NO_ID = frozenset({"NULL", "null", "NaN", "nan", "None", "<NA>", "NaT"})
"""What programs write where there is no id."""
_DATE, _TIME, _OFFSET = r"\d{4}-\d\d-\d\d", r"[T ]\d\d:\d\d(:\d\d(\.\d+)?)?", r"(Z|[+-]\d\d(:?\d\d)?)"
_FLOATS = ("FLOAT", "DOUBLE", "DECIMAL")
_NESTED = ("STRUCT", "MAP", "UNION", "VARIANT")


@dataclass(frozen=True)
class Column:
    """A column as DuckDB sees it: the SQL that names it, the name that people know, and its SQL type."""

    sql: str
    name: str
    type: str = "VARCHAR"


def match_columns(
    place: str, there: Sequence[Column], ours: Sequence[str], required: Sequence[str], renamed: Mapping[str, str]
) -> dict[str, Column]:
    """Our columns that the file has: those that are renamed by their own name, the others by ours, in any case.

    Raises ``DataError`` naming the file's columns where a required or renamed one is missing, named twice, or holds
    lists or structures, and ``UsageError`` where `renamed` names a column that is not ours.
    """
    for name in renamed:
        if name not in ours:
            raise UsageError(f"--column {name}={renamed[name]}: no such column; known are {', '.join(ours)}")
    found: dict[str, Column] = {}
    for name in ours:
        matches = _named(there, renamed.get(name, name))
        if len(matches) > 1:
            raise DataError(f"{place}: {len(matches)} columns are called {shown(matches[0].name)}; rename all but one")
        if matches:
            found[name] = _flat(place, matches[0])
        elif name in renamed:
            raise DataError(_not_there(place, there, name, renamed[name]))
        elif name in required:
            raise DataError(f"{place}: no column {name} among {_listed(there)}; say which it is: --column {name}=NAME")
    return found


def as_text(column: Column, limit: int = MAX_TEXT) -> str:
    """VARCHAR: text as it stands, whole numbers without ``.0``, dates in ISO 8601, cut at `limit` characters."""
    sql, kind = column.sql, column.type
    if kind == "VARCHAR":
        return f"CASE WHEN strlen({sql}) > {limit} THEN left({sql}, {limit}) ELSE {sql} END"
    if kind.startswith("DECIMAL"):
        return f"CASE WHEN {sql} = trunc({sql}) THEN {sql}::HUGEINT::VARCHAR ELSE {sql}::VARCHAR END"
    if kind in _FLOATS:
        whole = f"{sql} = trunc({sql}) AND abs({sql}) < 1e15"
        return f"CASE WHEN isnan({sql}) THEN NULL WHEN {whole} THEN {sql}::BIGINT::VARCHAR ELSE {sql}::VARCHAR END"
    if kind == "BLOB":
        return f"left(coalesce(TRY(decode({sql})), {sql}::VARCHAR), {limit})"
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"strftime(make_timestamp(epoch_us({sql})), '%Y-%m-%dT%H:%M:%SZ')"
    return f"left({sql}::VARCHAR, {limit})"


def as_number(column: Column) -> str:
    """DOUBLE: NULL where blank or no number, NaN and infinities as they are."""
    if column.type == "BLOB" or column.type.startswith(("DATE", "TIME", "INTERVAL")):
        return "NULL::DOUBLE"
    return f"TRY_CAST({column.sql} AS DOUBLE)"


def as_amount(column: Column) -> str:
    """DOUBLE: NULL where blank, NaN where the text is no number, so that it can be told."""
    number = as_number(column)
    if column.type != "VARCHAR":
        return number
    return f"CASE WHEN trim({column.sql}) <> '' THEN coalesce({number}, 'NaN'::DOUBLE) END"


def as_whole_number(column: Column) -> str:
    """BIGINT: NULL where blank or no whole number."""
    number = as_number(column)
    return f"CASE WHEN {number} = trunc({number}) THEN TRY_CAST({number} AS BIGINT) END"


def as_time(column: Column) -> str:
    """TIMESTAMP in UTC: NULL where it is no ISO 8601 date or time; a time without an offset is UTC already."""
    sql, kind = column.sql, column.type
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"make_timestamp(epoch_us({sql}))"
    if kind == "DATE" or kind.startswith("TIMESTAMP"):
        return f"TRY_CAST({sql} AS TIMESTAMP)"
    text = sql if kind == "VARCHAR" else f"{sql}::VARCHAR"
    return (
        f"CASE WHEN regexp_full_match({text}, '{_DATE}({_TIME})?') THEN TRY_CAST({text} AS TIMESTAMP)"
        f" WHEN regexp_full_match({text}, '{_DATE}{_TIME}{_OFFSET}')"
        f" THEN make_timestamp(epoch_us(TRY_CAST({text} AS TIMESTAMPTZ)))"
        f" WHEN regexp_full_match({text}, '\\d{{8}}') THEN try_strptime({text}, '%Y%m%d') END"
    )


def plain_name(name: str) -> str:
    """A column's name without the letter case and the space around it, by which names are compared."""
    return name.strip().casefold()


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _named(there: Sequence[Column], name: str) -> list[Column]:
    exact = [column for column in there if column.name == name]
    return exact or [column for column in there if plain_name(column.name) == plain_name(name)]


def is_nested(column: Column) -> bool:
    """Whether a cell of it is a list or a structure, and no plain value."""
    return column.type.endswith("]") or column.type.startswith(_NESTED)


def _flat(place: str, column: Column) -> Column:
    if is_nested(column):
        raise DataError(
            f"{place}: column {shown(column.name)} holds {column.type[:60]}; one plain value a row is needed: unnest it"
        )
    return column


def _not_there(place: str, there: Sequence[Column], ours: str, name: str) -> str:
    names = {plain_name(column.name): column.name for column in there}
    own = plain_name(ours)
    near = [own] if own in names else get_close_matches(plain_name(name), list(names), 1, 0.5)
    hint = f"; did you mean {ours}={names[near[0]]}?" if near else ""
    return f"{place}: no column {shown(name)} for {ours} among {_listed(there)}{hint}"


def _listed(there: Sequence[Column]) -> str:
    names = ", ".join(shown(column.name) for column in there[:30])
    return names + (f" and {len(there) - 30:,} more" if len(there) > 30 else "")
