"""Candidates that a placement itself turns down, and why: told by traces and by empty answers alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.add_ons import AddOnTerms, elsewhere, meets_more, rather_main
from recommender.candidates import meetings
from recommender.placements import Chain, Question, add_on, upsell
from recommender.upsell import UpsellTerms, of_the_same_need, refused_because

TOO_DEAR = "too dear beside the item added"


class PassedOver(NamedTuple):
    """Candidates of one source that their placement turns down.

    Attributes
    ----------
    source : as of `recommender.placements.Link`.  why : by item row.
    """

    source: str
    why: Mapping[int, str]


def passed_over(question: Question, chain: Callable[[Question], Chain]) -> list[PassedOver]:
    """What the placement looked at and did not let in; nothing for placements that rank whatever they find."""
    if question.cart.added < 0:
        return []
    if chain is add_on:
        return [PassedOver("pairs", _no_add_ons(question)), PassedOver("bestseller", _no_prompts(question))]
    return [PassedOver("upsell", _no_better(question))] if chain is upsell else []


def _no_add_ons(question: Question) -> dict[int, str]:
    model, main = question.model, question.cart.added
    terms = AddOnTerms.of(model.manifest.config)
    found = meetings(model.pairs, np.array([main], np.int32))
    seldom = ~found.claimed & ~meets_more(model, found, main)
    backwards = found.claimed & rather_main(model, found.rows, main, terms)
    return _by_row(
        found.rows,
        {
            "bought with the item added too seldom": seldom,
            "the item added is rather its add-on": backwards,
            TOO_DEAR: ~seldom & ~backwards,
        },
    )


def _no_prompts(question: Question) -> dict[int, str]:
    model, main = question.model, question.cart.added
    rows = model.bestsellers.items
    rows = rows[rows != main]
    other = elsewhere(model, rows, main)
    return _by_row(rows, {"of the same topmost category as the item added": ~other, TOO_DEAR: other})


def _no_better(question: Question) -> dict[int, str]:
    model, main = question.model, question.cart.added
    rows = of_the_same_need(model, main)
    rows = rows[rows != main]
    terms = UpsellTerms.of(model.manifest.config)
    return _by_row(rows, refused_because(model, question.shelf.worth, main, rows, terms))


def _by_row(rows: NDArray[np.int32], masks: Mapping[str, NDArray[np.bool_]]) -> dict[int, str]:
    """The first reason that holds, by row."""
    told: dict[int, str] = {}
    for why, mask in masks.items():
        for row in rows[mask].tolist():
            told.setdefault(row, why)
    return told
