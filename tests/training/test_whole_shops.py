"""Shops that lack something, and shops without signal, through the real command: trained, served, and told."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import numpy as np
import pytest
from made_up_shops import write_catalog, write_csv
from planted_shop import GROUPS, alone, lines_of, planted, shuffled

from recommender import Recommender, load
from recommender.command import main
from recommender.store import Store

QUICK = ("--set", "factors.factors=4", "--set", "factors.iterations=1", "--set", "ranker.carts=1000")
NO_ENCODER = ("--set", "ranker.encoder_items=0")
Train = Callable[..., tuple[Recommender, str]]


@pytest.fixture
def train(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Train:
    """`goeswith train` on lines; the model that serves, and all that was said."""

    def run(lines: list[dict], *options: str, without: tuple[str, ...] = ()) -> tuple[Recommender, str]:
        orders, store = write_csv(tmp_path / "orders.csv", lines, without), tmp_path / "store"
        code = 0
        try:
            main(["train", str(orders), "--store", str(store), *QUICK, *options])
        except SystemExit as end:
            code = int(end.code or 0)
        said = "".join(capsys.readouterr())
        assert code == 0, said
        assert "Traceback" not in said
        shop = load(store)
        notes = shop.model.manifest.notes
        assert all(f"note      {note}" in said for note in notes)
        return shop, said

    return run


def serves(shop: Recommender) -> None:
    """Every item's cart, an empty one, an unknown one, everybody's: ten different items, none of the cart."""
    ids = list(shop.catalog.item_ids)
    known = list(shop.customers.customer_ids)[:3] if shop.customers else []
    for items in [[item] for item in ids] + [[], ["x"], ids[:5]]:
        for customer in [None, *known]:
            answer = shop.answer(items, customer_id=customer)
            shown = [suggestion.item_id for suggestion in answer.suggestions]
            assert len(set(shown)) == len(shown) == min(10, len(set(ids) - set(items)))
            assert not set(shown) & set(items)
            json.dumps(answer.as_json(), allow_nan=False)


def notes_of(shop: Recommender) -> str:
    return "\n".join(shop.model.manifest.notes)


def test_a_shop_that_tells_everything(train: Train, tmp_path: Path) -> None:
    catalog = tmp_path / "catalog.csv"
    catalog.write_text(
        "item_id,title,category\n" + "".join(f"i{item:03},Item {item},Group {item % 6}\n" for item in range(30))
    )
    shop, said = train(lines_of(planted(700)), "--catalog", str(catalog))
    assert shop.model.manifest.notes == ()
    assert shop.model.is_ranker_fitted
    assert "back-test HR@10" in said
    serves(shop)
    first = shop.suggest(["i000"], k=1)[0]
    assert first.probability is not None
    assert first.probability > 0


def test_amounts_beyond_all_bounds_are_unknown_and_harm_nothing(train: Train, tmp_path: Path) -> None:
    prices = cycle(("1e300", "1e308", "7.5"))
    lines = [line | {"unit_price": next(prices)} for line in lines_of(planted(60))]
    catalog = tmp_path / "catalog.csv"
    catalog.write_text("item_id,price,cost\ni000,1e300,1e300\ni001,1000000000001,1\ni002,1000000000000,1\n")
    shop, _ = train(lines, "--catalog", str(catalog))
    price = dict(zip(shop.catalog.item_ids, shop.catalog.price.tolist(), strict=True))
    assert price["i002"] == 1e12
    assert {value for value in price.values() if not np.isnan(value)} == {1e12, 7.5}
    serves(shop)


def test_rejected_lines_stand_beside_the_orders_with_their_reasons(train: Train, tmp_path: Path) -> None:
    lines = lines_of(planted(60))
    lines[1] |= {"item_id": ""}
    _, said = train(lines)
    rejected = tmp_path / "orders.rejected.csv"
    assert f"lines     {len(lines) - 1:,} kept of {len(lines):,}, 1 rejected: {rejected}\n" in said
    assert "; `goeswith check` lists them\n          warning  " in said
    with rejected.open(newline="", encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert (row["line_number"], row["reason"]) == ("2", "no item id")


def test_the_model_tells_all_lines_of_the_file_unreadable_ones_too(tmp_path: Path) -> None:
    orders = write_csv(tmp_path / "orders.csv", lines_of(planted(60)))
    with orders.open("a", encoding="utf-8") as file:
        file.write('"torn,1\n')
    lines = len(orders.read_text(encoding="utf-8").splitlines()) - 1
    main(["train", str(orders), "--store", str(tmp_path / "store"), *QUICK])
    assert Store(tmp_path / "store").current().manifest().input["orders"]["lines"] == lines


def test_a_training_told_for_machines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    orders, store = write_csv(tmp_path / "orders.csv", lines_of(planted(60))), tmp_path / "store"
    main(["train", str(orders), "--store", str(store), "--json", "--column", "order_id=order_id", *QUICK])
    told = json.loads(capsys.readouterr().out)
    manifest = Store(store).current().manifest()
    assert (told["model_id"], told["serves"], told["lines"]) == (manifest.model_id, True, told["lines_read"])
    assert (told["counts"], told["metrics"], told["notes"]) == (
        manifest.counts,
        manifest.metrics,
        list(manifest.notes),
    )


@pytest.mark.parametrize("column", ["order_id", "order_id=", "basket=B", "=B"])
def test_a_column_that_is_not_mapped_says_how(column: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["check", "orders.csv", "--column", column])
    assert end.value.code == 2
    assert capsys.readouterr().err == (
        f"error: --column {column!r}: expected OURS=THEIRS, as in --column order_id=InvoiceNo; ours are order_id,"
        " item_id, customer_id, ordered_at, quantity, unit_price, discount, unit_cost, line\n"
    )


def test_rejected_lines_are_never_read_as_orders(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a folder they stand beside it, of a glob in the current folder; neither is read the next time."""
    folder, elsewhere = tmp_path / "orders", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    (folder / "a.csv").write_text("order_id,item_id\n1,cup\n1,\n")
    (folder / "old.rejected.csv").write_text("line_number,reason\n1,x\n")
    for source, place in (
        (folder, tmp_path / "orders.rejected.csv"),
        (folder / "*.csv", elsewhere / "orders.rejected.csv"),
    ):
        main(["check", str(source), "--json"])
        report = json.loads(capsys.readouterr().out)
        assert (report["lines_read"], report["quarantined"]) == (2, 1)
        assert Path(report["quarantine"]).resolve() == place
        assert "no item id" in place.read_text()
    (folder / "a.csv").write_text("order_id,item_id\n1,cup\n")
    main(["check", str(folder)])
    assert "Rejected lines" not in capsys.readouterr().out


