"""A model as files: one entry of `SPECS` an array, with its axes, its bounds and its meaning.

Change it and raise `recommender.manifest.FORMAT_VERSION`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TypedDict

from recommender.arrays import Array, ArraySpec
from recommender.attributes import Attributes
from recommender.bundles import Bundles, CountedSets
from recommender.catalog import Catalog
from recommender.manifest import Manifest
from recommender.model import Bestsellers, Companions, CountedBaskets, Factors, LongRules, Model, Pairs
from recommender.newcomers import Affinities, Newcomers
from recommender.quantities import PairQuantities
from recommender.ranker.encoder import Encoder, no_encoder
from recommender.ranker.network import Network
from recommender.ranker.weights import RankerWeights
from recommender.strings import StringColumn
from recommender.substitutes import Substitutes


class _Bounds(TypedDict):
    low: float
    below: float


def _text(name: str, rows: str, meaning: str) -> tuple[ArraySpec, ArraySpec]:
    return (
        ArraySpec(f"{name}_data", "u1", (f"{name}_data",), f"{meaning}: UTF-8 bytes"),
        ArraySpec(f"{name}_offsets", "i8", (f"{rows}+1",), f"{meaning}: first byte", runs_over=f"{name}_data"),
    )


def _rows(name: str, axis: str, into: str, meaning: str, low: float = 0) -> ArraySpec:
    return ArraySpec(name, "i4", (axis,), meaning, low=low, below=into)


def _offsets(name: str, rows: str, over: str, meaning: str) -> ArraySpec:
    return ArraySpec(name, "i8", (f"{rows}+1",), meaning, runs_over=over)


def _customers(name: str, axis: str, meaning: str, low: float = 1) -> ArraySpec:
    return ArraySpec(name, "u1", (axis,), f"{meaning}, 255 of more", low=low)


def _affinities(name: str, traits: str, trait: str) -> tuple[ArraySpec, ArraySpec, ArraySpec]:
    entries = f"{name}_affinities"
    return (
        _offsets(f"{name}_affinity_offsets", traits, entries, f"first affinity of each {trait}"),
        _rows(f"{name}_affinity_items", entries, traits, f"{trait} that goes with it"),
        ArraySpec(f"{name}_affinity_scores", "f4", (entries,), "log ratio of met to expected", low=0, below=math.inf),
    )


def _ranking(prefix: str, of: str) -> tuple[ArraySpec, ...]:
    """A blend and the network that corrects it, see `recommender.ranker.weights`; both of a model have one shape."""
    return (
        ArraySpec(f"{prefix}_breadth", "i4", ("three",), f"{of}: candidates, alike baskets, visits", 1, 100_000),
        ArraySpec(f"{prefix}_spread", "f4", ("one",), "weight of the log share taken off the order", 0, math.inf),
        ArraySpec(f"{prefix}_blend", "f4", ("blend",), "weights of the blend, the bias last", **_MODERATE),
        ArraySpec(f"{prefix}_scales", "f4", ("signals",), "scale of each signal, above 0", 1e-30, 1e6),
        ArraySpec(f"{prefix}_first", "f4", ("signals", "first"), "first layer", **_MODERATE),
        ArraySpec(f"{prefix}_first_bias", "f4", ("first",), "its bias", **_MODERATE),
        ArraySpec(f"{prefix}_second", "f4", ("first", "second"), "second layer", **_MODERATE),
        ArraySpec(f"{prefix}_second_bias", "f4", ("second",), "its bias", **_MODERATE),
        ArraySpec(f"{prefix}_last", "f4", ("second",), "last layer", **_MODERATE),
        ArraySpec(f"{prefix}_last_bias", "f4", ("one",), "its bias", **_MODERATE),
    )


_FINITE: _Bounds = {"low": -1e300, "below": math.inf}
_MODERATE: _Bounds = {"low": -1e6, "below": 1e6}

SPECS: tuple[ArraySpec, ...] = (
    *_text("item_ids", "items", "item ids, all different"),
    *_text("titles", "items", "titles"),
    *_text("categories", "categories", "category paths, sorted"),
    *_text("brands", "brands", "brands, sorted"),
    _rows("item_category", "items", "categories", "category of each item, -1 none", low=-1),
    _rows("category_parent", "categories", "categories", "parent of each category, -1 top", low=-1),
    _rows("item_brand", "items", "brands", "brand of each item, -1 none", low=-1),
    ArraySpec("item_group", "i4", ("items",), "variant group of each item, -1 none", low=-1),
    ArraySpec("price", "f8", ("items",), "price, shop's currency, NaN unknown", **_FINITE, or_unknown=True),
    ArraySpec("cost", "f8", ("items",), "cost, shop's currency, NaN unknown", **_FINITE, or_unknown=True),
    ArraySpec("stock", "f8", ("items",), "pieces in stock, NaN unknown", **_FINITE, or_unknown=True),
    ArraySpec("active", "u1", ("items",), "1 for sale", below=2),
    ArraySpec("service", "u1", ("items",), "1 service", below=2),
    ArraySpec("return_rate", "f4", ("items",), "share of pieces returned", low=0, below=1.0001),
    ArraySpec("listed", "u1", ("items",), "1 in the catalogue file", below=2),
    *_text("attribute_names", "attributes", "names of further catalogue columns, sorted"),
    *_text("attribute_values", "attribute_values", "their texts, sorted"),
    ArraySpec(
        "attribute_codes", "i4", ("attributes", "items"), "text of each item, -1 none", low=-1, below="attribute_values"
    ),
    ArraySpec("item_orders", "i4", ("items",), "counted baskets with the item", low=0),
    _customers("item_customers", "items", "customers of these baskets", low=0),
    ArraySpec("item_signals", "f4", ("items", "item_signals"), "how each item sells", **_MODERATE, or_unknown=True),
    _offsets("pair_offsets", "items", "pairs", "first neighbour of each item"),
    _rows("pair_items", "pairs", "items", "neighbour"),
    ArraySpec("pair_counts", "i4", ("pairs",), "baskets with both", low=1),
    ArraySpec("pair_scores", "f4", ("pairs",), "asymmetric cosine", low=0, below=math.inf),
    ArraySpec("pair_weighted", "f4", ("pairs",), "cosine that counts small baskets more", low=0, below=1e6),
    ArraySpec("pair_ease", "f4", ("pairs",), "weight in the linear model EASE", **_MODERATE),
    ArraySpec("pair_claimed", "u1", ("pairs",), "1 more than luck", below=2),
    _customers("pair_customers", "pairs", "customers of the baskets with both"),
    ArraySpec("pair_quantity_entries", "i8", ("pair_quantities",), "pair of each quantity", low=0, below="pairs"),
    ArraySpec("pair_quantity_single", "f4", ("pair_quantities",), "pieces beside one of the item", low=1, below=1e5),
    ArraySpec("pair_quantity_several", "f4", ("pair_quantities",), "for each of several, 0 unknown", low=0, below=1e5),
    _offsets("rule_offsets", "items", "rules", "first rule by lowest antecedent"),
    ArraySpec("rule_antecedents", "i4", ("rules", "rule_width"), "antecedent rows, -1 padding", low=-1, below="items"),
    _rows("rule_consequents", "rules", "items", "consequent"),
    ArraySpec("rule_counts", "i4", ("rules",), "baskets with all", low=1),
    ArraySpec("rule_of", "i4", ("rules",), "baskets with the antecedents", low=1),
    _customers("rule_customers", "rules", "customers of the baskets with all"),
    _rows("bestseller_items", "bestsellers", "items", "bestsellers, best first"),
    _rows("recent_items", "recent", "items", "bestsellers of the recent window, best first"),
    _offsets("category_bestseller_offsets", "categories", "category_bestsellers", "first bestseller of each category"),
    _rows("category_bestseller_items", "category_bestsellers", "items", "bestsellers of each category"),
    _rows("trending_items", "trending", "items", "trending, best first"),
    ArraySpec("trending_recent", "i4", ("trending",), "baskets in the recent window", low=0),
    ArraySpec("trending_expected", "f4", ("trending",), "baskets expected there", low=0, below=math.inf),
    _customers("trending_customers", "trending", "customers in the recent window", low=0),
    _offsets("companion_offsets", "categories", "companions", "first companion of each category"),
    _rows("companion_items", "companions", "categories", "category bought with it"),
    ArraySpec("companion_scores", "f4", ("companions",), "shrunk confidence", low=0, below=1.0001),
    _offsets("basket_offsets", "baskets", "basket_lines", "first line of each counted basket"),
    _rows("basket_items", "basket_lines", "items", "items of each counted basket"),
    _offsets("item_basket_offsets", "items", "basket_lines", "first basket of each item"),
    _rows("item_baskets", "basket_lines", "baskets", "baskets of each item, oldest first"),
    ArraySpec("unsold", "u1", ("items",), "1 where no order holds the item", below=2),
    _rows("newcomer_home", "items", "categories", "category that an item without orders is placed by", low=-1),
    *_affinities("category", "categories", "category"),
    *_affinities("brand", "brands", "brand"),
    *_affinities("word", "words", "title word"),
    _offsets("title_word_offsets", "items", "title_words", "first title word of each item"),
    _rows("title_word_rows", "title_words", "words", "title word"),
    ArraySpec("title_word_weights", "f4", ("title_words",), "its share in the title", low=0, below=math.inf),
    _offsets("substitute_offsets", "items", "substitutes", "first substitute of each item"),
    _rows("substitute_items", "substitutes", "items", "item that replaces it"),
    ArraySpec("substitute_scores", "f4", ("substitutes",), "how well", low=0, below=math.inf),
    ArraySpec("substitute_counts", "i4", ("substitutes",), "baskets with both", low=0),
    ArraySpec("substitute_expected", "f4", ("substitutes",), "baskets expected with both", low=0, below=math.inf),
    _customers("substitute_customers", "substitutes", "customers of the baskets with both", low=0),
    ArraySpec(
        "bundle_items", "i4", ("bundles", "bundle_width"), "rows of its items, -1 padding", low=-1, below="items"
    ),
    ArraySpec("bundle_counts", "i4", ("bundles",), "baskets with all", low=1),
    ArraySpec("bundle_apart", "i4", ("bundles",), "baskets with one of them at least, but not all", low=0),
    ArraySpec("bundle_expected", "f4", ("bundles",), "baskets with all by luck", low=1e-30, below=math.inf),
    ArraySpec("bundle_customers", "i4", ("bundles",), "customers with all", low=1),
    ArraySpec("counted_set_items", "i4", ("counted_sets", "set_width"), "items of a box", low=-1, below="items"),
    _customers("counted_set_customers", "counted_sets", "customers of the baskets with all"),
    ArraySpec("objective_strengths", "f4", ("objectives",), "per unit of revenue, of profit", low=0, below=1e9),
    ArraySpec("cart_factors", "f4", ("items", "cart_factors"), "item factors from baskets", **_FINITE),
    ArraySpec("home_factors", "f4", ("items", "home_factors"), "item factors from customers", **_FINITE),
    ArraySpec("encoder_cart", "f4", ("items", "encoder"), "what an item says in a cart", **_MODERATE),
    ArraySpec("encoder_past", "f4", ("items", "encoder"), "what it says among a customer's last lines", **_MODERATE),
    ArraySpec("encoder_first", "f4", ("encoder", "encoder_units"), "first layer", **_MODERATE),
    ArraySpec("encoder_first_bias", "f4", ("encoder_units",), "its bias", **_MODERATE),
    ArraySpec("encoder_second", "f4", ("encoder_units", "encoder"), "second layer", **_MODERATE),
    ArraySpec("encoder_item", "f4", ("items", "encoder"), "what an item answers to", **_MODERATE),
    ArraySpec("encoder_item_bias", "f4", ("items",), "its bias", **_MODERATE),
    *_ranking("ranker", "beside a cart"),
    *_ranking("home", "with nothing in the cart"),
)


def to_arrays(model: Model) -> dict[str, Array]:
    """The model's arrays by the names of `SPECS`."""
    c, p, r, b = model.catalog, model.pairs, model.rules, model.bestsellers
    texts = {"item_ids": c.item_ids, "titles": c.titles, "categories": c.categories, "brands": c.brands}
    texts |= {"attribute_names": c.attributes.names, "attribute_values": c.attributes.values}
    arrays: dict[str, Array] = {}
    for name, column in texts.items():
        arrays[f"{name}_data"], arrays[f"{name}_offsets"] = column.data, column.offsets
    for name in _CATALOG_ARRAYS:
        arrays[name] = getattr(c, name)
    arrays["attribute_codes"] = c.attributes.codes.reshape(len(c.attributes.names), len(c))
    arrays["item_orders"] = model.item_orders
    arrays["item_customers"], arrays["item_signals"] = model.item_customers, model.item_signals
    arrays |= _named("pair", p, _PAIR_ARRAYS)
    arrays |= _named("rule", r, _RULE_ARRAYS)
    arrays["bestseller_items"], arrays["recent_items"] = b.items, b.recent
    arrays["category_bestseller_offsets"], arrays["category_bestseller_items"] = b.category_offsets, b.category_items
    for name in _TRENDING_ARRAYS:
        arrays[name] = getattr(b, name)
    arrays |= _named("companion", model.companions, ("offsets", "items", "scores"))
    b = model.counted_baskets
    arrays["basket_offsets"], arrays["basket_items"] = b.offsets, b.items
    arrays["item_basket_offsets"], arrays["item_baskets"] = b.item_offsets, b.of_items
    arrays |= _newcomer_arrays(model.newcomers)
    arrays |= _named("substitute", model.substitutes, _SUBSTITUTE_ARRAYS)
    arrays |= _named("pair_quantity", model.pair_quantities, _QUANTITY_ARRAYS)
    arrays["objective_strengths"] = model.strengths
    arrays |= _named("bundle", model.bundles, _BUNDLE_ARRAYS)
    arrays |= _named("counted_set", model.counted_sets, ("items", "customers"))
    arrays["cart_factors"], arrays["home_factors"] = model.factors.cart, model.factors.home
    arrays |= _named("encoder", model.encoder or no_encoder(len(c)), Encoder._fields)
    for prefix, ranking in (("ranker", model.ranker), ("home", model.home)):
        arrays |= _named(prefix, ranking, _RANKING_ARRAYS) | _named(prefix, ranking.network, _NETWORK_ARRAYS)
    return arrays


