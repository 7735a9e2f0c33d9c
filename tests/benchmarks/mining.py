"""Frequent itemsets beside Borgelt's miner in C (pyfim), mlxtend, scipy's product and bitsets, on the same baskets.

    python tests/benchmarks/mining.py --orders ORDERS --retail retail.dat --t10 T10I4D100K.dat [--json FILE]

Every miner runs in a process of its own, on baskets in the form that it takes: only the mining is timed, the miners
taking turns, and the peak of the process's memory is told. Seconds are the median of --runs (of --slow-runs for
mlxtend), ratios are goeswith's to the other's. Exits with 1 where two do not find the same itemsets, count for count.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from training.itemset_tables import in_order

Found = list[tuple[np.ndarray, np.ndarray]]  # by length: int (found, length) and int (found,)


@dataclass(frozen=True)
class Case:
    """Baskets, a bound, and the miners that are run on them; `max_len` 0 is no limit."""

    name: str
    baskets: str
    min_count: int
    max_len: int
    miners: tuple[str, ...]


@dataclass(frozen=True)
class Result:
    """One miner on one case: seconds (median), MB of the process at most and of these before it began."""

    case: str
    miner: str
    release: str
    seconds: float
    before_mb: int
    peak_mb: int
    itemsets: int
    digest: str


CASES = (
    Case("Complete Journey, count ≥ 10, ≤ 3 items", "orders", 10, 3, ("goeswith", "pyfim")),
    Case("Complete Journey, count ≥ 20, ≤ 3 items", "orders", 20, 3, ("goeswith", "pyfim", "mlxtend")),
    Case("FIMI retail, count ≥ 89, all lengths", "retail", 89, 0, ("goeswith", "pyfim", "mlxtend")),
    Case("FIMI T10I4D100K, count ≥ 100, all lengths", "t10", 100, 0, ("goeswith", "pyfim", "mlxtend")),
    Case("Complete Journey, count ≥ 10, pairs", "orders", 10, 2, ("goeswith", "scipy", "pyfim")),
    Case("FIMI retail, count ≥ 89, pairs", "retail", 89, 2, ("goeswith", "scipy", "bitsets", "pyfim")),
    Case("FIMI T10I4D100K, count ≥ 100, pairs", "t10", 100, 2, ("goeswith", "scipy", "bitsets", "pyfim")),
)
RELEASES = {"goeswith": "numba", "pyfim": "pyfim", "mlxtend": "mlxtend", "scipy": "scipy", "bitsets": "numpy"}
SLOW = ("mlxtend",)


def goeswith(matrix: sparse.csr_matrix, case: Case) -> Callable[[], Any]:
    from training.itemsets import frequent_itemsets

    frequent_itemsets(matrix[:100], 1, max_len=3)  # loads the machine code
    return lambda: frequent_itemsets(matrix, case.min_count, max_len=case.max_len or None)


def pyfim(matrix: sparse.csr_matrix, case: Case) -> Callable[[], Any]:
    from fim import fpgrowth

    baskets = [basket.tolist() for basket in np.split(matrix.indices, matrix.indptr[1:-1])]
    return lambda: fpgrowth(baskets, supp=-case.min_count, zmax=case.max_len or -1, report="a")


def mlxtend(matrix: sparse.csr_matrix, case: Case) -> Callable[[], Any]:
    """On the frequent items alone, in a sparse frame: a dense one of all items would not fit."""
    import pandas as pd
    from mlxtend.frequent_patterns import fpgrowth

    items = np.flatnonzero(np.bincount(matrix.indices, minlength=matrix.shape[1]) >= case.min_count)
    frame = pd.DataFrame.sparse.from_spmatrix(matrix[:, items].astype(np.bool_), columns=items)
    support = (case.min_count - 0.5) / len(frame)
    return lambda: (fpgrowth(frame, min_support=support, max_len=case.max_len or None, use_colnames=True), len(frame))


def scipy(matrix: sparse.csr_matrix, case: Case) -> Callable[[], Any]:
    ones = matrix.astype(np.int32)

    def product() -> Found:
        counts = np.bincount(ones.indices, minlength=ones.shape[1])
        items = np.flatnonzero(counts >= case.min_count)
        frequent = ones[:, items]
        met = sparse.triu(frequent.T @ frequent, 1, format="coo")
        kept = met.data >= case.min_count
        pairs = np.column_stack((items[met.row[kept]], items[met.col[kept]]))
        return [(items[:, None], counts[items]), (pairs, met.data[kept])]

    return product


def bitsets(matrix: sparse.csr_matrix, case: Case) -> Callable[[], Any]:
    """A bit a basket for every frequent item; a pair's baskets are the bits that both have."""

    def meet() -> Found:
        counts = np.bincount(matrix.indices, minlength=matrix.shape[1])
        items = np.flatnonzero(counts >= case.min_count)
        bits = np.packbits(matrix[:, items].toarray().astype(np.bool_), axis=0)
        words = np.pad(bits, ((0, -len(bits) % 8), (0, 0))).T.copy().view(np.uint64)
        pairs, numbers = [], []
        for first in range(len(items) - 1):
            together = np.bitwise_count(words[first] & words[first + 1 :]).sum(axis=1, dtype=np.int64)
            kept = np.flatnonzero(together >= case.min_count)
            pairs.append(np.column_stack((np.full(len(kept), items[first]), items[first + 1 + kept])))
            numbers.append(together[kept])
        return [(items[:, None], counts[items]), (np.concatenate(pairs), np.concatenate(numbers))]

    return meet