def test_no_timestamps(train: Train) -> None:
    shop, _ = train(lines_of(planted(700)), without=("ordered_at",))
    assert "orders have no times: the order of the file stood for time" in notes_of(shop)
    assert shop.model.manifest.metrics["carts"] > 20
    assert shop.model.manifest.window == {"first": None, "last": None}
    assert len(shop.model.bestsellers.trending_items) == 0
    serves(shop)


def test_no_customers(train: Train) -> None:
    shop, _ = train(lines_of(planted(700)), without=("customer_id",))
    assert "no order has a known customer" in notes_of(shop)
    assert shop.customers is None
    serves(shop)


def test_one_customer_only(train: Train) -> None:
    shop, _ = train(lines_of(planted(500, customers=1)))
    assert "fewer than 3 customers: no pair is claimed as bought together" in notes_of(shop)
    assert shop.model.manifest.counts["claimed_pairs"] == 0
    serves(shop)
    assert "bought-together" not in {suggestion.reason.kind for suggestion in shop.suggest(["i000"])}


def test_customers_with_one_order_each(train: Train) -> None:
    lines = lines_of(planted(500))
    for line in lines:
        line["customer_id"] = f"c-{line['order_id']}"
    shop, _ = train(lines)
    assert "no customer came back" in notes_of(shop)
    serves(shop)


