"""The core: a model of what goes with what, and how a cart is scored with it.

>>> from recommender import load
>>> load("no/such/store")
Traceback (most recent call last):
    ...
recommender.errors.ModelError: ...
"""

from pathlib import Path

from recommender.engine import Recommender
from recommender.store import Store
from recommender.suggestion import Answer, Suggestion


def load(store: str | Path) -> Recommender:
    """The version that serves in a store, verified, ready to be asked.

    Raises ``ModelError`` if the store has none or its files are damaged.
    """
    model, customers = Store(Path(store)).load()
    return Recommender(model, customers)


__all__ = ["Answer", "Recommender", "Suggestion", "load"]
