"""A model's folder: what is saved comes back to the bit, and every damage is refused by the name of the file."""

import shutil
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from generated_models import models
from hypothesis import given, settings
from tiny_shop import COFFEE, JAM, tiny_manifest, tiny_model

from recommender.arrays import describe_arrays, write_arrays
from recommender.errors import ModelError
from recommender.model import Model
from recommender.model_arrays import SPECS, from_arrays, to_arrays
from recommender.model_files import bytes_on_disk, read_manifest, read_model, sealed, write_model
from recommender.ranker.signals import SIGNALS
from recommender.strings import StringColumn

NAMES = [spec.name for spec in SPECS]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written")
    write_model(folder, sealed(tiny_model()))
    return folder


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    return shutil.copytree(written, tmp_path / "version")


def refusal(folder: Path) -> str:
    with pytest.raises(ModelError) as refused:
        read_model(folder)
    assert str(refused.value).startswith(str(folder))
    return str(refused.value)


def forge(folder: Path, changes: dict[str, np.ndarray], **manifest) -> None:
    """Write a model whose manifest fits its files, as somebody would who wants it to be believed."""
    for path in folder.iterdir():
        path.unlink()
    arrays = to_arrays(tiny_model()) | changes
    forged = replace(tiny_manifest(), **manifest).sealed(describe_arrays(arrays, SPECS))
    write_arrays(folder, arrays, SPECS)
    (folder / "manifest.json").write_text(forged.dumps())


def same(left, right) -> bool:
    """Equal to the bit, all the way down."""
    if isinstance(left, np.ndarray):
        return (left.dtype, left.shape, left.tobytes()) == (right.dtype, right.shape, right.tobytes())
    if is_dataclass(left):
        return all(same(getattr(left, field.name), getattr(right, field.name)) for field in fields(left))
    if isinstance(left, tuple):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right


def test_every_array_of_the_model_has_a_spec_and_no_other():
    assert sorted(to_arrays(tiny_model())) == sorted(NAMES)
    assert len(set(NAMES)) == len(NAMES)


def test_taken_apart_and_put_together():
    model = tiny_model()
    assert same(from_arrays(model.manifest, to_arrays(model)), model)


def test_the_tiny_shop_comes_back_to_the_bit(folder):
    assert same(read_model(folder), sealed(tiny_model()))
    assert read_manifest(folder) == sealed(tiny_model()).manifest


@settings(deadline=None, max_examples=25)
@given(models())
def test_any_model_comes_back_to_the_bit(model: Model):
    with TemporaryDirectory() as folder:
        write_model(Path(folder), sealed(model))
        assert same(read_model(Path(folder)), sealed(model))


def test_two_writings_are_the_same_byte_for_byte(tmp_path):
    contents = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_model(tmp_path / name, sealed(tiny_model()))
        contents.append({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()})
    assert contents[0] == contents[1]
    assert sorted(contents[0]) == sorted(["manifest.json", *(f"{name}.npy" for name in NAMES)])


def test_nothing_is_pickled(folder):
    for path in folder.glob("*.npy"):
        assert np.load(path, allow_pickle=False, mmap_mode=None).dtype.kind in "iuf"


def test_the_need_of_space_is_not_less_than_the_files(folder):
    manifest = read_manifest(folder)
    sizes = sum(path.stat().st_size for path in folder.iterdir())
    blocks = sum(path.stat().st_blocks * 512 for path in folder.iterdir())
    assert sizes <= bytes_on_disk(manifest.files, manifest.dumps()) <= max(blocks, sizes + 4096 * (len(NAMES) + 1))


@pytest.mark.parametrize("name", ["manifest.json", *(f"{name}.npy" for name in NAMES)])
def test_a_missing_file(folder, name):
    (folder / name).unlink()
    message = refusal(folder)
    assert str(folder / name) in message
    assert "No such file" in message


@pytest.mark.parametrize("name", [f"{name}.npy" for name in NAMES])
def test_a_shortened_file(folder, name):
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[:-1])
    assert f"{folder / name}: found {len(content) - 1:,} bytes, expected {len(content):,}" in refusal(folder)


def test_a_shortened_manifest(folder):
    content = (folder / "manifest.json").read_bytes()
    for size in (0, 1, len(content) // 2, len(content) - 3):
        (folder / "manifest.json").write_bytes(content[:size])
        assert "manifest.json: not a manifest" in refusal(folder)


def test_a_manifest_of_a_newer_format(folder):
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace('"format_version": 1', '"format_version": 2'))
    assert "format version 2, this program reads 1; upgrade goeswith" in refusal(folder)


def test_a_manifest_too_large_to_be_one(folder):
    with open(folder / "manifest.json", "ab") as file:
        file.truncate(1 << 25)
    assert "larger than 16,777,216 bytes" in refusal(folder)


def test_a_manifest_that_is_a_link(folder, tmp_path):
    (folder / "manifest.json").rename(tmp_path / "elsewhere.json")
    (folder / "manifest.json").symlink_to(tmp_path / "elsewhere.json")
    assert "manifest.json: cannot be read" in refusal(folder)


