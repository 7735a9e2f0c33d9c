"""A publisher that dies at any moment leaves a store that loads, with the version that served or the next one."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from tiny_shop import tiny_customers, tiny_model

from recommender.store import Store

TESTS = Path(__file__).parent.parent
KILLS = 12
PUBLISH_FOR_EVER = """
import sys
sys.path.insert(0, sys.argv[2])
from itertools import count
from tiny_store import publish_tiny
print("publishing", flush=True)
for seed in count(int(sys.argv[3])):
    publish_tiny(sys.argv[1], seed)
"""


def test_whatever_served_goes_on_serving(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    store.publish(tiny_model(), tiny_customers(), promote=True, now=datetime(2026, 1, 1, tzinfo=UTC))
    moments = random.Random(7)
    for kill in range(KILLS):
        command = [sys.executable, "-c", PUBLISH_FOR_EVER, str(store.root), str(TESTS), str(1000 * (kill + 1))]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as publisher:
            assert publisher.stdout is not None
            assert publisher.stdout.readline() == "publishing\n"
            time.sleep(moments.uniform(0.01, 0.2))
            publisher.kill()
        model, customers = store.load()
        assert model.manifest.model_id == store.current().model_id
        assert customers is not None
        assert [version.problem for version in store.versions() if version.problem] == []


def test_the_next_publisher_goes_on_where_one_died(tmp_path: Path) -> None:
    root = tmp_path / "store"
    command = [sys.executable, "-c", PUBLISH_FOR_EVER, str(root), str(TESTS), "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as publisher:
        assert publisher.stdout is not None
        publisher.stdout.readline()
        time.sleep(0.1)
        publisher.kill()
    version = Store(root).publish(tiny_model(), None, promote=True, now=datetime(2027, 1, 1, tzinfo=UTC))
    assert Store(root).current().name == version.name
