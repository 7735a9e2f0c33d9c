"""A folder of arrays: what is written comes back, and what does not fit is refused by name."""

import hashlib
import io
import math
import os
import time

import numpy as np
import pytest

from recommender.arrays import ArraySpec, FileEntry, describe_arrays, read_arrays, write_arrays
from recommender.errors import ModelError

SPECS = (
    ArraySpec("offsets", "i8", ("rows+1",), "first line of each row", runs_over="lines"),
    ArraySpec("items", "i4", ("lines",), "row of the item", low=-1, below="rows"),
    ArraySpec("scores", "f4", ("lines",), "a finite number from 0", low=0, below=math.inf),
    ArraySpec("price", "f8", ("rows",), "finite or unknown", low=-1e300, below=math.inf, or_unknown=True),
    ArraySpec("flags", "u1", ("rows",), "0 or 1", below=2),
    ArraySpec("factors", "f4", ("rows", "width"), "anything"),
)


def good() -> dict[str, np.ndarray]:
    return {
        "offsets": np.array([0, 2, 2, 3], np.int64),
        "items": np.array([1, -1, 2], np.int32),
        "scores": np.array([0.5, 0.25, 0], np.float32),
        "price": np.array([1.5, math.nan, -3]),
        "flags": np.array([0, 1, 1], np.uint8),
        "factors": np.arange(6, dtype=np.float32).reshape(3, 2),
    }


def empty() -> dict[str, np.ndarray]:
    return {
        "offsets": np.zeros(1, np.int64),
        "items": np.empty(0, np.int32),
        "scores": np.empty(0, np.float32),
        "price": np.empty(0),
        "flags": np.empty(0, np.uint8),
        "factors": np.empty((0, 2), np.float32),
    }


def written(folder, arrays, specs=SPECS):
    write_arrays(folder, arrays, specs)
    return describe_arrays(arrays, specs)


def reads(folder, entries, specs=SPECS):
    """The message of the refusal."""
    with pytest.raises(ModelError) as refused:
        read_arrays(folder, entries, specs)
    return str(refused.value)


@pytest.mark.parametrize("arrays", [good(), empty()], ids=["good", "empty"])
def test_what_is_written_comes_back_mapped_and_read_only(tmp_path, arrays):
    back = read_arrays(tmp_path, written(tmp_path, arrays), SPECS)
    assert list(back) == [spec.name for spec in SPECS]
    for spec in SPECS:
        np.testing.assert_array_equal(back[spec.name], arrays[spec.name])
        assert back[spec.name].dtype == arrays[spec.name].dtype
        assert back[spec.name].shape == arrays[spec.name].shape
        assert not back[spec.name].flags.writeable
        assert not back[spec.name].flags.owndata


@pytest.mark.parametrize("damaged", ["items", "scores", "items scores"])
def test_large_arrays_are_read_and_refused_like_small_ones(tmp_path, damaged):
    """Large ones are read on threads; of two that are damaged the first of the specifications is named."""
    lines = 20_000
    arrays = good() | {
        "offsets": np.array([0, 2, 2, lines], np.int64),
        "items": np.zeros(lines, np.int32),
        "scores": np.ones(lines, np.float32),
    }
    entries = written(tmp_path, arrays)
    back = read_arrays(tmp_path, entries, SPECS)
    assert {name: array.tolist() for name, array in back.items() if name != "price"} == {
        name: array.tolist() for name, array in arrays.items() if name != "price"
    }
    for name in damaged.split():
        with (tmp_path / f"{name}.npy").open("r+b") as file:
            file.seek(-1, os.SEEK_END)
            file.write(b"\x7f")
    assert reads(tmp_path, entries).startswith(f"{tmp_path / damaged.split()[0]}.npy: found sha256")
    (tmp_path / "flags.npy").write_bytes(b"")
    assert reads(tmp_path, entries).startswith(f"{tmp_path / damaged.split()[0]}.npy: ")


def test_the_files_are_what_numpy_writes(tmp_path):
    entries = written(tmp_path, good())
    for name, array in good().items():
        file = io.BytesIO()
        np.save(file, array)
        assert (tmp_path / f"{name}.npy").read_bytes() == file.getvalue()
        assert entries[name].bytes == len(file.getvalue())


