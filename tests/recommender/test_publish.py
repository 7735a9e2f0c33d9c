"""Publishing: what is written, what is used again, and what is refused."""

import os
import shutil
import threading
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from tiny_shop import tiny_customers, tiny_manifest, tiny_model
from tiny_versions import NOON, TINY_ID, content, damage, published, tiny_variant

from recommender.arrays import describe_arrays, write_arrays
from recommender.errors import ModelError
from recommender.model_arrays import SPECS, to_arrays
from recommender.model_files import sealed
from recommender.store import Store


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
