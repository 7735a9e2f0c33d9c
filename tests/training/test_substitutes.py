"""Planted shops: what replaces what, what goes together, and what is only not bought together."""

from dataclasses import replace

import numpy as np
import pytest
from plain_catalog import plain_catalog
from scipy import sparse

from recommender.catalog import Catalog
from training.config import CountConfig
from training.contexts import Contexts
from training.counting import BasketLines
from training.counting.customers import Buyers
from training.significance import claim_pairs
from training.substitutes import substitutes

OAT, SOY, CEREAL, BANANA, LEMON, TYRE, TUBE, SPRING, STILL = range(9)
TITLES = ["Oat drink", "Soy drink", "Cereal", "Banana", "Lemon", "Tyre", "Tube", "Spring water", "Still water"]
LEAF = [0, 0, 1, 1, 1, 2, 2, 3, 3]


def catalog(titles: list[str] = TITLES, leaf: list[int] = LEAF) -> Catalog:
    return plain_catalog(titles, leaf, ["drinks", "food", "wheels", "water"], [-1] * 4)


def planted() -> list[list[int]]:
    """Either oat or soy drink with cereal or banana; tyre with tube; the two waters in unlike company, seldom both."""
    baskets = []
    for drink in (OAT, SOY):
        baskets += [[drink, CEREAL, BANANA]] * 100 + [[drink, CEREAL]] * 50 + [[drink, BANANA]] * 50
    baskets += [[TYRE, TUBE]] * 150
    baskets += [[SPRING, LEMON]] * 150 + [[STILL, TYRE]] * 100 + [[STILL, TUBE]] * 100
    return baskets


def matrix_of(baskets: list[list[int]], items: int) -> sparse.csr_matrix:
    rows = [row for row, basket in enumerate(baskets) for _ in basket]
    columns = [item for basket in baskets for item in basket]
    matrix = sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=(len(baskets), items))
    matrix.sort_indices()
    return matrix


def found(baskets: list[list[int]], shop: Catalog, customers: np.ndarray | None = None):
    matrix = matrix_of(baskets, len(shop))
    counts = BasketLines.of(matrix)
    buyers = Buyers(counts, customers)
    return substitutes(counts, claim_pairs(counts, buyers, CountConfig()), buyers, shop)


def pairs(baskets: list[list[int]], shop: Catalog, customers: np.ndarray | None = None) -> set[tuple[int, int]]:
    learned = found(baskets, shop, customers)
    rows = np.repeat(np.arange(len(shop)), np.diff(learned.offsets)).tolist()
    both = set(zip(rows, learned.items.tolist(), strict=True))
    assert both == {(b, a) for a, b in both}
    return {(a, b) for a, b in both if a < b}


def test_the_two_drinks_replace_each_other_and_nothing_else_does():
    assert pairs(planted(), catalog()) == {(OAT, SOY)}


def test_the_numbers_of_a_pair():
    """Company is all the same: 1. Oat and soy, 200 each, never met; expected 200² · chance."""
    learned = found(planted(), catalog())
    sizes = np.array([len(basket) for basket in planted()])
    expected = 200**2 * (sizes * (sizes - 1)).sum() / sizes.sum() ** 2
    entry = learned.entries(OAT)
    assert learned.items[entry].tolist() == [SOY]
    assert learned.counts[entry].tolist() == [0]
    assert learned.expected[entry].tolist() == pytest.approx([expected])
    assert learned.scores[entry].tolist() == pytest.approx([1 - 1 / (expected + 1)])


def test_flavours_that_are_bought_together_do_not_replace_each_other():
    """As often together as luck would have it: neither claimed nor a substitute."""
    assert pairs([*planted(), *[[OAT, SOY]] * 60], catalog()) == set()


def test_complements_of_one_category_are_claimed_and_do_not_replace_each_other():
    baskets = planted()
    lines = BasketLines.of(matrix_of(baskets, len(TITLES)))
    claims = claim_pairs(lines, Buyers(lines, None), CountConfig())
    assert (TYRE, TUBE) in zip(claims.rows.tolist(), claims.columns.tolist(), strict=True)
    assert (TYRE, TUBE) not in pairs(baskets, catalog())


def test_too_little_evidence_is_no_evidence():
    assert pairs(planted()[::40], catalog()) == set()


def test_a_category_of_substitutes_lends_its_evidence_to_a_pair_of_few_orders():
    """Rice drink, 25 orders in the company of the others: alone it proves nothing (about six were expected)."""
    rice = len(TITLES)
    shop = catalog([*TITLES, "Rice drink"], [*LEAF, 0])
    rare = [[rice, CEREAL, BANANA]] * 25
    assert pairs([*planted(), *rare], shop) == {(OAT, SOY), (OAT, rice), (SOY, rice)}


def test_without_categories_alike_titles_stand_for_them():
    """The waters have alike titles too, but unlike company."""
    titles = ["oat drink fresh", "soy drink fresh", *TITLES[2:7], "spring water clear", "still water clear"]
    shop = catalog([*titles, *(f"thing{chr(97 + n)}" for n in range(8))], [-1] * 17)
    assert pairs(planted(), shop) == {(OAT, SOY)}


def test_without_categories_and_titles_the_same_customers_must_have_bought_both():
    """Thirty customers who take now one drink, now the other, and others who buy neither."""
    shop = catalog([""] * 9, [-1] * 9)
    baskets = planted()
    customers = np.array([30 + n % 60 if basket[0] not in {OAT, SOY} else n % 30 for n, basket in enumerate(baskets)])
    assert (OAT, SOY) in pairs(baskets, shop, customers.astype(np.int32))
    assert pairs(baskets, shop) == set()
    apart = np.array([0 if basket[0] == OAT else 1 + n % 60 for n, basket in enumerate(baskets)], np.int32)
    assert (OAT, SOY) not in pairs(baskets, shop, apart)


def test_at_most_twenty_an_item():
    drinks = list(range(30))
    baskets = [[drink, other] for drink in drinks for other in (30, 31, 32) for _ in range(20)]
    shop = catalog(["drink"] * 30 + ["food"] * 3, [0] * 30 + [1] * 3)
    learned = found(baskets, shop)
    assert np.diff(learned.offsets).max() <= 20
    assert len(learned.items)


def test_no_orders_no_substitutes():
    assert pairs([[OAT]], catalog()) == set()
    assert pairs([[0], [1]], replace(catalog(["", ""], [-1, -1]))) == set()


def test_likeness_of_company():
    """Items 0 and 1 are met by 2 and 3 evenly and by 2 alone: sqrt(½ · 1); item 4 met too few to tell."""
    baskets = [[0, 2]] * 30 + [[0, 3]] * 30 + [[1, 2]] * 40 + [[4, 2]] * 10
    matrix = matrix_of(baskets, 5)
    rows = np.arange(5)
    contexts = Contexts(BasketLines.of(matrix), rows)
    alike = contexts.likeness(np.array([0, 0, 0]), np.array([1, 3, 4]))
    assert alike[:2].tolist() == pytest.approx([0.5**0.5, 0])
    assert np.isnan(alike[2])
