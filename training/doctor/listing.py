"""Orders beside the catalog: titles for the doctor, and the items that the catalog lacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import pyarrow as pa

from training.doctor.case import Case, example
from training.doctor.report import Finding


@runtime_checkable
class Listing(Protocol):
    """The part of a catalog file that the doctor asks: ids, and titles and categories ("" where there is none)."""

    @property
    def item_ids(self) -> Sequence[str]: ...
    @property
    def titles(self) -> Sequence[str]: ...
    @property
    def categories(self) -> Sequence[str]: ...


def lay_listing(case: Case, listing: Listing | Sequence[str] | None) -> None:
    """Make ``doctor_catalog`` (item_id, title, category) and give ``doctor_items`` their titles."""
    case.run("CREATE OR REPLACE TEMP TABLE doctor_catalog (item_id VARCHAR, title VARCHAR, category VARCHAR)")
    if listing is None:
        return
    if isinstance(listing, Listing):
        ids, titles, categories = list(listing.item_ids), list(listing.titles), list(listing.categories)
    else:
        ids, titles, categories = list(listing), [""] * len(listing), [""] * len(listing)
    columns = {"item_id": ids, "title": titles, "category": categories}
    table = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    case.connection.register("doctor_listing", table)
    case.run("INSERT INTO doctor_catalog SELECT * FROM doctor_listing")
    case.connection.unregister("doctor_listing")
    case.run("""
        UPDATE doctor_items SET title = nullif(k.title, '')
        FROM doctor_catalog k WHERE k.item_id = doctor_items.item_id
    """)


def find_unlisted(case: Case) -> list[Finding]:
    """Items that orders name and the catalog does not."""
    unlisted = "(SELECT n.i, n.item_id, n.first_line FROM clean_items k JOIN doctor_items n USING (i) ANTI JOIN"
    unlisted += " doctor_catalog t ON n.item_id = t.item_id SEMI JOIN clean_lines q ON k.i = q.i)"
    (items,) = case.row(f"SELECT count(*) FROM {unlisted}")
    if not items:
        return []
    touched = f"SELECT i, count(*) AS lines FROM clean_lines SEMI JOIN {unlisted} u USING (i) GROUP BY i"
    lines, orders = case.row(f"SELECT count(*), count(DISTINCT o) FROM clean_lines SEMI JOIN {unlisted} u USING (i)")
    rows = case.rows(f"""
        SELECT n.first_line, n.item_id, t.lines FROM ({touched}) t JOIN doctor_items n USING (i)
        ORDER BY t.lines DESC, n.item_id LIMIT 3
    """)
    return [
        case.told(
            "unlisted-items",
            "warning",
            f"The catalog lacks {items:,} {'item' if items == 1 else 'items'} that orders name.",
            lines,
            orders,
            tuple(example(zip(("line_number", "item_id", "lines"), row, strict=True)) for row in rows),
            action="Counted like any item, without title, price and category; suggested under the bare id.",
            remedy="Add the items to the catalog file, with active = false where they are no longer sold.",
        )
    ]