def test_an_entry_says_hash_dtype_shape_and_bytes(tmp_path):
    entry = written(tmp_path, good())["factors"]
    sha256 = hashlib.sha256((tmp_path / "factors.npy").read_bytes()).hexdigest()
    assert entry.as_json() == {"sha256": sha256, "dtype": "<f4", "shape": [3, 2], "bytes": 152}
    assert FileEntry.from_json(entry.as_json()) == entry


def test_an_array_in_fortran_order_or_reversed_is_written_in_rows(tmp_path):
    arrays = good() | {"factors": np.asfortranarray(good()["factors"])[::-1]}
    back = read_arrays(tmp_path, written(tmp_path, arrays), SPECS)
    np.testing.assert_array_equal(back["factors"], arrays["factors"])


def test_another_dtype_is_taken_where_nothing_is_lost(tmp_path):
    arrays = good() | {"items": np.array([1, -1, 2], np.int64), "flags": np.array([False, True, True])}
    assert written(tmp_path, arrays) == describe_arrays(good(), SPECS)


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("items", np.array([1, -1, 2**31], np.int64)),
        ("items", np.array([1, 0.5, 2])),
        ("scores", np.array([0.1, 0, 0])),
        ("flags", np.array([0, 1, -1])),
        ("factors", np.zeros(3, np.float32)),
        ("items", np.array(["a", "b", "c"])),
        ("items", np.array([None, 1, 2], object)),
    ],
)
def test_an_array_that_would_lose_something_is_not_written(tmp_path, name, array):
    with pytest.raises((ValueError, TypeError)):
        write_arrays(tmp_path, good() | {name: array}, SPECS)


def test_a_missing_array_is_not_passed_over(tmp_path):
    arrays = good()
    del arrays["flags"]
    with pytest.raises(KeyError, match="flags"):
        describe_arrays(arrays, SPECS)


def test_a_file_that_is_there_is_never_written_over(tmp_path):
    write_arrays(tmp_path, good(), SPECS)
    with pytest.raises(FileExistsError):
        write_arrays(tmp_path, good(), SPECS)


def test_files_may_be_the_owners_alone(tmp_path):
    write_arrays(tmp_path, good(), SPECS, mode=0o600)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


@pytest.mark.parametrize(
    ("name", "array", "expected"),
    [
        ("items", [1, -2, 2], "a value of -2, expected at least -1"),
        ("items", [1, 0, 3], "a value of 3, expected below 3"),
        ("scores", [0.5, math.nan, 0], "a value of nan, expected at least 0"),
        ("scores", [0.5, math.inf, 0], "a value of inf, expected below inf"),
        ("price", [1, -math.inf, 2], "a value of -inf, expected at least -1e+300"),
        ("price", [1, math.nan, math.inf], "a value of inf, expected below inf"),
        ("flags", [0, 1, 2], "a value of 2, expected below 2"),
        ("offsets", [1, 2, 2, 3], "offsets out of order, expected rising from 0 to 3"),
        ("offsets", [0, 2, 1, 3], "offsets out of order"),
        ("offsets", [0, 2, 2, 4], "offsets out of order"),
        ("offsets", [0, 2**63 - 1, -(2**63), 3], "offsets out of order"),
        ("offsets", [0, 2, 3], "3 along rows, expected 2"),
        ("items", [1, 2], "3 along lines, expected 2"),
    ],
)
def test_values_out_of_their_bounds(tmp_path, name, array, expected):
    arrays = good() | {name: np.array(array, good()[name].dtype)}
    message = reads(tmp_path, written(tmp_path, arrays))
    assert expected in message
    assert str(tmp_path) in message
    assert "goeswith models rollback" in message


def test_offsets_of_no_length_are_refused(tmp_path):
    specs = SPECS[:1] + SPECS[1:2]
    arrays = {"offsets": np.empty(0, np.int64), "items": np.empty(0, np.int32)}
    assert "offsets out of order" in reads(tmp_path, written(tmp_path, arrays, specs), specs)


def test_all_unknown_is_within_any_bounds(tmp_path):
    arrays = good() | {"price": np.full(3, math.nan)}
    assert np.isnan(read_arrays(tmp_path, written(tmp_path, arrays), SPECS)["price"]).all()


def test_the_length_of_an_axis_may_be_known_from_elsewhere(tmp_path):
    specs = (ArraySpec("items", "i4", ("lines",), "row", low=0, below="rows"),)
    entries = written(tmp_path, {"items": np.array([4], np.int32)}, specs)
    assert read_arrays(tmp_path, entries, specs, {"rows": 5})["items"].tolist() == [4]
    with pytest.raises(ModelError, match="a value of 4, expected below 4"):
        read_arrays(tmp_path, entries, specs, {"rows": 4})


