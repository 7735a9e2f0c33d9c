"""Run the benchmarks one after the other, print what they say, and write it down: python tests/benchmarks [NAME...]

Data is found by environment variables; a benchmark whose data is missing is skipped with the reason.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent
RESULT = Path("build/benchmarks.json")


@dataclass(frozen=True)
class Benchmark:
    """A script beside this file, and its arguments; `{orders}` and the like stand for data."""

    script: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What one benchmark said, how long it took (seconds) and what it held at most (MB), or why it was skipped."""

    name: str
    state: str
    seconds: float = 0.0
    peak_mb: float = 0.0
    lines: tuple[str, ...] = ()


_MINED = ("--orders", "{orders}", "--retail", "{retail}", "--t10", "{t10}", "--json", "build/mining.json")
BENCHMARKS = (
    Benchmark("engine", ("{store}",)),
    Benchmark("service_start", ("{store}",)),
    Benchmark("large_store"),
    Benchmark("http_load", ("{store}",)),
    Benchmark("score", ("{store}", "{carts}", "--times", "5")),
    Benchmark("policy", ("{store}",)),
    Benchmark("mining", _MINED),
    Benchmark("synth", ("{orders}",)),
    Benchmark("training_time", ("{orders}", "--catalog", "{catalog}", "--json", "build/training_time.json")),
    Benchmark("shuffled_claims", ("{orders}",)),
    Benchmark("seasons"),
    Benchmark("uplift"),
    Benchmark("customers", ("{orders}",)),
    Benchmark("ranking", ("{orders}", "--catalog", "{catalog}")),
    Benchmark("unseen_shops", ("{shop}", "--json", "build/unseen_shops.json")),
    Benchmark("ablation", ("{carts}",)),
    Benchmark("boxes", ("{orders}", "{store}")),
    Benchmark("exports"),
    Benchmark("adventureworks", ("{adventureworks}",)),
    Benchmark("cold", ("{carts}", "{suggestions}")),
    Benchmark("substitutes", ("{carts}", "{store}")),
    Benchmark("ceiling", ("{carts}", "{store}", "--objective", "revenue")),
    Benchmark("objective", ("{carts}", "{store}", "--objective", "revenue")),
)


FOUND_BY: Mapping[str, tuple[str, str, str]] = {
    "retail": ("GOESWITH_FIMI_RETAIL", "", "the file retail.dat of the FIMI repository"),
    "t10": ("GOESWITH_FIMI_T10", "", "the file T10I4D100K.dat of the FIMI repository"),
    "store": ("GOESWITH_STORE", "models/demo/store", "a store with a model, as make demo leaves"),
    "adventureworks": ("GOESWITH_ADVENTUREWORKS", "", "a store with a model of the AdventureWorks orders"),
    "shop": ("GOESWITH_SHOP", "", "all orders of a shop that the program was not made on"),
    "carts": ("GOESWITH_CARTS", "", "a folder with later carts and their hidden items"),
    "suggestions": ("GOESWITH_SUGGESTIONS", "", "what goeswith score --new-only answered to these carts"),
}
"""Variable, default and description of data that is not made here."""


class Data:
    """Where the data of a benchmark lies; the Complete Journey's baskets are written when first asked for."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.environment = environment

    def place(self, name: str) -> str:
        """The path of `name`; raises ``LookupError`` with the reason where there is none."""
        if name == "orders":
            return self.environment.get("GOESWITH_ORDERS") or self._journey("orders")
        if name == "catalog" and self.environment.get("GOESWITH_ORDERS"):
            return self._existing("GOESWITH_CATALOG", "", "the catalogue of the orders in GOESWITH_ORDERS")
        if name == "catalog":
            return self._journey("catalog")
        if name in FOUND_BY:
            return self._existing(*FOUND_BY[name])
        raise LookupError(f"no data is called {name}")

    def _journey(self, name: str) -> str:
        """Written by another process: what a child holds at most is never told as less than its parent holds."""
        program = "import sys; from pathlib import Path; from training.complete_journey import write_files as write;"
        subprocess.run([sys.executable, "-c", f"{program} write(Path(sys.argv[1]))", self.folder], check=True)
        return str(self.folder / f"{name}.parquet")

    def _existing(self, variable: str, default: str, what: str) -> str:
        path = self.environment.get(variable, default)
        if not path or not Path(path).exists():
            raise LookupError(f"set {variable} to {what}")
        return path


def run(benchmark: Benchmark, data: Data) -> Outcome:
    script = HERE / f"{benchmark.script}.py"
    try:
        arguments = [data.place(word[1:-1]) if word.startswith("{") else word for word in benchmark.arguments]
    except LookupError as error:
        return Outcome(benchmark.script, f"skipped: {error.args[0]}")
    started = time.perf_counter()
    with subprocess.Popen([sys.executable, script, *arguments], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = tuple(said(line) for line in process.stdout)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    state = "done" if process.returncode == 0 else f"failed with exit code {process.returncode}"
    seconds = round(time.perf_counter() - started, 2)
    return Outcome(benchmark.script, state, seconds, round(usage.ru_maxrss / 1024, 1), lines)


def said(line: str) -> str:
    print(f"    {line}", end="", flush=True)
    return line.rstrip("\n")


def main(names: list[str]) -> int:
    unknown = set(names) - {benchmark.script for benchmark in BENCHMARKS}
    if unknown:
        known = ", ".join(benchmark.script for benchmark in BENCHMARKS)
        print(f"no benchmark is called {', '.join(sorted(unknown))}; there are {known}", file=sys.stderr)
        return 2
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory() as folder:
        data = Data(Path(folder), os.environ)
        for benchmark in BENCHMARKS:
            if not names or benchmark.script in names:
                print(benchmark.script, flush=True)
                outcomes.append(run(benchmark, data))
    print(f"\n{'benchmark':<20}{'seconds':>10}{'peak MB':>10}  state")
    for outcome in outcomes:
        print(f"{outcome.name:<20}{outcome.seconds:>10.1f}{outcome.peak_mb:>10.0f}  {outcome.state}")
    RESULT.parent.mkdir(exist_ok=True)
    machine = {"python": platform.python_version(), "cores": os.cpu_count(), "system": platform.platform()}
    RESULT.write_text(
        json.dumps(
            {"at": datetime.now(UTC).isoformat(), "machine": machine, "benchmarks": [asdict(o) for o in outcomes]},
            indent=1,
        )
    )
    print(f"written to {RESULT}")
    return int(any(outcome.state.startswith("failed") for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
