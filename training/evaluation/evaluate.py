"""The whole evaluation: read → cut in time → tune → count again → ask everyone → compare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from recommender.catalog import Catalog
from recommender.engine import Recommender
from recommender.errors import DataError
from training.baskets import Baskets
from training.build import Provenance, build_model
from training.catalog_file import CatalogColumns, all_item_ids
from training.config import Config
from training.evaluation.comparison import OURS, Answers, Comparison, compare
from training.evaluation.engine_lists import engine_lists
from training.evaluation.lists import Lists, ranked
from training.evaluation.metrics import Shelf
from training.evaluation.peers import FAMILIES
from training.evaluation.peers.family import History
from training.evaluation.questions import MAIN_PROTOCOL, PROTOCOLS, Later, Questions, one_hidden
from training.evaluation.slices import slices
from training.evaluation.tuning import Tuned, tune
from training.evaluation.windows import Windows, windows
from training.pipeline import catalog_of, check
from training.progress import Progress
from training.rehearsal import rehearse

KNOWN, ANONYMOUS = "known", "anonymous"
_TUNING_CARTS = 1500
_SIDE_CARTS = 2000
_FEW_CARTS = 300
_LIBRARIES = ("goeswith", "numpy", "scipy", "numba", "implicit", "duckdb", "matplotlib")

Asked = dict[tuple[str, str], Questions]


@dataclass(frozen=True)
class Span:
    """A window as people read it: orders, and first and last time (None where orders have none)."""

    orders: int
    first: str | None
    last: str | None


@dataclass(frozen=True)
class Evaluation:
    """Everything that the report says.

    Attributes
    ----------
    spans : ``counted while tuning``, ``tuning`` and ``reported``.
    fitted_on : later carts that the ranking was fitted on, 0 where the documented blend ranks.
    """

    source: Mapping[str, Any]
    facts: Mapping[str, Any]
    spans: Mapping[str, Span]
    peers: tuple[Tuned, ...]
    fitted_on: int
    comparisons: tuple[Comparison, ...]
    config: Config
    libraries: Mapping[str, str]
    notes: tuple[str, ...]


def evaluate(
    orders: Any, catalog: Any, config: Config, progress: Progress, quarantine: Path | None = None
) -> Evaluation:
    """Back-test on the last orders.

    Raises
    ------
    DataError
        Where no valid order is left, or the reported window has no cart to ask with.
    """
    checked, columns, source = check(orders, catalog, config, progress, quarantine)
    baskets = checked.baskets.over(all_item_ids(checked.baskets.item_ids, columns))
    notes: list[str] = []
    timed = baskets.has_times
    if not timed:
        notes.append("orders have no times: the order of the file stands for time")
        baskets = baskets.with_file_order_as_time()
    cut = windows(baskets, config.backtest.holdout_share)
    asked = _questions(baskets, cut, config, notes)
    earlier = baskets.part(0, cut.reported)
    items = _shelf_of_the_window(earlier, columns)
    peers = _tuned(baskets, cut, config, progress, notes)
    rehearsal = rehearse(earlier, items, config, progress)
    spans = _spans(baskets, cut, timed)
    window = {"first": spans["counted while tuning"].first, "last": spans["tuning"].last}
    provenance = Provenance(source, window, {}, {}, rehearsal.notes)
    model, customers = build_model(earlier, items, rehearsal.ranker, config, provenance, progress)
    lists: dict[tuple[str, str], dict[str, Lists]] = {key: {} for key in asked}
    with progress.stage(f"ask {OURS}") as step:
        recommender = Recommender(model, customers)
        for key, questions in asked.items():
            lists[key][OURS] = engine_lists(recommender, questions, baskets.customer_ids, step)
    history = History(earlier, config.seed)
    _ask_peers(peers, history, asked, lists, progress)
    with progress.stage("compare"):
        shelf = Shelf(history.item_orders, history.matrix.shape[0], items.price, items.cost)
        comparisons = tuple(_compared(key, asked[key], lists[key], earlier, items, shelf, config) for key in asked)
    return Evaluation(
        source=source,
        facts=_facts(baskets, timed, items),
        spans=spans,
        peers=tuple(peers),
        fitted_on=rehearsal.ranker.carts,
        comparisons=comparisons,
        config=config,
        libraries={name: version(name) for name in _LIBRARIES},
        notes=(*notes, *rehearsal.notes, *_shortcomings(comparisons, baskets, items)),
    )


def _shelf_of_the_window(earlier: Baskets, columns: CatalogColumns | None) -> Catalog:
    """The catalog with prices from earlier orders; today's stock and `active` say nothing about a past window."""
    items = catalog_of(earlier, columns)
    return replace(items, stock=np.full(len(items), np.nan), active=np.ones(len(items), np.uint8))


