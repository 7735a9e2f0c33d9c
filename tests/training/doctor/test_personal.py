import json

import pyarrow as pa
import pytest

from recommender.errors import DataError
from training.doctor.masking import masked
from training.doctor.text import report_text

CARDS = ["4111111111111111", "5500005555555559", "378282246310005", "6011111111111117", "3530111333300000"]


def shop(**columns):
    lines = len(next(iter(columns.values())))
    return pa.table({"order_id": [f"o{line}" for line in range(lines)], "item_id": ["cup"] * lines} | columns)


@pytest.mark.parametrize("column", ["customer_id", "order_id"])
@pytest.mark.parametrize(
    ("values", "kind"), [([f"ann{n}@example.org" for n in range(5)], "an e-mail address"), (CARDS, "a card number")]
)
def test_personal_ids_are_refused_and_never_told(examine, tmp_path, column, values, kind):
    quarantine = tmp_path / "rejected.csv"
    with pytest.raises(DataError) as error:
        examine(shop(**{column: values}), quarantine=quarantine)
    told = str(error.value)
    assert f"{column}: 5 of 5 different values look like {kind}" in told
    assert "--set orders.allow_personal_ids=true" in told
    assert not any(value in told for value in values)
    assert not quarantine.exists()


@pytest.mark.parametrize("values", [[f"ann{n}@example.org" for n in range(5)], CARDS])
def test_allowed_personal_ids_are_still_never_told(examine, finding, tmp_path, values):
    quarantine = tmp_path / "rejected.csv"
    lines = shop(order_id=values, customer_id=values, quantity=[1, 0, 1, 1, 1])
    checked = examine(lines, quarantine=quarantine, allow_personal_ids=True)
    assert checked.baskets.customer_ids == sorted(values[:1] + values[2:])
    assert finding(checked, "personal-customer-ids").lines == 5
    assert finding(checked, "personal-order-ids").lines == 5
    shown = report_text(checked.report) + json.dumps(checked.report.as_json()) + quarantine.read_text()
    assert "…" in quarantine.read_text()
    assert not any(value in shown for value in values)


def test_a_stray_address_is_an_unknown_customer(examine, finding):
    names = [f"c{n}" for n in range(30)]
    checked = examine(shop(customer_id=[*names, "ann@example.org"]))
    assert "ann@example.org" not in checked.baskets.customer_ids
    assert checked.baskets.customers[-1] == -1
    assert finding(checked, "personal-customer-ids").lines == 1
    assert "ann@" not in json.dumps(checked.report.as_json())


def test_long_numbers_are_no_cards(examine):
    numbers = [str(4_000_000_000_000_000 + 37 * n) for n in range(50)]
    assert len(examine(shop(customer_id=numbers)).baskets.customer_ids) == 50


def test_item_numbers_of_the_trade_are_no_cards(examine):
    assert len(examine(shop(item_id=CARDS)).baskets.item_ids) == 5


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("ann@example.org", "a…@…"),
        ("Ann <ann@example.org>", "Ann <a…@…>"),
        ("4111 1111 1111 1111", "4…1111"),
        ("4111-1111-1111-1111", "4…1111"),
        ("4111111111111112", "4111111111111112"),
        ("85123A", "85123A"),
        ("a@", "a@"),
    ],
)
def test_masks_in_python_and_sql_agree(examine, tmp_path, value, shown):
    assert masked(value) == shown
    quarantine = tmp_path / "rejected.csv"
    examine(
        pa.table({"order_id": ["1", value, "2", "3"], "item_id": ["cup"] * 4, "quantity": [1, 0, 1, 1]}),
        quarantine=quarantine,
        allow_personal_ids=True,
    )
    assert f",{shown}," in quarantine.read_text()
