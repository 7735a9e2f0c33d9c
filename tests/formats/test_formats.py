"""Models of every format that was ever written still load, or are refused with a remedy."""

import runpy
from pathlib import Path

import numpy as np
import pytest
from tiny_shop import tiny_customers, tiny_model

import recommender
from recommender.customers import customers_to_arrays
from recommender.manifest import FORMAT_VERSION
from recommender.model_arrays import to_arrays
from recommender.store import Store

HERE = Path(__file__).parent


def test_there_is_a_sample_of_every_format():
    samples = sorted(int(path.name) for path in HERE.iterdir() if path.name.isdigit())
    assert samples == list(range(1, FORMAT_VERSION + 1))


@pytest.mark.parametrize("version", range(1, FORMAT_VERSION + 1))
def test_a_sample_loads_to_the_bit(version):
    store = Store(HERE / str(version))
    assert [found.problem for found in store.versions()] == [None]
    model, customers = store.load()
    assert customers is not None
    expected = to_arrays(tiny_model()) | customers_to_arrays(tiny_customers())
    for name, array in (to_arrays(model) | customers_to_arrays(customers)).items():
        np.testing.assert_array_equal(array, expected[name], strict=True)


@pytest.mark.parametrize("version", range(1, FORMAT_VERSION + 1))
def test_a_sample_answers_a_cart(version):
    found = recommender.load(HERE / str(version)).suggest(["bread"], k=1)
    assert [suggestion.item_id for suggestion in found] == ["butter"]


def test_a_store_that_is_made_today_is_the_sample_byte_for_byte(tmp_path):
    """If this fails, the format has changed: raise `FORMAT_VERSION` and run make.py."""
    runpy.run_path(str(HERE / "make.py"))["make"](tmp_path / "store")
    assert contents(tmp_path / "store") == contents(HERE / str(FORMAT_VERSION))


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}
