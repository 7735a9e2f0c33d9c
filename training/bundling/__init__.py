"""Bundles of the whole shop: candidate sets, what their baskets say, and the best that are not nearly the same."""

from training.bundling.choose import find_bundles

__all__ = ["find_bundles"]
