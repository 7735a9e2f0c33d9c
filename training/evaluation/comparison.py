"""All methods on the same carts: figures, intervals, and how far goeswith is ahead of the best peer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.evaluation.bootstrap import Bootstrap, Interval, interval, ratio
from training.evaluation.calibration import Calibration, calibration
from training.evaluation.frontier import frontier
from training.evaluation.lists import Lists
from training.evaluation.metrics import Shelf, of_all_lists, per_cart
from training.evaluation.questions import NEXT_ORDER, Questions
from training.evaluation.slices import Slice

OURS = "goeswith"
HEADLINE = "hr10"
_COMPARED = ("hr10", "ndcg10", "mrr10", "recall10")

Draws = NDArray[np.float64]


@dataclass(frozen=True)
class Method:
    """One method's figures: `figures` are means over carts with intervals, `lists` are of all lists together."""

    name: str
    figures: Mapping[str, Interval]
    lists: Mapping[str, float]


@dataclass(frozen=True)
class Part:
    """HR@10 of every method on a slice; `ratio` is goeswith over the comparison's best peer."""

    kind: str
    name: str
    carts: int
    hr10: Mapping[str, Interval]
    ratio: Interval


@dataclass(frozen=True)
class Point:
    """A point of the frontier: the weight on worth, and what the ten first places then bring."""

    weight: float
    figures: Mapping[str, Interval]


@dataclass(frozen=True)
class Comparison:
    """One protocol, with customers known or anonymous.

    Attributes
    ----------
    by_customer : whether intervals come from drawing customers (else orders); groups : how many of them.
    headline : the figure that counts most here, ``hr10``, or ``recall10`` where all of an order is asked for.
    best_peer : the peer that is highest in it.  ratios : goeswith over it, paired.
    """

    protocol: str
    customers: str
    carts: int
    groups: int
    by_customer: bool
    methods: tuple[Method, ...]
    headline: str
    best_peer: str
    ratios: Mapping[str, Interval]
    parts: tuple[Part, ...] = ()
    calibration: Calibration | None = None
    worth: str | None = None
    frontier: tuple[Point, ...] = ()

    def method(self, name: str) -> Method:
        return next(method for method in self.methods if method.name == name)


@dataclass(frozen=True)
class Answers:
    """The lists of every method, by name, goeswith first, to the same questions; `named`: the shop knows customers."""

    protocol: str
    customers: str
    questions: Questions
    lists: Mapping[str, Lists]
    named: bool


def compare(answers: Answers, shelf: Shelf, slices: Sequence[Slice], seed: int, *, in_depth: bool) -> Comparison:
    """Measure everything; `in_depth` adds calibration and frontier, which need carts that ask for one item."""
    questions = answers.questions
    bootstrap = Bootstrap(questions.groups, questions.orders, seed)
    values = {name: per_cart(lists, questions, shelf) for name, lists in answers.lists.items()}
    drawn = {name: _drawn(bootstrap, figures) for name, figures in values.items()}
    peers = [name for name in answers.lists if name != OURS]
    headline = "recall10" if answers.protocol == NEXT_ORDER else HEADLINE
    best = max(peers, key=lambda name: drawn[name][headline][0])
    worth = _worth(shelf) if in_depth else None
    return Comparison(
        protocol=answers.protocol,
        customers=answers.customers,
        carts=len(questions),
        groups=bootstrap.groups,
        by_customer=bootstrap.by_customer and answers.named,
        methods=tuple(
            Method(name, _intervals(drawn[name]), of_all_lists(lists, shelf)) for name, lists in answers.lists.items()
        ),
        headline=headline,
        best_peer=best,
        ratios={metric: ratio(*drawn[OURS][metric], *drawn[best][metric]) for metric in _COMPARED},
        parts=tuple(_part(part, values, bootstrap, best) for part in slices),
        calibration=calibration(answers.lists[OURS], questions) if in_depth else None,
        worth=worth,
        frontier=_frontier(answers.lists[OURS], questions, shelf, worth, bootstrap),
    )


def _drawn(bootstrap: Bootstrap, figures: Mapping[str, NDArray[np.float64]]) -> dict[str, tuple[float, Draws]]:
    means, draws = bootstrap.means(np.column_stack(list(figures.values())))
    return {name: (float(means[place]), draws[:, place]) for place, name in enumerate(figures)}


def _intervals(drawn: Mapping[str, tuple[float, Draws]]) -> dict[str, Interval]:
    return {name: interval(*found) for name, found in drawn.items()}


def _part(
    part: Slice, values: Mapping[str, Mapping[str, NDArray[np.float64]]], bootstrap: Bootstrap, best: str
) -> Part:
    names = list(values)
    means, draws = bootstrap.means(np.column_stack([values[name][HEADLINE] for name in names]), part.carts)
    found = {name: (float(means[place]), draws[:, place]) for place, name in enumerate(names)}
    return Part(
        kind=part.kind,
        name=part.name,
        carts=int(part.carts.sum()),
        hr10=_intervals(found),
        ratio=ratio(*found[OURS], *found[best]),
    )


def _worth(shelf: Shelf) -> str | None:
    sold = shelf.item_orders > 0
    if (shelf.margins[sold] > 0).any():
        return "margin"
    return "revenue" if (shelf.prices[sold] > 0).any() else None


def _frontier(
    lists: Lists, questions: Questions, shelf: Shelf, worth: str | None, bootstrap: Bootstrap
) -> tuple[Point, ...]:
    if worth is None:
        return ()
    values = shelf.margins if worth == "margin" else shelf.prices
    points: list[Point] = []
    for weight, again in frontier(lists, values):
        figures = _intervals(_drawn(bootstrap, per_cart(again, questions, shelf)))
        kept = {name: figures[name] for name in ("hr10", "ndcg10", f"{worth}10") if name in figures}
        points.append(Point(weight, kept))
    return tuple(points)
