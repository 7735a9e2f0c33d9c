"""The report's files: complete, readable, written whole or not at all."""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path

import numpy as np
import pytest

from recommender.errors import DataError, UsageError
from training.evaluation.evaluate import Evaluation
from training.evaluation.folder import written_whole
from training.evaluation.peers import FAMILIES
from training.evaluation.plots import PLOTS

ROUNDING = 1e-12
Evaluated = tuple[Evaluation, Path]


def test_every_file_is_there_and_nothing_else(evaluated: Evaluated) -> None:
    _, folder = evaluated

    assert {path.name for path in folder.iterdir()} == {"report.md", "report.json", *PLOTS}
    assert [path.name for path in folder.parent.iterdir() if path.name.startswith(".")] == []


def test_plots_are_pictures(evaluated: Evaluated) -> None:
    for name in PLOTS:
        head = (evaluated[1] / name).read_bytes()[:24]
        width, height = struct.unpack(">II", head[16:24])
        assert head[:8] == b"\x89PNG\r\n\x1a\n"
        assert width > 800
        assert height > 400


def test_the_json_holds_everything(evaluated: Evaluated) -> None:
    evaluation, folder = evaluated
    values = json.loads((folder / "report.json").read_text(encoding="utf-8"))

    assert values["format"] == 1
    assert values["command"] == "goeswith evaluate orders.csv"
    assert set(values["windows"]) == {"counted while tuning", "tuning", "reported"}
    names = {"goeswith", *(family.name for family in FAMILIES)}
    carts = {family.name for family in FAMILIES if family.needs_cart}
    strangers = {family.name for family in FAMILIES if family.uses_customers}
    kinds = [(one["protocol"], one["customers"]) for one in values["comparisons"]]
    assert len(kinds) == len(set(kinds)) == 7
    for one in values["comparisons"]:
        asked = names if one["customers"] == "known" else names - strangers
        assert set(one["methods"]) == (asked - carts if one["protocol"] == "next order" else asked)
        assert one["headline"] == ("recall10" if one["protocol"] == "next order" else "hr10")
        assert one["best_peer"] in one["methods"]
        for method in one["methods"].values():
            for metric, figure in method.items():
                if metric != "all_lists":
                    assert figure["low"] - ROUNDING <= figure["value"] <= figure["high"] + ROUNDING
    assert values["plots"] == list(PLOTS)
    assert values["peers"]["EASE"]["tried"]
    assert values["notes"] == list(evaluation.notes)


def test_the_main_comparison_goes_into_depth(evaluated: Evaluated) -> None:
    values = json.loads((evaluated[1] / "report.json").read_text(encoding="utf-8"))
    main = values["comparisons"][0]

    assert (main["protocol"], main["customers"]) == ("one hidden item", "known")
    assert {part["kind"] for part in main["slices"]} >= {"cart size", "customer", "popularity", "hidden item"}
    assert main["frontier"]["worth"] == "margin"
    assert [point["weight"] for point in main["frontier"]["points"]] == [0, 0.5, 1, 2, 4]
    assert main["calibration"]["hits"] == round(main["methods"]["goeswith"]["hr10"]["value"] * main["carts"])
    assert values["comparisons"][2]["slices"] == []


def test_a_learnable_shop_is_learned(evaluated: Evaluated) -> None:
    main = evaluated[0].comparisons[0]
    ours, popular = (main.method(name).figures["hr10"].value for name in ("goeswith", "popularity"))

    assert ours is not None
    assert popular is not None
    assert ours > popular + 0.2
    assert main.ratios["hr10"].value == pytest.approx(ours / (main.method(main.best_peer).figures["hr10"].value or 0))


def test_the_text_says_what_where_and_how(evaluated: Evaluated) -> None:
    evaluation, folder = evaluated
    text = (folder / "report.md").read_text(encoding="utf-8")

    assert "no figure here is uplift" in text
    assert "`goeswith evaluate orders.csv`" in text
    assert f"{evaluation.spans['reported'].orders:,} orders, 2025-" in text
    assert f"fitted on {evaluation.fitted_on:,} carts" in text
    for family in FAMILIES:
        assert f"| {family.name} |" in text
    for name in re.findall(r"!\[[^]]+\]\(([^)]+)\)", text):
        assert (folder / name).exists()
    for line in text.splitlines():
        if line.startswith("|"):
            assert line.endswith("|")
    assert "nan" not in text
    assert "None" not in text.replace("fading_days None", "")


def test_what_is_reported_comes_after_all_that_was_counted(evaluated: Evaluated) -> None:
    spans = evaluated[0].spans
    counted, tuning, reported = (spans[name] for name in ("counted while tuning", "tuning", "reported"))

    assert counted.last is not None
    assert tuning.first is not None
    assert tuning.last is not None
    assert reported.first is not None
    assert counted.last[:10] < tuning.first[:10]
    assert tuning.last[:10] < reported.first[:10]
    assert counted.orders + tuning.orders + reported.orders == 1200


def test_an_older_report_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "report"
    for text in ("first", "second"):
        with written_whole(folder, []) as new:
            (new / "report.md").write_text(text)

    assert (folder / "report.md").read_text() == "second"
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_after_an_error_the_older_report_stands(tmp_path: Path) -> None:
    folder = tmp_path / "report"
    with written_whole(folder, []) as new:
        (new / "report.md").write_text("first")

    with pytest.raises(DataError), written_whole(folder, []) as new:  # noqa: PT012 - what fails is the body
        (new / "report.md").write_text("half")
        raise DataError("no")

    assert (folder / "report.md").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_a_folder_with_anything_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("x")

    with pytest.raises(UsageError, match=r"holds 'thesis\.tex'.*another folder"), written_whole(tmp_path, []):
        pass
    with pytest.raises(UsageError, match="is a file"), written_whole(tmp_path / "thesis.tex", []):
        pass
    with pytest.raises(UsageError, match="cannot be written"), written_whole(tmp_path / "thesis.tex" / "report", []):
        pass


def test_nothing_of_the_reported_window_is_counted(evaluated: Evaluated) -> None:
    counted = evaluated[0].spans["counted while tuning"].orders + evaluated[0].spans["tuning"].orders
    popular = evaluated[0].comparisons[0].method("popularity")

    assert counted == 1200 - evaluated[0].spans["reported"].orders
    assert np.isfinite(popular.lists["coverage"])
