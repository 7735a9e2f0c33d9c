"""Compile every kernel once, so that the first training and the first start do not wait for the compiler.

``python -m training.kernels``, as ``make install`` does, trains on a small made-up shop, publishes it, and asks what is
read back for a cart. Where the machine code is kept says `recommender.ranker.compiled`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa

from recommender.engine import Recommender
from recommender.store import Store
from training.config import Config
from training.pipeline import Trained, run
from training.progress import Progress

_ORDERS, _LINES, _ITEMS, _CUSTOMERS = 1200, 4, 40, 60
_FIRST_SECOND, _SECONDS = 1_700_000_000, 25_000


def made_up_orders(seed: int = 0) -> pa.Table:
    """Orders of four lines each, in which neighbouring items go together, over most of a year."""
    random = np.random.default_rng(seed)
    first = random.integers(0, _ITEMS, _ORDERS)
    items = (first[:, None] + random.integers(0, 6, (_ORDERS, _LINES))) % _ITEMS
    orders = np.repeat(np.arange(_ORDERS), _LINES)
    return pa.table(
        {
            "order_id": orders.astype(str),
            "item_id": items.ravel().astype(str),
            "customer_id": (orders % _CUSTOMERS).astype(str),
            "ordered_at": pa.array(_FIRST_SECOND + _SECONDS * orders, pa.timestamp("s")),
            "quantity": random.integers(1, 4, len(orders)).astype(float),
            "unit_price": items.ravel() + 1.0,
        }
    )


def compile_kernels() -> Trained:
    """Run everything that is compiled, and give what was trained on the way."""
    trained = run(made_up_orders(), None, Config(), Progress(quiet=True))
    with TemporaryDirectory() as folder:
        store = Store(folder)
        store.publish(trained.model, trained.customers, promote=True, now=datetime.now(UTC))
        recommender = Recommender(*store.load())
    for placement in ("cross-sell", "bought-together", "add-on"):
        recommender.answer(["1", "2", "3"], customer_id="1", placement=placement)
    recommender.bundle("1")
    return trained


if __name__ == "__main__":
    compile_kernels()