def test_files_that_the_manifest_does_not_name_are_not_read(folder):
    (folder / "more.npy").write_bytes(b"\x80\x04")
    assert same(read_model(folder), sealed(tiny_model()))


def with_value(name: str, place, value) -> dict[str, np.ndarray]:
    array = to_arrays(tiny_model())[name].copy()
    array[place] = value
    return {name: array}


@pytest.mark.parametrize(
    ("name", "place", "value"),
    [
        ("pair_items", 0, 8),
        ("pair_items", 0, -1),
        ("pair_counts", 0, 0),
        ("pair_scores", 0, np.nan),
        ("pair_scores", 0, np.inf),
        ("pair_offsets", 1, 99),
        ("item_category", 0, 5),
        ("item_category", 0, -2),
        ("item_brand", 0, 2),
        ("active", 0, 2),
        ("price", 0, np.inf),
        ("cost", 0, -np.inf),
        ("stock", 0, np.inf),
        ("return_rate", 0, 1.5),
        ("return_rate", 0, np.nan),
        ("item_orders", 0, -1),
        ("rule_antecedents", (0, 0), 8),
        ("rule_consequents", 0, -1),
        ("bestseller_items", 0, 8),
        ("category_bestseller_offsets", 1, -1),
        ("trending_expected", 0, np.inf),
        ("cart_factors", (0, 0), np.nan),
        ("home_factors", (0, 0), -np.inf),
        ("titles_offsets", 1, 99),
        ("item_signals", (0, 0), np.inf),
        ("pair_weighted", 0, -0.5),
        ("pair_ease", 0, np.nan),
        ("recent_items", 0, 8),
        ("companion_items", 0, 5),
        ("companion_scores", 0, 1.5),
        ("companion_offsets", 1, 99),
        ("basket_items", 0, 8),
        ("basket_offsets", 1, 99),
        ("item_baskets", 0, 12),
        ("item_basket_offsets", 1, 99),
        ("ranker_blend", 0, np.nan),
        ("ranker_blend", 0, 1e7),
        ("ranker_breadth", 0, 0),
        ("ranker_spread", 0, -1),
        ("ranker_scales", 0, 0),
        ("ranker_first", (0, 0), np.inf),
        ("ranker_last", 0, np.nan),
    ],
)
def test_a_value_out_of_bounds_under_a_fitting_hash(folder, name, place, value):
    forge(folder, with_value(name, place, value))
    assert f"{folder / name}.npy: found" in refusal(folder)


def test_the_forger_changes_nothing_if_told_nothing(folder):
    forge(folder, {})
    assert same(read_model(folder), sealed(tiny_model()))


def text(name: str, values: list[str]) -> dict[str, np.ndarray]:
    column = StringColumn.of(values)
    return {f"{name}_data": column.data, f"{name}_offsets": column.offsets}


def with_swapped(name: str, place: int, other: int) -> np.ndarray:
    array = to_arrays(tiny_model())[name].copy()
    array[[place, other]] = array[[other, place]]
    return array


def both_rankings(**arrays: np.ndarray) -> dict[str, np.ndarray]:
    """The arrays for carts and for home pages, which must have one shape."""
    return {f"{of}_{name}": array for of in ("ranker", "home") for name, array in arrays.items()}


