"""Why an item is not shown, in words; asked for traces and for empty answers only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from recommender.catalog import Catalog
from recommender.merchandising.compiled import Rules, Standing
from recommender.merchandising.filling import Sieve


class WhyNot:
    """What keeps items away from one answer.

    Parameters
    ----------
    stages : what keeps items away, in the order in which it is told, with the rows that it keeps away.
    rules : None where the policy has none; then `standing` and `tried` are None too.
    standing : the rules that apply.  tried : the same with those of a dry run.
    """

    def __init__(
        self,
        stages: Sequence[tuple[str, Iterable[int]]],
        cart: Sequence[int],
        catalog: Catalog,
        rules: Rules | None,
        standing: Standing | None,
        tried: Standing | None,
    ) -> None:
        self._stages = [(why, set(rows)) for why, rows in stages]
        self._cart, self._catalog = cart, catalog
        self._rules, self._standing, self._tried = rules, standing, tried

    def after(self, shown: Iterable[int]) -> Sieve | None:
        """What the rules still let through once the given rows are shown."""
        if self._rules is None or self._standing is None:
            return None
        everything = b"\1" * len(self._catalog)
        sieve = Sieve(everything, set(), self._cart, self._rules, self._standing, self._catalog.price)
        for row in shown:
            sieve.take(row)
        return sieve

    def reason(self, row: int, sieve: Sieve | None) -> str | None:
        """What keeps the item away, None where nothing does."""
        for why, rows in self._stages:
            if row in rows:
                return why
        refused = sieve.refusal(row) if sieve is not None else 0
        if refused and self._rules is not None:
            return f"by the rule {self._rules.names(refused)[0]}"
        return None

    def moving(self, row: int) -> list[str]:
        """Rules that boost or bury the item."""
        if self._rules is None or self._standing is None:
            return []
        bits = self._rules.targets.of(row) & (self._standing.boosting | self._standing.burying)
        return self._rules.names(bits)

    def tried(self, row: int) -> list[str]:
        """Rules of a dry run that mean the item."""
        if self._rules is None or self._standing is None or self._tried is None:
            return []
        return self._rules.names(self._rules.targets.of(row) & self._tried.active & ~self._standing.active)

    def rule_names(self) -> list[str]:
        """Every rule that applies to the request."""
        return [] if self._rules is None or self._standing is None else self._rules.names(self._standing.active)
