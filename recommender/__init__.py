"""The core: a model of what goes with what, and how a cart is scored with it.

>>> from recommender import load
>>> load("no/such/store")
Traceback (most recent call last):
    ...
recommender.errors.ModelError: ...
"""

from pathlib import Path

from recommender.engine import Recommender
from recommender.merchandising.read import read_policy
from recommender.review.reviews import read_reviews
from recommender.store import Store
from recommender.suggestion import Answer, Suggestion


def load(store: str | Path, policy: str | Path | None = None) -> Recommender:
    """The version that serves in a store, verified, ready to be asked, under the policy of a file.

    Raises ``ModelError`` if the store has none or its files are damaged, ``PolicyError`` for a policy that is none.
    """
    decided = None if policy is None else read_policy(Path(policy))
    model, customers = Store(Path(store)).load()
    return Recommender(model, customers, policy=decided, reviews=read_reviews(Path(store)))


__all__ = ["Answer", "Recommender", "Suggestion", "load"]
