"""All targets by name."""

from __future__ import annotations

from collections.abc import Mapping

from recommender.errors import UsageError
from training.exports.boxes import BOUGHT_TOGETHER
from training.exports.bundles import BUNDLES
from training.exports.documents import STATIC
from training.exports.google_merchant import GOOGLE_MERCHANT
from training.exports.klaviyo import KLAVIYO
from training.exports.magento import MAGENTO
from training.exports.next_offers import NEXT_OFFERS
from training.exports.rules import RULES
from training.exports.shopify import SHOPIFY
from training.exports.tables import ADD_ONS
from training.exports.target import Target
from training.exports.woocommerce import WOOCOMMERCE

TARGETS: Mapping[str, Target] = {
    target.name: target
    for target in (
        BUNDLES,
        BOUGHT_TOGETHER,
        ADD_ONS,
        RULES,
        NEXT_OFFERS,
        SHOPIFY,
        WOOCOMMERCE,
        MAGENTO,
        GOOGLE_MERCHANT,
        KLAVIYO,
        STATIC,
    )
}


def find_target(name: str) -> Target:
    """The target of this name; raises ``UsageError`` naming all of them."""
    try:
        return TARGETS[name]
    except KeyError:
        raise UsageError(f"target {name!r}: no such target; there are {', '.join(TARGETS)}") from None