def tables(miner: str, found: Any) -> Found:
    """What a miner gave, by length."""
    if miner == "goeswith":
        return [found.of_length(length) for length in range(1, found.longest + 1)]
    if miner in {"scipy", "bitsets"}:
        return found
    if miner == "mlxtend":
        frame, baskets = found
        counts = np.rint(frame["support"].to_numpy() * baskets).astype(int)
        return _by_length(zip(frame["itemsets"], counts.tolist(), strict=True))
    return _by_length(found)


def _by_length(found: Iterable[tuple[Iterable[int], int]]) -> Found:
    rows: dict[int, list[tuple[int, ...]]] = {}
    counts: dict[int, list[int]] = {}
    for itemset, count in found:
        items = tuple(itemset)
        rows.setdefault(len(items), []).append(items)
        counts.setdefault(len(items), []).append(count)
    return [(np.array(rows[length]), np.array(counts[length])) for length in sorted(rows)]


def digest(found: Found, items: int) -> str:
    said = hashlib.sha256()
    for rows, counts in found:
        table, order = in_order(rows.astype(np.int32), items)
        said.update(table.tobytes() + counts[order].astype(np.int64).tobytes())
    return said.hexdigest()[:16]


def take_turns(case: Case, miner: str, path: Path) -> None:
    """In a process that does nothing else: mine once for each line of the input; at its end tell what was found."""
    matrix = sparse.load_npz(path)
    mine = globals()[miner](matrix, case)
    print(_peak(), flush=True)
    found = None
    for _ in sys.stdin:
        found = None
        started = time.perf_counter()
        found = mine()
        print(time.perf_counter() - started, flush=True)
    peak = _peak()
    said = tables(miner, found)
    number = sum(len(counts) for _, counts in said)
    print(json.dumps({"peak_mb": peak, "itemsets": number, "digest": digest(said, matrix.shape[1])}))


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def measured(number: int, path: Path, runs: int, slow_runs: int) -> list[Result]:
    """One case, its miners taking turns; one that cannot run is left out, with the reason."""
    case = CASES[number]
    turns = {
        miner: subprocess.Popen(
            [sys.executable, __file__, "--one", str(number), miner, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for miner in case.miners
    }
    before = {miner: process.stdout.readline() for miner, process in turns.items()}
    seconds: dict[str, list[float]] = {miner: [] for miner in turns}
    for turn in range(runs):
        for miner, process in turns.items():
            if before[miner] and (miner not in SLOW or turn < slow_runs):
                process.stdin.write("go\n")
                process.stdin.flush()
                seconds[miner].append(float(process.stdout.readline()))
    results = []
    for miner, process in turns.items():
        said, _ = process.communicate()
        if process.returncode:
            print(f"{case.name}: {miner} did not run", file=sys.stderr)
            continue
        release = f"{RELEASES[miner]} {version(RELEASES[miner])}"
        median = statistics.median(seconds[miner])
        results.append(Result(case.name, miner, release, median, int(before[miner]), **json.loads(said)))
    return results


def write_baskets(orders: str, path: str) -> None:
    """(baskets, items) of ones, read as `goeswith mine` reads them."""
    from training.encode import encode_as_is
    from training.read import open_orders

    sparse.save_npz(path, encode_as_is(open_orders(orders)).matrix(), compressed=False)


def compared(results: list[Result]) -> int:
    """Print the table; the number of cases in which two do not agree."""
    wrong = 0
    for name in dict.fromkeys(result.case for result in results):
        own, *others = (result for result in results if result.case == name)
        print(f"\n{name}: {own.itemsets:,} itemsets")
        print(f"  {'miner':<10}{'release':<16}{'seconds':>9}{'ratio':>8}{'peak MB':>9}{'ratio':>8}  same itemsets")
        for result in (own, *others):
            same = result.digest == own.digest
            wrong += not same
            time_ratio, memory_ratio = own.seconds / result.seconds, own.peak_mb / result.peak_mb
            print(
                f"  {result.miner:<10}{result.release:<16}{result.seconds:>9.3f}{time_ratio:>8.3f}"
                f"{result.peak_mb:>9,.0f}{memory_ratio:>8.2f}  {'yes' if same else 'NO'}"
            )
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", help="orders of the Complete Journey")
    parser.add_argument("--retail", help="retail.dat of the FIMI repository")
    parser.add_argument("--t10", help="T10I4D100K.dat of the FIMI repository")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--slow-runs", type=int, default=1, help="runs of mlxtend")
    parser.add_argument("--json", type=Path, help="file for the figures")
    parser.add_argument("--one", nargs=3, metavar=("CASE", "MINER", "FILE"), help=argparse.SUPPRESS)
    parser.add_argument("--write", nargs=2, metavar=("ORDERS", "FILE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        take_turns(CASES[int(options.one[0])], options.one[1], Path(options.one[2]))
        return 0
    if options.write:
        write_baskets(*options.write)
        return 0
    results: list[Result] = []
    with tempfile.TemporaryDirectory() as folder:
        for number, case in enumerate(CASES):
            path, orders = Path(folder, f"{case.baskets}.npz"), getattr(options, case.baskets)
            if orders and not path.exists():  # by another process: no child is told to hold what its parent held
                subprocess.run([sys.executable, __file__, "--write", orders, path], check=True)
            if orders:
                results += measured(number, path, options.runs, options.slow_runs)
    wrong = compared(results)
    if options.json:
        machine = {"python": platform.python_version(), "system": platform.platform()}
        said = {"machine": machine, "runs": options.runs, "slow_runs": options.slow_runs}
        options.json.parent.mkdir(exist_ok=True)
        options.json.write_text(json.dumps(said | {"results": [asdict(result) for result in results]}, indent=1))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