def test_later_orders_of_single_items(train: Train) -> None:
    """The last fifth is what would be asked about; nothing there has two items."""
    lines = lines_of(planted(500))
    seen = Counter[str]()
    kept = []
    for line in lines:
        seen[line["order_id"]] += 1
        if line["order_id"] < "o00390" or seen[line["order_id"]] == 1:
            kept.append(line)
    shop, said = train(kept)
    assert "too few orders with two known items: no back-test, no gate" in notes_of(shop)
    assert "back-test none" in said
    assert shop.model.manifest.metrics == {}
    assert {suggestion.probability for suggestion in shop.suggest(["i000"])} == {None}
    serves(shop)


def test_no_prices_and_no_categories(train: Train) -> None:
    shop, _ = train(lines_of(planted(500)), *NO_ENCODER, without=("unit_price",))
    assert "no item has a price" in notes_of(shop)
    assert "no item has a category" in notes_of(shop)
    assert {suggestion.price for suggestion in shop.suggest(["i000"])} == {None}
    serves(shop)


def test_a_catalogue_without_categories(train: Train, tmp_path: Path) -> None:
    catalog = write_catalog(tmp_path / "c.csv", categories=False)
    shop, _ = train(lines_of(planted(500)), "--catalog", str(catalog), *NO_ENCODER)
    assert "no item has a category" in notes_of(shop)
    serves(shop)


def test_an_item_that_appears_only_in_the_last_week(train: Train) -> None:
    """Its pairs are counted though the rehearsal could not know it, and it serves on both sides of a cart."""
    lines = lines_of(planted(500))
    for line in lines:
        if line["order_id"] >= "o00430" and line["item_id"] == "i000":
            line["item_id"] = "new"
    shop, _ = train(lines)
    new = shop.catalog.row("new")
    assert 0 < shop.model.item_orders[new] < 30
    together = shop.model.pairs.items[shop.model.pairs.offsets[new] : shop.model.pairs.offsets[new + 1]]
    assert len(together) > 0
    serves(shop)
    partner = shop.catalog.item_ids[int(together[0])]
    assert "new" in {suggestion.item_id for suggestion in shop.suggest([partner], k=30)}


@pytest.mark.parametrize("orders", [1, 5])
def test_hardly_any_orders(train: Train, orders: int) -> None:
    shop, _ = train(lines_of(planted(orders)))
    assert "documented blend ranks" in notes_of(shop)
    serves(shop)


def test_two_trainings_give_the_same_model(train: Train, tmp_path: Path) -> None:
    one, _ = train(lines_of(planted(400)))
    other, said = train(lines_of(planted(400)))
    assert one.model.manifest.model_id == other.model.manifest.model_id
    assert len(Store(tmp_path / "store").versions()) == 1
    assert one.model.manifest.model_id in said


def kinds(shop: Recommender) -> Counter[str]:
    answers = (shop.suggest([item]) for item in shop.catalog.item_ids)
    return Counter(suggestion.reason.kind for answer in answers for suggestion in answer)


def test_a_planted_shop_has_claims(train: Train) -> None:
    """Pairs within a group met some thirty times where ten were to be expected."""
    shop, _ = train(lines_of(planted(1500)), *NO_ENCODER)
    pairs = shop.model.pairs
    claimed = pairs.claimed.astype(bool)
    group = np.array([int(item_id[1:]) % GROUPS for item_id in shop.catalog.item_ids])
    together = np.repeat(group, np.diff(pairs.offsets)) == group[pairs.items]
    assert claimed.sum() > 60
    assert together[claimed].mean() > 0.95
    assert kinds(shop)["bought-together"] > 100


@pytest.mark.parametrize("seed", range(2))
def test_shuffled_orders_claim_nothing(train: Train, seed: int) -> None:
    shop, _ = train(lines_of(shuffled(planted(1500), seed)), *NO_ENCODER)
    assert shop.model.manifest.counts["claimed_pairs"] <= 2
    assert kinds(shop)["bought-together"] <= 4


def test_a_shop_without_signal_answers_with_bestsellers_labelled_as_such(train: Train) -> None:
    shop, _ = train(lines_of(alone(1500)))
    found = kinds(shop)
    assert found["bought-together"] <= 4
    assert found["bestseller"] > 0.85 * found.total()
    assert shop.answer(["i000"]).fallback == "bestseller"
