"""Everything that can be set, with its bounds: `--config FILE` (TOML) and `--set section.key=value`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from recommender.compact_json import what_is_not_json
from recommender.errors import UsageError

_MOST_BYTES = 1_000_000
COLUMNS = (
    "order_id",
    "item_id",
    "customer_id",
    "ordered_at",
    "quantity",
    "unit_price",
    "discount",
    "unit_cost",
    "line",
)


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OrdersConfig(_Section):
    """How orders are read and cleaned."""

    columns: dict[str, str] = Field(default_factory=dict, description="our column name = the file's column name")
    allow_personal_ids: bool = Field(False, description="accept e-mail addresses or card numbers as ids")
    merge_similar_ids: bool = Field(False, description="merge item ids that differ only in letter case or white space")
    non_products: list[str] = Field(default_factory=list, description="further item ids that are no products")
    keep_as_products: list[str] = Field(default_factory=list, description="item ids that are products after all")
    max_basket_items: int = Field(200, ge=2, le=100_000, description="orders of more different items are giant")


class CountConfig(_Section):
    """How pairs are counted and which are claimed."""

    neighbours: int = Field(100, ge=1, le=1000, description="neighbours kept for an item")
    exponent: float = Field(0.7, ge=0, le=1, description="weight of the cart item's own count in the cosine")
    shrinkage: float = Field(10.0, ge=0, le=10_000, description="baskets added to the cosine's denominator")
    ease_items: int = Field(6000, ge=0, le=20_000, description="most sold items that the linear model EASE covers")
    ease_neighbours: int = Field(150, ge=1, le=1000, description="neighbours kept for an item by EASE")
    ease_regularization: float = Field(100.0, gt=0, le=100_000)
    min_item_orders: int = Field(20, ge=1, description="orders that an item needs before a pair with it can be claimed")
    min_pair_count: int = Field(5, ge=1, description="baskets in which a claimed pair met at least")
    min_customers: int = Field(3, ge=1, description="customers that bought a claimed pair at least, where known")
    false_discovery_rate: float = Field(0.05, gt=0, lt=1, description="share of claims that may be luck")
    periods: int = Field(120, ge=1, le=1000, description="periods of time that luck is counted in as well, at most")
    max_len: int = Field(3, ge=2, le=6, description="items of the longest itemset that training mines")
    min_count: int = Field(0, ge=0, description="baskets of a mined itemset of three or more; 0 chooses")
    memory_share: float = Field(0.5, gt=0, le=1, description="share of free memory that mining may take")


class FactorConfig(_Section):
    """The implicit-feedback factorization."""

    factors: int = Field(32, ge=0, le=512, description="length of an item's vector; 0 switches factors off")
    regularization: float = Field(0.05, ge=0, le=1000)
    alpha: float = Field(10.0, gt=0, le=1000, description="confidence of one purchase")
    iterations: int = Field(8, ge=1, le=100)
    sample: int = Field(
        100_000, ge=1000, description="baskets or customers that all iterations but the last learn from, at most"
    )
    min_item_orders: int = Field(5, ge=1, description="orders that an item needs to get a vector")


class RankerConfig(_Section):
    """The learned ranking."""

    carts: int = Field(24_000, ge=100, le=1_000_000, description="carts that it is fitted on, at most")
    min_orders: int = Field(30, ge=1, description="later orders that the weights of the blend need")
    min_network_orders: int = Field(150, ge=1, description="later orders that the network needs")
    encoder_items: int = Field(30_000, ge=0, description="items that the encoder is fitted for, at most; 0 for none")


class BacktestConfig(_Section):
    """The back-test and the gate."""

    holdout_share: float = Field(0.1, gt=0, lt=0.9, description="share of the last orders that are predicted")
    carts: int = Field(5000, ge=1, le=1_000_000, description="carts drawn from them at most")
    trending_days: int = Field(28, ge=1, le=366, description="length of the recent window")


class WorthConfig(_Section):
    """What a sale is worth."""

    return_cost: float = Field(0.0, ge=0, description="what a returned piece costs the shop, in its currency")


class AddOnConfig(_Section):
    """What an add-on may cost beside its main item."""

    price_ratio: float = Field(
        0.8, gt=0, le=100, description="times the main item's price that an add-on costs at most"
    )
    follower_price_ratio: float = Field(2.5, gt=0, le=100, description="the same for what many of its buyers take")
    follower_share: float = Field(0.2, ge=0, le=1, description="share of its buyers, at its lower bound, that are many")
    against: float = Field(
        4.0, ge=1, le=1000, description="confidence towards the main item over the one from it, at most"
    )


class UpsellConfig(_Section):
    """How much dearer a better item may be."""

    price_low: float = Field(1.05, ge=1, le=100, description="times the price, at least")
    price_high: float = Field(1.8, ge=1, le=100, description="times the price, at most")


class BundlesConfig(_Section):
    """Bundles of the whole shop."""

    most: int = Field(500, ge=0, le=10_000, description="bundles that a model keeps")
    elasticity: float = Field(2.0, ge=0, le=20, description="how a discount moves the odds of a sale; never learned")
    margin_floor: float = Field(0.1, ge=0, lt=1, description="share of the price that a discount must leave")


class Config(_Section):
    """The whole configuration; every key has a default that fits a shop of any size."""

    orders: OrdersConfig = OrdersConfig()
    count: CountConfig = CountConfig()
    factors: FactorConfig = FactorConfig()
    ranker: RankerConfig = RankerConfig()
    backtest: BacktestConfig = BacktestConfig()
    worth: WorthConfig = WorthConfig()
    bundles: BundlesConfig = BundlesConfig()
    add_on: AddOnConfig = AddOnConfig()
    upsell: UpsellConfig = UpsellConfig()
    seed: int = Field(0, ge=0, le=2**31 - 1)


def load_config(path: Path | None = None, settings: Iterable[str] = ()) -> Config:
    """The defaults, then the file, then each ``section.key=value`` in turn.

    Raises ``UsageError`` naming the place, the value, the bound and the remedy.

    >>> load_config(settings=["count.neighbours=50"]).count.neighbours
    50
    """
    values: dict[str, Any] = {}
    if path is not None:
        try:
            with path.open("rb") as file:
                data = file.read(_MOST_BYTES + 1)
            if len(data) > _MOST_BYTES:
                raise UsageError(f"{path}: more than {_MOST_BYTES:,} bytes; name a configuration file in TOML")
            values = tomllib.loads(data.decode())
        except (OSError, ValueError, RecursionError) as error:
            raise UsageError(f"{path}: cannot be read as TOML: {_why(error)}") from error
    for setting in settings:
        _put(values, setting)
    return _validated(values, str(path) if path else "--set")


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"{error.strerror}; check the path"
    return f"{error}" if isinstance(error, tomllib.TOMLDecodeError) else what_is_not_json(error)


def with_values(values: Mapping[str, Any]) -> Config:
    """A configuration from nested values; raises ``UsageError``."""
    return _validated(values, "config")


def _validated(values: Mapping[str, Any], place: str) -> Config:
    try:
        config = Config.model_validate(values)
    except ValidationError as error:
        raise UsageError(f"{place}: {'; '.join(map(_problem, error.errors()))}") from error
    unknown = sorted(set(config.orders.columns) - set(COLUMNS))
    if unknown:
        raise UsageError(f"{place}: orders.columns.{unknown[0]}: no such column; known are {', '.join(COLUMNS)}")
    return config


def _problem(error: Mapping[str, Any]) -> str:
    location = tuple(map(str, error["loc"]))
    key = ".".join(location)
    if error["type"] != "extra_forbidden":
        return f"{key} = {error['input']!r}: {error['msg'].lower()}"
    known = _keys(Config, "")
    near = get_close_matches(key, known, 1, 0.8)
    section = [name for name in known if name.startswith(f"{location[0]}.")] if len(location) > 1 else []
    there = section or sorted({name.partition(".")[0] for name in known})
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(there)}"
    return f"{key} = {error['input']!r}: no such key; {hint}"


def _keys(section: type[BaseModel], prefix: str) -> list[str]:
    keys: list[str] = []
    for name, value in section.model_fields.items():
        inner = value.annotation
        is_section = isinstance(inner, type) and issubclass(inner, BaseModel)
        keys += _keys(inner, f"{prefix}{name}.") if is_section else [f"{prefix}{name}"]
    return keys


def _put(values: dict[str, Any], setting: str) -> None:
    key, equals, text = setting.partition("=")
    if not equals or not key.strip():
        raise UsageError(f"--set {setting!r}: expected KEY=VALUE, as in --set count.neighbours=50")
    *sections, name = key.strip().split(".")
    for section in sections:
        values = values.setdefault(section, {})
        if not isinstance(values, dict):
            raise UsageError(f"--set {setting!r}: {section} is a value, not a section")
    values[name] = _parsed(text.strip())


def _parsed(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
