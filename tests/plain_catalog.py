"""A catalog of titles and categories, of which nothing else is known."""

import numpy as np

from recommender.catalog import Catalog
from recommender.strings import StringColumn


def plain_catalog(titles: list[str], category: list[int], categories: list[str], parents: list[int]) -> Catalog:
    """Items 0, 1, 2, …, for sale and without brand, group, price or stock."""
    n = len(titles)
    unknown = np.full(n, np.nan)
    return Catalog(
        item_ids=StringColumn.of([f"{row}" for row in range(n)]),
        titles=StringColumn.of(titles),
        item_category=np.array(category, np.int32),
        categories=StringColumn.of(categories),
        category_parent=np.array(parents, np.int32),
        item_brand=np.full(n, -1, np.int32),
        brands=StringColumn.of([]),
        item_group=np.full(n, -1, np.int32),
        price=unknown,
        cost=unknown,
        stock=unknown,
        active=np.ones(n, np.uint8),
        service=np.zeros(n, np.uint8),
        return_rate=np.zeros(n, np.float32),
        listed=np.ones(n, np.uint8),
    )
