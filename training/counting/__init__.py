"""Counting the pairs of items in baskets, block after block of rows, so that memory does not grow with the shop."""

from training.counting.counts import PairCounts, count_pairs
from training.counting.lines import BasketLines

__all__ = ["BasketLines", "PairCounts", "count_pairs"]
