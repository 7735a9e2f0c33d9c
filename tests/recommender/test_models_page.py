"""models/README.md describes the arrays that there are: its tables are made from the specs.

`PYTHONPATH=tests python tests/recommender/test_models_page.py` writes them anew.
"""

from collections.abc import Iterable
from pathlib import Path

import pytest

from recommender.arrays import ArraySpec
from recommender.customers import CUSTOMER_SPECS
from recommender.manifest import FORMAT_VERSION
from recommender.model_arrays import SPECS

PAGE = Path(__file__).parents[2] / "models" / "README.md"
TABLES = {"recommender.model_arrays.SPECS": SPECS, "recommender.customers.CUSTOMER_SPECS": CUSTOMER_SPECS}


def bounds(spec: ArraySpec) -> str:
    if spec.runs_over:
        return f"0 rising to {spec.runs_over}"
    finite = spec.low is not None and spec.low <= -1e300
    low = "" if spec.low is None or finite else f"≥ {spec.low:g}"
    below = "finite" if spec.below == float("inf") else f"< {spec.below}" if spec.below is not None else ""
    return ", ".join(part for part in (low, below, "or NaN" if spec.or_unknown else "") if part)


def table(specs: Iterable[ArraySpec]) -> str:
    rows = ["| file | dtype | axes | values | meaning |", "|---|---|---|---|---|"]
    for spec in specs:
        axes = ", ".join(axis.replace("+", " + ") for axis in spec.axes)
        rows.append(f"| `{spec.name}.npy` | {spec.dtype} | {axes} | {bounds(spec)} | {spec.meaning} |")
    return "\n".join(rows)


def with_tables(text: str) -> str:
    for name, specs in TABLES.items():
        head, mark, rest = text.partition(f"<!-- {name} -->\n")
        _, end, tail = rest.partition("<!-- end -->")
        assert mark, f"models/README.md: the place for the table of {name} is missing"
        assert end, f"models/README.md: the table of {name} has no end"
        text = f"{head}{mark}\n{table(specs)}\n\n{end}{tail}"
    return text


def test_the_tables_are_those_of_the_specs():
    text = PAGE.read_text(encoding="utf-8")
    assert text == with_tables(text), "PYTHONPATH=tests python tests/recommender/test_models_page.py writes them anew"


def test_the_page_names_the_format():
    assert f"| `format_version` | {FORMAT_VERSION};" in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "key", ["input", "window", "counts", "config", "seed", "libraries", "metrics", "notes", "files"]
)
def test_the_page_names_every_key_of_the_manifest(key):
    assert f"| `{key}` |" in PAGE.read_text(encoding="utf-8")


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
