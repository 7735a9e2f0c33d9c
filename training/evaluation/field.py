"""What an evaluation asks about: windows, the shop before the reported one, and questions; nothing is fitted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from recommender.catalog import Catalog
from recommender.errors import DataError
from training.baskets import Baskets
from training.catalog_file import CatalogColumns, items_by_sales
from training.checking import check
from training.config import Config
from training.doctor.quarantine import Quarantine
from training.evaluation.questions import MAIN_PROTOCOL, NEXT_ORDER, PROTOCOLS, Later, Questions
from training.evaluation.windows import Windows, windows
from training.pipeline import catalog_of
from training.progress import Progress

KNOWN, ANONYMOUS = "known", "anonymous"
_SIDE_CARTS = 2000
_LARGEST_SHARE = 0.5

Asked = dict[tuple[str, str], Questions]


@dataclass(frozen=True)
class Span:
    """A window as people read it: orders, and first and last time (None where orders have none)."""

    orders: int
    first: str | None
    last: str | None


@dataclass(frozen=True)
class Field:
    """A shop laid out for evaluation.

    Attributes
    ----------
    baskets : all orders, with a time each; `timed` where the file told it.  cut : the windows.
    earlier : orders before the reported window.  items : the catalog as it could be known then.
    asked : questions by protocol and `KNOWN` or `ANONYMOUS`.  spans : the windows by name.
    """

    source: Mapping[str, Any]
    baskets: Baskets
    timed: bool
    cut: Windows
    earlier: Baskets
    items: Catalog
    asked: Asked
    spans: Mapping[str, Span]
    notes: tuple[str, ...]

    @property
    def window(self) -> dict[str, str | None]:
        """First and last time of what is counted for the reported window."""
        return {"first": self.spans["counted while tuning"].first, "last": self.spans["tuning"].last}


def lay_out(
    orders: Any,
    catalog: Any,
    config: Config,
    progress: Progress,
    quarantine: Quarantine = None,
    protocols: Collection[str] = tuple(PROTOCOLS),
) -> Field:
    """Read, check and cut.

    Raises
    ------
    DataError
        Where no valid order is left, or the reported window has no cart to ask with.
    """
    checked, columns, source = check(orders, catalog, config, progress, quarantine)
    baskets = checked.baskets.over(items_by_sales(checked.baskets, columns, config.backtest.holdout_share))
    notes: list[str] = []
    timed = baskets.has_times
    if not timed:
        notes.append("orders have no times: the order of the file stands for time")
        baskets = baskets.with_file_order_as_time()
    cut = windows(baskets, config.backtest.holdout_share)
    earlier = baskets.part(0, cut.reported)
    asked = _questions(baskets, cut, config, protocols, notes)
    return Field(
        source=source,
        baskets=baskets,
        timed=timed,
        cut=cut,
        earlier=earlier,
        items=_shelf_of_the_window(earlier, columns),
        asked=asked,
        spans=_spans(baskets, cut, timed),
        notes=tuple(notes),
    )


def sold(baskets: Baskets) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """bool (items,): which items some order has."""
    found = np.zeros(len(baskets.item_ids), np.bool_)
    found[baskets.items] = True
    return found


def _shelf_of_the_window(earlier: Baskets, columns: CatalogColumns | None) -> Catalog:
    """The catalog with prices from earlier orders; today's stock and `active` say nothing about a past window."""
    items = catalog_of(earlier, columns)
    return replace(items, stock=np.full(len(items), np.nan), active=np.ones(len(items), np.uint8))


def _nothing_to_ask(baskets: Baskets, cut: Windows) -> str:
    if not (baskets.sizes > 1).any():
        return "no order has two items, so nothing can be hidden and asked for: lines of one order share its order_id"
    orders, share = cut.end - cut.reported, (cut.end - cut.reported) / len(baskets)
    window = f", or a larger window with --set backtest.holdout_share={_LARGEST_SHARE}" * (share < _LARGEST_SHARE)
    return (
        f"the reported window ({orders:,} orders of {len(baskets):,}) has no order with two items that were sold"
        f" before it: give more orders{window}"
    )


def _questions(baskets: Baskets, cut: Windows, config: Config, protocols: Collection[str], notes: list[str]) -> Asked:
    earlier = baskets.part(0, cut.reported)
    asked: Asked = {}
    for protocol in protocols:
        if protocol == "next item added" and not baskets.has_line_order:
            notes.append("orders do not say in which order items were added (no column line): no next item to ask for")
            continue
        most = config.backtest.carts if protocol == MAIN_PROTOCOL else min(config.backtest.carts, _SIDE_CARTS)
        if protocol == NEXT_ORDER and not baskets.has_customers:
            continue
        found = PROTOCOLS[protocol](Later(baskets, cut.reported, cut.end, sold(earlier), most, config.seed))
        if protocol == NEXT_ORDER:
            asked |= {(protocol, KNOWN): found} if len(found) else {}
            continue
        if not len(found):
            raise DataError(_nothing_to_ask(baskets, cut))
        if baskets.has_customers:
            asked[protocol, KNOWN] = found
        asked[protocol, ANONYMOUS] = found.anonymous()
    return asked


def _spans(baskets: Baskets, cut: Windows, timed: bool) -> dict[str, Span]:
    borders = {
        "counted while tuning": (0, cut.tuning),
        "tuning": (cut.tuning, cut.reported),
        "reported": (cut.reported, cut.end),
    }
    return {name: _span(baskets, *border, timed) for name, border in borders.items()}


def _span(baskets: Baskets, start: int, stop: int, timed: bool) -> Span:
    if not timed or start >= stop:
        return Span(stop - start, None, None)
    first, last = (datetime.fromtimestamp(int(baskets.times[o]), UTC).isoformat() for o in (start, stop - 1))
    return Span(stop - start, first, last)
