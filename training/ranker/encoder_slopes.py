"""The encoder's answer to a batch, and how each of its numbers should change."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.ranker.encoder import Encoder
from recommender.ranker.network import LEAK
from training.ranker.encoder_batches import Batch
from training.ranker.encoder_steps import add_rows, blame, expect, weigh


def slopes_of_batch(
    encoder: Encoder, batch: Batch, masks: list[NDArray[np.float32]], carts: int
) -> list[NDArray[np.float32]]:
    """Gradients of the mean loss of `carts`, as far as these carts make it, in the order of `Encoder`.

    Parameters
    ----------
    encoder : the rows that the batch's places point to.
    masks : float32 (carts, width) and (carts, units), factors of what is kept, 0 where something is dropped.
    """
    asked = np.zeros((batch.carts, encoder.cart.shape[1]), np.float32)
    add_rows(asked, encoder.cart, batch.shown, batch.shown_offsets)
    add_rows(asked, encoder.past, batch.past, batch.past_offsets)
    asked *= masks[0]
    inner = asked @ encoder.first + encoder.first_bias
    slope_of_inner = np.where(inner > 0, np.float32(1), LEAK) * masks[1]
    inner *= slope_of_inner
    code = inner @ encoder.second
    code += asked
    scores = code @ encoder.item.T
    scores += encoder.item_bias
    slopes_of_scores(scores, batch, carts)
    of_code = scores @ encoder.item
    second = inner.T @ of_code
    of_inner = (of_code @ encoder.second.T) * slope_of_inner
    first = asked.T @ of_inner
    of_asked = (of_inner @ encoder.first.T + of_code) * masks[0]
    cart, past = (np.zeros_like(table) for table in (encoder.cart, encoder.past))
    blame(cart, of_asked, batch.shown, batch.shown_offsets)
    blame(past, of_asked, batch.past, batch.past_offsets)
    return [cart, past, first, of_inner.sum(axis=0), second, scores.T @ code, scores.sum(axis=0)]


def slopes_of_scores(scores: NDArray[np.float32], batch: Batch, carts: int) -> None:
    """In place: scores of carts × asked items become slopes of the mean loss of `carts`.

    The loss of a cart is ``-mean over hidden items of log(chance)``, the chance a softmax over all that is not shown;
    each item that is not hidden stands for as many as its weight says.
    """
    weigh(scores, batch.log_weights, batch.left_out, batch.shown_offsets, batch.hidden, batch.hidden_offsets)
    scores -= scores.max(axis=1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=1, keepdims=True) * np.float32(carts)
    expect(scores, batch.hidden, batch.hidden_offsets, carts)
