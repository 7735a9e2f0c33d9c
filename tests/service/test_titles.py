"""The demo storefront's search finds what looking at every title finds."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tiny_shop import ITEM_IDS, tiny_catalog

from recommender.strings import StringColumn
from service.titles import TitleSearch

WORDS = st.text("abAB é\n", max_size=8)


@given(
    st.lists(WORDS, min_size=8, max_size=8), st.lists(st.booleans(), min_size=8, max_size=8), WORDS, st.integers(1, 8)
)
def test_any_words_in_any_titles(titles, active, words, k):
    catalog = replace(
        tiny_catalog(), titles=StringColumn.of(titles), active=np.array(active, np.uint8), stock=np.full(8, np.nan)
    )
    named = [title or item_id for title, item_id in zip(titles, ITEM_IDS, strict=True)]
    expected = [
        row
        for row, title in enumerate(named)
        if active[row] and all(word in title.casefold() for word in words.casefold().split())
    ]
    assert TitleSearch().find(catalog, words, k) == expected[:k]
