"""What an export left out or had to decide, with the number and examples: nothing disappears silently."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from recommender.shelf import shown

_EXAMPLES = 3


@dataclass
class Remarks:
    """Sentences with the number of cases and the first three of them."""

    counts: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, what: str, example: str, count: int = 1) -> None:
        """One more case of `what`."""
        self.counts[what] = self.counts.get(what, 0) + count
        known = self.examples.setdefault(what, [])
        if len(known) < _EXAMPLES and example not in known:
            known.append(example)

    def take(self, other: Remarks) -> None:
        """Add the cases of another part, which comes after this one."""
        for what, count in other.counts.items():
            self.counts[what] = self.counts.get(what, 0) + count
            known = self.examples.setdefault(what, [])
            known += [example for example in other.examples[what] if example not in known][: _EXAMPLES - len(known)]

    def lines(self) -> Iterator[str]:
        """A line for people each.

        >>> told = Remarks()
        >>> told.add("items without an EAN left out", "A-7")
        >>> list(told.lines())
        ["items without an EAN left out: 1 ('A-7')"]
        """
        for what, count in self.counts.items():
            examples = ", ".join(shown(example) for example in self.examples[what])
            yield f"{what}: {count:,} ({examples})"

    def as_json(self) -> list[dict[str, Any]]:
        return [{"what": what, "count": self.counts[what], "examples": self.examples[what]} for what in self.counts]
