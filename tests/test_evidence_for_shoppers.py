"""Evidence for shoppers rests on five customers: trained, served and exported through the real commands.

One household bought lamp and bulb 50 times and tea 60 times; five customers bought a pot with a lid once each, four a
pen with ink; five orders without a customer hold a cup and a saucer; 60 customers bought gum.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from running import Running, running

from recommender.command import main

SHOPPER, MERCHANT = "pk-five", "sk-five"
QUICK = ("factors.factors=4", "factors.iterations=1")
ORDERS = [
    *([("home", ("lamp", "bulb"))] * 50),
    *([("home", ("tea",))] * 60),
    *((f"pots{n}", ("pot", "lid")) for n in range(5)),
    *((f"pens{n}", ("pen", "ink")) for n in range(4)),
    *([("", ("cup", "saucer"))] * 5),
    *((f"gum{n}", ("gum",)) for n in range(60)),
]


def goeswith(*arguments: object) -> None:
    """A command that must end well: another exit code is raised as ``SystemExit``."""
    main([str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("five")
    with (folder / "orders.csv").open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(["order_id", "item_id", "customer_id", "ordered_at"])
        for number, (customer, items) in enumerate(ORDERS):
            day = f"2026-{1 + number % 12:02}-{1 + number % 28:02}"
            lines.writerows([f"o{number}", item, customer, day] for item in items)
    settings = [word for setting in QUICK for word in ("--set", setting)]
    goeswith("train", folder / "orders.csv", "--store", folder / "store", *settings)
    return folder / "store"


@pytest.fixture(scope="module")
def service(store: Path) -> Iterator[Running]:
    with running("--store", str(store), "--publishable-key", SHOPPER, "--secret-key", MERCHANT) as found:
        yield found


def told(service: Running, key: str, item: str, about: str) -> dict[str, Any]:
    """The reason that a key is told for an item beside another."""
    reply = service.ask("/v1/suggestions", {"items": [item], "k": 20}, {"X-API-Key": key})
    (reason,) = [found["reason"] for found in reply.json["suggestions"] if found["item_id"] == about]
    return reason


@pytest.mark.parametrize(
    ("item", "about", "count", "customers"),
    [("lamp", "bulb", 50, 1), ("pen", "ink", 4, 4), ("pot", "lid", 5, 5), ("cup", "saucer", 5, 5)],
)
def test_what_goes_with_an_item(service: Running, item: str, about: str, count: int, customers: int) -> None:
    merchant, shopper = (told(service, key, item, about) for key in (MERCHANT, SHOPPER))
    assert (merchant["count"], merchant["of"], merchant["customers"]) == (count, count, customers)
    assert merchant["text"] == f"{count} of {count} baskets with {item} had it too"
    page = service.ask(f"/v1/items/{item}/suggestions?placement=cross-sell&k=20", headers={"X-API-Key": MERCHANT})
    (kept,) = [found["reason"] for found in page.json["suggestions"] if found["item_id"] == about]
    assert kept == shopper
    assert "customers" not in shopper
    if customers >= 5:
        assert shopper == {name: value for name, value in merchant.items() if name != "customers"}
    else:
        assert set(shopper) == {"kind", "because", "text"}
        assert not any(character.isdigit() for character in shopper["text"])


def test_bestsellers_of_one_household_and_of_sixty_customers(service: Running) -> None:
    assert told(service, MERCHANT, "pot", "tea")["customers"] == 1
    assert told(service, SHOPPER, "pot", "tea") == {"kind": "bestseller", "because": [], "text": "a bestseller"}
    assert told(service, SHOPPER, "pot", "gum")["count"] == 60


def test_the_command_is_the_merchants(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    goeswith("suggest", "lamp", "--store", store, "--json")
    (bulb, *_) = json.loads(capsys.readouterr().out)["suggestions"]
    assert (bulb["item_id"], bulb["reason"]["count"], bulb["reason"]["customers"]) == ("bulb", 50, 1)


def test_documents_for_a_cdn_are_the_shoppers(store: Path, tmp_path: Path) -> None:
    goeswith("export", "static", "--store", store, "-o", tmp_path / "cdn")
    texts = {path.stem: path.read_text(encoding="utf-8") for path in (tmp_path / "cdn" / "items").iterdir()}
    assert "5 of 5 baskets with pot" in texts["pot"]
    assert "5 of 5 baskets with cup" in texts["cup"]
    for item in ("lamp", "pen"):
        assert "baskets with" not in texts[item]
    assert not any('"customers"' in text for text in texts.values())
