"""Catalogues with cells that no item can have."""

from pathlib import Path

import pytest

from recommender.errors import DataError
from training.catalog_file import read_catalog


@pytest.mark.parametrize(
    ("price", "why"),
    [("9" * 5_000, "a number of more than 4,300 digits"), ("[" * 200_000, "lists or objects nested too deeply")],
    ids=["digits", "depth"],
)
def test_json_that_cannot_be_held(tmp_path: Path, price: str, why: str) -> None:
    path = tmp_path / "c.jsonl"
    path.write_text(f'{{"item_id": "a", "price": {price}}}\n')
    with pytest.raises(DataError) as refused:
        read_catalog(path)
    assert str(refused.value) == f"{path}: line 1: not JSON ({why}); write one object a line"


@pytest.mark.parametrize("nothing", ["NaN", "None", "null", "<NA>"])
def test_a_written_nothing_is_no_id_of_a_catalogue(tmp_path: Path, nothing: str) -> None:
    """As it is none of an order."""
    (tmp_path / "c.csv").write_text(f"item_id,title\n{nothing},x\na,y\n")
    columns = read_catalog(tmp_path / "c.csv")
    assert columns.item_ids == ["a"]
    assert [(one.code, one.what) for one in columns.findings] == [
        ("catalog-blank-ids", "The catalog has 1 row without an item_id.")
    ]
