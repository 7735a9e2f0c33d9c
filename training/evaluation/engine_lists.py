"""What ships, asked as it serves: the engine's own answers to the questions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from recommender.engine import Recommender
from training.evaluation.lists import PLACES, Lists
from training.evaluation.questions import Questions
from training.progress import Step, unwatched

_TOLD_EVERY = 200


def engine_lists(
    recommender: Recommender, questions: Questions, customer_ids: Sequence[str], progress: Step = unwatched
) -> Lists:
    """Answers of placement ``cross-sell``, twenty places a cart.

    Parameters
    ----------
    customer_ids : ids of the rows that `questions` names.
    """
    catalog = recommender.catalog
    ids = list(catalog.item_ids)
    row_of = {item_id: row for row, item_id in enumerate(ids)}
    rows = np.full((len(questions), PLACES), -1, np.int32)
    probabilities = np.full((len(questions), PLACES), np.nan)
    for cart in range(len(questions)):
        customer = int(questions.customers[cart])
        answer = recommender.answer(
            [ids[row] for row in questions.cart(cart).tolist()],
            customer_id=customer_ids[customer] if customer >= 0 else None,
            k=PLACES,
            at=datetime.fromtimestamp(int(questions.times[cart]), UTC),
        )
        for place, suggestion in enumerate(answer.suggestions):
            rows[cart, place] = row_of[suggestion.item_id]
            if suggestion.probability is not None:
                probabilities[cart, place] = suggestion.probability
        if cart % _TOLD_EVERY == 0:
            progress(cart, len(questions))
    return Lists(rows, None if np.isnan(probabilities).all() else probabilities)
