"""The peers that goeswith is measured beside, each with the parameters that it may choose from."""

from __future__ import annotations

from training.evaluation.peers.family import Family
from training.evaluation.peers.item_item import asymmetric_cosine, confidence, implicit_neighbours, lift
from training.evaluation.peers.latent import alternating_least_squares
from training.evaluation.peers.linear import ease
from training.evaluation.peers.next_basket import tifu_knn
from training.evaluation.peers.personal import hand_blend, personal_frequency
from training.evaluation.peers.popularity import popularity

_EXPONENTS = tuple(
    {"exponent": exponent, "shrinkage": shrinkage}
    for exponent, shrinkage in ((0.7, 10), (0.5, 10), (0.7, 50), (0.9, 10))
)

FAMILIES = (
    Family("popularity", popularity, ({"latest_share": 1.0}, {"latest_share": 0.1}), needs_cart=False),
    Family("confidence", confidence),
    Family("lift", lift),
    Family("asymmetric cosine", asymmetric_cosine, _EXPONENTS),
    Family("implicit Cosine", implicit_neighbours, ({"weights": "cosine", "K": 200}, {"weights": "cosine", "K": 50})),
    Family("implicit TFIDF", implicit_neighbours, ({"weights": "tfidf", "K": 200}, {"weights": "tfidf", "K": 50})),
    Family(
        "implicit BM25",
        implicit_neighbours,
        (
            {"weights": "bm25", "K": 200, "K1": 1.2, "B": 0.75},
            {"weights": "bm25", "K": 200, "K1": 1.2, "B": 0.2},
            {"weights": "bm25", "K": 50, "K1": 1.2, "B": 0.75},
        ),
    ),
    Family(
        "implicit ALS",
        alternating_least_squares,
        tuple({"factors": factors, "alpha": alpha} for factors in (128, 64) for alpha in (10, 1)),
    ),
    Family("EASE", ease, tuple({"regularization": size} for size in (100, 30, 300, 1000))),
    Family(
        "personal frequency",
        personal_frequency,
        ({"fading_days": None}, {"fading_days": 90}, {"fading_days": 30}),
        uses_customers=True,
        needs_cart=False,
    ),
    Family(
        "TIFU-KNN",
        tifu_knn,
        tuple(
            {"order_decay": order, "group_decay": group, "own": own, "neighbours": 300}
            for order, group, own in ((0.9, 0.7, 0.7), (0.9, 0.7, 0.2), (0.9, 0.7, 0.9), (1.0, 0.6, 0.7))
        ),
        uses_customers=True,
        needs_cart=False,
    ),
    Family(
        "hand blend",
        hand_blend,
        tuple({"weight": weight, "fading_days": days} for days in (90, 365) for weight in (1.0, 0.25, 0.5, 2.0)),
        uses_customers=True,
    ),
)
"""Every peer; the first parameters of a family are taken where nothing can be tuned."""
