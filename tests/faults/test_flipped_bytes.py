"""One flipped bit anywhere in a version is noticed, whichever file it is in and wherever in the file."""

from datetime import UTC, datetime

import pytest
from tiny_shop import tiny_customers, tiny_model

from recommender.errors import ModelError
from recommender.store import Store


@pytest.mark.parametrize("room", ["versions", "customers"])
def test_a_flipped_bit_in_each_file(tmp_path, room):
    store = Store(tmp_path / "store")
    name = store.publish(tiny_model(), tiny_customers(), promote=True, now=datetime(2026, 11, 21, tzinfo=UTC)).name
    files = [path for path in (store.root / room / name).rglob("*") if path.is_file()]
    assert len(files) > 7
    for path in files:
        content = path.read_bytes()
        for place in {0, 8, len(content) // 2, len(content) - 2, len(content) - 1}:
            flipped = bytearray(content)
            flipped[place] ^= 1
            path.write_bytes(flipped)
            with pytest.raises(ModelError) as refused:
                store.load()
            assert str(path) in str(refused.value)
            assert refused.value.exit_code == 5
        path.write_bytes(content)
    assert store.load()[1] is not None
