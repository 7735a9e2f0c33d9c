"""Histories: read, found, kept for the owner's eyes, and erased."""

import json
import shutil
import threading
from dataclasses import replace

import numpy as np
import pytest
from generated_models import customers_of, models
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_shop import BREAD, BUTTER, JAM, MILK, order_time, tiny_customers

from recommender.arrays import describe_arrays, write_arrays
from recommender.customer_files import (
    CustomerManifest,
    describe_customers,
    erase_customer,
    read_customer_manifest,
    read_customers,
    write_customers,
)
from recommender.customers import CUSTOMER_SPECS, Customers, customers_from_arrays, customers_to_arrays
from recommender.errors import ModelError
from recommender.strings import StringColumn

MODEL_ID = "0123456789ab"


def listed(customers: Customers) -> dict[str, tuple]:
    """Everything that is known of each customer."""
    return {name: known_of(customers, row) for row, name in enumerate(customers.customer_ids)}


def known_of(customers: Customers, row: int) -> tuple:
    lines = slice(customers.offsets[row], customers.offsets[row + 1])
    tastes = slice(customers.taste_offsets[row], customers.taste_offsets[row + 1])
    return (
        *(part.tolist() for part in customers.history(row)),
        customers.opens_order[lines].tolist(),
        customers.taste_items[tastes].tolist(),
        customers.taste_scores[tastes].tolist(),
        customers.factors[row].tolist(),
    )


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("written")
    folder.chmod(0o700)
    write_customers(folder, tiny_customers(), describe_customers(tiny_customers(), MODEL_ID, 8))
    return folder


@pytest.fixture
def folder(written, tmp_path):
    return shutil.copytree(written, tmp_path / "generation")


def refusal(folder) -> str:
    with pytest.raises(ModelError) as refused:
        read_customers(folder)
    assert str(refused.value).startswith(str(folder))
    return str(refused.value)


def test_a_history_is_oldest_first():
    customers = tiny_customers()
    items, times, quantities = customers.history(customers.row("ann"))
    assert items.tolist() == [BREAD, BUTTER, JAM, BREAD, MILK]
    assert times.tolist() == [order_time(1)] * 3 + [order_time(6)] * 2
    assert quantities.tolist() == [1, 1, 1, 2, 1]


def test_rows_by_id():
    customers = tiny_customers()
    assert [customers.row(name) for name in ("ann", "bob", "zoë", "carl", "")] == [0, 1, 2, -1, -1]
    assert len(customers) == 3


@pytest.mark.parametrize("gone", ["ann", "bob", "zoë"])
def test_without_one_customer_the_others_are_as_they_were(gone):
    customers = tiny_customers()
    rest = customers.without(customers.row(gone))
    expected = listed(customers)
    del expected[gone]
    assert listed(rest) == expected
    assert gone.encode() not in rest.customer_ids.data.tobytes()


@settings(deadline=None, max_examples=50)
@given(st.data())
def test_whoever_is_erased(data):
    customers = data.draw(customers_of(data.draw(models())))
    if len(customers):
        row = data.draw(st.integers(0, len(customers) - 1))
        rest = customers.without(row)
        expected = listed(customers)
        del expected[customers.customer_ids[row]]
        assert listed(rest) == expected


def test_taken_apart_and_put_together():
    assert listed(customers_from_arrays(customers_to_arrays(tiny_customers()))) == listed(tiny_customers())


def test_written_and_read_again(folder):
    manifest, customers = read_customers(folder)
    assert (manifest.model_id, manifest.items) == (MODEL_ID, 8)
    assert listed(customers) == listed(tiny_customers())


@settings(deadline=None, max_examples=20)
@given(st.data())
def test_any_customers_come_back(tmp_path_factory, data):
    model = data.draw(models())
    customers = data.draw(customers_of(model))
    folder = tmp_path_factory.mktemp("generation")
    write_customers(folder, customers, describe_customers(customers, MODEL_ID, len(model.catalog)))
    assert listed(read_customers(folder)[1]) == listed(customers)


