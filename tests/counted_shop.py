"""A model that is only counted, without factors and with the documented blend: quick for shops of any size."""

from __future__ import annotations

from planted_shop import planted_catalog

from recommender.catalog import Catalog
from recommender.model import Model
from training.baskets import Baskets
from training.build import Provenance, assemble
from training.config import Config
from training.counted import count
from training.progress import Progress
from training.ranker.fit import Rankings


def counted_model(baskets: Baskets, catalog: Catalog | None = None, config: Config | None = None) -> Model:
    """Pairs, claims, substitutes and bestsellers of the baskets, and nothing that takes a fit."""
    config = config or Config()
    catalog = catalog or planted_catalog(baskets, categories=False)
    counted = count(baskets, catalog, config, Progress(quiet=True))
    rankings = Rankings.documented(baskets.has_customers)
    made_up = Provenance({"orders": "made up", "sha256": "0" * 64}, {"first": None, "last": None}, {}, {})
    return assemble(counted, catalog, rankings, config, made_up)
