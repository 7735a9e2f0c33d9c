"""An experiment: which visitors are shown what, decided by their id alone, to measure what suggestions bring."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

_STEPS = 1 << 64


@dataclass(frozen=True)
class Arm:
    """One way of answering, and the visitors that get it.

    Attributes
    ----------
    share : of the visitors, above 0; the shares of an experiment sum up to 1.
    show : False holds the suggestions back: what they would have been is worked out and not shown.
    objective : what the order serves, None for what the placement says.
    """

    name: str
    share: float
    show: bool = True
    objective: str | None = None


@dataclass(frozen=True)
class Experiment:
    """Arms that visitors are drawn into, one experiment at a time.

    Attributes
    ----------
    name : another name draws the visitors anew.
    placements : where it runs, empty for every placement.
    arms : two or more.
    """

    name: str
    arms: tuple[Arm, ...]
    placements: frozenset[str] = frozenset()

    def runs_on(self, placement: str) -> bool:
        return not self.placements or placement in self.placements

    def arm_of(self, unit: str) -> Arm:
        """The arm of a visitor's id: the same whenever and wherever it is asked, as good as drawn by lot.

        >>> half = Experiment("spring", (Arm("nothing", 0.5, show=False), Arm("shown", 0.5)))
        >>> [half.arm_of(f"v{number}").name for number in range(4)]
        ['shown', 'nothing', 'shown', 'shown']
        """
        digest = hashlib.sha256(f"{self.name}\0{unit}".encode("utf-8", "surrogatepass")).digest()
        drawn, bound = int.from_bytes(digest[:8], "big") / _STEPS, 0.0
        for arm in self.arms:
            bound += arm.share
            if drawn < bound:
                return arm
        return self.arms[-1]