def test_exact_keys_of_the_manifest(folder):
    value = json.loads((folder / "manifest.json").read_text())
    assert set(value) == {"format_version", "model_id", "items", "files", "content"}
    assert set(value["files"]) == {spec.name for spec in CUSTOMER_SPECS}
    assert [path.name for path in folder.iterdir() if path.is_dir()] == [value["content"]]


def test_the_owner_alone_may_read(folder):
    assert {path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_file()} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_dir()} == {0o700}


def test_erased_from_the_disk(folder):
    assert erase_customer(folder, "ann")
    expected = listed(tiny_customers())
    del expected["ann"]
    assert listed(read_customers(folder)[1]) == expected
    assert not any(b"ann" in path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert len([path for path in folder.iterdir() if path.is_dir()]) == 1


def test_all_customers_erased_one_by_one(folder):
    assert [erase_customer(folder, name) for name in ("zoë", "ann", "bob", "ann")] == [True, True, True, False]
    assert len(read_customers(folder)[1]) == 0


def test_an_unknown_customer_changes_nothing(folder):
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert not erase_customer(folder, "carl")
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_what_an_interrupted_erasure_left_is_deleted_by_the_next(folder):
    """Killed after the manifest was swapped: the old content is still there, but nobody reads it."""
    customers = tiny_customers()
    rest = customers.without(customers.row("ann"))
    write_customers(folder, rest, describe_customers(rest, MODEL_ID, 8))
    (folder / "stray").write_text("ann")
    assert any(b"ann" in path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert not erase_customer(folder, "ann")
    assert not any(b"ann" in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_killed_before_the_manifest_was_swapped_it_can_be_done_again(folder):
    customers = tiny_customers()
    rest = customers.without(customers.row("ann"))
    half = folder / describe_customers(rest, MODEL_ID, 8).content
    half.mkdir()
    (half / "items.npy").write_bytes(b"half a file")
    assert listed(read_customers(folder)[1]) == listed(customers)
    assert erase_customer(folder, "ann")
    assert read_customers(folder)[1].row("ann") == -1


def test_readers_meet_the_content_before_or_after_an_erasure(folder):
    """A reader loads again and again while thirty customers are erased one after the other."""
    names = [f"{number:02}" for number in range(30)]
    crowd = Customers(
        StringColumn.of(names),
        offsets=np.arange(31, dtype=np.int64),
        items=np.zeros(30, np.int32),
        opens_order=np.ones(30, np.uint8),
        times=np.zeros(30, np.int64),
        quantities=np.zeros(30, np.float32),
        taste_offsets=np.arange(31, dtype=np.int64),
        taste_items=np.zeros(30, np.int32),
        taste_scores=np.zeros(30, np.float32),
        factors=np.zeros((30, 2), np.float32),
    )
    write_customers(folder, crowd, describe_customers(crowd, MODEL_ID, 8))
    done, seen, failed = threading.Event(), [], []

    def read():
        try:
            while not done.is_set():
                seen.append(list(read_customers(folder)[1].customer_ids))
        except ModelError as error:
            failed.append(str(error))

    reader = threading.Thread(target=read)
    reader.start()
    for name in names:
        assert erase_customer(folder, name)
    done.set()
    reader.join()
    assert all(found == names[30 - len(found) :] for found in seen)
    assert failed == []


@pytest.mark.parametrize("name", [spec.name for spec in CUSTOMER_SPECS])
def test_a_missing_a_shortened_and_a_flipped_file(folder, name):
    path = folder / read_customer_manifest(folder).content / f"{name}.npy"
    content = path.read_bytes()
    path.write_bytes(content[:-1])
    assert f"{path}: found {len(content) - 1:,} bytes" in refusal(folder)
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert f"{path}: found sha256" in refusal(folder)
    path.unlink()
    assert f"{path}: found no readable file" in refusal(folder)
    with pytest.raises(ModelError):
        erase_customer(folder, "ann")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format_version": 2}, "format version 2, this program reads 1; upgrade goeswith"),
        ({"items": 9}, "altered after it was written"),
        ({"items": True}, "altered after it was written"),
        ({"model_id": "0" * 12}, "altered after it was written"),
        ({"content": "../../../etc"}, "altered after it was written"),
        ({"more": 1}, "altered after it was written"),
        ({"files": {"../items": {}}}, "lacks or garbles"),
        ({"files": None}, "lacks or garbles"),
        ({"files": {}}, "altered after it was written"),
    ],
)
def test_a_manifest_that_was_altered(folder, change, message):
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    assert message in refusal(folder)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format_version": 1}', "[" * 100_000])
def test_no_manifest(folder, text):
    (folder / "manifest.json").write_text(text)
    refusal(folder)


FORGED = {
    "times: a history out of the order of time": {"times": np.array([1, 1, 1, 0, 0, 0, 0, 0, 0])},
    "times.npy: found a value of": {"times": np.full(9, np.iinfo(np.int64).min)},
    "opens_order: a history that begins within an order": {"opens_order": np.array([1, 0, 0, 1, 0, 0, 0, 0, 1])},
    "opens_order: an order of two times": {"opens_order": np.array([1, 0, 0, 0, 0, 1, 0, 0, 1])},
    "opens_order.npy: found a value of 2": {"opens_order": np.full(9, 2, np.uint8)},
    "taste_scores: not best first": {"taste_scores": np.array([0.25, 0.5, 0.5])},
    "taste_scores.npy: found a value of nan": {"taste_scores": np.full(3, np.nan)},
    "taste_items.npy: found a value of 8": {"taste_items": np.full(3, 8)},
    "taste_offsets.npy: found offsets out of order": {"taste_offsets": np.array([0, 2, 1, 3])},
    "customer_ids: rows that are not sorted": {"customer_ids_data": StringColumn.of(["bob", "ann", "zoë"]).data},
    "items.npy: found a value of 8, expected below 8": {"items": np.full(9, 8, np.int32)},
    "quantities.npy: found a value of nan": {"quantities": np.full(9, np.nan, np.float32)},
    "factors.npy: found a value of inf": {"factors": np.full((3, 2), np.inf, np.float32)},
    "offsets.npy: found offsets out of order": {"offsets": np.array([0, 8, 5, 9])},
}


@pytest.mark.parametrize("message", FORGED)
def test_broken_bounds_under_a_fitting_hash(tmp_path, message):
    arrays = customers_to_arrays(tiny_customers()) | FORGED[message]
    manifest = CustomerManifest(MODEL_ID, 8, describe_arrays(arrays, CUSTOMER_SPECS))
    (tmp_path / manifest.content).mkdir()
    write_arrays(tmp_path / manifest.content, arrays, CUSTOMER_SPECS)
    (tmp_path / "manifest.json").write_text(manifest.dumps())
    assert message in refusal(tmp_path)


def test_the_first_line_of_all_opens_an_order(tmp_path):
    """Offsets that begin with customers without lines hide no first line."""
    empty_first = replace(
        tiny_customers(),
        offsets=np.array([0, 0, 8, 9], np.int64),
        opens_order=np.array([0, 0, 0, 1, 0, 1, 0, 0, 1], np.uint8),
    )
    (tmp_path / "generation").mkdir()
    write_customers(tmp_path / "generation", empty_first, describe_customers(empty_first, MODEL_ID, 8))
    assert "opens_order: a history that begins within an order" in refusal(tmp_path / "generation")


def test_a_new_customer_may_begin_before_the_last_one_ended(folder):
    """Only within a customer do times rise; nobody's first lines are compared with somebody else's last."""
    customers = replace(tiny_customers(), times=np.array([5, 5, 5, 8, 8, 1, 1, 1, 0]))
    write_customers(folder, customers, describe_customers(customers, MODEL_ID, 8))
    assert listed(read_customers(folder)[1]) == listed(customers)
