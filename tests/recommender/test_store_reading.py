"""Reading a store: missing, foreign, linked and damaged things, each told for what it is."""

import shutil
from pathlib import Path

import pytest
from tiny_shop import tiny_model
from tiny_versions import NOON, TINY_ID, published

from recommender.errors import ModelError, StoreError
from recommender.store import Store


def test_customers_of_another_model_are_not_loaded(store):
    first = store.current()
    second = published(store, 1)
    shutil.rmtree(store.root / "customers" / second.name)
    shutil.copytree(store.root / "customers" / first.name, store.root / "customers" / second.name)
    with pytest.raises(ModelError, match=f"histories of model {first.model_id} .* expected {second.model_id}"):
        store.load()


def test_a_missing_generation_means_that_nobody_is_known(store):
    shutil.rmtree(store.root / "customers" / store.current().name)
    assert store.load()[1] is None
    shutil.rmtree(store.root / "customers")
    assert store.load()[1] is None


def test_linked_folders_are_not_followed(store, tmp_path):
    version = store.current()
    for folder in (store.root / "customers" / version.name, version.path):
        folder.rename(tmp_path / "elsewhere")
        folder.symlink_to(tmp_path / "elsewhere")
        with pytest.raises(ModelError):
            store.load()
        folder.unlink()
        (tmp_path / "elsewhere").rename(folder)
        store.load()


def test_a_store_that_is_a_link_is_a_store(store, tmp_path):
    (tmp_path / "link").symlink_to(store.root)
    assert Store(tmp_path / "link").load()[0].manifest.model_id == TINY_ID


@pytest.mark.parametrize("make", [lambda root: None, Path.mkdir, lambda root: (root / "versions").mkdir(parents=True)])
def test_a_store_without_a_model(tmp_path, make):
    root = tmp_path / "store"
    make(root)
    with pytest.raises(ModelError) as refused:
        Store(root).load()
    assert str(refused.value) == f"{root}: no version serves; `goeswith train ORDERS --store {root}` makes one"
    assert refused.value.exit_code == 5
    assert Store(root).versions() == []


def test_reading_makes_nothing(tmp_path):
    with pytest.raises(ModelError):
        Store(tmp_path / "store").load()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "call", [lambda s: s.promote("x"), Store.rollback, lambda s: s.prune(1), lambda s: s.erase("x")]
)
def test_no_writer_makes_a_store_where_there_is_none(tmp_path, call):
    with pytest.raises(ModelError, match="no such store; `goeswith train ORDERS"):
        call(Store(tmp_path / "store"))
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_is_a_file(tmp_path):
    (tmp_path / "store").write_text("")
    store = Store(tmp_path / "store")
    with pytest.raises(ModelError, match="cannot be read"):
        store.load()
    with pytest.raises(ModelError, match="cannot be read"):
        store.versions()
    with pytest.raises(StoreError, match="cannot be written"):
        store.publish(tiny_model(), None, promote=True, now=NOON)


def test_a_pointer_to_nowhere(store):
    name = store.current().name
    other = published(store, 1, promote=False)
    shutil.rmtree(store.root / "versions" / name)
    with pytest.raises(ModelError, match=f"names {name}, which is not there; there are {other.name}"):
        store.load()


def test_a_pointer_that_is_no_name(store):
    (store.root / "current").write_text("../../../etc\n")
    with pytest.raises(ModelError, match="expected one line with the name of a version"):
        store.current()
    assert [version.current for version in store.versions()] == [False]
    with pytest.raises(ModelError, match="expected one line"):
        store.prune(1)
    store.promote(TINY_ID)
    assert store.current().model_id == TINY_ID


def test_foreign_files_are_passed_over(store):
    folder = store.root / "versions"
    (folder / "README").write_text("")
    (folder / "20261399T0000Z-aaaaaaaaaaaa").mkdir()
    (folder / ".incoming-x").mkdir()
    assert [version.name for version in store.versions()] == [store.current().name]
    store.prune(1)
    assert (folder / "README").exists()


@pytest.mark.parametrize(
    ("harm", "problem"),
    [
        (lambda path: (path / "price.npy").write_bytes(b"x"), "price.npy: 1 bytes, expected 192"),
        (lambda path: (path / "price.npy").unlink(), "price.npy: No such file or directory"),
        (lambda path: (path / "manifest.json").unlink(), "manifest.json: cannot be read"),
        (lambda path: (path / "manifest.json").write_text("{}"), "manifest.json: not a manifest"),
        (lambda path: (path / "manifest.json").write_text('{"format_version": 7}'), "format version 7"),
        (shutil.rmtree, ""),
    ],
)
def test_a_damaged_version_is_listed_as_such(store, harm, problem):
    version = store.current()
    harm(version.path)
    if not problem:
        version.path.write_text("a file")
        problem = "cannot be read (Not a directory)"
    (listed,) = store.versions()
    assert problem in listed.problem
    assert listed.name == version.name
    with pytest.raises(ModelError):
        store.load()


def test_a_renamed_version_is_no_other_version(store):
    version = store.current()
    other = version.path.with_name("20261121T1200Z-" + "a" * 12)
    version.path.rename(other)
    assert f"holds model {TINY_ID}" in store.versions()[0].problem
    with pytest.raises(ModelError, match="folder was renamed"):
        store.promote("a" * 12)
