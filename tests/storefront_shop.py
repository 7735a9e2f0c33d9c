"""The tiny shop as a storefront meets it: all in stock, a cheap service, addresses, and a title that means harm."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from tiny_shop import BUTTER, DELIVERY, ITEM_IDS, tiny_catalog, tiny_customers, tiny_model

from recommender.attributes import Attributes
from recommender.catalog import Catalog
from recommender.store import Store
from recommender.strings import StringColumn

HARM = '<img src=x onerror="window.harmed = 1"><script>window.harmed = 1</script>'
PAGES = {"bread": "https://shop.example/bread", "butter": "javascript:window.harmed=1", "coffee": "/coffee"}
PICTURES = {"bread": "https://shop.example/bread.png"}


def storefront_catalog() -> Catalog:
    plain = tiny_catalog()
    titles, price = list(plain.titles), plain.price.copy()
    titles[BUTTER], price[DELIVERY] = HARM, 0.5
    columns = {
        "url": [PAGES.get(item_id, "") for item_id in ITEM_IDS],
        "image_url": [PICTURES.get(item_id, "") for item_id in ITEM_IDS],
    }
    return replace(
        plain,
        titles=StringColumn.of(titles),
        price=price,
        stock=np.full(len(ITEM_IDS), np.nan),
        attributes=Attributes.of(ITEM_IDS, columns),
    )


def publish_storefront(root: Path) -> Path:
    """A store whose version serves."""
    model = replace(tiny_model(), catalog=storefront_catalog())
    Store(root).publish(model, tiny_customers(), promote=True, now=datetime(2026, 11, 21, 12, tzinfo=UTC))
    return root
