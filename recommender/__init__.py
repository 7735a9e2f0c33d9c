"""The core: a model of what goes with what, and how a cart is scored with it.

>>> from recommender import load
>>> load("no/such/store")
Traceback (most recent call last):
    ...
recommender.errors.ModelError: ...
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recommender.engine import Recommender
    from recommender.suggestion import Answer, Suggestion

_WHERE = {
    "Answer": "recommender.suggestion",
    "Recommender": "recommender.engine",
    "Suggestion": "recommender.suggestion",
}


def load(store: str | Path, policy: str | Path | None = None) -> Recommender:
    """The version that serves in a store, verified, ready to be asked, under the policy of a file.

    Raises ``ModelError`` if the store has none or its files are damaged, ``PolicyError`` for a policy that is none.
    """
    from recommender.engine import Recommender  # noqa: PLC0415  # not before it is used: see `__getattr__`
    from recommender.merchandising.read import read_policy  # noqa: PLC0415  # as above
    from recommender.review.reviews import read_reviews  # noqa: PLC0415  # as above
    from recommender.store import Store  # noqa: PLC0415  # as above

    decided = None if policy is None else read_policy(Path(policy))
    model, customers = Store(Path(store)).load()
    return Recommender(model, customers, policy=decided, reviews=read_reviews(Path(store)))


def __getattr__(name: str) -> Any:
    """Import the engine when it is used: a service begins to read its model before."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_WHERE[name]), name)


__all__ = ["Answer", "Recommender", "Suggestion", "load"]
