"""Makes the sample of the current format: `python tests/formats/make.py` writes tests/formats/VERSION/.

Run it when `FORMAT_VERSION` has gone up, and commit what it made; samples of past formats are never made again.
"""

import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tiny_shop import tiny_customers, tiny_model

from recommender.manifest import FORMAT_VERSION
from recommender.store import Store

HERE = Path(__file__).parent


def make(root: Path) -> None:
    """A store with the tiny shop, without the lock file."""
    Store(root).publish(tiny_model(), tiny_customers(), promote=True, now=datetime(2026, 11, 21, 20, 10, tzinfo=UTC))
    (root / ".lock").unlink()


if __name__ == "__main__":
    shutil.rmtree(HERE / str(FORMAT_VERSION), ignore_errors=True)
    make(HERE / str(FORMAT_VERSION))