def test_a_file_that_the_manifest_does_not_list(tmp_path):
    entries = written(tmp_path, good())
    del entries["flags"]
    assert "does not list flags" in reads(tmp_path, entries)


def test_a_missing_file(tmp_path):
    entries = written(tmp_path, good())
    (tmp_path / "flags.npy").unlink()
    assert f"{tmp_path}/flags.npy: found no readable file (No such file or directory)" in reads(tmp_path, entries)


def test_a_shortened_and_a_lengthened_file(tmp_path):
    entries = written(tmp_path, good())
    path = tmp_path / "flags.npy"
    content = path.read_bytes()
    path.write_bytes(content[:-1])
    assert "flags.npy: found 130 bytes, expected 131 bytes" in reads(tmp_path, entries)
    path.write_bytes(content + b"\0")
    assert "flags.npy: found 132 bytes, expected 131 bytes" in reads(tmp_path, entries)


def test_a_link_is_not_followed(tmp_path):
    entries = written(tmp_path, good())
    elsewhere = tmp_path / "elsewhere.npy"
    (tmp_path / "flags.npy").rename(elsewhere)
    (tmp_path / "flags.npy").symlink_to(elsewhere)
    assert "flags.npy: found no readable file" in reads(tmp_path, entries)


def test_a_linked_folder_is_not_followed(tmp_path):
    folder = tmp_path / "real"
    folder.mkdir()
    entries = written(folder, good())
    (tmp_path / "link").symlink_to(folder)
    assert "is a link" in reads(tmp_path / "link", entries)


def test_a_pipe_does_not_hang_the_reader(tmp_path):
    entries = written(tmp_path, good())
    (tmp_path / "flags.npy").unlink()
    os.mkfifo(tmp_path / "flags.npy")
    begun = time.monotonic()
    assert "not a regular file" in reads(tmp_path, entries)
    assert time.monotonic() - begun < 5


def header(text: str, data: bytes = b"") -> bytes:
    padded = text.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(padded).to_bytes(2, "little") + padded + data


STRANGE = {
    "no array at all": b"hello, world",
    "objects": header("{'descr': '|O', 'fortran_order': False, 'shape': (3,), }", b"\x80\x04N.."),
    "a header that is code": header("__import__('os').abort()"),
    "brackets without end": header("(" * 110),
    "columns first": header("{'descr': '|u1', 'fortran_order': True, 'shape': (3,), }", b"\0\1\1"),
    "a huge shape": header("{'descr': '|u1', 'fortran_order': False, 'shape': (999999999999999,), }", b"\0\1\1"),
    "a shape of nothing": header("{'descr': '|u1', 'fortran_order': False, 'shape': (0, 4611686018427387904, 8), }"),
    "another dtype": header("{'descr': '<i8', 'fortran_order': False, 'shape': (3,), }", bytes(24)),
    "other shape": header("{'descr': '|u1', 'fortran_order': False, 'shape': (4,), }", bytes(4)),
    "more data than the shape": header("{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }", bytes(9)),
    "a newer version of the header": b"\x93NUMPY\x03\x00" + bytes(120),
    "an empty file": b"",
}


@pytest.mark.parametrize("content", STRANGE.values(), ids=STRANGE)
def test_a_strangers_file_with_a_fitting_hash_is_refused_without_being_believed(tmp_path, content):
    entries = written(tmp_path, good())
    (tmp_path / "flags.npy").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    for shape in [(3,), (4,), (999999999999999,), (0, 4611686018427387904, 8)]:
        entries["flags"] = FileEntry(digest, "|u1", shape, len(content))
        message = reads(tmp_path, entries)
        assert "flags.npy" in message


@pytest.mark.parametrize(
    "change",
    [
        {"sha256": "0" * 63},
        {"sha256": "Z" * 64},
        {"sha256": 7},
        {"dtype": 7},
        {"shape": [-1]},
        {"shape": [1.5]},
        {"shape": [True]},
        {"shape": 3},
        {"bytes": "152"},
        {"bytes": -1},
        {"more": 1},
    ],
)
def test_what_is_no_entry(change):
    entry = {"sha256": "0" * 64, "dtype": "<i4", "shape": [1], "bytes": 132}
    assert FileEntry.from_json(entry).shape == (1,)
    with pytest.raises((ValueError, TypeError)):
        FileEntry.from_json(entry | change)
