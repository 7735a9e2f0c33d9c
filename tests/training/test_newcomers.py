"""What new items go with, learned from planted baskets; and the whole way from a file to `--new-only`."""

import json
from math import log
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from plain_catalog import plain_catalog
from scipy import sparse

from recommender.catalog import Catalog
from recommender.command import goeswith
from recommender.newcomers import Affinities, Newcomers, NewItems
from training.counting import BasketLines
from training.newcomers import newcomers as learn
from training.words import title_words, weighted_words


def matrix_of(baskets: list[list[int]], items: int) -> sparse.csr_matrix:
    rows = [row for row, basket in enumerate(baskets) for _ in basket]
    columns = [item for basket in baskets for item in basket]
    return sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=(len(baskets), items))


def newcomers(matrix: sparse.csr_matrix, catalog: Catalog) -> Newcomers:
    return learn(BasketLines.of(matrix), np.bincount(matrix.indices, minlength=matrix.shape[1]) > 0, catalog)


def known(affinities: Affinities) -> dict[tuple[int, int], float]:
    rows = np.repeat(np.arange(len(affinities.offsets) - 1), np.diff(affinities.offsets)).tolist()
    pairs = zip(rows, affinities.items.tolist(), strict=True)
    return dict(zip(pairs, affinities.scores.tolist(), strict=True))


def test_an_affinity_is_the_shrunk_log_ratio_of_met_to_expected():
    """Two baskets of two: chance 4 / 16, expected 2 · 2 · ¼ = 1, met 2: log((2 + 2) / (1 + 2)); within one never."""
    learned = newcomers(matrix_of([[0, 1], [0, 1]], 3), plain_catalog([""] * 3, [0, 1, 1], ["a", "b"], [-1, -1]))
    assert known(learned.categories) == pytest.approx({(0, 1): log(4 / 3), (1, 0): log(4 / 3)})
    assert learned.home.tolist() == [0, 1, 1]


def test_two_items_of_one_category_meet_but_an_item_does_not_meet_itself():
    learned = newcomers(matrix_of([[0, 1], [2, 3]], 4), plain_catalog([""] * 4, [0, 0, 1, 1], ["a", "b"], [-1, -1]))
    assert set(known(learned.categories)) == {(0, 0), (1, 1)}
    alone = newcomers(matrix_of([[0], [0, 2]], 3), plain_catalog([""] * 3, [0, 0, 1], ["a", "b"], [-1, -1]))
    assert (0, 0) not in known(alone.categories)


def test_a_category_that_sold_too_little_is_placed_by_the_one_above_it():
    """Ink has no line, its branch thirty: a new ink goes with what printers' supplies go with."""
    baskets = [[0, 1]] * 30 + [[3, 4]] * 300
    names = ["office", "printers", "supplies", "supplies > ink", "supplies > paper"]
    catalog = plain_catalog([""] * 5, [1, 4, 3, 0, 0], names, [-1, -1, -1, 2, 2])
    learned = newcomers(matrix_of(baskets, 5), catalog)
    assert learned.home.tolist() == [1, 4, 2, 0, 0]
    new = NewItems(learned, catalog, np.array([2], np.int32))
    beside_printer, beside_office = (new.scores(np.array([row], np.int32))[0] for row in (0, 3))
    assert beside_printer > 1 > beside_office == 0


def test_a_pair_of_small_categories_leans_on_their_parents():
    """a > x and b > y met once each as often as their parents' other children: the prior is the parents' ratio."""
    baskets = [[0, 1]] * 20 + [[2, 3]] + [[4, 5]] * 100
    names = ["a", "a > w", "a > x", "b", "b > y", "b > z", "c"]
    catalog = plain_catalog([""] * 6, [1, 4, 2, 5, 6, 6], names, [-1, 0, 0, -1, 3, 3, -1])
    learned = known(newcomers(matrix_of(baskets, 6), catalog).categories)
    chance = (121 * 2) / 242**2
    parents = (21 + 2) / (21 * 21 * chance + 2)
    assert learned[2, 5] == pytest.approx(log((1 + 2 * parents) / (chance + 2)), rel=1e-5)