IDS = list(tiny_model().catalog.item_ids)
CONTRADICTIONS = {
    "item_ids: twice": text("item_ids", ["butter", *IDS[1:]]),
    "item_ids: empty": text("item_ids", ["", *IDS[1:]]),
    "item_ids: broken text": with_value("item_ids_data", 0, 0xFF),
    "titles: broken text": with_value("titles_data", 3, 0xC3),
    "titles: a letter cut in two": {
        "titles_data": StringColumn.of(["é" * 40]).data,
        "titles_offsets": np.array([0, 1, 2, 3, 4, 5, 6, 7, 80], np.int64),
    },
    "categories: unsorted": text("categories", ["Food", "Drinks", "Food > Bakery", "Food > Dairy", "Services"]),
    "brands: twice": text("brands", ["Hearth", "Hearth"]),
    "category_parent: a circle of one": with_value("category_parent", 0, 0),
    "category_parent: a later row": with_value("category_parent", 1, 2),
    "item_orders: more than there are": with_value("item_orders", 0, 13),
    "pair_items: itself": with_value("pair_items", 0, 0),
    "pair_counts: more than the item's": with_value("pair_counts", 0, 7),
    "pair_counts: more than the neighbour's": with_value("pair_counts", 1, 3),
    "pair_scores: not best first": with_value("pair_scores", 1, 0.75),
    "rule_antecedents: one alone": with_value("rule_antecedents", (0, 1), -1),
    "rule_antecedents: none": {"rule_antecedents": np.zeros((3, 1), np.int32)},
    "rule_antecedents: falling": with_value("rule_antecedents", (1, 2), 3),
    "rule_antecedents: after the padding": {
        "rule_antecedents": np.array([[0, 1, -1, 5], [0, 4, -1, -1], [1, 4, -1, -1]], np.int32)
    },
    "rule_offsets: another's": with_value("rule_offsets", 1, 1),
    "rule_consequents: an antecedent": with_value("rule_consequents", 0, 1),
    "rule_counts: more than of": with_value("rule_counts", 1, 3),
    "rule_counts: more than the consequent's": with_value("rule_counts", 0, 3),
    "rule_of: more than an antecedent's": with_value("rule_of", 1, 3),
    "bundle_items: one alone": with_value("bundle_items", (0, 1), -1),
    "bundle_items: falling": with_value("bundle_items", (2, 1), 0),
    "bundle_items: after the padding": with_value("bundle_items", (0, 3), 5),
    "bundle_items: too narrow": {"bundle_items": tiny_model().bundles.items[:, :3]},
    "bundle_counts: more than an item's": with_value("bundle_counts", 1, 3),
    "bundle_apart: more than with one": with_value("bundle_apart", 1, 9),
    "bundle_customers: more than baskets": with_value("bundle_customers", 1, 3),
    "pair_customers: more than baskets": with_value("pair_customers", 1, 3),
    "rule_customers: more than baskets": with_value("rule_customers", 0, 3),
    "item_customers: more than baskets": with_value("item_customers", COFFEE, 3),
    "trending_customers: more than baskets": with_value("trending_customers", 2, 2),
    "counted_set_items: a pair": with_value("counted_set_items", (0, 2), -1),
    "counted_set_items: falling": with_value("counted_set_items", (0, 1), 0),
    "counted_set_items: too wide": {"counted_set_items": np.array([[0, 1, 4, -1, -1]], np.int32)},
    "basket_offsets: another number than the manifest's": {
        "basket_offsets": np.append(tiny_model().counted_baskets.offsets, 28)
    },
    "basket_items: not as often as counted": with_value("basket_items", 0, JAM),
    "basket_items: twice in a basket": {
        "basket_items": with_swapped("basket_items", 1, 3),
    },
    "item_basket_offsets: another's": {"item_basket_offsets": np.array([0, 5, 12, 14, 16, 18, 24, 26, 28])},
    "item_baskets: not as often as it has lines": with_value("item_baskets", 0, 11),
    "item_baskets: falling": {"item_baskets": with_swapped("item_baskets", 0, 1)},
    "item_signals: a column too few": {"item_signals": tiny_model().item_signals[:, 1:]},
    "item_signals: unknown": with_value("item_signals", (0, 1), np.nan),
    "item_signals: a share above one": with_value("item_signals", (0, 0), 0.5),
    "item_signals: a share of nothing": with_value("item_signals", (0, 0), -90),
    "companion_scores: not best first": with_value("companion_scores", 1, 0.75),
    "ranker_blend: a weight too few": both_rankings(blend=tiny_model().ranker.blend[1:]),
    "ranker_scales: a signal too many": both_rankings(
        scales=np.ones(len(SIGNALS) + 1, np.float32),
        first=np.zeros((len(SIGNALS) + 1, 2), np.float32),
    ),
    "ranker_last_bias: two of them": both_rankings(last_bias=np.zeros(2, np.float32), spread=np.zeros(2, np.float32)),
    "ranker_breadth: two of them": both_rankings(breadth=np.ones(2, np.int32)),
}


@pytest.mark.parametrize("what", CONTRADICTIONS)
def test_a_model_that_contradicts_itself(folder, what):
    forge(folder, CONTRADICTIONS[what])
    message = refusal(folder)
    assert f"{folder}: {what.partition(':')[0]}: " in message
    assert "the model contradicts itself" in message


@pytest.mark.parametrize("window", [{"first": "yesterday"}, {"last": 7}, {"last": ["2026"]}])
def test_a_window_that_is_no_time(folder, window):
    forge(folder, {}, window=window)
    assert "manifest.json: a window that is no time" in refusal(folder)


@pytest.mark.parametrize("window", [{}, {"first": None, "last": None}, {"last": "2026-11-12"}])
def test_a_window_that_is_not_known(folder, window):
    forge(folder, {}, window=window)
    assert read_model(folder).manifest.window == window


def test_a_manifest_without_the_number_of_baskets(folder):
    forge(folder, {}, counts={})
    assert "item_orders: more than the manifest's" in refusal(folder)


def test_a_manifest_that_lists_a_file_too_few(folder):
    arrays = to_arrays(tiny_model())
    entries = describe_arrays(arrays, SPECS)
    del entries["pair_items"]
    (folder / "manifest.json").write_text(tiny_manifest().sealed(entries).dumps())
    assert "does not list pair_items" in refusal(folder)


def test_layers_that_do_not_fit_each_other(folder):
    forge(folder, {"ranker_second": np.zeros((3, 2), np.float32)})
    assert f"{folder / 'ranker_second.npy'}: found 3 along first, expected 2" in refusal(folder)


def test_only_a_price_may_be_unknown(folder):
    """Wine has none."""
    forge(folder, {})
    assert np.isnan(read_model(folder).item_signals).sum() == 1
