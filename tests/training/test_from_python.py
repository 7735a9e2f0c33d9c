"""The doors of the package for programs, as `import training` gives them."""

from __future__ import annotations

import subprocess
import sys

import pandas as pd
import pyarrow as pa
import pytest

import training
from recommender import Recommender
from recommender.errors import UsageError

LINES = pd.DataFrame(
    [
        (
            f"{order:04}",
            item,
            f"c{order % 7}",
            pd.Timestamp("2026-01-01", tz="Europe/Berlin") + pd.Timedelta(hours=order),
        )
        for order in range(60)
        for item in ("0007", "7", f"i{order % 5}")
    ],
    columns=["order_id", "item_id", "customer_id", "ordered_at"],
)
CATALOG = pd.DataFrame({"item_id": ["0007", "7"], "title": ["Cup", "Jug"]})
QUICK = {"factors": {"factors": 4, "iterations": 1}}


def test_a_model_of_data_frames_answers() -> None:
    model = training.train(LINES, CATALOG, QUICK)
    assert model.manifest.window["first"] == "2025-12-31T23:00:00+00:00"
    assert model.manifest.config["factors"]["factors"] == 4
    found = Recommender(model).suggest(["7"], placement="bought-together", k=1)[0]
    assert (found.item_id, found.title, found.reason.count, found.reason.of) == ("0007", "Cup", 60, 60)


def test_every_kind_of_table_gives_the_same_model() -> None:
    table = pa.Table.from_pandas(LINES, preserve_index=False)
    assert training.train(table, config=QUICK).item_orders.tolist() == [60, 60, 12, 12, 12, 12, 12]


def test_settings_that_are_none() -> None:
    with pytest.raises(UsageError, match=r"count\.neighbors = 5: no such key; did you mean count\.neighbours\?"):
        training.train(LINES, config={"count": {"neighbors": 5}})


def test_estimators_have_the_shape_of_scikit_learn() -> None:
    miner = training.AssociationMiner(min_count=60).fit(LINES.groupby("order_id")["item_id"].apply(list).tolist())
    assert miner.itemsets_["count"].tolist() == [60, 60, 60]
    assert training.ItemFactorizer(factors=2).get_params()["factors"] == 2


def test_the_package_is_open_without_its_libraries() -> None:
    code = (
        "import sys, training; assert {'train', 'AssociationMiner', 'ItemFactorizer'} <= set(dir(training));"
        " print([name for name in ('pandas', 'implicit', 'duckdb', 'scipy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    with pytest.raises(AttributeError, match="module 'training' has no attribute 'nothing'"):
        _ = training.nothing
