"""Life of a model in its store: found, promoted, rolled back, pruned; and customers erased."""

import os
import shutil

import pytest
from tiny_shop import tiny_model
from tiny_versions import damage, published

from recommender.errors import ModelError, UsageError
from recommender.store import Store


def test_found_by_name_by_id_and_by_beginning(store):
    first, second = store.current(), published(store, 1)
    for text in (second.name, second.model_id, second.model_id[:5], second.name[:12]):
        assert store.find(text) == second
        assert store.load(text)[0].manifest.model_id == second.model_id
    assert store.load(first)[0].manifest.model_id == first.model_id


@pytest.mark.parametrize("text", ["", "nope", "../x", "20261121T1"])
def test_what_is_not_found_or_not_alone(store, text):
    second = published(store, 1)
    with pytest.raises(UsageError) as refused:
        store.find(text)
    assert second.name in str(refused.value)
    assert ("2 versions match" if text == "20261121T1" else "no such version") in str(refused.value)


def test_in_an_empty_store_nothing_is_found(tmp_path):
    with pytest.raises(UsageError, match="no such version; there are none"):
        Store(tmp_path).find("a")


def test_of_two_copies_of_one_model_the_whole_one_is_found(store):
    first = store.current()
    later = first.path.with_name("20261122T1200Z-" + first.model_id)
    shutil.copytree(first.path, later)
    assert store.find(first.model_id).name == later.name
    (later / "price.npy").unlink()
    assert store.find(first.model_id[:6]).name == first.name
    assert store.find(later.name).problem is not None


def test_promoting_an_older_version(store):
    first, second = store.current(), published(store, 1)
    assert store.promote(first.model_id) == first
    assert store.current() == first
    assert [version.current for version in store.versions()] == [False, True]
    assert store.promote(second.name).current


def test_a_damaged_version_is_not_promoted(store):
    first, second = store.current(), published(store, 1, promote=False)
    content = (second.path / "price.npy").read_bytes()
    (second.path / "price.npy").write_bytes(content[:-1] + b"\x01")
    with pytest.raises(ModelError, match=r"price\.npy: found sha256"):
        store.promote(second.name)
    assert store.current() == first


def test_rolling_back_step_by_step(store):
    versions = [store.current(), published(store, 1), published(store, 2)]
    assert store.rollback() == versions[1]
    assert store.rollback() == versions[0]
    assert store.current() == versions[0]
    with pytest.raises(UsageError, match=f"no version served before; there are {versions[2].name}"):
        store.rollback()


def test_rolling_back_goes_to_what_served_not_to_what_is_older(store):
    first = store.current()
    published(store, 1, promote=False)
    published(store, 2)
    assert store.rollback() == first


def test_rolling_back_passes_over_what_was_deleted(store):
    first, second = store.current(), published(store, 1)
    published(store, 2)
    shutil.rmtree(second.path)
    assert store.rollback() == first


def test_rolling_back_from_a_damaged_version(store):
    first, second = store.current(), published(store, 1)
    shutil.rmtree(second.path)
    assert store.rollback() == first
    assert store.load()[0].manifest.model_id == first.model_id


def test_a_damaged_version_is_not_rolled_back_to(store):
    first, second = store.current(), published(store, 1)
    damage(first)
    with pytest.raises(ModelError, match=r"price\.npy"):
        store.rollback()
    assert store.current() == second


def test_pruning_keeps_the_newest_and_the_one_that_serves(store):
    versions = [store.current(), *(published(store, hour, promote=False) for hour in range(1, 5))]
    gone = store.prune(2)
    assert [version.name for version in gone] == [versions[2].name, versions[1].name]
    left = [versions[4].name, versions[3].name, versions[0].name]
    assert [version.name for version in store.versions()] == left
    assert sorted(path.name for path in (store.root / "customers").iterdir()) == sorted(left)
    assert store.load()[1] is not None
    assert store.prune(2) == []


def test_pruning_counts_whole_versions_only(store):
    versions = [store.current(), *(published(store, hour) for hour in range(1, 5))]
    damage(versions[1])
    damage(versions[3])
    gone = store.prune(2)
    assert [version.name for version in gone] == [versions[1].name, versions[0].name]
    assert [version.name for version in store.versions()] == [v.name for v in reversed(versions[2:])]


def test_pruning_where_nothing_serves(tmp_path):
    store = Store(tmp_path / "store")
    versions = [published(store, hour, promote=False) for hour in range(3)]
    assert [version.name for version in store.prune(1)] == [versions[1].name, versions[0].name]


@pytest.mark.parametrize("keep", [0, -1])
def test_pruning_everything_is_refused(store, keep):
    with pytest.raises(UsageError, match=f"keep = {keep}: out of bounds; expected 1 or more"):
        store.prune(keep)


def test_what_is_mapped_stays_readable_after_pruning(store):
    model, _ = store.load()
    published(store, 1)
    store.prune(1)
    assert list(model.catalog.item_ids) == list(tiny_model().catalog.item_ids)


def test_erased_from_every_version(store):
    first, second = store.current(), published(store, 1)
    (store.root / "customers" / ".incoming-x").mkdir()
    (store.root / "customers" / "notes").mkdir()
    (store.root / "customers" / ".incoming-x" / "ids.npy").write_bytes(b"zo\xc3\xab")
    assert store.erase("zoë") == ((first.name, second.name), 0)
    assert store.erase("zoë") == ((), 0)
    for version in (first, second):
        assert list(store.load(version)[1].customer_ids) == ["ann", "bob"]
    files = [path for path in store.root.rglob("*") if path.is_file()]
    assert not any("zoë".encode() in path.read_bytes() for path in files)


def test_erasing_cleans_all_it_can_before_it_complains(store):
    first, second = store.current(), published(store, 1)
    next((store.root / "customers" / first.name).rglob("items.npy")).unlink()
    with pytest.raises(ModelError, match=r"not erased everywhere; delete these histories: .*items\.npy"):
        store.erase("ann")
    assert store.load(second)[1].row("ann") == -1


def test_what_crashed_writers_left_is_swept_after_an_hour(store):
    for room in ("versions", "customers"):
        for name in (".incoming-old", ".incoming-new", ".removed-x"):
            (store.root / room / name).mkdir()
            (store.root / room / name / "price.npy").write_bytes(b"x")
        os.utime(store.root / room / ".incoming-old", (0, 0))
    (store.root / ".current-123").write_text("half a na")
    orphan = store.root / "customers" / ("20200101T0000Z-" + "a" * 12)
    orphan.mkdir()
    published(store, 1)
    assert orphan.exists()
    os.utime(orphan, (0, 0))
    published(store, 2)
    assert not orphan.exists()
    assert not (store.root / ".current-123").exists()
    for room in ("versions", "customers"):
        names = [path.name for path in (store.root / room).iterdir() if path.name.startswith(".")]
        assert names == [".incoming-new"]


def test_sweeping_deletes_links_and_not_what_they_lead_to(store, tmp_path):
    (tmp_path / "precious").mkdir()
    (store.root / "versions" / ".removed-x").symlink_to(tmp_path / "precious")
    store.prune(1)
    assert (tmp_path / "precious").is_dir()
    assert not (store.root / "versions" / ".removed-x").is_symlink()
