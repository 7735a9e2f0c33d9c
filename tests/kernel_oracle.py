"""What the kernel should say of a cart's candidates, counted the slow and obvious way."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable

import numpy as np
from encoder_oracle import answers

from recommender.customers import Customers
from recommender.model import Model
from recommender.ranker.encoder import PAST_LINES
from recommender.ranker.signals import ITEM_SIGNALS

DAY = 86_400


def candidates(model: Model, customers: Customers, customer: int, now: int, cart: list[int]) -> dict[int, dict]:
    """Signals by name of every item that comes into question."""
    orders = orders_before(customers, customer, now)
    liked = tastes_of(customers, customer, now)
    shares, baskets = similar_baskets(model, cart)
    met = meetings(model, cart)
    often = {item for item, share in shares.items() if share >= 1.5 / (baskets + 1)}
    bought = {item for _, items in orders for item in items}
    rows = (set(met) | often | bought | set(liked) | set(model.bestsellers.recent.tolist())) - set(cart)
    return {
        item: pair_signals(model, met.get(item, []), len(cart))
        | own_signals(orders, item, now, cart)
        | category_signals(model, item, cart)
        | {"similar_baskets": shares[item] if item in met or item in often else 0.0, "taste": liked.get(item, 0.0)}
        | dict(zip(ITEM_SIGNALS, map(or_nothing, model.item_signals[item].tolist()), strict=True))
        | {"price_gap": or_nothing(price_gap(model, item, cart)), "log_cart_size": math.log(max(len(cart), 1))}
        for item in rows
    }


def meetings(model: Model, cart: list[int]) -> dict[int, list[dict[str, float]]]:
    """For each neighbour of the cart's items what it met there."""
    pairs, found = model.pairs, defaultdict(list)
    for item in cart:
        own = int(model.item_orders[item])
        for entry in range(pairs.offsets[item], pairs.offsets[item + 1]):
            other = int(pairs.items[entry])
            both, theirs = int(pairs.counts[entry]), int(model.item_orders[other])
            found[other].append(
                {
                    "cosine": float(pairs.scores[entry]),
                    "confidence": both / (own + 2),
                    "weighted": float(pairs.weighted[entry]),
                    "ease": float(pairs.ease[entry]),
                    "lift": (both + 1) / (own * theirs / model.baskets + 1),
                }
            )
    return found


def pair_signals(model: Model, met: list[dict[str, float]], in_cart: int) -> dict[str, float]:
    def of(name: str) -> list[float]:
        return [entry[name] for entry in met]

    return {
        "cosine_sum": sum(of("cosine")),
        "cosine_max": max(of("cosine"), default=0),
        "confidence_mean": sum(of("confidence")) / max(in_cart, 1),
        "confidence_max": max(of("confidence"), default=0),
        "weighted_sum": sum(of("weighted")),
        "weighted_max": max(of("weighted"), default=0),
        "ease_sum": sum(of("ease")),
        "ease_max": max([0, *of("ease")]),
        "log_lift_max": math.log(max(of("lift"))) if met else -1,
        "met_share": len(met) / max(in_cart, 1),
    }


def orders_before(customers: Customers, customer: int, now: int) -> list[tuple[int, list[int]]]:
    """Time and items of the customer's orders before `now`, oldest first."""
    orders: list[tuple[int, list[int]]] = []
    if customer < 0:
        return orders
    for line in range(customers.offsets[customer], customers.offsets[customer + 1]):
        if customers.opens_order[line]:
            orders.append((int(customers.times[line]), []))
        orders[-1][1].append(int(customers.items[line]))
    return [order for order in orders if order[0] < now]


def tastes_of(customers: Customers, customer: int, now: int) -> dict[int, float]:
    """Nothing while an order of the customer lies ahead, and nothing without any order."""
    everything = orders_before(customers, customer, 2**62)
    if not everything or len(orders_before(customers, customer, now)) < len(everything):
        return {}
    entries = range(customers.taste_offsets[customer], customers.taste_offsets[customer + 1])
    return {int(customers.taste_items[entry]): float(customers.taste_scores[entry]) for entry in entries}


