"""Settings: defaults, then the file, then the command line, each within its bounds."""

from __future__ import annotations

from pathlib import Path

import pytest

from recommender.errors import UsageError
from training.config import Config, load_config, with_values


def test_the_command_line_goes_over_the_file_and_the_file_over_the_defaults(tmp_path: Path) -> None:
    file = tmp_path / "shop.toml"
    file.write_text('seed = 7\n[count]\nneighbours = 50\nexponent = 0.5\n[orders]\nnon_products = ["POST"]\n')
    config = load_config(file, ["count.neighbours=25", "orders.merge_similar_ids=true"])
    assert (config.seed, config.count.neighbours, config.count.exponent) == (7, 25, 0.5)
    assert config.count.shrinkage == Config().count.shrinkage
    assert (config.orders.non_products, config.orders.merge_similar_ids) == (["POST"], True)


def test_a_value_that_is_no_toml_is_text() -> None:
    assert load_config(settings=["orders.columns.order_id=Invoice No"]).orders.columns == {"order_id": "Invoice No"}


def test_the_last_of_two_settings_counts() -> None:
    assert load_config(settings=["seed=1", "seed = 2"]).seed == 2


def test_nested_values_make_a_configuration() -> None:
    assert with_values({"factors": {"factors": 0}}).factors.factors == 0


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("count.neighbours=0", "count.neighbours = 0: input should be greater than or equal to 1"),
        ("count.neighbours=1001", "less than or equal to 1000"),
        ("backtest.holdout_share=0.9", "less than 0.9"),
        ("count.false_discovery_rate=nan", "count.false_discovery_rate = nan"),
        ("count.neighbors=5", "count.neighbors = 5: no such key; did you mean count.neighbours?"),
        ("count.zzz=5", "count.zzz = 5: no such key; there are count.neighbours, count.exponent"),
        ("zzz=5", "zzz = 5: no such key; there are add_on, backtest, bundles, count, factors, orders, ranker, seed"),
        ("factors.alpha=much", "factors.alpha = 'much': input should be a valid number"),
        ("orders.columns.basket=B", "orders.columns.basket: no such column; known are order_id, item_id"),
        ("seed", "--set 'seed': expected KEY=VALUE"),
        ("=1", "--set '=1': expected KEY=VALUE"),
        ("seed.more=1", "seed"),
    ],
)
def test_what_cannot_be_set_is_refused_with_key_and_bound(setting: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        load_config(settings=[setting])
    assert said in str(refused.value)


def test_a_value_cannot_become_a_section() -> None:
    with pytest.raises(UsageError, match="seed is a value, not a section"):
        load_config(settings=["seed=1", "seed.more=1"])


@pytest.mark.parametrize("content", [b"seed = ", b"seed = '\xff'"])
def test_a_file_that_is_no_toml_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "shop.toml"
    file.write_bytes(content)
    with pytest.raises(UsageError, match=r"shop\.toml: cannot be read as TOML"):
        load_config(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match=r"none\.toml: cannot be read as TOML: No such file or directory; check the path"
    ):
        load_config(tmp_path / "none.toml")


def test_a_wrong_value_of_a_file_is_placed_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "shop.toml"
    file.write_text("seed = -1\n")
    with pytest.raises(UsageError, match=r"shop.toml: seed = -1: .*greater than or equal to 0"):
        load_config(file)
