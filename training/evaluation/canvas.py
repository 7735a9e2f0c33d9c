"""How the plots look: quiet axes, one accent, labels beside what they name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import Formatter, FuncFormatter, LogLocator, NullLocator
from matplotlib.transforms import Bbox

ACCENT, INK, PEER, FAINT = "#0b6e99", "#333333", "#9a9a9a", "#dcdcdc"
SMALL, TEXT, HEAD = 8.0, 9.0, 11.0
_PANEL, _HEIGHT = 5.6, 4.4
_WIDE = 300
_AROUND = sorted(
    ((right, up) for right in (1, -1, 0) for up in range(-6, 7) if right or up),
    key=lambda way: (abs(way[1]) + (way[0] == 0), -way[0], -way[1]),
)


@dataclass(frozen=True)
class Mark:
    """A point with its name; `low` and `high` end its interval."""

    name: str
    x: float
    y: float
    color: str
    low: float | None = None
    high: float | None = None


def panels(title: str, subtitles: Sequence[str]) -> tuple[Figure, list[Axes]]:
    """A figure of equal panels side by side under one title, each with its subtitle; the y axis is shared."""
    figure = Figure(figsize=(_PANEL * len(subtitles) + 0.3, _HEIGHT), facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(title, x=0.01, ha="left", fontsize=HEAD, fontweight="bold", color=INK)
    found = figure.subplots(1, len(subtitles), sharey=True, squeeze=False)[0]
    for axes, subtitle in zip(found, subtitles, strict=True):
        axes.set_title(subtitle, loc="left", fontsize=TEXT, color=INK, pad=10)
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color(FAINT)
        axes.tick_params(which="both", labelcolor=INK, labelsize=SMALL, length=3, color=FAINT, labelleft=True)
        axes.xaxis.label.set(fontsize=TEXT, color=INK)
        axes.yaxis.label.set(fontsize=TEXT, color=INK)
    return figure, list(found)


def percent(digits: int = 0) -> Formatter:
    """Shares as per cent."""
    return FuncFormatter(lambda value, _: f"{value * 100:.{digits}f}%")


def log_ticks(axis: Axis, shares: bool) -> None:
    """Round numbers (1, 2, 5, 10, …; 1, 10, 100, … over a wide range) on a logarithmic axis, shares in per cent."""
    low, high = axis.get_view_interval()
    axis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < _WIDE * low else (1,)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value * 100:g}%" if shares else f"{value:,g}"))
    axis.set_minor_locator(NullLocator())


def whisker(axes: Axes, x: float, low: float | None, high: float | None, color: str, width: float = 1.0) -> None:
    """A 95% interval as an upright line."""
    if low is not None and high is not None:
        axes.plot([x, x], [low, high], color=color, linewidth=width, solid_capstyle="butt", zorder=2)


def spread(values: Sequence[float], gap: float) -> list[float]:
    """Places near `values`, in the same order, that are at least `gap` apart.

    >>> [round(place, 2) for place in spread([1.0, 1.1, 5.0], 1.0)]
    [0.55, 1.55, 5.0]
    """
    order = np.argsort(values, kind="stable")
    blocks: list[tuple[float, list[int]]] = []
    for place in order.tolist():
        blocks.append((values[place], [place]))
        while len(blocks) > 1:
            (low, first), (high, second) = blocks[-2:]
            if high - low >= gap * (len(first) + len(second)) / 2:
                break
            together = first + second
            middle = (low * len(first) + high * len(second)) / len(together)
            blocks[-2:] = [(middle, together)]
    places = [0.0] * len(values)
    for middle, members in blocks:
        for number, member in enumerate(members):
            places[member] = middle + (number - (len(members) - 1) / 2) * gap
    return places


def label_right(axes: Axes, x: float, marks: Sequence[Mark]) -> None:
    """Names in a column at `x`, each as near to its own height as the others allow, with a fine line to it."""
    low, high = axes.get_ylim()
    height = axes.get_window_extent().height / axes.figure.dpi * 72
    gap = (high - low) * (SMALL * 1.25) / max(height, 1)
    for mark, place in zip(marks, spread([mark.y for mark in marks], gap), strict=True):
        reach = x + 0.12
        axes.plot(
            [mark.x, x + 0.02, reach], [mark.y, mark.y, place], color=FAINT, linewidth=0.6, zorder=1, clip_on=False
        )
        weight = "bold" if mark.color == ACCENT else "normal"
        axes.text(reach + 0.02, place, mark.name, color=mark.color, fontsize=SMALL, va="center", fontweight=weight)


def label_beside(axes: Axes, marks: Sequence[Mark], kept_free: Sequence[tuple[float, float]] = ()) -> None:
    """Names beside their points where no other name or point is; the first ones choose first."""
    figure = axes.figure
    figure.draw_without_rendering()
    scale = figure.dpi / 72
    frame = axes.get_window_extent()
    points = [axes.transData.transform((mark.x, mark.y)) for mark in marks]
    points += [axes.transData.transform(point) for point in kept_free]
    taken = [(x - 3 * scale, y - 3 * scale, x + 3 * scale, y + 3 * scale) for x, y in points]
    taken += [_upright(axes, mark, scale) for mark in marks if mark.low is not None and mark.high is not None]
    for mark, (x, y) in zip(marks, points, strict=False):
        text = axes.text(mark.x, mark.y, mark.name, color=mark.color, fontsize=SMALL, va="center", zorder=4)
        if mark.color == ACCENT:
            text.set_fontweight("bold")
        size = text.get_window_extent()
        boxes = np.array([_beside(x, y, size.width, size.height, way, scale) for way in _AROUND])
        best = int(np.argmin(_overlap(boxes, np.array(taken)).sum(1) + _outside(boxes, frame)))
        left, low, right, high = map(float, boxes[best])
        taken.append((left, low, right, high))
        middle = (low + high) / 2
        text.set_position(axes.transData.inverted().transform((left, middle)))
        if abs(middle - y) > 1.5 * size.height:
            edge = axes.transData.inverted().transform((min(max(x, left), right), low if low > y else high))
            axes.plot([mark.x, edge[0]], [mark.y, edge[1]], color=FAINT, linewidth=0.6, zorder=1)


_Box = tuple[float, float, float, float]
"""Left, low, right and high end, in pixels."""


def _upright(axes: Axes, mark: Mark, scale: float) -> _Box:
    (x, low), (_, high) = (axes.transData.transform((mark.x, end)) for end in (mark.low, mark.high))
    return x - scale, low, x + scale, high


def _beside(x: float, y: float, width: float, height: float, way: tuple[int, int], scale: float) -> _Box:
    right, up = way
    left = {1: x + 6 * scale, -1: x - 6 * scale - width, 0: x - width / 2}[right]
    low = y - height / 2 + up * 0.9 * height
    return left, low, left + width, low + height


def _overlap(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Area that each of n boxes shares with each of m others, and 1 more where they meet at all: shape (n, m).

    >>> _overlap(np.array([[0, 0, 2, 2]]), np.array([[1, 1, 4, 4], [2, 0, 3, 1], [5, 5, 6, 6]]))
    array([[2., 1., 0.]])
    """
    one, other = boxes[:, None].astype(float), others[None].astype(float)
    size = np.minimum(one[..., 2:], other[..., 2:]) - np.maximum(one[..., :2], other[..., :2])
    return np.where((size >= 0).all(-1), size.prod(-1) + 1, 0.0)


def _outside(boxes: np.ndarray, frame: Bbox) -> np.ndarray:
    """Ten times the pixels by which each box leaves the frame at the left, more than 20 at the right, or below."""
    left, low, right, _ = boxes.T
    beyond = np.maximum([frame.x0 - left, right - frame.x1 - 20, frame.y0 - low], 0)
    return 10.0 * beyond.sum(0)
