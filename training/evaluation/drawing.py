"""The four drawings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from training.evaluation.calibration import Calibration
from training.evaluation.canvas import (
    ACCENT,
    FAINT,
    INK,
    PEER,
    SMALL,
    Mark,
    label_beside,
    label_right,
    log_ticks,
    panels,
    percent,
    whisker,
)
from training.evaluation.comparison import HEADLINE, OURS, Comparison, Method, Part

_LINE_POINTS = 100
_HIT = "carts with the hidden item among the first ten"
_TITLES = {"known": "Customers known", "anonymous": "Customers unknown"}


def hits_by_cart_size(comparisons: Sequence[Comparison]) -> Figure | None:
    """HR@10 of every method by the size of the cart; None without carts of two sizes."""
    sizes = [[part for part in one.parts if part.kind == "cart size"] for one in comparisons]
    if not sizes or max(map(len, sizes)) < 2:
        return None
    figure, frames = panels("Hits by cart size", [_titled(one) for one in comparisons])
    for one, parts, axes in zip(comparisons, sizes, frames, strict=True):
        for method in one.methods:
            _draw_line(axes, parts, method.name, _color(method.name, one))
        axes.set_xticks(range(len(parts)), [f"{part.name} shown\n{part.carts:,} carts" for part in parts])
        axes.set_xlim(-0.2, len(parts) - 1 + 0.75)
        axes.yaxis.set_major_formatter(percent())
    frames[0].set_ylabel(_HIT)
    _from_zero(frames)
    figure.canvas.draw()
    for one, parts, axes in zip(comparisons, sizes, frames, strict=True):
        last = len(parts) - 1
        marks = [
            Mark(method.name, last, parts[-1].hr10[method.name].value or 0.0, _color(method.name, one))
            for method in one.methods
        ]
        label_right(axes, last + 0.05, marks)
    return figure


def calibration_curve(comparisons: Sequence[Comparison]) -> Figure | None:
    """Mean probability against share of hits in ten bins of equal size; None without probabilities."""
    found = [(one, one.calibration) for one in comparisons if one.calibration is not None]
    if not found:
        return None
    figure, frames = panels("Do the probabilities mean what they say?", [_titled(one) for one, _ in found])
    bins = [one for _, calibration in found for one in calibration.bins]
    rates = [one.hit_rate for one in bins if one.hit_rate > 0] + [one.probability for one in bins]
    low, high = min(rates) / 1.5, min(max(*rates, *(one.high for one in bins)) * 1.3, 1.0)
    for (_, calibration), axes in zip(found, frames, strict=True):
        _draw_calibration(axes, calibration, low, high)
    frames[0].set_ylabel("share of them that were hits")
    return figure


def hits_against_coverage(comparisons: Sequence[Comparison]) -> Figure | None:
    """HR@10 of every method against how many different items its lists show; None where all show the same number."""
    found = [one for one in comparisons if len(set(_shown(one))) > 1]
    if not found:
        return None
    figure, frames = panels("Hits against different items shown", [_titled(one) for one in found])
    for one, axes in zip(found, frames, strict=True):
        _draw_points(axes, one, _shown(one))
        axes.set_xscale("log")
        log_ticks(axes.xaxis, shares=False)
        axes.set_xlabel("different items in all first tens")
        axes.yaxis.set_major_formatter(percent())
        axes.margins(x=0.12)
    frames[0].set_ylabel(_HIT)
    _from_zero(frames)
    for one, axes in zip(found, frames, strict=True):
        label_beside(axes, _marks(one, _shown(one)))
    return figure


def hits_against_worth(comparisons: Sequence[Comparison]) -> Figure | None:
    """HR@10 against margin or revenue, goeswith with a growing weight on it; None without prices or probabilities."""
    found = [one for one in comparisons if one.frontier and f"{one.worth}10" in one.methods[0].figures]
    if not found:
        return None
    worth = found[0].worth
    figure, frames = panels(f"Hits against {worth}", [_titled(one) for one in found])
    for one, axes in zip(found, frames, strict=True):
        _draw_points(axes, one, [method.figures[f"{worth}10"].value or 0.0 for method in one.methods])
        x, y = _frontier(one)
        axes.plot(x, y, color=ACCENT, linewidth=1.4, marker="o", markersize=3.5, zorder=3)
        axes.set_xlabel(f"{worth} of the items hit, a cart (shop's currency)")
        axes.yaxis.set_major_formatter(percent())
        axes.margins(x=0.15)
        axes.set_xlim(left=0)
    frames[0].set_ylabel(_HIT)
    _from_zero(frames)
    for one, axes in zip(found, frames, strict=True):
        x, y = _frontier(one)
        first = _mark(one.method(OURS), x[0], ACCENT)
        ends = [first, Mark(f"by p × {worth}", x[-1], y[-1], ACCENT)]
        peers = _marks(one, [method.figures[f"{worth}10"].value or 0.0 for method in one.methods])
        label_beside(axes, ends + [mark for mark in peers if mark.name != OURS], _along(x, y))
    return figure


def _shown(one: Comparison) -> list[float]:
    return [method.lists["items_shown"] for method in one.methods]


def _draw_line(axes: Axes, parts: Sequence[Part], name: str, color: str) -> None:
    figures = [part.hr10[name] for part in parts]
    heights = [figure.value or 0.0 for figure in figures]
    strong = color != PEER
    axes.plot(
        range(len(parts)),
        heights,
        color=color if strong else "#c9c9c9",
        linewidth=2.2 if color == ACCENT else 1.2 if strong else 0.9,
        marker="o",
        markersize=5 if color == ACCENT else 3,
        zorder=5 if color == ACCENT else 3,
    )
    if strong:
        for x, figure in enumerate(figures):
            beside = x if color == ACCENT else x + 0.03
            whisker(axes, beside, figure.low, figure.high, color, 1.4 if color == ACCENT else 0.9)


def _draw_calibration(axes: Axes, calibration: Calibration, low: float, high: float) -> None:
    axes.set(xscale="log", yscale="log", xlim=(low, high), ylim=(low, high), xlabel="probability given")
    axes.plot([low, high], [low, high], color=PEER, linewidth=0.8, zorder=1)
    for one in calibration.bins:
        whisker(axes, one.probability, max(one.low, low), one.high, ACCENT, 1.2)
    seen = [one for one in calibration.bins if one.hit_rate > 0]
    axes.plot([one.probability for one in seen], [one.hit_rate for one in seen], "o", color=ACCENT, markersize=5)
    axes.text(
        0.98,
        0.03,
        "on the line: hit as often as said\n"
        f"probabilities add up to {calibration.expected_hits:,.0f}, hits {calibration.hits:,}\n"
        f"mean gap {calibration.ece_share:.0%} of the hit rate",
        transform=axes.transAxes,
        ha="right",
        fontsize=SMALL,
        color=INK,
        linespacing=1.4,
    )
    log_ticks(axes.xaxis, shares=True)
    log_ticks(axes.yaxis, shares=True)


def _draw_points(axes: Axes, one: Comparison, places: Sequence[float]) -> None:
    for method, x in zip(one.methods, places, strict=True):
        color, figure = _color(method.name, one), method.figures[HEADLINE]
        whisker(axes, x, figure.low, figure.high, FAINT if color == PEER else color, 1.2 if color == ACCENT else 0.9)
        axes.plot([x], [figure.value or 0.0], "o", color=color, markersize=7 if color == ACCENT else 4.5, zorder=3)


def _marks(one: Comparison, places: Sequence[float]) -> list[Mark]:
    marks = [_mark(method, x, _color(method.name, one)) for method, x in zip(one.methods, places, strict=True)]
    return sorted(marks, key=lambda mark: (mark.color != ACCENT, mark.color == PEER, -mark.y))


def _mark(method: Method, x: float, color: str) -> Mark:
    figure = method.figures[HEADLINE]
    return Mark(method.name, x, figure.value or 0.0, color, figure.low, figure.high)


def _frontier(one: Comparison) -> tuple[list[float], list[float]]:
    points = [(point.figures[f"{one.worth}10"].value, point.figures[HEADLINE].value) for point in one.frontier]
    return [x or 0.0 for x, _ in points], [y or 0.0 for _, y in points]


def _along(x: Sequence[float], y: Sequence[float]) -> list[tuple[float, float]]:
    """Points of a line close enough together that no label fits between them."""
    steps = np.linspace(0, len(x) - 1, _LINE_POINTS)
    corners = np.arange(len(x))
    return list(zip(np.interp(steps, corners, x).tolist(), np.interp(steps, corners, y).tolist(), strict=True))


def _from_zero(frames: Sequence[Axes]) -> None:
    frames[0].set_ylim(0, frames[0].get_ylim()[1] * 1.05)


def _titled(one: Comparison) -> str:
    return f"{_TITLES[one.customers]} ({one.carts:,} carts)"


def _color(name: str, one: Comparison) -> str:
    return ACCENT if name == OURS else INK if name == one.best_peer else PEER
