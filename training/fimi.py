"""Baskets as the FIMI repository keeps them: one a line, item ids between spaces, nothing else."""

from __future__ import annotations

from recommender.errors import DataError
from training.columns import Column, quoted
from training.delimited import literal_path, read_head
from training.sources import SourceFile
from training.views import View

_LINE_BYTES = 20_000_000
_FOREIGN = b',;|"'


def baskets_view(file: SourceFile, source: str | None) -> View:
    """A row an item; ``order_id`` is the number of the line, behind the file's name where there are several files.

    Raises ``DataError`` where the first line is delimited text.
    """
    first = read_head(file).split(b"\n", maxsplit=1)[0]
    if set(first) & set(_FOREIGN):
        raise DataError(
            f"{file.path}: named as FIMI baskets (ids between spaces), but the first line is {first[:60]!r};"
            " name it .csv if it is delimited text"
        )
    lines = (
        f"read_csv({quoted(literal_path(file))}, auto_detect = false, header = false, delim = '\x01', quote = '',"
        f" escape = '', columns = {{'text': 'VARCHAR'}}, compression = {quoted(file.compression)},"
        f" max_line_size = {_LINE_BYTES})"
    )
    order = "(row_number() OVER ())::VARCHAR" if source is None else f"{quoted(source + ':')} || row_number() OVER ()"
    baskets = f"SELECT {order} AS order_id, string_split(translate(text, chr(9), ' '), ' ') AS ids FROM {lines}"
    items = f"(SELECT order_id, unnest(list_filter(ids, lambda id: id <> '')) AS item_id FROM ({baskets}))"
    return View(str(file.path), items, (Column("order_id", "order_id"), Column("item_id", "item_id")))
