"""Plots of an evaluation: goeswith in the one colour, peers in grey, everything labelled where it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from matplotlib.figure import Figure

from training.evaluation.comparison import Comparison
from training.evaluation.drawing import calibration_curve, hits_against_coverage, hits_against_worth, hits_by_cart_size
from training.evaluation.evaluate import Evaluation
from training.evaluation.questions import MAIN_PROTOCOL

PLOTS: Mapping[str, str] = {
    "hits-by-cart-size.png": "Hits by cart size",
    "calibration.png": "Probability given against share of hits",
    "hits-against-coverage.png": "Hits against different items shown",
    "hits-against-margin.png": "Hits against what the first ten places bring",
}
_DRAWINGS: Mapping[str, Callable[[list[Comparison]], Figure | None]] = {
    "hits-by-cart-size.png": hits_by_cart_size,
    "calibration.png": calibration_curve,
    "hits-against-coverage.png": hits_against_coverage,
    "hits-against-margin.png": hits_against_worth,
}


def draw(evaluation: Evaluation, folder: Path) -> list[str]:
    """Write every plot that there is data for; returns their file names."""
    main = [one for one in evaluation.comparisons if one.protocol == MAIN_PROTOCOL]
    drawn: list[str] = []
    for name, drawing in _DRAWINGS.items():
        figure = drawing(main)
        if figure is not None:
            figure.savefig(folder / name, dpi=160, metadata={"Software": None})
            drawn.append(name)
    return drawn