def from_arrays(manifest: Manifest, a: Mapping[str, Array]) -> Model:
    """The model that `to_arrays` took apart."""

    def text(name: str) -> StringColumn:
        return StringColumn(a[f"{name}_data"], a[f"{name}_offsets"])

    catalog = Catalog(
        item_ids=text("item_ids"),
        titles=text("titles"),
        categories=text("categories"),
        brands=text("brands"),
        attributes=Attributes(text("attribute_names"), text("attribute_values"), a["attribute_codes"]),
        **{name: a[name] for name in _CATALOG_ARRAYS},
    )
    pairs = Pairs(*(a[f"pair_{name}"] for name in _PAIR_ARRAYS))
    rules = LongRules(*(a[f"rule_{name}"] for name in _RULE_ARRAYS))
    bestsellers = Bestsellers(
        a["bestseller_items"],
        a["recent_items"],
        a["category_bestseller_offsets"],
        a["category_bestseller_items"],
        *(a[name] for name in _TRENDING_ARRAYS),
    )
    return Model(
        manifest=manifest,
        catalog=catalog,
        item_orders=a["item_orders"],
        item_customers=a["item_customers"],
        item_signals=a["item_signals"],
        pairs=pairs,
        rules=rules,
        bestsellers=bestsellers,
        companions=Companions(a["companion_offsets"], a["companion_items"], a["companion_scores"]),
        newcomers=_newcomers(a),
        substitutes=Substitutes(*(a[f"substitute_{name}"] for name in _SUBSTITUTE_ARRAYS)),
        counted_baskets=CountedBaskets(
            a["basket_offsets"], a["basket_items"], a["item_basket_offsets"], a["item_baskets"]
        ),
        factors=Factors(a["cart_factors"], a["home_factors"]),
        pair_quantities=PairQuantities(*(a[f"pair_quantity_{name}"] for name in _QUANTITY_ARRAYS)),
        strengths=a["objective_strengths"],
        bundles=Bundles(*(a[f"bundle_{name}"] for name in _BUNDLE_ARRAYS)),
        counted_sets=CountedSets(a["counted_set_items"], a["counted_set_customers"]),
        encoder=_encoder(a),
        ranker=_ranker(a, "ranker"),
        home=_ranker(a, "home"),
    )