def test_words_are_shared_by_two_titles_and_not_by_most():
    titles = ["red mug", "blue mug", "red tray", "Cup 12 cm", *(f"thing{chr(97 + n)} of" for n in range(16))]
    words = title_words(plain_catalog(titles, [-1] * 20, [], []))
    assert words.shape == (20, 2)
    assert words.toarray()[:4].tolist() == [[1, 1], [1, 0], [0, 1], [0, 0]]
    assert weighted_words(words).toarray()[1].tolist() == pytest.approx([log(10) / (log(10) + 3), 0])


def test_without_categories_the_words_of_titles_say_what_goes_together():
    titles = ["tea pot", "milk jug", "tea cup", "milk can", "lawn mower", "lawn rake", "tea tin", "lawn shears"]
    titles += [f"thing{chr(97 + n)}" for n in range(12)]
    catalog = plain_catalog(titles, [-1] * 20, [], [])
    baskets = [[0, 1], [2, 3], [0, 3], [2, 1]] * 10 + [[4, 5]] * 20
    new = NewItems(newcomers(matrix_of(baskets, 20), catalog), catalog, np.array([6, 7], np.int32))
    tea, lawn = new.scores(np.array([1], np.int32)).tolist()
    assert tea > 0 == lawn


def test_nothing_is_learned_from_nothing():
    learned = newcomers(matrix_of([[0]], 1), plain_catalog(["mug"], [-1], [], []))
    assert len(learned.categories.items) == len(learned.words.items) == len(learned.brands.items) == 0


def test_an_item_that_only_a_giant_order_holds_is_not_new():
    """The giant order is counted nowhere, yet its items have been sold."""
    lines = BasketLines.of(matrix_of([[0, 1]], 3))
    learned = learn(lines, np.array([True, True, True]), plain_catalog([""] * 3, [-1] * 3, [], []))
    assert learned.unsold.tolist() == [0, 0, 0]
    assert newcomers(matrix_of([[0, 1]], 3), plain_catalog([""] * 3, [-1] * 3, [], [])).unsold.tolist() == [0, 0, 1]


def test_from_orders_to_new_items(tmp_path: Path):
    """Cables are bought with printers, spoons with bowls; the new cable is offered with the printer first.

    The cable that only an order too large to count holds has been sold, and postage is nothing to offer.
    """
    orders = [(f"o{n}", item) for n in range(60) for item in (("printer", "cable") if n % 2 else ("bowl", "spoon"))]
    kinds = {"printer": "Printers", "cable": "Cables", "cable-new": "Cables", "cable-wholesale": "Cables"}
    kinds |= {"POST": "Cables", "bowl": "Bowls", "spoon": "Spoons", "spoon-new": "Spoons"}
    orders += [("o1", "POST"), ("o3", "POST")]
    orders += [("giant", item) for item in ("printer", "bowl", "cable", "cable-wholesale")]
    pd.DataFrame(orders, columns=["order_id", "item_id"]).to_csv(tmp_path / "orders.csv", index=False)
    catalog = pd.DataFrame({"item_id": kinds.keys(), "title": kinds.keys(), "category": kinds.values()})
    catalog.to_csv(tmp_path / "catalog.csv", index=False)
    (tmp_path / "carts.jsonl").write_text('{"items": ["printer"]}\n{"items": ["nosuch"]}\n')
    store, out = str(tmp_path / "store"), tmp_path / "out.jsonl"
    run = CliRunner().invoke
    catalog_file, no_larger = str(tmp_path / "catalog.csv"), "orders.max_basket_items=3"
    options = ["--catalog", catalog_file, "--store", store, "--set", no_larger]
    trained = run(goeswith, ["train", str(tmp_path / "orders.csv"), *options])
    assert trained.exit_code == 0, trained.output
    scored = run(goeswith, ["score", str(tmp_path / "carts.jsonl"), "--store", store, "--new-only", "-o", str(out)])
    assert scored.exit_code == 0, scored.output
    first, second = map(json.loads, out.read_text().splitlines())
    assert [s["item_id"] for s in first["suggestions"]] == ["cable-new", "spoon-new"]
    assert first["suggestions"][0]["reason"] == {
        "kind": "new",
        "because": ["printer"],
        "text": "new, goes with Printers",
    }
    assert [s["reason"]["kind"] for s in second["suggestions"]] == ["new", "new"]
    assert second["missing_items"] == ["nosuch"]
