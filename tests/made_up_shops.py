"""Small shops, made up: as baskets in memory and as files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from training.baskets import Baskets
from training.config import Config, with_values

DAY = 86_400


def baskets_of(
    orders: Sequence[Sequence[int]],
    *,
    items: int = 0,
    days: Sequence[float] = (),
    customers: Sequence[int] = (),
    prices: Mapping[int, float] | None = None,
    has_line_order: bool = False,
) -> Baskets:
    """Orders of item rows, one a day unless `days` says otherwise."""
    lines = np.array([item for order in orders for item in order], np.int32)
    items = items or int(lines.max()) + 1
    number = max(customers, default=-1) + 1
    return Baskets(
        item_ids=[f"i{item:03}" for item in range(items)],
        customer_ids=[f"c{customer:03}" for customer in range(number)],
        offsets=np.cumsum([0, *map(len, orders)]).astype(np.int64),
        items=lines,
        quantities=np.ones(len(lines), np.float32),
        prices=np.array([(prices or {}).get(int(item), np.nan) for item in lines], np.float64),
        costs=np.full(len(lines), np.nan),
        times=(np.array(days or range(len(orders)), np.float64) * DAY).astype(np.int64),
        customers=np.array(customers or [-1] * len(orders), np.int32),
        countable=np.ones(len(orders), np.bool_),
        returned=np.zeros(items),
        sold=np.bincount(lines, minlength=items).astype(np.float64),
        has_line_order=has_line_order,
    )


def shop_lines(orders: int, *, seed: int = 0, customers: int = 40, sizes: tuple[int, int] = (2, 6)) -> list[dict]:
    """Lines of a made-up shop of 30 items in six groups that are bought together, four orders a day."""
    random = np.random.default_rng(seed)
    lines = []
    for order in range(orders):
        group = int(random.integers(6))
        size = int(random.integers(*sizes))
        inside, anywhere = group * 5 + random.integers(5, size=size), random.integers(30, size=size)
        items = random.permutation(np.unique(np.where(random.random(size) < 0.8, inside, anywhere)))
        customer = f"c{int(random.integers(customers)):03}"
        day = order // 4
        for place, item in enumerate(items.tolist()):
            lines.append(
                {
                    "order_id": f"o{order:05}",
                    "item_id": f"item-{item:02}",
                    "customer_id": customer,
                    "ordered_at": f"2025-{1 + day // 28 % 12:02}-{1 + day % 28:02}T{8 + order % 4:02}:00:00",
                    "unit_price": f"{1 + item % 7}.50",
                    "line": str(place + 1),
                }
            )
    return lines


def write_csv(path: Path, lines: Sequence[Mapping[str, str]], without: Sequence[str] = ()) -> Path:
    names = [name for name in lines[0] if name not in without]
    rows = [",".join(names), *(",".join(line[name] for name in names) for line in lines)]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def write_catalog(path: Path, *, costs: bool = True, categories: bool = True) -> Path:
    rows = ["item_id,title,category,cost"]
    for item in range(30):
        category = f"Group {item // 5} > Shelf {item % 2}" if categories else ""
        rows.append(f"item-{item:02},Item {item},{category},{1 + item % 3 if costs else ''}")
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def quick(*, fitted: bool) -> Config:
    """Few factors, and the ranking fitted on few carts or left as it is documented, without an encoder."""
    ranker = {"carts": 1000} if fitted else {"min_orders": 1_000_000, "encoder_items": 0}
    return with_values({"factors": {"factors": 4, "iterations": 1}, "ranker": ranker})
