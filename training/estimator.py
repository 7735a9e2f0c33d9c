"""The shape of a scikit-learn estimator: parameters as given, and learned attributes (``rules_``)."""

from __future__ import annotations

import inspect
from typing import Any, Self

from recommender.errors import UsageError


class NotFittedError(UsageError, AttributeError):
    """A learned attribute was asked for before `fit`."""


class Estimator:
    """What is common to estimators: their parameters are those of ``__init__``, all given by name."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.get_params().items())})"

    def __getattr__(self, name: str) -> Any:
        if name in type(self).__annotations__:
            raise NotFittedError(f"{type(self).__name__}.{name}: not fitted yet; call fit first")
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002  # scikit-learn passes it
        """Parameters by name, as they were given."""
        return {name: getattr(self, name) for name in _parameters(type(self))}

    def set_params(self, **params: Any) -> Self:
        """Change parameters; what was learned stays until the next `fit`.

        Raises
        ------
        UsageError
            For a name that is no parameter.
        """
        known = _parameters(type(self))
        for name in params:
            if name not in known:
                raise UsageError(f"{type(self).__name__}: no parameter {name!r}; known are {', '.join(known)}")
        for name, value in params.items():
            setattr(self, name, value)
        return self


def _parameters(estimator: type) -> list[str]:
    return [name for name in inspect.signature(estimator.__init__).parameters if name != "self"]
