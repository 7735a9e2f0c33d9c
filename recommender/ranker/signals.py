"""What is known of a candidate beside a cart, by name, in the order of a row's columns.

Shares are natural logarithms where the name says so, ages are days, money is the logarithm of a price. In a row of
signals 0 stands for what is unknown.
"""

from __future__ import annotations

import numpy as np

ITEM_SIGNALS = (
    "log_share",  # of all baskets
    "trend_30",  # log of the share in the last 30% of baskets over the share in all
    "trend_10",
    "trend_2",
    "age",  # log of the part of all baskets since the item's first
    "idle",  # log of 1 + days since its last sale
    "repeat",  # share of its lines that a customer had bought before, shrunk to the shop's
    "log_price",  # NaN unknown
)
"""Columns of `Model.item_signals`."""

SIGNALS = (
    "cosine_sum",  # asymmetric cosine towards the cart's items
    "cosine_max",
    "confidence_mean",  # shrunk confidence of cart item → candidate
    "confidence_max",
    "weighted_sum",  # cosine that counts small baskets more
    "weighted_max",
    "ease_sum",  # linear item-item model (Steck 2019)
    "ease_max",
    "log_lift_max",
    "met_share",  # share of the cart's items that it met
    "cosine_relative",  # over the best candidate's
    "weighted_relative",
    "ease_relative",
    "own_relative",
    "similar_baskets",  # share of the baskets most like the cart that hold it, weighted by likeness
    "similar_baskets_relative",
    *ITEM_SIGNALS,
    "price_gap",  # log price less the cart's mean
    "own_count",  # the customer's own orders with it
    "own_share",
    "own_fast",  # the same, fading over 4 orders
    "own_slow",  # the same, fading over 60 days
    "own_days",  # since the last of them
    "own_rhythm",  # days since the last of them over the usual gap
    "own_context",  # own orders with it that shared items with the cart
    "own_since",  # orders since the last of them
    "own_category_share",
    "own_category_rate",
    "taste",  # neighbours of the whole history
    "taste_relative",
    "category_in_cart",
    "branch_in_cart",
    "category_sum",  # confidence of category → category
    "category_max",
    "encoder",  # log of its chance among the candidates by the encoder
    "encoder_chance",
    "log_cart_size",
    "known",  # 1 where the customer is known
    "orders",
    "customer_repeat",
    "customer_days",
    "customer_lag",
    "blend",
)
"""Columns of a candidate's row."""

COLUMN = {name: column for column, name in enumerate(SIGNALS)}

BLEND = (
    ("cosine_sum", 0.1, 2.0),
    ("cosine_relative", 0.3, 0.0),
    ("weighted_sum", 0.1, 0.0),
    ("weighted_relative", 0.3, 0.0),
    ("ease_sum", 0.1, 2.0),
    ("ease_relative", 0.3, 0.0),
    ("own_count", 1.0, 1.3),
    ("own_slow", 0.3, 0.0),
    ("own_context", 0.3, 0.0),
    ("own_relative", 0.3, 1.4),
    ("taste_relative", 0.3, 0.0),
    ("share_relative", 0.3, 1.0),
    ("log_share", 4.0, 10.0),
    ("trend_10", 1.0, 0.0),
    ("similar_baskets", 0.1, 1.0),
    ("similar_baskets_relative", 0.3, 0.0),
)
"""The first stage: ``bias + sum of weight * x / (|x| + scale)``; a row is signal, scale, weight.

These weights serve as they are where a shop has too little evidence for weights of its own, and are the prior where it
has enough. ``share_relative`` is the item's share over the bestseller's.
"""

BLEND_BIAS = -6.0
BLEND_SCALES = np.array([scale for _, scale, _ in BLEND], np.float32)
BLEND_WEIGHTS = np.array([*(weight for _, _, weight in BLEND), BLEND_BIAS], np.float32)
