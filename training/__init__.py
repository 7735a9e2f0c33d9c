"""Orders in, a model out: reading, checking, counting, factorizing, measuring, publishing.

`train` makes a model of a file or a data frame; `AssociationMiner` and `ItemFactorizer` have scikit-learn's shape. They
are imported when they are used: a command that needs none of them does not wait for their libraries.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from training.estimators import AssociationMiner
    from training.item_factorizer import ItemFactorizer
    from training.pipeline import train

_HOMES = {"AssociationMiner": "estimators", "ItemFactorizer": "item_factorizer", "train": "pipeline"}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})


__all__ = ["AssociationMiner", "ItemFactorizer", "train"]
