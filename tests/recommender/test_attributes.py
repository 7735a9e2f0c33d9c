"""Further columns of the catalogue."""

import numpy as np
from tiny_shop import COFFEE, DELIVERY, MILK, tiny_catalog

from recommender.attributes import Attributes


def test_the_text_of_an_item_by_name():
    attributes = tiny_catalog().attributes
    assert [attributes.value("grams", row) for row in (COFFEE, MILK, DELIVERY)] == ["1000", "1e3", ""]
    assert attributes.value("colour", MILK) == ""


def test_each_text_is_kept_once_for_all_attributes():
    attributes = Attributes.of(["a", "b"], {"size": ["1", "2"], "pieces": ["2", ""]})
    assert list(attributes.names) == ["pieces", "size"]
    assert list(attributes.values) == ["1", "2"]
    assert attributes.codes.tolist() == [[1, -1], [0, 1]]
    assert attributes.codes_of("weight") is None


def test_a_catalogue_without_further_columns_has_none():
    attributes = Attributes()
    assert (len(attributes.names), len(attributes.values), attributes.codes.dtype) == (0, 0, np.int32)
    assert attributes.value("size", 0) == ""