def _ranker(a: Mapping[str, Array], prefix: str) -> RankerWeights:
    blend, breadth, spread = (a[f"{prefix}_{name}"] for name in _RANKING_ARRAYS)
    return RankerWeights(blend, Network(*(a[f"{prefix}_{name}"] for name in _NETWORK_ARRAYS)), breadth, spread)


def _encoder(a: Mapping[str, Array]) -> Encoder | None:
    encoder = Encoder(*(a[f"encoder_{name}"] for name in Encoder._fields))
    return encoder if encoder.cart.shape[1] else None


def _named(prefix: str, value: object, names: Iterable[str]) -> dict[str, Array]:
    return {f"{prefix}_{name}": getattr(value, name) for name in names}


def _newcomer_arrays(newcomers: Newcomers) -> dict[str, Array]:
    arrays: dict[str, Array] = {"unsold": newcomers.unsold, "newcomer_home": newcomers.home}
    traits = {"category": newcomers.categories, "brand": newcomers.brands, "word": newcomers.words}
    for trait, affinities in traits.items():
        for name in _AFFINITY_ARRAYS:
            arrays[f"{trait}_affinity_{name}"] = getattr(affinities, name)
    for name in _WORD_ARRAYS:
        arrays[f"title_{name}"] = getattr(newcomers, name)
    return arrays


