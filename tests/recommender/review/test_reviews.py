"""Decisions of people: where they are kept, what they keep out, and how they are undone."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_shop import BREAD, BUTTER, JAM, MILK, tiny_catalog, tiny_customers, tiny_model
from tiny_store import publish_tiny

from recommender import load
from recommender.bundles import bundle_id
from recommender.command import main
from recommender.engine import Recommender
from recommender.errors import ModelError
from recommender.review.rejected import rejected_of
from recommender.review.reviews import (
    APPROVED,
    REJECTED,
    REVIEWS,
    Reviews,
    Subject,
    read_reviews,
    write_reviews,
)
from recommender.review.rules import rule_id, rules_of
from recommender.store import Store
from recommender.verify import verify

NOW = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)
BREAD_BUTTER = Subject(("bread",), "butter")
LONG = Subject(("bread", "butter"), "jam")
PAIR = Subject(("bread", "butter"))


def rejecting(*subjects: Subject) -> Reviews:
    return Reviews().after(subjects, REJECTED, "9f3ac1d2b7e0", NOW)


@pytest.fixture
def root(tiny_store: Path, tmp_path: Path) -> Path:
    return shutil.copytree(tiny_store, tmp_path / "store")


@pytest.fixture
def run(capsys, root: Path):
    """`goeswith models …` on the store: exit code, output, messages."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = 0
        try:
            main(["models", *arguments, "--store", str(root)])
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out, said.err

    return run


# What is kept.


ids = st.text(min_size=1, max_size=4)
subjects = st.builds(
    lambda items, consequent: Subject(tuple(sorted(items - {consequent or ""})), consequent),
    st.sets(ids, min_size=2, max_size=4),
    st.one_of(st.none(), ids),
)
decided = st.lists(st.tuples(subjects, st.sampled_from([APPROVED, REJECTED])), max_size=6)


@settings(max_examples=15)  # each is flushed to the disk
@given(decisions=decided)
def test_what_is_written_is_read_back_and_the_last_decision_counts(tmp_path_factory, decisions) -> None:
    folder = tmp_path_factory.mktemp("store")
    reviews = Reviews()
    for subject, decision in decisions:
        reviews = reviews.after([subject], decision, "9f3ac1d2b7e0", NOW)
    write_reviews(folder, reviews)
    assert read_reviews(folder) == reviews
    last = {subject.known_as: decision for subject, decision in decisions}
    assert {name: reviews.decision_on(name) for name in last} == last
    rejected = {one.known_as for kind in ("rule", "bundle") for one in reviews.rejected(kind)}
    assert rejected == {name for name, decision in last.items() if decision == REJECTED}
    assert bool(reviews.generation) == bool(rejected)


def test_nothing_was_decided_in_a_store_without_the_file(tmp_path: Path) -> None:
    assert read_reviews(tmp_path / "none") == Reviews()
    assert Reviews().generation == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"format_version": 1}',
        '{"format_version": 1, "decisions": 7}',
        '{"format_version": 1, "decisions": [7]}',
        '{"format_version": 1, "decisions": [{"kind": "pair"}]}',
        '{"format_version": 1, "decisions": [{"kind": "bundle", "items": []}]}',
        '{"format_version": 1, "decisions": [{"kind": "bundle", "items": "ab"}]}',
        '{"format_version": 2, "decisions": []}',
        '{"format_version": 1, "decisions": [{"id": "0", "kind": "bundle", "items": ["a"], "decision": "rejected"}]}',
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / REVIEWS).write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=REVIEWS):
        read_reviews(tmp_path)


def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / REVIEWS).mkdir()
    with pytest.raises(ModelError, match="cannot be read"):
        read_reviews(tmp_path)


# What it keeps out.


def shown(recommender: Recommender, *items: str, placement: str = "bought-together") -> list[str]:
    return [one.item_id for one in recommender.suggest(items, placement=placement)]


def test_a_rejected_rule_leads_nowhere_whatever_fills_the_places() -> None:
    before = Recommender(tiny_model())
    after = Recommender(tiny_model(), reviews=rejecting(BREAD_BUTTER))
    for placement in ("bought-together", "cross-sell", "add-on"):
        assert "butter" not in shown(after, "bread", placement=placement)
    assert shown(before, "bread")[0] == "butter"
    assert shown(after, "butter") == shown(before, "butter")  # butter → bread is another rule
    assert shown(after, "milk") == shown(before, "milk")


