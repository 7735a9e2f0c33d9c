"""`--since`: what is new or changed against an earlier version, and in a file of its own what is no more."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strict_csv import read_csv
from tiny_shop import BREAD, BUTTER, DELIVERY, MILK, tiny_model

from recommender.model import Model
from recommender.store import Store
from training.exports.changes import Changes

Exported = Callable[..., Path]


def later_model() -> Model:
    """Bread and butter met six times of seven, milk and delivery are claimed no more, bread and milk are."""
    model = tiny_model()
    pairs = model.pairs
    counts, claimed = pairs.counts.copy(), pairs.claimed.copy()
    sources = np.repeat(np.arange(8), np.diff(pairs.offsets))

    def entry(a: int, b: int) -> int:
        return int(np.flatnonzero((sources == a) & (pairs.items == b))[0])

    for a, b in ((BREAD, BUTTER), (BUTTER, BREAD)):
        counts[entry(a, b)] = 6
    for a, b in ((DELIVERY, MILK), (MILK, DELIVERY)):
        claimed[entry(a, b)] = 0
    claimed[entry(BREAD, MILK)] = 1
    manifest = replace(model.manifest, seed=1)
    return replace(model, pairs=replace(pairs, counts=counts, claimed=claimed), manifest=manifest)


@pytest.fixture
def two(store: Path) -> tuple[Path, str]:
    """A store whose second version serves, and the model id of the first."""
    earlier = Store(store).current().model_id
    Store(store).publish(later_model(), None, promote=True, now=datetime(2026, 11, 22, tzinfo=UTC))
    return store, earlier


def test_only_new_and_changed_rules_are_written_and_lost_ones_apart(exported: Exported, two, capsys) -> None:
    root, earlier = two
    path = exported("rules", root, "rules.csv", "--since", earlier)
    whole = read_csv(exported("rules", root, "whole.csv"))

    rows = [(json.loads(row["antecedents"]), row["consequent"]) for row in read_csv(path)]
    assert rows == [(["bread"], "butter"), (["bread"], "milk"), (["butter"], "bread")]
    lost = read_csv(path.with_name("rules.lost.csv"))
    assert list(lost[0]) == ["rule_id"]
    assert len(lost) == 2
    assert not {row["rule_id"] for row in lost} & {row["rule_id"] for row in whole}
    manifest = json.loads(path.with_name("rules.csv.manifest.json").read_text(encoding="utf-8"))
    assert manifest["since"]["model_id"] == earlier
    assert [manifest["since"][name] for name in ("new", "changed", "lost")] == [1, 2, 2]
    assert manifest["since"]["lost_file"] == "rules.lost.csv"
    assert manifest["rows"] == 3


def test_what_was_lost_is_cleared_in_the_platforms_own_way(exported: Exported, two) -> None:
    root, earlier = two
    lists = {
        "shopify": {"Handle": "delivery", "Command": "UPDATE", "Metafield": ""},
        "woocommerce": {"sku": "milk", "upsell_ids": "", "cross_sell_ids": ""},
        "magento": {"sku": "milk", "related_skus": "__EMPTY__VALUE__", "related_position": ""},
    }
    for target, cleared in lists.items():
        path = exported(target, root, f"{target}.csv", "--since", earlier, "-k", 1)
        whole = {next(iter(row.values())) for row in read_csv(exported(target, root, "whole.csv", "-k", 1))}
        for row in read_csv(path.with_name(f"{target}.lost.csv")):
            assert next(iter(row.values())) not in whole
            for name, value in list(cleared.items())[1:]:
                assert next(cell for header, cell in row.items() if header.startswith(name)) == value


def test_the_same_version_changed_nothing(exported: Exported, store: Path) -> None:
    path = exported("rules", store, "rules.parquet", "--since", Store(store).current().name)
    assert pq.read_table(path).num_rows == 0
    assert pq.read_table(path.with_name("rules.lost.parquet")).column_names == ["rule_id"]


def test_an_unknown_version(run, store: Path, tmp_path: Path) -> None:
    said = run("export", "rules", "--store", store, "-o", tmp_path / "x.csv", "--since", "nine")
    assert said.code == 2
    assert "'nine': no such version; there are" in said.err
    assert not list(tmp_path.glob("x.*"))


def test_a_damaged_earlier_version(run, two, tmp_path: Path) -> None:
    root, earlier = two
    (Store(root).find(earlier).path / "price.npy").write_bytes(b"")
    said = run("export", "rules", "--store", root, "-o", tmp_path / "x.csv", "--since", earlier)
    assert said.code == 5
    assert "price.npy" in said.err
    assert not list(tmp_path.glob("x.*"))


tables = st.dictionaries(st.integers(0, 6), st.one_of(st.none(), st.text(max_size=2), st.floats()), max_size=6)


@given(tables, tables)
def test_changes_and_losses_put_back_together_give_today(before: dict, today: dict) -> None:
    changes = Changes(before.items(), key=1)
    written = dict(changes.of(today.items()))
    kept = {key: value for key, value in before.items() if (key,) not in changes.lost()}
    assert repr(sorted((kept | written).items())) == repr(sorted(today.items()))
    assert changes.new + changes.changed == len(written)
    assert set(written) <= set(today)
    assert all(repr(before.get(key)) != repr(value) or key not in before for key, value in written.items())
