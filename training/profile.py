"""Where the time and the memory of a training went, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from training.progress import Stage

_MB = 1_000_000


def profile_text(stages: Sequence[Stage]) -> str:
    """One row a stage, in the order in which they ended, and a row of all.

    >>> print(profile_text([Stage("count pairs", 2.0, 3.5, 700_000_000, "90 lines"), Stage("publish", 1.0, 0.5)]))
    stage                          seconds   processor s   peak MB  handled
    count pairs                        2.0           3.5       700  90 lines
    publish                            1.0           0.5         –
    all                                3.0           4.0       700
    """
    rows = [f"{'stage':<28}{'seconds':>10}{'processor s':>14}{'peak MB':>10}  handled"]
    seconds, processor = sum(stage.seconds for stage in stages), sum(stage.processor for stage in stages)
    whole = Stage("all", seconds, processor, max((stage.peak for stage in stages), default=0))
    rows += [
        f"{stage.name:<28}{stage.seconds:>10.1f}{stage.processor:>14.1f}{_megabytes(stage.peak):>10}  {stage.handled}"
        for stage in (*stages, whole)
    ]
    return "\n".join(row.rstrip() for row in rows)


def _megabytes(size: int) -> str:
    return f"{size / _MB:,.0f}" if size else "–"
