"""The filter language: ``category in "Audio > *" and price <= 50 and brand != "X"`` over the catalogue.

Text becomes words (`tokens`), words a tree (`parse`, `tree`), a tree a mask over a catalog (`masks`).
"""

from recommender.filters.masks import Masks, mask_of
from recommender.filters.parse import parse
from recommender.filters.tree import FilterError, Node, names_of

__all__ = ["FilterError", "Masks", "Node", "mask_of", "names_of", "parse"]