def test_another_rule_still_leads_there_and_is_the_evidence() -> None:
    model = tiny_model()
    sources = np.repeat(np.arange(8), np.diff(model.pairs.offsets))
    claimed = model.pairs.claimed.copy()
    claimed[(sources == MILK) & (model.pairs.items == BUTTER)] = 1
    model = replace(model, pairs=replace(model.pairs, claimed=claimed))
    recommender = Recommender(model, reviews=rejecting(BREAD_BUTTER))
    [butter] = [one for one in recommender.suggest(["bread", "milk"]) if one.item_id == "butter"]
    assert (butter.reason.kind, butter.reason.because) == ("bought-together", ("milk",))
    assert "butter" not in shown(recommender, "bread")


def test_a_rejected_long_rule_is_no_evidence() -> None:
    """Jam is in stock here; bread and butter lead to it together, and each alone."""
    catalog = tiny_catalog()
    model = replace(tiny_model(), catalog=replace(catalog, stock=np.full(8, np.nan)))
    [jam] = [one for one in Recommender(model).suggest(["bread", "butter"]) if one.item_id == "jam"]
    assert jam.reason.because == ("bread", "butter")
    [jam] = [
        one for one in Recommender(model, reviews=rejecting(LONG)).suggest(["bread", "butter"]) if one.item_id == "jam"
    ]
    assert jam.reason.because == ("bread",)
    every = rejecting(LONG, Subject(("bread",), "jam"), Subject(("butter",), "jam"))
    assert "jam" not in shown(Recommender(model, reviews=every), "bread", "butter")
    assert "jam" not in shown(Recommender(model, reviews=every), "bread")


def test_a_rejected_bundle_is_gone() -> None:
    before, after = Recommender(tiny_model()), Recommender(tiny_model(), reviews=rejecting(PAIR))
    assert bundle_id(["bread", "butter"]) in {one.bundle_id for one in before.bundles()}
    assert {one.bundle_id for one in after.bundles()} == {one.bundle_id for one in before.bundles()} - {
        bundle_id(["bread", "butter"])
    }


def test_the_next_best_box_takes_the_place_of_a_rejected_one() -> None:
    model = replace(tiny_model(), catalog=replace(tiny_catalog(), stock=np.full(8, np.nan)))
    jam = Subject(("bread", "jam"))

    def box(*rejected: Subject) -> list[str]:
        found = Recommender(model, reviews=rejecting(*rejected)).bundle("bread")
        return [] if found is None else [item.item_id for item in found.items]

    assert box() == ["bread", "butter"]
    assert box(PAIR) == ["bread", "jam"]
    assert box(PAIR, jam) == []
    assert box(BREAD_BUTTER) == ["bread", "jam"]


def test_another_shelf_keeps_what_was_rejected() -> None:
    recommender = Recommender(tiny_model(), reviews=rejecting(BREAD_BUTTER, PAIR)).with_catalog(tiny_catalog())
    assert "butter" not in shown(recommender, "bread")
    assert bundle_id(["bread", "butter"]) not in {one.bundle_id for one in recommender.bundles()}


def test_decisions_on_items_that_a_model_lacks_do_nothing() -> None:
    model = tiny_model()
    assert rejected_of(model, rejecting(Subject(("soap",), "bread"), Subject(("bread",), "soap"))) is None
    assert rejected_of(model, Reviews().after([BREAD_BUTTER], APPROVED, "", NOW)) is None
    assert rejected_of(model, Reviews()) is None


@given(st.sets(st.integers(0, 10), max_size=11))
def test_only_what_was_rejected_is_no_rule_any_more(chosen: set[int]) -> None:
    model = tiny_model()
    ids = list(model.catalog.item_ids)
    rules = rules_of(model)
    every = [
        Subject(tuple(ids[row] for row in rules.antecedent_rows(place)), ids[rules.consequents[place]])
        for place in range(len(rules))
    ]
    rejected = rejected_of(model, rejecting(*(every[place] for place in chosen)))
    left = model if rejected is None else rejected.model
    verify(left, "the model without what was rejected")
    kept = rules_of(left)
    found = {
        rule_id([ids[row] for row in kept.antecedent_rows(place)], ids[kept.consequents[place]])
        for place in range(len(kept))
    }
    assert found == {one.known_as for place, one in enumerate(every) if place not in chosen}
    assert rejected is None or rejected.barred(np.array([JAM, BREAD], np.int32)) <= {BUTTER, BREAD, JAM}


