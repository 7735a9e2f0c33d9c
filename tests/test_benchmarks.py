"""Every benchmark runs, on a shop so small that it is quick: what it prints has the shape that it promises."""

from __future__ import annotations

import json
import os
import re
import runpy
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from planted_shop import lines_of, planted

from recommender.store import Store
from training import pipeline
from training.config import with_values
from training.progress import Progress

SCRIPTS = Path(__file__).with_name("benchmarks")
SETTINGS = {"factors": {"factors": 4, "iterations": 1}, "ranker": {"carts": 200, "min_orders": 10}}
SET = [f"--set={group}.{name}={value}" for group, named in SETTINGS.items() for name, value in named.items()]
CARTS = 20
Run = Callable[..., str]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as benchmarks take it: orders before a cut in time, later carts with a hidden item each, and a store."""
    folder = tmp_path_factory.mktemp("shop")
    lines = pd.DataFrame(lines_of(planted(420))).astype({"unit_price": float})
    orders = lines["order_id"].unique()
    before = lines["order_id"].isin(set(orders[:400]))
    lines[before].to_parquet(folder / "orders.parquet")
    pd.DataFrame({"item_id": [*lines["item_id"].unique(), "new"]}).to_parquet(folder / "catalog.parquet")
    carts, hidden = [], []
    for order, of in lines[~before].groupby("order_id"):
        items = of["item_id"].tolist()
        carts.append({"cart_id": order, "items": items[1:], "customer_id": of["customer_id"].iloc[0]})
        hidden.append({"cart_id": order, "item_id": items[0], "unit_price": 2.5, "unit_cost": 1.0})
    known = [json.dumps(cart) + "\n" for cart in carts]
    strangers = [json.dumps({name: cart[name] for name in ("cart_id", "items")}) + "\n" for cart in carts]
    (folder / "carts.jsonl").write_text("".join(known))
    (folder / "carts_anonymous.jsonl").write_text("".join(strangers))
    pd.DataFrame(hidden).to_parquet(folder / "truth.parquet")
    files = (str(folder / "orders.parquet"), str(folder / "catalog.parquet"))
    trained = pipeline.run(*files, with_values(SETTINGS), Progress(quiet=True))
    Store(folder / "store").publish(trained.model, trained.customers, promote=True, now=datetime.now(UTC))
    return folder


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """What a script prints, run as from a shell, in this process; the cores that it may use are given back."""
    cores = os.sched_getaffinity(0)
    monkeypatch.syspath_prepend(SCRIPTS)

    def run(name: str, *arguments: object) -> str:
        monkeypatch.setattr(sys, "argv", [f"{name}.py", *map(str, arguments)])
        try:
            runpy.run_path(str(SCRIPTS / f"{name}.py"), run_name="__main__")
        except SystemExit as end:
            if end.code:
                pytest.fail(f"{name} ended with {end.code}")
        return capsys.readouterr().out

    yield run
    os.sched_setaffinity(0, cores)


def test_engine_and_policy_tell_percentiles(run: Run, shop: Path) -> None:
    told = json.loads(run("engine", shop / "store", shop / "carts.jsonl", "--answers", 20, "--json"))
    assert (told["answers"], told["known_customers"]) == (20, 1)
    assert 0 < told["processor"]["p50_ms"] <= told["processor"]["p99_ms"]
    ruled = json.loads(run("policy", shop / "store", "--rules", 12, "--answers", 20, "--items", 2, "--json"))
    assert (ruled["rules"], ruled["items"]) == (12, 31)
    assert ruled["wall"].keys() == {"without_p50_ms", "under_p50_ms", "added_p50_ms", "added_p90_ms"}


def test_score_tells_a_rate(run: Run, shop: Path) -> None:
    told = run("score", shop / "store", shop, "--workers", 1, "--runs", 1)
    assert re.match(rf"{CARTS} carts; start \d+\.\d\d s, told apart\n 1 process +[\d,]+ carts a second\n$", told)


def test_claims_and_boxes_are_counted_anew(run: Run, shop: Path) -> None:
    told = run("shuffled_claims", shop / "orders.parquet", "--shuffles", 2)
    assert re.search(r"^real: \d+ pairs claimed of 435 tested", told)
    assert re.search(r"^mean of 2 shuffles: ", told, re.MULTILINE)
    assert "promises broken: 0\n" in run("boxes", shop / "orders.parquet", shop / "store")


def test_seasons_make_flukes_of_all_time_and_none_within_periods(run: Run) -> None:
    told = run("seasons", "--shops", 1, "--orders", 1_500)
    flukes = {line.split()[0]: [float(figure) for figure in line.split()[2:4]] for line in told.splitlines()[2:]}
    assert flukes.keys() == {"steady", "two_seasons", "waves", "collections", "lifetimes", "offers"}
    assert flukes["collections"][0] > 100
    assert {within for _, within in flukes.values()} == {0.0}


def test_substitutes_and_objectives_are_told_with_both_ways(run: Run, shop: Path) -> None:
    guarded = run("substitutes", shop, shop / "store")
    assert re.findall(r"^guard (\w+) +HR@10 \d", guarded, re.MULTILINE) == ["off", "on"]
    money = run("objective", shop, shop / "store", "--objective", "revenue", "--strengths", 0, 0.5)
    assert re.findall(r"^strength +(\S+)$", money, re.MULTILINE) == ["0.00000", "0.50000"]
    assert re.search(r"^HR@10 +(\S+) -> \1 +\+0\.0% \(\+0\.0% to \+0\.0%\)$", money, re.MULTILINE), "by nothing at 0"


def test_hits_among_items_never_sold(run: Run, shop: Path, tmp_path: Path) -> None:
    answers = [{"cart_id": order, "suggestions": [{"item_id": "new"}]} for order in hidden_of(shop)]
    suggestions = tmp_path / "suggestions.jsonl"
    suggestions.write_text("".join(json.dumps(answer) + "\n" for answer in answers))
    assert run("cold", shop, suggestions, "-k", 1).startswith(
        f"{CARTS} carts, 1 items never sold, chance 1.0000\nHR@1 "
    )


def hidden_of(shop: Path) -> dict[str, str]:
    return pd.read_parquet(shop / "truth.parquet").set_index("cart_id")["item_id"].to_dict()


def test_a_change_without_each_group_of_signals(run: Run, shop: Path) -> None:
    """Too few orders for a network here: without it nothing changes."""
    head, _, whole, *groups = run("ablation", shop, *SET).splitlines()
    assert head == f"| without | {CARTS} carts, known | {CARTS} carts, anonymous |"
    assert re.fullmatch(r"\| nothing \| \.\d{4} \| \.\d{4} \|", whole)
    assert len(groups) == 13
    assert all(re.fullmatch(r"\| [\w ,]+( \| [+−]\.\d{4} ± \.\d{4}){2} \|", row) for row in groups)
    assert groups[-1] == "| network | +.0000 ± .0000 | +.0000 ± .0000 |"


def test_a_large_store_is_made_and_exported_from(run: Run, tmp_path: Path) -> None:
    sizes = ("--items", 400, "--neighbours", 5, "--baskets", 1000, "--customers", 20)
    assert re.match(r"400 items, [\d,]+ neighbours, \d+ MB\n", run("large_store", tmp_path / "large", *sizes))
    told = run("exports", "--store", tmp_path / "large", "--workers", 1)
    assert re.match(r"bought-together: [\d,]+ rows of 400 items in \d+\.\d s by 1 processes\n", told)


def test_every_script_that_make_bench_runs_is_there(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What needs hours, a server or files of others is asked what it takes: its imports hold."""
    listed = runpy.run_path(str(SCRIPTS / "__main__.py"))["BENCHMARKS"]
    named = {benchmark.script for benchmark in listed}
    assert named == {path.stem for path in SCRIPTS.glob("*.py")} - {"__main__", "later_window"}
    for name in sorted(named):
        assert "usage: " in run(name, "--help")
