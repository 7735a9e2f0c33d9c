"""What changed between two versions, by hand: see `later`."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from tiny_shop import BREAD, BUTTER, DELIVERY, MILK, tiny_catalog, tiny_model
from tiny_store import publish_tiny

from recommender.command import main
from recommender.model import Model
from recommender.review.diff import CHANGED, LOST, NEW, Standing, difference
from recommender.review.reviews import Subject
from recommender.review.text import difference_text
from recommender.store import Store
from recommender.strings import StringColumn


def later() -> Model:
    """1,200 baskets: bread → milk is new, milk → delivery lost, bread → butter falls from 500 of 600 to 300 of 600."""
    model = hundredfold()
    pairs = model.pairs
    counts, claimed = pairs.counts.copy(), pairs.claimed.copy()
    sources = np.repeat(np.arange(8), np.diff(pairs.offsets))
    counts[(sources == BREAD) & (pairs.items == BUTTER)] = 300
    claimed[(sources == BREAD) & (pairs.items == MILK)] = 1
    claimed[(sources == MILK) & (pairs.items == DELIVERY)] = 0
    manifest = replace(model.manifest, seed=1, metrics={"hr10": 0.5, "protocol": "p", "carts": 9}, model_id="b" * 12)
    return replace(model, pairs=replace(pairs, counts=counts, claimed=claimed), manifest=manifest)


def hundredfold() -> Model:
    """The tiny shop with every count a hundred times as high."""
    model = tiny_model()
    counts = model.manifest.counts | {"baskets": 1200}
    manifest = replace(model.manifest, counts=counts, metrics={"hr10": 0.25}, model_id="aaaaaaaaaaaa")
    pairs, rules, bundles = model.pairs, model.rules, model.bundles
    return replace(
        model,
        manifest=manifest,
        item_orders=model.item_orders * 100,
        pairs=replace(pairs, counts=pairs.counts * 100),
        rules=replace(rules, counts=rules.counts * 100, of=rules.of * 100),
        bundles=replace(
            bundles, counts=bundles.counts * 100, apart=bundles.apart * 100, expected=bundles.expected * 100
        ),
    )


def test_new_lost_and_changed_rules() -> None:
    found = difference(hundredfold(), later())

    [new], [lost], [changed] = (found.rules[kind] for kind in (NEW, LOST, CHANGED))
    assert new.subject == Subject(("bread",), "milk")
    assert lost.subject == Subject(("milk",), "delivery")
    assert changed.subject == Subject(("bread",), "butter")
    # Bread: 600 of 1,200; milk: 600; 200 together where 300 are expected. Milk earns 1.50 - 1.00 a piece.
    assert new.after == Standing(200, 600, 2 / 3, pytest.approx(1000 * (200 - 300) / 1200 * 0.5), 200 / 1200 * 2 / 3)
    # 200 with delivery, of 200, where 100 are expected; delivery earns 5.00 - 1.00.
    assert lost.before is not None
    assert lost.before.worth == pytest.approx(1000 * (200 - 100) / 1200 * 4)
    assert changed.before is not None
    assert changed.after is not None
    assert (changed.before.count, changed.after.count, changed.after.of) == (500, 300, 600)
    assert found.counts == {"baskets": (1200, 1200), "items": (8, 8), "rules": (11, 11), "bundles": (3, 3)}
    assert found.metrics == {"hr10": (0.25, 0.5)}


def test_what_moved_within_its_interval_has_not_changed() -> None:
    """Five of six and six of six: the intervals of so few baskets meet."""
    model = tiny_model()
    counts = model.pairs.counts.copy()
    counts[0] = 6
    assert difference(model, replace(model, pairs=replace(model.pairs, counts=counts))).rules[CHANGED] == []


def test_bundles_and_items() -> None:
    before = hundredfold()
    bundles = before.bundles
    after = replace(
        before,
        manifest=replace(before.manifest, seed=2),
        bundles=replace(
            bundles,
            items=bundles.items[1:],
            counts=np.array([500, 200], np.int32),
            apart=np.array([100, 500], np.int32),
            expected=bundles.expected[1:],
            customers=bundles.customers[1:],
        ),
        catalog=replace(tiny_catalog(), item_ids=StringColumn.of([*[*tiny_catalog().item_ids][:-1], "zest"])),
    )
    found = difference(before, after)
    assert [one.subject.items for one in found.bundles[LOST]] == [("bread", "butter")]
    assert [one.subject.items for one in found.bundles[CHANGED]] == [("delivery", "milk")]  # 200 of 600 → 500 of 600
    assert (found.items_new, found.items_lost) == (1, 1)


def test_those_worth_most_come_first_and_without_prices_support_times_lift_ranks() -> None:
    empty = replace(hundredfold(), pairs=replace(hundredfold().pairs, claimed=np.zeros(23, np.uint8)))
    worths = [one.after.worth for one in difference(empty, hundredfold()).rules[NEW] if one.after]
    assert worths == sorted(worths, reverse=True)
    bare = replace(hundredfold().catalog, price=np.full(8, np.nan))
    found = difference(empty, replace(hundredfold(), catalog=bare)).rules[NEW]
    strengths = [one.after.strength for one in found if one.after]
    assert strengths == sorted(strengths, reverse=True)
    assert all(one.after and one.after.worth is None for one in found)


def test_the_table_is_short_and_aligned() -> None:
    text = difference_text(difference(hundredfold(), later()), 1)
    lines = text.splitlines()
    assert lines[0].split() == ["aaaaaaaaaaaa", "bbbbbbbbbbbb", "change"]
    assert ["rules", "11", "11", "1", "new,", "1", "lost,", "1", "changed"] in [line.split() for line in lines]
    assert ["hr10", "0.25", "0.5", "+0.25"] in [line.split() for line in lines]
    assert any(line.startswith("changed rules: 1") for line in lines)
    assert any("500 → 300" in line and "83.3% → 50.0%" in line for line in lines)
    assert max(map(len, lines)) < 120
    assert any(line.endswith("Brown bread → Salted butter") for line in lines)
    assert lines[-2].endswith("titles")
    assert "nothing differs" in difference_text(difference(hundredfold(), hundredfold()), 1)


def test_titles_of_the_newer_model_of_either_and_of_none() -> None:
    """Bread is called otherwise now, milk has no title any more, wine never had one."""
    before, after = hundredfold(), later()
    renamed = [{"Brown bread": "Rye bread", "Whole milk": ""}.get(title, title) for title in before.catalog.titles]
    after = replace(after, catalog=replace(after.catalog, titles=StringColumn.of(renamed)))
    found = difference(before, after)
    assert found.titles == {
        "bread": "Rye bread",
        "butter": "Salted butter",
        "milk": "Whole milk",
        "delivery": "Delivery to the door",
    }
    untitled = [
        replace(model, catalog=replace(model.catalog, titles=StringColumn.of([""] * 8))) for model in (before, after)
    ]
    found = difference(untitled[0], untitled[1])
    assert found.titles == {}
    assert "titles" not in difference_text(found, 1)
    [new] = found.as_json()["rules"]["new"]
    assert new["titles"] == {"bread": "bread", "milk": "milk"}


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "store"
    publish_tiny(root)
    first = Store(root).current().model_id
    model = tiny_model()
    claimed = model.pairs.claimed.copy()
    claimed[2] = 1  # bread → milk
    bare = replace(model.catalog, price=np.full(8, np.nan))
    newer = replace(model, catalog=bare, pairs=replace(model.pairs, claimed=claimed))
    Store(root).publish(newer, None, promote=True, now=datetime(2026, 11, 22, tzinfo=UTC))
    main(["models", "diff", first, "--store", str(root)])
    text = capsys.readouterr().out
    assert "new rules: 1" in text
    main(["models", "diff", first, Store(root).current().name, "--store", str(root), "--json"])
    found = json.loads(capsys.readouterr().out)
    assert found["models"] == [first, Store(root).current().model_id]
    assert found["changes"]["rules"]["new"] == len(found["rules"]["new"]) == 1
    [new] = found["rules"]["new"]
    assert (new["antecedents"], new["consequent"], new["before"]) == (["bread"], "milk", None)
    assert new["after"]["worth"] is None
    assert new["titles"] == {"bread": "Brown bread", "milk": "Whole milk"}
    main(["models", "diff", first, "--store", str(root), "--json", "-k", "0"])
    found = json.loads(capsys.readouterr().out)
    assert found["rules"] == {"new": [], "lost": [], "changed": []}
    assert found["changes"]["rules"]["new"] == 1


@pytest.mark.parametrize(("arguments", "code"), [(["nine"], 2), ([], 2)])
def test_an_unknown_version(tmp_path: Path, arguments: list[str], code: int) -> None:
    publish_tiny(tmp_path / "store")
    with pytest.raises(SystemExit) as end:
        main(["models", "diff", *arguments, "--store", str(tmp_path / "store")])
    assert end.value.code == code


def test_a_store_without_a_model(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as end:
        main(["models", "diff", "nine", "--store", str(tmp_path / "store")])
    assert end.value.code == 2
