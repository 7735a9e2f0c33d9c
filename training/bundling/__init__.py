"""Bundles of the whole shop: candidate sets, what their baskets say, and the best that are not nearly the same."""

from training.bundling.choose import count_sets, find_bundles

__all__ = ["count_sets", "find_bundles"]
