"""From an evaluation to a folder that people and machines read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from training.config import Config
from training.doctor.quarantine import Quarantine
from training.evaluation.as_json import as_json
from training.evaluation.as_markdown import as_markdown, title_of
from training.evaluation.bootstrap import Interval
from training.evaluation.comparison import OURS
from training.evaluation.evaluate import Evaluation, evaluate
from training.evaluation.folder import write_reports, written_whole
from training.evaluation.plots import PLOTS, draw
from training.progress import Progress


def report(
    orders: Any,
    catalog: Any,
    output: Path,
    config: Config,
    progress: Progress,
    *,
    command: str,
    quarantine: Quarantine = None,
) -> Evaluation:
    """Evaluate, and write `report.md`, `report.json` and plots into `output`.

    Raises
    ------
    UsageError
        Where the folder cannot take a report; said before any work.
    DataError
        See `training.evaluation.evaluate.evaluate`.
    """
    with written_whole(output, list(PLOTS)) as folder:
        evaluation = evaluate(orders, catalog, config, progress, quarantine)
        with progress.stage("write the report"):
            drawn = draw(evaluation, folder)
            created_at = datetime.now(UTC).isoformat(timespec="seconds")
            text = as_markdown(evaluation, command, created_at, [(name, PLOTS[name]) for name in drawn])
            write_reports(folder, text, as_json(evaluation, command, created_at) | {"plots": list(drawn)})
    return evaluation


def summary(evaluation: Evaluation, output: Path) -> str:
    """A line a comparison for the terminal, and where the rest stands."""
    rows = [("", "carts", "figure", OURS, "best peer", "", "ratio")]
    for one in evaluation.comparisons:
        ours, best = (one.method(name).figures[one.headline] for name in (OURS, one.best_peer))
        title = f"{one.protocol}, {one.customers}"
        figures = (title_of(one.headline), _three(ours), one.best_peer, _three(best), _ratio(one.ratios[one.headline]))
        rows.append((title, f"{one.carts:,}", *figures))
    return "\n".join([*_aligned(rows), f"report: {output / 'report.md'}"])


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _three(figure: Interval) -> str:
    return "–" if figure.value is None else f"{figure.value:.3f}"


def _ratio(figure: Interval) -> str:
    if figure.value is None:
        return "–"
    if figure.low is None or figure.high is None:
        return f"{figure.value:.2f}"
    return f"{figure.value:.2f} ({figure.low:.2f}–{figure.high:.2f})"
