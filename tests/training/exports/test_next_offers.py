"""Target `next-offers`: what each known customer is likely to take next."""

from __future__ import annotations

import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from strict_csv import read_csv
from tiny_shop import tiny_customers, tiny_model

from recommender.engine import Recommender
from recommender.store import Store
from training.exports import workers

Exported = Callable[..., Path]


def test_every_customer_has_the_answer_of_the_service(exported: Exported, store: Path) -> None:
    rows = read_csv(exported("next-offers", store, "offers.csv", "-k", "2"))
    shop = Recommender(tiny_model(), tiny_customers())

    asked = [
        (customer, one) for customer in ("ann", "bob", "zoë") for one in shop.suggest([], customer_id=customer, k=2)
    ]
    assert [(row["customer_id"], row["item_id"], row["evidence"]) for row in rows] == [
        (customer, one.item_id, one.reason.text) for customer, one in asked
    ]
    assert [float(row["probability"]) for row in rows] == [one.probability for _, one in asked]
    assert [row["place"] for row in rows] == ["1", "2"] * 3
    assert {(row["customer_id"], row["orders"], row["last_order"]) for row in rows} == {
        ("ann", "2", "2026-11-06"),
        ("bob", "1", "2026-11-08"),
        ("zoë", "1", "2026-11-12"),
    }


def test_only_what_they_had(exported: Exported, store: Path) -> None:
    rows = read_csv(exported("next-offers", store, "again.csv", "--placement", "buy-again"))

    assert [(row["customer_id"], row["item_id"], row["kind"]) for row in rows if row["customer_id"] != "bob"] == [
        ("ann", "bread", "buy-again"),
        ("ann", "butter", "buy-again"),
        ("ann", "milk", "buy-again"),
        ("zoë", "wine", "buy-again"),
    ]


def test_nobody_but_the_owner_may_read_it(exported: Exported, store: Path) -> None:
    for name in ("offers.csv", "offers.jsonl", "offers.parquet"):
        path = exported("next-offers", store, name)
        for file in (path, path.with_name(f"{name}.manifest.json")):
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(exported("add-ons", store, "lists.csv").stat().st_mode) & stat.S_IRUSR


def test_any_number_of_processes_writes_the_same(
    exported: Exported, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = exported("next-offers", store, "one.csv").read_bytes()
    monkeypatch.setattr(workers, "ALONE_BELOW", 0)
    monkeypatch.setattr(workers, "CHUNK", 1)

    assert exported("next-offers", store, "many.csv").read_bytes() == alone


def test_a_shop_without_customers_is_refused(run: Callable[..., Any], tmp_path: Path) -> None:
    Store(tmp_path / "store").publish(tiny_model(), None, promote=True, now=datetime(2026, 11, 21, tzinfo=UTC))
    said = run("export", "next-offers", "--store", tmp_path / "store", "-o", tmp_path / "offers.csv")

    assert said.code == 2
    assert "next-offers: the model knows no customers; train on orders with customer_id" in said.err
    assert not list(tmp_path.glob("*offers*"))
