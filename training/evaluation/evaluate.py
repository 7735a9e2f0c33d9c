"""The whole evaluation: read → cut in time → tune → count again → ask everyone → compare."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

from recommender.catalog import Catalog
from recommender.engine import Recommender
from training.baskets import Baskets
from training.build import Provenance, build_model, factorize_all, learn
from training.config import Config
from training.doctor.quarantine import Quarantine
from training.evaluation.comparison import OURS, Answers, Comparison, compare
from training.evaluation.engine_lists import engine_lists
from training.evaluation.field import ANONYMOUS, KNOWN, Asked, Field, Span, lay_out, sold
from training.evaluation.lists import Lists, ranked
from training.evaluation.metrics import Shelf
from training.evaluation.peers import FAMILIES
from training.evaluation.peers.family import History
from training.evaluation.questions import MAIN_PROTOCOL, NEXT_ORDER, PROTOCOLS, Later, Questions, one_hidden
from training.evaluation.slices import slices
from training.evaluation.tuning import Tuned, tune
from training.progress import Progress
from training.rehearsal import rehearse

_TUNING_CARTS = 1500
_FEW_CARTS = 300
_LIBRARIES = ("goeswith", "numpy", "scipy", "numba", "implicit", "duckdb", "matplotlib")


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
    orders: Any,
    catalog: Any,
    config: Config,
    progress: Progress,
    quarantine: Quarantine = None,
    protocols: Collection[str] = tuple(PROTOCOLS),
) -> Evaluation:
    """Back-test on the last orders; raises as `training.evaluation.field.lay_out` does."""
    field = lay_out(orders, catalog, config, progress, quarantine, protocols)
    earlier, items, asked = field.earlier, field.items, field.asked
    peers, tuning_notes = _tuned(field, config, progress)
    rehearsal = rehearse(earlier, items, config, progress)
    provenance = Provenance(dict(field.source), field.window, {}, {}, rehearsal.notes)
    learned = learn(earlier, items, factorize_all(earlier, config, progress), config, progress)
    model, customers = build_model(earlier, items, rehearsal.rankings, learned, config, provenance, progress)
    lists: dict[tuple[str, str], dict[str, Lists]] = {key: {} for key in asked}
    with progress.stage(f"ask {OURS}") as step:
        recommender = Recommender(model, customers)
        for key, questions in asked.items():
            lists[key][OURS] = engine_lists(recommender, questions, earlier.customer_ids, step)
    history = History(earlier, config.seed)
    _ask_peers(peers, history, asked, lists, progress)
    with progress.stage("compare"):
        shelf = Shelf(history.item_orders, history.matrix.shape[0], items.price, items.cost)
        comparisons = tuple(_compared(key, asked[key], lists[key], earlier, items, shelf, config) for key in asked)
    return Evaluation(
        source=field.source,
        facts=_facts(field),
        spans=field.spans,
        peers=tuple(peers),
        fitted_on=rehearsal.rankings.cart.carts,
        comparisons=comparisons,
        config=config,
        libraries={name: version(name) for name in _LIBRARIES},
        notes=(*field.notes, *tuning_notes, *rehearsal.notes, *_shortcomings(comparisons, field)),
    )


def _tuned(field: Field, config: Config, progress: Progress) -> tuple[list[Tuned], list[str]]:
    baskets, cut = field.baskets, field.cut
    before = baskets.part(0, cut.tuning)
    later = Later(baskets, cut.tuning, cut.reported, sold(before), _TUNING_CARTS, config.seed)
    questions, notes = one_hidden(later), []
    if not len(questions) or not before.countable.any():
        notes.append(
            "the tuning window has no order with two items that were sold before it: peers keep their first parameters"
        )
        questions = one_hidden(replace(later, stop=later.start))
    history = History(before, config.seed)
    tuned: list[Tuned] = []
    for family in FAMILIES:
        if family.uses_customers and not baskets.has_customers:
            continue
        with progress.stage(f"tune {family.name}"):
            tuned.append(tune(family, history, questions))
    return tuned, notes


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
                if peer.family.needs_cart and protocol == NEXT_ORDER:
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


def _facts(field: Field) -> dict[str, Any]:
    baskets, items = field.baskets, field.items
    return {
        "orders": len(baskets),
        "lines": len(baskets.items),
        "items": len(baskets.item_ids),
        "customers": len(baskets.customer_ids),
        "times": field.timed,
        "order_of_adding": baskets.has_line_order,
        "prices": bool((items.price > 0).any()),
        "costs": bool((items.cost > 0).any()),
        "categories": bool(len(items.categories)),
    }


def _shortcomings(comparisons: tuple[Comparison, ...], field: Field) -> list[str]:
    main, baskets, items = comparisons[0], field.baskets, field.items
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
