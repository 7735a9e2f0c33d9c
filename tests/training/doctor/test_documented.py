import re
from pathlib import Path

import pytest

import training.doctor
from training import catalog_cells
from training.config import OrdersConfig
from training.doctor.report import FATES

PAGE = (Path(__file__).parents[3] / "docs" / "doctor.md").read_text(encoding="utf-8")
SOURCES = "".join(path.read_text(encoding="utf-8") for path in Path(training.doctor.__file__).parent.glob("*.py"))
CATALOG = set(re.findall(r'"(catalog-[a-z-]+)": \(', Path(catalog_cells.__file__).read_text(encoding="utf-8")))
PERSONAL = {"personal-customer-ids", "personal-order-ids"}


def codes():
    called = re.findall(r'(?:finding|told|_flawed)\(\s*(?:case,\s*)?"([a-z-]+)"', SOURCES)
    listed = re.findall(r'\(\s*"([a-z]+(?:-[a-z]+)+)",\s*"[a-z_]+",', SOURCES)
    return {code for code in (*called, *listed) if "-" in code} | PERSONAL | CATALOG


@pytest.mark.parametrize("code", sorted(codes()))
def test_every_finding_is_on_the_page(code):
    assert f"`{code}`" in PAGE


def test_the_page_names_no_finding_that_is_not_there():
    named = set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", PAGE))
    assert named == codes()


@pytest.mark.parametrize("fate", FATES)
def test_every_fate_of_a_line_is_on_the_page(fate):
    assert f"`{fate}`" in PAGE


def test_the_page_and_the_code_name_settings_that_exist():
    named = set(re.findall(r"orders\.([a-z_]+)=", PAGE + SOURCES))
    assert named <= set(OrdersConfig.model_fields)
    assert set(OrdersConfig.model_fields) - {"columns"} <= named