def _newcomers(a: Mapping[str, Array]) -> Newcomers:
    def affinities(trait: str) -> Affinities:
        return Affinities(*(a[f"{trait}_affinity_{name}"] for name in _AFFINITY_ARRAYS))

    return Newcomers(
        a["unsold"],
        a["newcomer_home"],
        affinities("category"),
        affinities("brand"),
        affinities("word"),
        *(a[f"title_{name}"] for name in _WORD_ARRAYS),
    )


_CATALOG_ARRAYS = (
    "item_category",
    "category_parent",
    "item_brand",
    "item_group",
    "price",
    "cost",
    "stock",
    "active",
    "service",
    "return_rate",
    "listed",
)
_PAIR_ARRAYS = ("offsets", "items", "counts", "scores", "weighted", "ease", "claimed", "customers")
_RULE_ARRAYS = ("offsets", "antecedents", "consequents", "counts", "of", "customers")
_TRENDING_ARRAYS = ("trending_items", "trending_recent", "trending_expected", "trending_customers")
_AFFINITY_ARRAYS = ("offsets", "items", "scores")
_WORD_ARRAYS = ("word_offsets", "word_rows", "word_weights")
_SUBSTITUTE_ARRAYS = ("offsets", "items", "scores", "counts", "expected", "customers")
_QUANTITY_ARRAYS = ("entries", "single", "several")
_BUNDLE_ARRAYS = ("items", "counts", "apart", "expected", "customers")
_RANKING_ARRAYS = ("blend", "breadth", "spread")
_NETWORK_ARRAYS = ("scales", "first", "first_bias", "second", "second_bias", "last", "last_bias")
