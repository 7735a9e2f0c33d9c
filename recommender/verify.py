"""What must hold between the arrays of a model, beyond what each one's spec can say.

The files may come from a stranger: after these checks no cart can make the engine read out of bounds, decode broken
text, walk in a circle, or show a share above one.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from recommender.bundles import BUNDLE_WIDTH
from recommender.customers import Customers
from recommender.errors import ModelError
from recommender.model import Model
from recommender.ranker.inputs import frozen
from recommender.ranker.signals import BLEND, ITEM_SIGNALS, SIGNALS
from recommender.ranker.soundness import holds_itself, meets_too_often, rises, stalls, tallied, unsorted
from recommender.strings import StringColumn, has_twice

_THREADS = 2
Flags = NDArray[np.bool_]
_LOG_SHARE, _LOG_PRICE = ITEM_SIGNALS.index("log_share"), ITEM_SIGNALS.index("log_price")
_LEAST_LOG_SHARE = -80.0
_MORE_CUSTOMERS = "more customers than baskets"


def verify(model: Model, place: str) -> None:
    """Raise ``ModelError`` naming `place`, the array and what is wrong with it, if the model contradicts itself."""
    with ThreadPoolExecutor(_THREADS) as pool:
        for check in [pool.submit(part, model, place) for part in _PARTS]:
            check.result()


def _verify_catalog(model: Model, place: str) -> None:
    catalog = model.catalog
    for name in ("item_ids", "titles", "categories", "brands"):
        _refuse(not _is_text(getattr(catalog, name)), place, name, "text that is no UTF-8")
    empty = _any(np.diff(catalog.item_ids.offsets) == 0)
    _refuse(empty or has_twice(catalog.item_ids), place, "item_ids", "an id that is empty or of two items")
    for name in ("categories", "brands"):
        _refuse(_unsorted(getattr(catalog, name)), place, name)
    above = catalog.category_parent >= np.arange(len(catalog.categories))
    _refuse(_any(above), place, "category_parent", "a category at or after its own row")
    baskets = model.manifest.counts.get("baskets", -1)
    _refuse(_any(model.item_orders > baskets), place, "item_orders", f"more than the manifest's {baskets:,} baskets")
    _refuse(not _is_window(model), place, "manifest.json", "a window that is no time")


def verify_customers(customers: Customers, place: str) -> None:
    """Raise ``ModelError`` if customers are not sorted and different, or a history is not in the order of time."""
    _refuse(_unsorted(customers.customer_ids), place, "customer_ids")
    bounds, opens, times = _inner_bounds(customers.offsets), customers.opens_order != 0, customers.times
    earlier = times[1:] < times[:-1]
    earlier[bounds - 1] = False
    _refuse(_any(earlier), place, "times", "a history out of the order of time")
    _refuse(_any(~opens[bounds]) or _any(~opens[:1]), place, "opens_order", "a history that begins within an order")
    _refuse(_any((times[1:] != times[:-1]) & ~opens[1:]), place, "opens_order", "an order of two times")
    _refuse(_rises(customers.taste_scores, customers.taste_offsets), place, "taste_scores", "not best first")


def _verify_pairs(model: Model, place: str) -> None:
    pairs, orders = model.pairs, model.item_orders
    items, offsets = frozen(pairs.items), frozen(pairs.offsets)
    _refuse(holds_itself(items, offsets), place, "pair_items", "an item that is its own neighbour")
    too_often = meets_too_often(frozen(orders), frozen(pairs.counts), items, offsets)
    _refuse(too_often, place, "pair_counts", "more baskets with both than with one")
    _refuse(_any(pairs.customers > pairs.counts), place, "pair_customers", _MORE_CUSTOMERS)
    _refuse(_rises(pairs.scores, pairs.offsets), place, "pair_scores", "neighbours that are not best first")
    entries = model.pair_quantities.entries
    _refuse(_any(entries[1:] <= entries[:-1]), place, "pair_quantity_entries", "pairs that do not rise")


def _verify_substitutes(model: Model, place: str) -> None:
    found, orders = model.substitutes, model.item_orders
    lengths = np.diff(found.offsets)
    of = np.repeat(np.arange(len(orders), dtype=np.int32), lengths)
    _refuse(_any(found.items == of), place, "substitute_items", "an item that replaces itself")
    most = np.minimum(orders[of], orders[found.items])
    _refuse(_any(most < 1), place, "substitute_items", "an item without an order")
    _refuse(_any(found.counts > most), place, "substitute_counts", "more baskets with both than with one")
    _refuse(_any(found.customers > found.counts), place, "substitute_customers", _MORE_CUSTOMERS)
    _refuse(_rises(found.scores, found.offsets), place, "substitute_scores", "substitutes that are not best first")


def _verify_affinities(model: Model, place: str) -> None:
    new = model.newcomers
    _refuse(_any((new.unsold != 0) & (model.item_orders > 0)), place, "unsold", "an item with orders")
    for name, affinities in (("category", new.categories), ("brand", new.brands), ("word", new.words)):
        unsorted = _rises(affinities.scores, affinities.offsets)
        _refuse(unsorted, place, f"{name}_affinity_scores", "affinities that are not best first")


def _verify_rules(model: Model, place: str) -> None:
    rules, orders = model.rules, model.item_orders
    if not len(rules.consequents):
        return
    rows = rules.antecedents
    _refuse(rows.shape[1] < 2 or _any(rows[:, :2] < 0), place, "rule_antecedents", "fewer than two antecedents")
    left, right = rows[:, :-1], rows[:, 1:]
    _refuse(_any((right >= 0) & (right <= left)), place, "rule_antecedents", "antecedents that do not rise")
    _refuse(_any((right >= 0) & (left < 0)), place, "rule_antecedents", "an antecedent after the padding")
    lowest = np.repeat(np.arange(len(orders)), np.diff(rules.offsets))
    _refuse(_any(rows[:, 0] != lowest), place, "rule_offsets", "a rule under another item than its lowest")
    _refuse(_any(rows == rules.consequents[:, None]), place, "rule_consequents", "a consequent among the antecedents")
    _refuse(_any(rules.counts > rules.of), place, "rule_counts", "more baskets with all than with the antecedents")
    _refuse(_any(rules.customers > rules.counts), place, "rule_customers", _MORE_CUSTOMERS)
    _refuse(_any(rules.counts > orders[rules.consequents]), place, "rule_counts", "more baskets than the consequent's")
    _refuse(_any(rules.of[:, None] > np.where(rows < 0, rules.of[:, None], orders[rows])), place, "rule_of")


def _verify_bundles(model: Model, place: str) -> None:
    bundles, orders = model.bundles, model.item_orders
    rows, sets = bundles.items, model.counted_sets.items
    _verify_sets(rows, place, "bundle_items", 2)
    _verify_sets(sets, place, "counted_set_items", 3)
    _refuse(_any(sets[1:, 0] < sets[:-1, 0]), place, "counted_set_items", "sets that do not rise")
    least = np.where(rows < 0, np.iinfo(np.int32).max, orders[rows]).min(axis=1, initial=np.iinfo(np.int32).max)
    _refuse(_any(bundles.counts > least), place, "bundle_counts", "more baskets with all than with one")
    some = np.where(rows < 0, 0, orders[rows]).sum(axis=1, dtype=np.int64)
    _refuse(_any(bundles.apart > some), place, "bundle_apart", "more baskets with one than with each")
    _refuse(_any(bundles.customers > bundles.counts), place, "bundle_customers", _MORE_CUSTOMERS)


def _verify_sets(rows: NDArray[np.int32], place: str, name: str, least: int) -> None:
    _refuse(rows.shape[1] != BUNDLE_WIDTH, place, name, f"not {BUNDLE_WIDTH} columns")
    _refuse(_any(rows[:, :least] < 0), place, name, f"fewer than {least} items")
    left, right = rows[:, :-1], rows[:, 1:]
    _refuse(_any((right >= 0) & (right <= left)), place, name, "items that do not rise")
    _refuse(_any((right >= 0) & (left < 0)), place, name, "an item after the padding")


def _verify_baskets(model: Model, place: str) -> None:
    baskets, number = model.counted_baskets, len(model.counted_baskets.offsets) - 1
    counted = model.manifest.counts.get("baskets", -1)
    _refuse(number != counted, place, "basket_offsets", f"{number:,} baskets where the manifest counts {counted:,}")
    held = tallied(frozen(baskets.items), len(model.catalog))
    _refuse(_any(held != model.item_orders), place, "basket_items", "not as many of each item as were counted")
    _refuse(_any(np.diff(baskets.item_offsets) != model.item_orders), place, "item_basket_offsets", "other counts")
    sizes = tallied(frozen(baskets.of_items), number)
    _refuse(
        _any(sizes != np.diff(baskets.offsets)), place, "item_baskets", "not as many of each basket as it has lines"
    )
    _refuse(_stalls(baskets.items, baskets.offsets), place, "basket_items", "rows of a basket that do not rise")
    _refuse(_stalls(baskets.of_items, baskets.item_offsets), place, "item_baskets", "baskets that do not rise")
    _refuse(_any(model.item_customers > model.item_orders), place, "item_customers", _MORE_CUSTOMERS)
    best = model.bestsellers
    _refuse(_any(best.trending_customers > best.trending_recent), place, "trending_customers", _MORE_CUSTOMERS)


def _verify_ranker(model: Model, place: str) -> None:
    signals, companions = model.item_signals, model.companions
    lengths = {
        "item_signals": (signals.shape[1], len(ITEM_SIGNALS)),
        "objective_strengths": (len(model.strengths), 2),
    }
    for name, ranking in (("ranker", model.ranker), ("home", model.home)):
        lengths |= {
            f"{name}_scales": (len(ranking.network.scales), len(SIGNALS)),
            f"{name}_blend": (len(ranking.blend), len(BLEND) + 1),
            f"{name}_last_bias": (len(ranking.network.last_bias), 1),
            f"{name}_breadth": (len(ranking.breadth), 3),
        }
    for name, (found, expected) in lengths.items():
        _refuse(found != expected, place, name, f"{found} columns where this program reads {expected}")
    _refuse(_any(np.isnan(np.delete(signals, _LOG_PRICE, axis=1))), place, "item_signals", "an unknown signal")
    shares = signals[:, _LOG_SHARE]
    _refuse(_any((shares > 0) | (shares < _LEAST_LOG_SHARE)), place, "item_signals", "a log share that is none")
    _refuse(_rises(companions.scores, companions.offsets), place, "companion_scores", "companions not best first")


_PARTS = (
    _verify_catalog,
    _verify_pairs,
    _verify_baskets,
    _verify_substitutes,
    _verify_affinities,
    _verify_rules,
    _verify_bundles,
    _verify_ranker,
)


def _rises(values: NDArray[np.float32], offsets: NDArray[np.int64]) -> bool:
    return rises(frozen(values), frozen(offsets))


def _stalls(values: NDArray[np.int32], offsets: NDArray[np.int64]) -> bool:
    return stalls(frozen(values), frozen(offsets))


def _unsorted(column: StringColumn) -> bool:
    return not _is_text(column) or unsorted(frozen(column.data), frozen(column.offsets))


def _is_text(column: StringColumn) -> bool:
    try:
        column.data.tobytes().decode()
    except UnicodeDecodeError:
        return False
    starts = column.offsets[column.offsets < len(column.data)]
    return not _any(column.data[starts] & 0xC0 == 0x80)


def _is_window(model: Model) -> bool:
    ends = [model.manifest.window.get(name) for name in ("first", "last")]
    try:
        return all(end is None or datetime.fromisoformat(end) for end in ends)
    except (TypeError, ValueError):
        return False


def _inner_bounds(offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    return offsets[(offsets > 0) & (offsets < offsets[-1])]


def _any(flags: Flags) -> bool:
    return bool(flags.any())


def _refuse(wrong: bool, place: str, name: str, what: str = "rows that are not sorted, different and whole") -> None:
    if wrong:
        raise ModelError(
            f"{place}: {name}: {what}; the model contradicts itself: `goeswith models rollback` or train again"
        )
