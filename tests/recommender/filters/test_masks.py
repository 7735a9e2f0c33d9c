"""Which items a filter is true of, on the tiny shop, and against an oracle that goes item by item."""

from dataclasses import replace

import numpy as np
import pytest
from filter_oracle import filters_over, holds
from generated_models import catalogs
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_shop import tiny_catalog

from recommender.catalog import Catalog
from recommender.filters import FilterError, Masks, mask_of, parse

ALL = {"bread", "butter", "coffee", "delivery", "jam", "milk", "tea", "wine"}


def matches(text: str, catalog: Catalog | None = None) -> set[str]:
    catalog = catalog or tiny_catalog()
    mask = mask_of(parse(text), catalog)
    assert (mask.dtype, mask.shape) == (np.bool_, (len(catalog),))
    return {item_id for item_id, found in zip(catalog.item_ids, mask, strict=True) if found}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("price <= 3", {"bread", "butter", "milk"}),
        ("PRICE = 8", {"coffee", "tea"}),
        ('category in "Food > *"', {"bread", "butter", "jam", "milk"}),
        ('category = "Food"', {"jam"}),
        ('category = "Food>Bakery"', {"bread"}),
        ('category in ("Food > Dairy > *", "Services")', {"butter", "milk", "delivery"}),
        ('category not in ("Food > *", "Drinks")', {"delivery", "wine"}),
        ('category in "Foo > *"', set()),
        ('brand = "Hearth"', {"bread", "jam"}),
        ('brand != "Hearth"', ALL - {"bread", "jam"}),
        ("brand = 'Nobody'", set()),
        ("brand is missing", {"coffee", "delivery", "tea", "wine"}),
        ("brand is not missing and price > 3", {"jam"}),
        ("not price <= 3", ALL - {"bread", "butter", "milk"}),
        ("price > 0 or price <= 0", ALL - {"wine"}),
        ("stock = 0", {"jam"}),
        ("stock is missing", {"coffee", "delivery", "wine"}),
        ("margin > 0.5", {"bread", "delivery"}),
        ("return_rate >= 0.25", {"coffee"}),
        ("active = false", {"tea"}),
        ('kind = "service"', {"delivery"}),
        ('item_id in ("tea", "nosuch")', {"tea"}),
        ('title = "Tea"', {"tea"}),
        ("title is missing", {"wine"}),
        ("grams >= 500", {"bread", "coffee", "milk"}),
        ("grams = 1000", {"coffee", "milk"}),
        ('grams = "1000"', {"coffee"}),
        ('grams < "25"', {"coffee", "milk", "tea"}),
        ("organic = true", {"bread", "coffee", "milk"}),
        ("organic = false", {"butter", "jam"}),
        ("organic is missing", {"delivery", "tea", "wine"}),
        ('`organic` in ("yes", false)', {"bread", "coffee", "milk", "butter", "jam"}),
        ('group = "cups"', set()),
        ('price < 5 and brand = "Hearth" or kind = "service"', {"bread", "jam", "delivery"}),
        ('price < 5 and (brand = "Hearth" or kind = "service")', {"bread", "jam"}),
    ],
)
def test_what_a_filter_is_true_of(text, expected):
    assert matches(text) == expected


def test_a_name_in_backquotes_may_hold_anything():
    catalog = tiny_catalog()
    odd = type(catalog.attributes).of(list(catalog.item_ids), {"energy class (eu)": ["A"] + [""] * 7})
    found = matches('`Energy class (EU)` = "A"', Catalog(**{**vars(catalog), "attributes": odd}))
    assert found == {"bread"}


def test_an_attribute_that_the_catalogue_lacks_is_refused_with_its_place():
    with pytest.raises(FilterError, match=r"^line 2, column 5: gram: .*; did you mean grams\?$"):
        matches("price < 5 or\nnot gram = 5")


def test_the_columns_that_there_are_stand_once_each():
    """The groups' names are kept among the attributes, too."""
    catalog = tiny_catalog()
    groups = type(catalog.attributes).of(list(catalog.item_ids), {"group": [""] * 8, "grams": ["5"] * 8})
    with pytest.raises(FilterError) as refused:
        matches("xyz = 5", Catalog(**{**vars(catalog), "attributes": groups}))
    assert str(refused.value).endswith("stock, return_rate, active, grams")


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_the_mask_is_what_the_oracle_says_item_by_item(data):
    catalog = tiny_catalog()
    text = data.draw(filters_over(catalog))
    tree = parse(text)
    assert mask_of(tree, catalog).tolist() == [holds(tree, catalog, row) for row in range(len(catalog))]


@given(catalogs())
@settings(max_examples=50, deadline=None)
def test_the_empty_and_the_odd_catalogue(catalog):
    for text in (
        'category in "a > *"',
        'title = ""',
        "margin > 0 or stock < 1",
        'brand in ("a", "b")',
        "group is missing",
    ):
        assert mask_of(parse(text), catalog).shape == (len(catalog),)


def test_a_margin_beyond_all_numbers_is_missing():
    """1 over a price of 2e-313 is more than a float can hold."""
    catalog = replace(tiny_catalog(), price=np.full(8, 2e-313), cost=np.ones(8))
    assert mask_of(parse("margin is missing"), catalog).all()


def test_masks_are_made_once_and_cut_to_what_is_for_sale():
    catalog = tiny_catalog()
    masks = Masks(catalog, catalog.sellable())
    assert masks.of("price >= 4") is masks.of("price >= 4")
    assert [catalog.item_ids[row] for row, byte in enumerate(masks.of("price >= 4")) if byte] == ["coffee", "delivery"]