def _questions(baskets: Baskets, cut: Windows, config: Config, notes: list[str]) -> Asked:
    earlier = baskets.part(0, cut.reported)
    asked: Asked = {}
    for protocol, make in PROTOCOLS.items():
        if protocol == "next item added" and not baskets.has_line_order:
            notes.append("orders do not say in which order items were added (no column line): no next item to ask for")
            continue
        most = config.backtest.carts if protocol == MAIN_PROTOCOL else min(config.backtest.carts, _SIDE_CARTS)
        found = make(Later(baskets, cut.reported, cut.end, _countable_items(earlier), most, config.seed))
        if not len(found):
            raise DataError(
                f"the reported window ({cut.end - cut.reported:,} orders of {len(baskets):,}) has no order with two"
                f" items that were sold before it: give more orders, or a larger window with"
                f" --set backtest.holdout_share={min(2 * config.backtest.holdout_share, 0.5):g}"
            )
        if baskets.has_customers:
            asked[protocol, KNOWN] = found
        asked[protocol, ANONYMOUS] = found.anonymous()
    return asked


def _countable_items(earlier: Baskets) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    known = np.zeros(len(earlier.item_ids), np.bool_)
    known[earlier.items] = True
    return known


def _tuned(baskets: Baskets, cut: Windows, config: Config, progress: Progress, notes: list[str]) -> list[Tuned]:
    before = baskets.part(0, cut.tuning)
    later = Later(baskets, cut.tuning, cut.reported, _countable_items(before), _TUNING_CARTS, config.seed)
    questions = one_hidden(later)
    if not len(questions) or not before.countable.any():
        notes.append(
            "the tuning window has no order with two items that were sold before it: peers keep their first parameters"
        )
        questions = one_hidden(replace(later, most=1, start=cut.tuning, stop=cut.tuning))
    history = History(before, config.seed)
    tuned: list[Tuned] = []
    for family in FAMILIES:
        if family.uses_customers and not baskets.has_customers:
            continue
        with progress.stage(f"tune {family.name}"):
            tuned.append(tune(family, history, questions))
    return tuned


def _ask_peers(
    peers: list[Tuned],
    history: History,
    asked: Asked,
    lists: dict[tuple[str, str], dict[str, Lists]],
    progress: Progress,
) -> None:
    """Fit each peer once and let it answer everything; who does not look at customers is asked but once a protocol."""
    items = history.matrix.shape[1]
    for peer in peers:
        with progress.stage(f"ask {peer.family.name}"):
            score = peer.family.fit(history, peer.parameters)
            for (protocol, customers), questions in asked.items():
                if peer.family.uses_customers and customers == ANONYMOUS:
                    continue
                done = lists.get((protocol, KNOWN), {}).get(peer.family.name)
                if done is None:
                    done = ranked(score, questions, history.most_sold, items)
                lists[protocol, customers][peer.family.name] = done


def _compared(
    key: tuple[str, str],
    questions: Questions,
    lists: Mapping[str, Lists],
    earlier: Baskets,
    items: Catalog,
    shelf: Shelf,
    config: Config,
) -> Comparison:
    protocol, customers = key
    in_depth = protocol == MAIN_PROTOCOL
    parts = slices(questions, earlier, shelf.item_orders, items) if in_depth else []
    return compare(
        Answers(protocol, customers, questions, lists, earlier.has_customers),
        shelf,
        parts,
        config.seed,
        in_depth=in_depth,
    )


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


def _facts(baskets: Baskets, timed: bool, items: Catalog) -> dict[str, Any]:
    return {
        "orders": len(baskets),
        "lines": len(baskets.items),
        "items": len(baskets.item_ids),
        "customers": len(baskets.customer_ids),
        "times": timed,
        "order_of_adding": baskets.has_line_order,
        "prices": bool((items.price > 0).any()),
        "costs": bool((items.cost > 0).any()),
        "categories": bool(len(items.categories)),
    }


def _shortcomings(comparisons: tuple[Comparison, ...], baskets: Baskets, items: Catalog) -> list[str]:
    main = comparisons[0]
    found: list[str] = []
    if main.carts < _FEW_CARTS:
        found.append(
            f"{main.carts:,} carts are few: expect the figures to move by their whole interval with the next month"
        )
    if not baskets.has_customers:
        found.append("orders name no customer: no personal peer, no figures for known customers, intervals over orders")
    elif not main.by_customer:
        found.append("fewer than ten customers in the reported window: intervals are over orders, not customers")
    if not any(part.name == "known" for part in main.parts) and baskets.has_customers:
        found.append("no customer of the reported window had an order before it: nothing of anyone's own could be used")
    if not (items.price > 0).any():
        found.append("no prices: no revenue, no margin, no frontier")
    elif not (items.cost > 0).any():
        found.append("no costs: no margin; the frontier is of revenue")
    if not len(items.categories):
        found.append("no categories: no slices by category")
    if main.calibration is None:
        found.append("no probabilities to check: too few later carts to fit them, or nothing was hit")
    return found
