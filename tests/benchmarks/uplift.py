"""How often a report tells of an effect that is none, and finds one that is there, to who looks twenty times.

    python tests/benchmarks/uplift.py [--experiments 1000] [--visitors 20000] [--log FOLDER]

Sales are heavy-tailed: most visitors buy nothing, a few much (a gamma law of shape .05). An experiment is looked at
twenty times while its visitors come in. A gain of a tenth is added to what every visitor of one arm buys.
With `--log` an event log is written instead, for `goeswith report` with a model of the AdventureWorks orders: half of
its visitors are shown the bottle cage, and take it in four of ten orders of a bottle, the others in three.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator

from recommender.events import Exposure, utc_text
from recommender.experiment import Arm, Experiment
from training.uplift.compare import Difference, difference

_LOOKS, _SHAPE, _GAIN = 20, 0.05, 0.1
_BOTTLE, _CAGE = "477", "478"
_ORDERS, _CLICKS, _WITH_CAGE, _CAGE_ANYWAY = 0.08, 0.1, 0.4, 0.3
_LOG_VISITORS = 40_000


def looks(random: Generator, visitors: int, gain: float) -> list[Difference]:
    """What is found at each look at one experiment."""
    shown = random.random(visitors) < 0.5
    sales = random.standard_gamma(_SHAPE, visitors) * np.where(shown, 1 + gain, 1)
    ends = np.linspace(0, visitors, _LOOKS + 1, dtype=np.int64)[1:]
    return [difference(sales[:end][shown[:end]], sales[:end][~shown[:end]]) for end in ends]


def told(found: list[Difference]) -> tuple[bool, bool, bool]:
    """Whether a difference is told: by the interval that is asked once, at any look; at the last; by the sequence."""
    once = [one.low > 0 or one.high < 0 for one in found]
    return any(once), once[-1], any(one.always_low > 0 or one.always_high < 0 for one in found)


def visits(random: Generator, visitors: int) -> Iterator[dict[str, Any]]:
    """The events of a log, one visitor after the other."""
    experiment = Experiment("spring-2027", (Arm("nothing", 0.5, show=False), Arm("shown", 0.5)))
    placement, opening = "cross-sell", datetime(2026, 11, 1, tzinfo=UTC)
    for number in range(visitors):
        visitor, answer, came = f"v{number}", f"r{number}", opening + timedelta(seconds=10 * number)
        arm = experiment.arm_of(visitor)
        at = [utc_text(came + timedelta(minutes=later)) for later in (0, 5, 10)]
        told = {"visitor_id": visitor, "placement": placement, "request_id": answer, "items": [{"item_id": _CAGE}]}
        yield Exposure(
            at[0], visitor, None, placement, answer, "made-up", experiment.name, arm.name, arm.share, arm.show, (_CAGE,)
        ).as_json()
        if arm.show:
            yield {"type": "view", "at": at[0], **told}
        if arm.show and random.random() < _CLICKS:
            yield {"type": "click", "at": at[1], **told}
        if random.random() < _ORDERS:
            taken = [_BOTTLE, _CAGE] if random.random() < (_WITH_CAGE if arm.show else _CAGE_ANYWAY) else [_BOTTLE]
            items = [{"item_id": item} for item in taken]
            yield {"type": "order", "at": at[2], "visitor_id": visitor, "order_id": f"o{number}", "items": items}


def write_log(folder: Path, visitors: int) -> None:
    """One file of events in a new folder."""
    folder.mkdir()
    events = visits(np.random.default_rng(1), visitors)
    (folder / "2026-11-01.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--experiments", type=int, default=1000)
    parser.add_argument("--visitors", type=int, default=20_000)
    parser.add_argument("--log", type=Path, help="a new folder for a made-up event log")
    asked = parser.parse_args()
    if asked.log is not None:
        write_log(asked.log, _LOG_VISITORS)
        return
    for gain, visitors in ((0.0, asked.visitors), (_GAIN, asked.visitors), (_GAIN, 5 * asked.visitors)):
        random = np.random.default_rng(7)
        shares = np.mean([told(looks(random, visitors, gain)) for _ in range(asked.experiments)], axis=0)
        print(
            f"gain {gain:.0%}, {visitors:>7,} visitors: told by the fixed interval at any look {shares[0]:.1%}, "
            f"at the last {shares[1]:.1%}; by the one for every look {shares[2]:.1%}"
        )


if __name__ == "__main__":
    main()