# The command.


def test_reject_is_remembered_by_later_models_and_approve_undoes_it(run, root: Path) -> None:
    code, out, _ = run("reject", BREAD_BUTTER.known_as, PAIR.known_as)
    assert (code, out) == (0, f"rejected: {BREAD_BUTTER.known_as}, {PAIR.known_as}\n")
    assert "butter" not in shown(load(root), "bread")
    publish_tiny(root, seed=7)
    assert "butter" not in shown(load(root), "bread")
    assert PAIR.known_as not in {one.bundle_id for one in load(root).bundles()}

    assert run("approve", BREAD_BUTTER.known_as)[0] == 0
    assert shown(load(root), "bread")[0] == "butter"
    assert PAIR.known_as not in {one.bundle_id for one in load(root).bundles()}


def test_what_was_rejected_can_be_approved_though_no_model_has_it_any_more(run, root: Path) -> None:
    soap = Subject(("soap",), "towel")
    write_reviews(root, rejecting(soap))
    assert run("approve", soap.known_as)[0] == 0
    assert read_reviews(root).decision_on(soap.known_as) == APPROVED


def test_a_rule_of_a_version_that_does_not_serve_can_be_rejected(run, root: Path) -> None:
    model = tiny_model()
    claimed = np.zeros_like(model.pairs.claimed)
    bare = replace(model, pairs=replace(model.pairs, claimed=claimed))
    Store(root).publish(bare, tiny_customers(), promote=True, now=NOW)
    assert run("reject", BREAD_BUTTER.known_as)[0] == 0
    assert read_reviews(root).decision_on(BREAD_BUTTER.known_as) == REJECTED


def test_a_box_can_be_rejected_though_it_is_no_bundle_of_the_whole_shop(run, root: Path) -> None:
    model = tiny_model()
    without = replace(model, bundles=type(model.bundles).none(), manifest=replace(model.manifest, seed=3))
    Store(root).publish(without, None, promote=True, now=NOW)
    Store(root).prune(1)
    assert run("reject", PAIR.known_as)[0] == 0
    assert load(root).bundle("bread") is None


def test_reviews_lists_the_latest_first(run) -> None:
    assert run("reviews")[1] == "nothing was approved or rejected yet\n"
    run("reject", BREAD_BUTTER.known_as)
    run("approve", LONG.known_as)
    _, out, _ = run("reviews")
    header, first, second = out.splitlines()
    assert header.split() == ["id", "decision", "kind", "at", "model", "items"]
    assert first.startswith(f"{LONG.known_as}  approved  rule")
    assert first.endswith("bread + butter → jam")
    assert second.startswith(f"{BREAD_BUTTER.known_as}  rejected  rule")
    listed = json.loads(run("reviews", "--json")[1])
    assert [one["id"] for one in listed] == [LONG.known_as, BREAD_BUTTER.known_as]
    assert listed[1]["antecedents"] == ["bread"]


def test_an_unknown_id(run, root: Path) -> None:
    code, out, err = run("reject", BREAD_BUTTER.known_as, "000000000000")
    assert (code, out) == (2, "")
    assert "no rule and no bundle is called '000000000000'" in err
    assert not (root / REVIEWS).exists()


def test_a_damaged_version_is_passed_over_when_ids_are_looked_for(run, root: Path) -> None:
    first = Store(root).current()
    publish_tiny(root, seed=1)
    data = bytearray((first.path / "price.npy").read_bytes())
    data[-1] ^= 1
    (first.path / "price.npy").write_bytes(data)
    code, _, err = run("approve", *(f"{place:012}" for place in range(7)))
    assert code == 2
    assert "'000000000004' …" in err
    assert run("approve", BREAD_BUTTER.known_as)[0] == 0


def test_without_ids_without_a_store_and_with_a_damaged_file(run, root: Path, tmp_path: Path, capsys) -> None:
    assert run("reject")[0] == 2
    with pytest.raises(SystemExit) as end:
        main(["models", "reject", "a", "--store", str(tmp_path / "none")])
    assert end.value.code == 5
    (root / REVIEWS).write_text("{", encoding="utf-8")
    assert run("reject", BREAD_BUTTER.known_as)[0] == 5
    assert run("reviews")[0] == 5
    assert (root / REVIEWS).read_text(encoding="utf-8") == "{"
