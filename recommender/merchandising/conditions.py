"""What every entry of a policy may say: which items it means, and when it applies."""

from __future__ import annotations

from recommender.merchandising.cells import Table
from recommender.merchandising.policy import Target, When


def read_target(table: Table, filter_key: str, items_key: str) -> Target:
    """Which items an entry means."""
    return Target(table.filter(filter_key), table.texts(items_key))


def read_when(table: Table, names: tuple[str, ...], dry_run: bool, *, seeds: bool = True) -> When:
    """When an entry applies; `names` are the placements that there are, `dry_run` that of the whole file."""
    placements = table.texts("placements")
    for name in placements:
        if name not in names:
            table.tell(f"placements: {name[:60]!r}: no such placement; there are {', '.join(names)}")
    starts, ends = table.time("starts"), table.time("ends")
    if starts is not None and ends is not None and ends <= starts:
        table.tell(f"ends = {ends.isoformat()} is not after starts = {starts.isoformat()}; it would never apply")
    cart = read_target(table, "when_cart", "when_cart_items") if seeds else Target()
    return When(
        frozenset(placements),
        starts,
        ends,
        None if cart.is_everything else cart,
        table.flag("dry_run", default=False) or dry_run,
    )
