"""Life of a model in its store."""

import os
import shutil
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from tiny_shop import tiny_customers, tiny_manifest, tiny_model

from recommender.arrays import describe_arrays, write_arrays
from recommender.errors import ModelError, StoreError, UsageError
from recommender.model import SPECS, to_arrays
from recommender.model_files import sealed
from recommender.store import Store, Version

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TINY_ID = sealed(tiny_model()).manifest.model_id


def tiny_variant(seed: int):
    """The same shop, another model: the seed is part of what the model id follows from."""
    return replace(tiny_model(), manifest=replace(tiny_manifest(), seed=seed))


def published(store: Store, seed: int, *, promote: bool = True) -> Version:
    """A version made `seed` hours after noon."""
    return store.publish(tiny_variant(seed), tiny_customers(), promote=promote, now=NOON + timedelta(hours=seed))


def content(store: Store) -> dict[str, tuple[bytes, int]]:
    """Every file and when it was written."""
    files = (path for path in store.root.rglob("*") if path.is_file() and path.name != ".lock")
    return {str(path.relative_to(store.root)): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def damage(version: Version) -> None:
    (version.path / "price.npy").write_bytes(b"")


def age(path: Path) -> None:
    os.utime(path, (0, 0))


def test_a_published_version_serves(store):
    version = store.current()
    assert version.name == f"20261121T1200Z-{TINY_ID}"
    assert version.model_id == TINY_ID
    assert version.path == store.root / "versions" / version.name
    assert version.created_at == NOON
    assert (version.current, version.problem) == (True, None)
    assert version.manifest().counts["baskets"] == 12
    assert store.versions() == [version]


def test_it_loads_with_its_customers(store):
    model, customers = store.load()
    assert model.manifest.model_id == TINY_ID
    assert list(model.catalog.item_ids) == list(tiny_model().catalog.item_ids)
    assert customers is not None
    assert list(customers.customer_ids) == ["ann", "bob", "zoë"]


def test_publishing_returns_what_current_returns(tmp_path):
    store = Store(tmp_path / "a" / "b")
    version = store.publish(tiny_model(), None, promote=True, now=NOON)
    assert version == store.current()
    assert store.load()[1] is None


def test_the_layout_on_the_disk(store):
    name = store.current().name
    names = sorted(path.name for path in store.root.iterdir())
    assert names == [".lock", "current", "customers", "history", "versions"]
    assert [path.name for path in (store.root / "versions").iterdir()] == [name]
    assert [path.name for path in (store.root / "customers").iterdir()] == [name]
    assert (store.root / "customers").stat().st_mode & 0o777 == 0o700
    assert (store.root / "customers" / name).stat().st_mode & 0o777 == 0o700


def test_customers_that_others_could_read_are_closed_again(store):
    (store.root / "customers").chmod(0o755)
    published(store, 1)
    assert (store.root / "customers").stat().st_mode & 0o777 == 0o700


def test_without_promotion_the_old_version_serves(store):
    before = store.current()
    version = published(store, 1, promote=False)
    assert not version.current
    assert store.current() == before
    assert [v.name for v in store.versions()] == [version.name, before.name]


def test_a_first_version_that_is_not_promoted_does_not_serve(tmp_path):
    store = Store(tmp_path / "store")
    version = published(store, 0, promote=False)
    with pytest.raises(ModelError, match=f"no version serves; there are {version.name}: `goeswith models promote"):
        store.current()


def test_the_same_model_is_not_written_twice(store):
    before = content(store)
    again = store.publish(tiny_model(), tiny_customers(), promote=True, now=NOON + timedelta(days=1))
    assert again == store.current()
    assert again.created_at == NOON
    assert content(store) == before


def test_the_same_model_is_promoted_if_asked(store):
    published(store, 1)
    version = published(store, 0)
    assert version.current
    assert store.current().model_id == TINY_ID


def test_whoever_was_erased_stays_erased_when_the_same_model_is_published_again(store):
    store.erase("ann")
    published(store, 0)
    assert store.load()[1].row("ann") == -1


def test_customers_are_added_to_a_version_that_had_none(tmp_path):
    store = Store(tmp_path / "store")
    store.publish(tiny_model(), None, promote=True, now=NOON)
    assert store.load()[1] is None
    version = store.publish(tiny_model(), tiny_customers(), promote=True, now=NOON + timedelta(hours=1))
    assert version.created_at == NOON
    assert store.load()[1].row("bob") == 1


def test_a_damaged_version_is_replaced_under_its_name(store):
    version = store.current()
    damage(version)
    healed = store.publish(tiny_model(), tiny_customers(), promote=False, now=NOON + timedelta(hours=1))
    assert healed == version
    assert store.load()[0].manifest.model_id == TINY_ID
    assert [path.name for path in (store.root / "versions").iterdir()] == [version.name]


def test_damaged_customers_are_replaced(store):
    generation = store.root / "customers" / store.current().name
    next(generation.rglob("items.npy")).write_bytes(b"")
    with pytest.raises(ModelError, match=r"items\.npy"):
        store.load()
    published(store, 0)
    assert store.load()[1].row("bob") == 1
    (generation / "manifest.json").unlink()
    published(store, 0)
    assert store.load()[1].row("bob") == 1


def test_two_stores_hold_the_same_bytes(tmp_path):
    stores = [Store(tmp_path / name) for name in ("one", "two")]
    for store in stores:
        published(store, 0)
    first, second = ({name: data for name, (data, _) in content(store).items()} for store in stores)
    assert first == second


def test_a_model_that_contradicts_itself_is_not_published(store):
    before = content(store)
    model = tiny_variant(1)
    broken = replace(model, item_orders=np.zeros(8, np.int32))
    with pytest.raises(ModelError, match="pair_counts: more baskets with both than with one"):
        store.publish(broken, tiny_customers(), promote=True, now=NOON)
    assert {name: data for name, data in content(store).items() if "customers" not in name} == {
        name: data for name, data in before.items() if "customers" not in name
    }
    assert [path.name for path in (store.root / "versions").iterdir()] == [store.current().name]


@pytest.mark.parametrize(
    "change",
    [{"items": np.full(9, 8, np.int32)}, {"factors": np.zeros((3, 1), np.float32)}],
    ids=["items of another catalogue", "factors of another length"],
)
def test_customers_of_another_model_are_not_published(store, change):
    before = content(store)
    with pytest.raises(ModelError):
        store.publish(tiny_variant(1), replace(tiny_customers(), **change), promote=True, now=NOON)
    assert content(store) == before


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
    assert store.erase("zoë") == [first.name, second.name]
    assert store.erase("zoë") == []
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
        age(store.root / room / ".incoming-old")
    (store.root / ".current-123").write_text("half a na")
    orphan = store.root / "customers" / ("20200101T0000Z-" + "a" * 12)
    orphan.mkdir()
    published(store, 1)
    assert orphan.exists()
    age(orphan)
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


def test_an_own_incoming_folder_of_before_is_replaced(store):
    name = f"20261121T1300Z-{sealed(tiny_variant(1)).manifest.model_id}"
    for room in ("versions", "customers"):
        left = store.root / room / f".incoming-{name}-{os.getpid()}"
        left.mkdir()
        (left / "manifest.json").write_text("half")
    aside = store.root / "versions" / f".removed-{name}"
    assert published(store, 1).name == name
    assert not aside.exists()


def test_two_publishers_at_once_both_arrive(tmp_path):
    failed: list[Exception] = []

    def publish(seed: int) -> None:
        try:
            published(Store(tmp_path / "store", lock_seconds=60), seed)
        except Exception as error:  # noqa: BLE001  whatever it is, the test shows it
            failed.append(error)

    threads = [threading.Thread(target=publish, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    store = Store(tmp_path / "store")
    assert len(store.versions()) == 4
    assert all(store.load(version) for version in store.versions())


def test_a_forged_version_under_the_same_id_is_replaced(store):
    """The folder says the model's id, the files are another model's: it does not count as the same."""
    version = store.current()
    arrays = to_arrays(tiny_variant(9))
    forged = replace(tiny_manifest(), seed=9).sealed(describe_arrays(arrays, SPECS))
    shutil.rmtree(version.path)
    version.path.mkdir()
    write_arrays(version.path, arrays, SPECS)
    (version.path / "manifest.json").write_text(forged.dumps())
    with pytest.raises(ModelError, match="holds model"):
        store.load()
    published(store, 0)
    assert store.load()[0].manifest.seed == 0
