"""Which version serves, and which served before."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from recommender.errors import ModelError
from recommender.pointer import earlier, name_parts, point_back, point_to, serving, version_name

A, B, C = (f"2026112{day}T1000Z-{digit * 12}" for day, digit in enumerate("abc"))


def history(store) -> list[str]:
    return (store / "history").read_text().splitlines()


def test_a_name_says_the_minute_in_utc_and_the_model():
    evening = datetime(2026, 11, 21, 22, 10, 59, tzinfo=timezone(timedelta(hours=2)))
    assert version_name(evening, "a" * 12) == "20261121T2010Z-aaaaaaaaaaaa"
    assert version_name(datetime(2026, 11, 21, 20, 10), "a" * 12) == "20261121T2010Z-aaaaaaaaaaaa"  # noqa: DTZ001  naive is UTC
    assert name_parts("20261121T2010Z-aaaaaaaaaaaa") == (datetime(2026, 11, 21, 20, 10, tzinfo=UTC), "a" * 12)


@pytest.mark.parametrize(
    "name", ["", "..", "../x", f"{A}/..", f" {A}", f"{A}\n", A.upper(), "20261321T1000Z-" + "a" * 12, ".incoming-" + A]
)
def test_what_is_no_name(name):
    assert name_parts(name) is None


def test_a_new_store_serves_nothing(tmp_path):
    assert serving(tmp_path) is None
    assert earlier(tmp_path) == []


def test_the_pointer_is_one_line(tmp_path):
    point_to(tmp_path, A)
    point_to(tmp_path, B)
    assert (tmp_path / "current").read_text() == f"{B}\n"
    assert serving(tmp_path) == B
    assert history(tmp_path) == [A, B]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["current", "history"]


def test_promoting_what_serves_changes_nothing(tmp_path):
    point_to(tmp_path, A)
    point_to(tmp_path, A)
    assert history(tmp_path) == [A]


def test_back_and_back_again(tmp_path):
    for name in (A, B, A, C):
        point_to(tmp_path, name)
    assert earlier(tmp_path) == [A, B]
    point_back(tmp_path, A)
    assert (serving(tmp_path), history(tmp_path), earlier(tmp_path)) == (A, [A, B, A], [B])
    point_back(tmp_path, B)
    assert (serving(tmp_path), history(tmp_path), earlier(tmp_path)) == (B, [A, B], [A])
    point_back(tmp_path, A)
    assert (serving(tmp_path), history(tmp_path), earlier(tmp_path)) == (A, [A], [])


def test_a_crash_between_history_and_pointer_is_harmless(tmp_path):
    point_to(tmp_path, A)
    point_to(tmp_path, B)
    (tmp_path / "history").write_text(f"{A}\n{B}\n{C}\n")
    assert (serving(tmp_path), earlier(tmp_path)) == (B, [A])
    point_to(tmp_path, A)
    assert history(tmp_path) == [A, B, A]


def test_a_pointer_written_by_hand(tmp_path):
    (tmp_path / "current").write_text(f"  {B}  \n\n")
    assert (serving(tmp_path), earlier(tmp_path)) == (B, [])
    point_to(tmp_path, C)
    assert earlier(tmp_path) == [B]


@pytest.mark.parametrize("content", [b"", b"\n", b"../../etc\n", b"\xff\xfe", f"{A}\n{B}\n".encode(), b"x" * 10**6])
def test_a_pointer_that_names_no_version(tmp_path, content):
    (tmp_path / "current").write_bytes(content)
    with pytest.raises(ModelError, match="expected one line with the name of a version"):
        serving(tmp_path)
    point_to(tmp_path, A)
    assert serving(tmp_path) == A


def test_a_pointer_that_cannot_be_read(tmp_path):
    (tmp_path / "current").mkdir()
    with pytest.raises(ModelError, match="current: cannot be read"):
        serving(tmp_path)


def test_a_store_that_is_a_file(tmp_path):
    (tmp_path / "store").write_text("")
    with pytest.raises(ModelError, match="cannot be read"):
        serving(tmp_path / "store")


def test_the_history_stays_short(tmp_path):
    (tmp_path / "history").write_text(f"{A}\n{B}\n" * 50)
    (tmp_path / "current").write_text(B)
    point_to(tmp_path, C)
    assert history(tmp_path) == [B, *[A, B] * 49, C]