def own_signals(orders: list[tuple[int, list[int]]], item: int, now: int, cart: list[int]) -> dict[str, float]:
    """Of the customer's orders with the item, and of the customer."""
    with_item = [place for place, (_, items) in enumerate(orders) if item in items]
    days = [(now - time) / DAY for time, _ in orders]
    lines = [bought for _, items in orders for bought in items]
    own = {
        "own_count": len(with_item),
        "own_share": len(with_item) / max(len(orders), 1),
        "own_fast": sum(math.exp(-(len(orders) - 1 - place) / 4) for place in with_item),
        "own_slow": sum(math.exp(-days[place] / 60) for place in with_item),
        "own_days": days[with_item[-1]] if with_item else 999,
        "own_since": len(orders) - 1 - with_item[-1] if with_item else 999,
        "own_context": sum(shared(orders[place][1], cart) for place in with_item),
        "own_rhythm": -1,
        "known": float(bool(orders)),
        "orders": len(orders),
        "customer_repeat": 1 - len(set(lines)) / len(lines) if lines else 0,
        "customer_days": days[-1] if orders else 0,
    }
    if len(with_item) > 1:
        gaps = max(days[with_item[0]] - days[with_item[-1]], 0.5)
        own["own_rhythm"] = days[with_item[-1]] * (len(with_item) - 1) / gaps
    return own


def shared(items: Iterable[int], cart: list[int]) -> float:
    items = list(items)
    return len(set(items) & set(cart)) / math.sqrt(len(items))


def category_signals(model: Model, item: int, cart: list[int]) -> dict[str, float]:
    category, companions = int(model.catalog.item_category[item]), model.companions
    found: list[float] = []
    for other in (int(model.catalog.item_category[row]) for row in cart):
        if other >= 0 and category >= 0:
            part = slice(companions.offsets[other], companions.offsets[other + 1])
            named = companions.items[part].tolist()
            found += [float(companions.scores[part][named.index(category)])] if category in named else []
    same = sum(int(model.catalog.item_category[row]) == category for row in cart)
    return {
        "category_in_cart": same if category >= 0 else 0,
        "category_sum": sum(found) / max(len(cart), 1),
        "category_max": max(found, default=0),
    }


def encoded(
    model: Model, customers: Customers, customer: int, now: int, cart: list[int], rows: list[int]
) -> np.ndarray:
    """The encoder's two signals of the given candidates: the log of the softmax over them, and the softmax."""
    if model.encoder is None or not rows:
        return np.zeros((len(rows), 2))
    past = [item for _, items in orders_before(customers, customer, now) for item in items]
    scores = answers(model.encoder, cart, past[-PAST_LINES:])[rows]
    logs = scores - scores.max() - math.log(np.exp(scores - scores.max()).sum())
    return np.column_stack([logs, np.exp(logs)])


def price_gap(model: Model, item: int, cart: list[int]) -> float:
    price = ITEM_SIGNALS.index("log_price")
    known = [value for value in model.item_signals[cart, price].tolist() if not math.isnan(value)]
    return float(model.item_signals[item, price]) - sum(known) / len(known) if known else math.nan


def similar_baskets(model: Model, cart: list[int]) -> tuple[dict[int, float], int]:
    """The share of baskets like the cart that hold an item, each weighing its likeness squared; and how many they are.

    Only for breadths that no shop of these tests exhausts: every basket with an item of the cart counts.
    """
    found = model.counted_baskets
    baskets = [
        found.items[start:stop].tolist() for start, stop in zip(found.offsets[:-1], found.offsets[1:], strict=True)
    ]
    rarity = [math.log(max(model.baskets, 1) / max(int(orders), 1)) for orders in model.item_orders]
    likeness = {
        place: sum(max(rarity[item], 1e-9) for item in items if item in cart)
        / math.sqrt(max(sum(rarity[item] for item in items), 1e-6))
        for place, items in enumerate(baskets)
        if set(items) & set(cart)
    }
    total = 1e-9 + sum(value**2 for value in likeness.values())
    shares: dict[int, float] = defaultdict(float)
    for place, value in likeness.items():
        for item in baskets[place]:
            shares[item] += value**2 / total
    return shares, len(likeness)


def as_row(signals: dict[str, float], names: Iterable[str]) -> np.ndarray:
    return np.array([signals[name] for name in names])


def or_nothing(signal: float) -> float:
    """What is unknown counts as 0."""
    return 0.0 if math.isnan(signal) else signal
