"""Choosing each peer's parameters on the tuning window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from training.evaluation.lists import ranked
from training.evaluation.metrics import LIST_DEPTH, hits
from training.evaluation.peers.family import Family, History, Parameters
from training.evaluation.questions import Questions


@dataclass(frozen=True)
class Tuned:
    """A peer with the parameters that it is reported with.

    Attributes
    ----------
    tried : every parameters of its grid with their HR@10 on the tuning window; empty where there was nothing to choose.
    """

    family: Family
    parameters: Parameters
    tried: tuple[tuple[Parameters, float], ...] = ()

    def as_json(self) -> dict[str, Any]:
        tried = [{"parameters": dict(parameters), "hr10": hr10} for parameters, hr10 in self.tried]
        return {"parameters": dict(self.parameters), "tried": tried}


def tune(family: Family, history: History, questions: Questions) -> Tuned:
    """The parameters of highest HR@10, the first of equals; the default where there is no choice or no question.

    Parameters
    ----------
    history : orders before every question.
    """
    if len(family.grid) == 1 or not len(questions) or not len(history.most_sold):
        return Tuned(family, family.grid[0])
    tried = tuple((parameters, _hit_rate(family, parameters, history, questions)) for parameters in family.grid)
    best = max(range(len(tried)), key=lambda place: (tried[place][1], -place))
    return Tuned(family, tried[best][0], tried)


def _hit_rate(family: Family, parameters: Parameters, history: History, questions: Questions) -> float:
    lists = ranked(family.fit(history, parameters), questions, history.most_sold, history.matrix.shape[1])
    return float(np.mean((hits(lists, questions)[:, :LIST_DEPTH] >= 0).any(axis=1)))
