"""The report for machines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from training.evaluation.bootstrap import DRAWS, Interval
from training.evaluation.comparison import OURS, Comparison, Part
from training.evaluation.evaluate import Evaluation

FORMAT = 1


def as_json(evaluation: Evaluation, command: str, created_at: str) -> dict[str, Any]:
    """Plain values; docs/evaluation.md names every key."""
    return {
        "format": FORMAT,
        "command": command,
        "created_at": created_at,
        "source": dict(evaluation.source),
        "data": dict(evaluation.facts),
        "windows": {name: asdict(span) for name, span in evaluation.spans.items()},
        "fitted_on_carts": evaluation.fitted_on,
        "peers": {tuned.family.name: tuned.as_json() for tuned in evaluation.peers},
        "bootstrap_draws": DRAWS,
        "comparisons": [_comparison(comparison) for comparison in evaluation.comparisons],
        "notes": list(evaluation.notes),
        "config": evaluation.config.model_dump(),
        "libraries": dict(evaluation.libraries),
    }


def _comparison(comparison: Comparison) -> dict[str, Any]:
    calibration = comparison.calibration
    return {
        "protocol": comparison.protocol,
        "customers": comparison.customers,
        "carts": comparison.carts,
        "drawn": "customers" if comparison.by_customer else "orders",
        "groups": comparison.groups,
        "methods": {
            method.name: _intervals(method.figures) | {"all_lists": dict(method.lists)} for method in comparison.methods
        },
        "headline": comparison.headline,
        "best_peer": comparison.best_peer,
        f"{OURS}_over_best_peer": _intervals(comparison.ratios),
        "slices": [_part(part) for part in comparison.parts],
        "calibration": None if calibration is None else calibration.as_json(),
        "frontier": {
            "worth": comparison.worth,
            "points": [{"weight": point.weight} | _intervals(point.figures) for point in comparison.frontier],
        }
        if comparison.frontier
        else None,
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "kind": part.kind,
        "name": part.name,
        "carts": part.carts,
        "hr10": _intervals(part.hr10),
        f"{OURS}_over_best_peer": part.ratio.as_json(),
    }


def _intervals(figures: Mapping[str, Interval]) -> dict[str, Any]:
    return {name: figure.as_json() for name, figure in figures.items()}
