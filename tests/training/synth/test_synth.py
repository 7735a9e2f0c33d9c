"""Made-up orders: exact sizes, the same bytes for the same seed, and as many habits as the shop's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typed import typed

from recommender.command import goeswith
from recommender.errors import DataError, GoeswithError, UsageError
from training.synth.fit import best_pairs, fit, pair_strength, repeat_share
from training.synth.groceries import groceries
from training.synth.plan import Size, plan
from training.synth.shop import Shop, read_shop, shop_of
from training.synth.synth import synth

START = pd.Timestamp("2024-01-01")


def orders_of(seed: int, customers: int = 80, items: int = 60) -> pd.DataFrame:
    """Customers with favourites and a rhythm of their own; items 0 and 1 go together, and so do 2 and 3."""
    rng = np.random.default_rng(seed)
    popularity = 1 / np.arange(1, items + 1)
    lines = []
    for customer in range(customers):
        favourites = rng.choice(items, 6, replace=False, p=popularity / popularity.sum())
        day = rng.uniform(0, 20)
        rhythm = rng.uniform(3, 25)
        while day < 360:
            basket = set(rng.choice(favourites, rng.integers(1, 4)).tolist())
            basket |= set(rng.choice(items, rng.integers(0, 4), p=popularity / popularity.sum()).tolist())
            for one, other in ((10, 11), (20, 21), (30, 31)):
                if rng.random() < 0.12:
                    basket |= {one, other}
            when = START + pd.Timedelta(days=day)
            lines += [(f"o{customer}-{day:.0f}", f"i{i:02}", f"c{customer}", when, 1 + i % 2, 1.5 + i) for i in basket]
            day += rng.exponential(rhythm) + 0.5
    columns = ["order_id", "item_id", "customer_id", "ordered_at", "quantity", "unit_price"]
    return pd.DataFrame(lines, columns=columns)


@pytest.fixture(scope="module")
def source() -> pd.DataFrame:
    return orders_of(0)


@pytest.fixture(scope="module")
def shop(source: pd.DataFrame) -> Shop:
    return read_shop(source, {})


@pytest.fixture(scope="module")
def made(source: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """As large as the source."""
    path = tmp_path_factory.mktemp("made") / "orders.parquet"
    synth(source, path, Size(orders=source["order_id"].nunique()))
    return pq.read_table(path).to_pandas()


def owners(shop: Shop) -> np.ndarray:
    return np.repeat(np.arange(len(shop.customers) - 1, dtype=np.int32), np.diff(shop.customers))


def gaps(frame: pd.DataFrame) -> np.ndarray:
    orders = frame.groupby(["customer_id", "order_id"])["ordered_at"].first().reset_index()
    orders = orders.sort_values(["customer_id", "ordered_at"])
    return orders.groupby("customer_id")["ordered_at"].diff().dropna().dt.total_seconds().to_numpy() / 86_400


def test_the_same_columns_with_other_names_of_orders_and_customers(source: pd.DataFrame, made: pd.DataFrame) -> None:
    assert set(made.columns) == set(source.columns)
    assert set(made["item_id"]) <= set(source["item_id"])
    assert not set(made["order_id"]) & set(source["order_id"])
    assert made["ordered_at"].min() >= source["ordered_at"].min().floor("s")
    assert made["ordered_at"].max() <= source["ordered_at"].max()
    assert made.groupby("order_id", sort=False)["ordered_at"].first().is_monotonic_increasing
    assert not made.duplicated(["order_id", "item_id"]).any()
    assert (made.groupby("order_id")["customer_id"].nunique() == 1).all()
    assert (made["unit_price"] == 1.5 + made["item_id"].str[1:].astype(int)).all()


def test_items_are_as_frequent(source: pd.DataFrame, made: pd.DataFrame) -> None:
    shares = [frame["item_id"].value_counts(normalize=True) for frame in (source, made)]
    theirs, ours = shares[0], shares[1].reindex(shares[0].index).fillna(0)

    assert np.abs(theirs - ours).sum() < 0.15
    assert (ours**2).sum() == pytest.approx((theirs**2).sum(), rel=0.1)


def test_orders_are_as_large(source: pd.DataFrame, made: pd.DataFrame) -> None:
    sizes = [frame.groupby("order_id").size() for frame in (source, made)]

    assert sizes[1].mean() == pytest.approx(sizes[0].mean(), rel=0.03)
    for share in (0.1, 0.5, 0.9):
        assert abs(sizes[1].quantile(share) - sizes[0].quantile(share)) <= 1


def test_customers_come_back_in_the_same_rhythm_and_buy_again_as_often(
    source: pd.DataFrame, made: pd.DataFrame
) -> None:
    for share in (0.25, 0.5, 0.75, 0.9):
        assert np.quantile(gaps(made), share) == pytest.approx(np.quantile(gaps(source), share), rel=0.12, abs=0.3)
    repeats = [frame.duplicated(["customer_id", "item_id"]).mean() for frame in (source, made)]
    assert repeats[1] == pytest.approx(repeats[0], abs=0.04)
    assert made["customer_id"].nunique() == source["customer_id"].nunique()


def test_what_goes_together_still_does(source: pd.DataFrame, made: pd.DataFrame) -> None:
    lifts = []
    for frame in (source, made):
        held = frame.groupby("item_id")["order_id"].agg(set)
        orders = frame["order_id"].nunique()
        lifts.append(
            [
                len(held[a] & held[b]) * orders / (len(held[a]) * len(held[b]))
                for a, b in (("i10", "i11"), ("i30", "i31"))
            ]
        )
    for ours, theirs in zip(lifts[1], lifts[0], strict=True):
        assert 0.6 * theirs < ours < 1.3 * theirs
        assert ours > 2


@pytest.mark.parametrize(
    ("size", "lines", "orders", "customers"),
    [
        (Size(lines=5000), 5000, None, None),
        (Size(orders=777), None, 777, None),
        (Size(orders=777, customers=700), None, 777, 700),
        (Size(lines=900, customers=3), 900, None, 3),
        (Size(lines=1), 1, 1, 1),
        (Size(orders=1), None, 1, 1),
        (Size(orders=5000, customers=5000), None, 5000, 5000),
    ],
)
def test_sizes_are_exact(
    source: pd.DataFrame, tmp_path: Path, size: Size, lines: int | None, orders: int | None, customers: int | None
) -> None:
    path = tmp_path / "o.parquet"

    done = synth(source, path, size)

    frame = pq.read_table(path).to_pandas()
    told = (len(frame), frame["order_id"].nunique(), frame["customer_id"].nunique(), frame["item_id"].nunique())
    assert told == (done.lines, done.orders, done.customers, done.items)
    assert lines in {None, done.lines}
    assert orders in {None, done.orders}
    assert customers in {None, done.customers}


def test_a_lines_plan_keeps_the_sizes(shop: Shop) -> None:
    made = plan(shop, Size(lines=20_000), np.random.default_rng(1))

    assert made.sizes.sum() == 20_000
    assert made.sizes.mean() == pytest.approx(shop.sizes.mean(), rel=0.03)


@pytest.mark.parametrize("items", [1, 7, 60, 61, 300])
def test_fewer_items_and_more(source: pd.DataFrame, tmp_path: Path, items: int) -> None:
    path = tmp_path / "o.parquet"

    done = synth(source, path, Size(orders=3000), items=items)

    assert done.possible_items == items
    frame = pq.read_table(path).to_pandas()
    assert frame["item_id"].nunique() == done.items <= items
    assert not frame.duplicated(["order_id", "item_id"]).any()
    counts = source["item_id"].value_counts()
    if items < 60:
        assert set(frame["item_id"]) <= set(counts.index[counts >= counts.iloc[items - 1]])
    else:
        parents = frame["item_id"].str.split("~").str[0]
        assert parents.value_counts(normalize=True).corr(counts / len(source)) > 0.98
        same = frame.groupby([frame["customer_id"], parents])["item_id"].nunique()
        assert (same == 1).all()


def test_split_items_keep_their_lift(source: pd.DataFrame, tmp_path: Path) -> None:
    synth(source, tmp_path / "o.parquet", Size(orders=20_000), items=180)

    held = pq.read_table(tmp_path / "o.parquet").to_pandas().groupby("item_id")["order_id"].agg(set)
    lift = len(held["i10"] & held["i11"]) * 20_000 / (len(held["i10"]) * len(held["i11"]))
    assert lift > 2


def test_the_same_seed_gives_the_same_bytes(source: pd.DataFrame, tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        synth(source, tmp_path / f"{name}.parquet", Size(orders=500), items=100, seed=seed)

    same, again, other = ((tmp_path / f"{name}.parquet").read_bytes() for name in "abc")
    assert same == again
    assert same != other


def test_blocks_are_seamless(source: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.synth.write._BLOCK", 100)

    done = synth(source, tmp_path / "o.parquet", Size(lines=3000))

    frame = pq.read_table(tmp_path / "o.parquet").to_pandas()
    assert len(frame) == 3000
    assert sorted(frame["order_id"].unique(), key=int) == [f"{n:03}" for n in range(1, done.orders + 1)]
    baskets = frame.groupby("order_id", sort=True)["item_id"].agg(tuple)
    assert baskets.iloc[:100].tolist() != baskets.iloc[100:200].tolist()


@pytest.mark.parametrize("columns", [["order_id", "item_id"], ["order_id", "item_id", "ordered_at"]])
def test_a_shop_without_customers_or_times(source: pd.DataFrame, tmp_path: Path, columns: list[str]) -> None:
    synth(source[columns], tmp_path / "o.parquet", Size(orders=1000))

    frame = pq.read_table(tmp_path / "o.parquet").to_pandas()
    assert set(frame.columns) == {*columns, "quantity"}
    assert frame["order_id"].nunique() == 1000


def test_orders_without_a_customer_are_left_out_where_most_have_one(source: pd.DataFrame, tmp_path: Path) -> None:
    some = source.copy()
    some.loc[some["order_id"].str.startswith("o1"), "customer_id"] = None

    shop = read_shop(some, {})

    assert shop.has_customers
    assert len(shop.customers) - 1 == some["customer_id"].nunique()


def test_one_line_is_a_shop(tmp_path: Path) -> None:
    done = synth(pa.table({"order_id": ["1"], "item_id": ["a"]}), tmp_path / "o.parquet", Size(orders=5), items=3)

    assert (done.lines, done.orders, done.customers) == (5, 5, None)


def test_what_is_fitted_is_reached(shop: Shop) -> None:
    mixture = fit(shop, 0)

    assert 0 < mixture.own < 1
    assert 0 < mixture.going_on < 1
    pairs = best_pairs(shop.items, shop.offsets, len(shop.item_ids))
    assert pair_strength(shop.items, shop.offsets, len(shop.item_ids), pairs) > 1
    named = {tuple(sorted((shop.item_ids[a], shop.item_ids[b]))) for a, b in pairs[:6].tolist()}
    assert {("i10", "i11"), ("i20", "i21"), ("i30", "i31")} <= named
    assert 0 < repeat_share(shop.items, shop.order_of, owners(shop)) < 1


def test_groceries_are_a_shop_of_customers_with_habits() -> None:
    shop = shop_of(groceries(0))

    assert shop.has_customers
    assert 20_000 < len(shop) < 100_000
    assert np.median(shop.sizes) == pytest.approx(5, abs=1)
    assert 0.2 < repeat_share(shop.items, shop.order_of, owners(shop)) < 0.7
    pairs = best_pairs(shop.items, shop.offsets, len(shop.item_ids))
    assert pair_strength(shop.items, shop.offsets, len(shop.item_ids), pairs) > 2


@pytest.mark.parametrize(
    ("size", "told"),
    [
        ({}, "--lines 1000000"),
        ({"lines": 5, "orders": 5}, "either the lines"),
        ({"lines": 0}, "0 lines: give 1"),
        ({"orders": -3}, "-3 orders: give 1"),
        ({"orders": 10, "customers": 0}, "0 customers: give 1"),
        ({"orders": 10, "customers": 11}, "11 customers and 10 orders"),
        ({"lines": 10, "customers": 11}, "11 customers and 10 lines"),
        ({"lines": 1 << 31}, "2,147,483,648 lines: give 1 to 2,147,483,647"),
    ],
)
def test_sizes_that_cannot_be_are_told(size: dict[str, int], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        Size(**size)


def test_customers_that_the_lines_have_no_orders_for_are_told(source: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"900 customers and about 2\d\d orders"):
        synth(source, tmp_path / "o.parquet", Size(lines=1000, customers=900))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"items": 0}, "0 items: give 1"),
        ({"items": -1}, "-1 items: give 1"),
        ({"seed": -1}, "seed -1"),
        ({"like": "groceries"}, "either an orders file or --like"),
    ],
)
def test_other_wrong_values_are_told(source: pd.DataFrame, tmp_path: Path, options: dict, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        synth(source, tmp_path / "o.parquet", Size(orders=5), **options)
    assert not list(tmp_path.iterdir())


def test_more_than_memory_is_refused_before_the_work(
    source: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.synth.synth.free_memory", lambda: 1 << 30)

    with pytest.raises(
        UsageError, match=r"a plan of up to 2,000,000,000 orders needs 372\.5 GiB, and 1\.0 GiB are free"
    ):
        synth(source, tmp_path / "o.parquet", Size(lines=2_000_000_000))


def test_as_a_person_types_it_and_check_takes_it(source: pd.DataFrame, tmp_path: Path) -> None:
    source.rename(columns={"order_id": "InvoiceNo"}).to_csv(tmp_path / "orders.csv", index=False)
    output = tmp_path / "made.parquet"

    words = "synth", tmp_path / "orders.csv", "--column", "order_id=InvoiceNo", "--lines", "2000", "-o", output
    command = str(Path(sys.executable).with_name("goeswith"))
    done = subprocess.run([command, *words], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{output}: 2,000 lines, ")
    checked = typed("check", output)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--like", "groceries", "-o", "o.parquet"], 2, "give either the lines"),
        (["--like", "books", "--lines", "5", "-o", "o.parquet"], 2, "no shop of that name is described"),
        (["--lines", "5", "-o", "o.parquet"], 2, "give either an orders file or --like groceries"),
        (["empty.csv", "--lines", "5", "-o", "o.parquet"], 3, "no order line|header and no order line"),
        (["nowhere.csv", "--lines", "5", "-o", "o.parquet"], 3, "nowhere.csv"),
        (["one.csv", "--lines", "5", "-o", "o.csv"], 2, "orders are written as .parquet"),
        (["one.csv", "--lines", "5", "-o", "nowhere/o.parquet"], 2, "nowhere: no such folder"),
        (["one.csv", "--lines", "0", "-o", "o.parquet"], 2, "0 lines: give 1"),
    ],
)
def test_bad_input_is_told_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], code: int, told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty.csv").write_text("order_id,item_id\n")
    Path("one.csv").write_text("order_id,item_id\n1,a\n")

    with pytest.raises(GoeswithError, match=told) as refusal:
        goeswith.main(["synth", *words], standalone_mode=False)

    assert refusal.value.exit_code == code
    assert not list(tmp_path.glob("*.parquet"))


def test_a_file_without_ids_is_no_shop(tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_text("order_id,item_id\n1,\n,b\n")

    with pytest.raises(DataError, match="none of 2 lines has an order id and an item id"):
        read_shop(str(tmp_path / "o.csv"), {})
