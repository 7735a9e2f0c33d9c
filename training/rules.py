"""Association rules: every way to split a frequent itemset in two, and the few longer ones that a model keeps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.model import LongRules
from training.common_baskets import by_item, different_customers, free_lines
from training.config import CountConfig
from training.counting.customers import up_to_most
from training.itemsets import Itemsets
from training.significance import false_discoveries_below, luck

Rows = NDArray[np.int32]


@dataclass(frozen=True)
class Rules:
    """Rules of one shape, sorted by antecedents, then consequents.

    Attributes
    ----------
    antecedents : int32 (rules, antecedents), item rows, ascending.
    consequents : int32 (rules, consequents), item rows, ascending.
    counts : int32 (rules,), baskets with all of them.
    antecedent_counts, consequent_counts : int32 (rules,), baskets with all antecedents, with all consequents.
    """

    antecedents: Rows
    consequents: Rows
    counts: Rows
    antecedent_counts: Rows
    consequent_counts: Rows

    def __len__(self) -> int:
        return len(self.counts)

    def where(self, kept: NDArray[np.bool_] | NDArray[np.intp]) -> Rules:
        """The rules that `kept` marks, bool (rules,), or lists, as places."""
        return Rules(
            self.antecedents[kept],
            self.consequents[kept],
            self.counts[kept],
            self.antecedent_counts[kept],
            self.consequent_counts[kept],
        )


class ItemsetCounts:
    """How many baskets held an itemset, for itemsets that are known to be frequent.

    An itemset's number among those of its length follows from that of the itemset without its last item (which is
    frequent too), so a look-up is one search in sorted integers a length.
    """

    def __init__(self, itemsets: Itemsets) -> None:
        self._items = int(itemsets.items.max(initial=0)) + 1
        self._keys: list[NDArray[np.int64]] = []
        self._counts: list[Rows] = []
        for length in range(1, itemsets.longest + 1):
            rows, counts = itemsets.of_length(length)
            self._keys.append(self._numbers(rows[:, :-1]) * self._items + rows[:, -1])
            self._counts.append(counts)

    def __call__(self, rows: Rows) -> Rows:
        """int32 (n,), baskets with each of n itemsets of one length, given as rows ascending, int32 (n, length)."""
        return self._counts[rows.shape[1] - 1][self._numbers(rows)]

    def _numbers(self, rows: Rows) -> NDArray[np.int64]:
        numbers = np.zeros(len(rows), np.int64)
        for place in range(rows.shape[1]):
            numbers = np.searchsorted(self._keys[place], numbers * self._items + rows[:, place])
        return numbers


def count_rules(itemsets: Itemsets) -> int:
    """Rules that `association_rules` gives: ``2^k - 2`` for each itemset of k items.

    >>> one = Itemsets(np.array([0, 1, 2, 4]), np.array([0, 1, 0, 1], np.int32), np.array([3, 2, 2], np.int32))
    >>> count_rules(one)
    2
    """
    return int((np.exp2(itemsets.lengths) - 2).sum())


def association_rules(itemsets: Itemsets) -> Iterator[Rules]:
    """Every rule of every itemset, shape by shape: by number of items, then by number of antecedents.

    Every itemset of two items or more is split in every way into antecedents and consequents (Agrawal & Srikant 1994);
    nothing is filtered.
    """
    known = ItemsetCounts(itemsets)
    for length in range(2, itemsets.longest + 1):
        rows, counts = itemsets.of_length(length)
        for size in range(1, length):
            splits = list(combinations(range(length), size))
            yield _sorted([_split(rows, counts, split, known) for split in splits])


def long_rules(
    itemsets: Itemsets,
    matrix: sparse.csr_matrix,
    config: CountConfig,
    order_customers: Rows | None = None,
    claimed: NDArray[np.int64] | None = None,
) -> LongRules:
    """The rules of two antecedents or more and one consequent that say more than every shorter one.

    A rule is kept where its confidence is above that of each rule to the same consequent with fewer antecedents, none
    included (a productive rule, Webb 2007), by more than luck. Baskets with more antecedents are bigger, so luck is
    counted per free line, as for pairs: from a shorter rule ``S => y`` the rule ``A => y`` is expected
    ``c(S, y) W(A) / W(S)`` times, W the lines besides them in the baskets with all of them (`free_lines`). The largest
    of the Poisson tails passes Benjamini & Hochberg's bound over every frequent itemset with every further frequent
    item, those that met too seldom to be mined included.

    Parameters
    ----------
    itemsets : mined from `matrix`.
    matrix : (baskets, items) of ones.
    config : its `min_pair_count`, `min_customers` and `false_discovery_rate` apply.
    order_customers : as for `training.counting.customers.Buyers`; with it, a rule also needs baskets of `min_customers`
        customers.
    claimed : int64, `training.pairs.pair_codes` of the claimed pairs; with it, one antecedent or more must be claimed
        with the consequent, so that no season makes a rule of items that otherwise have nothing in common.
    """
    known = ItemsetCounts(itemsets)
    held, sizes = by_item(matrix), np.diff(matrix.indptr).astype(np.int64)
    found, p_values = [], [np.zeros(0)]
    for length in range(3, itemsets.longest + 1):
        rows, counts = itemsets.of_length(length)
        for places in combinations(range(length), length - 1):
            rules = _split(rows, counts, places, known)
            luck_ = _luck_beside_shorter(rules, known, held, sizes)
            luck_[rules.counts < config.min_pair_count] = 1.0
            if claimed is not None:
                luck_[~_rests_on(rules, claimed, matrix.shape[1])] = 1.0
            if order_customers is not None and config.min_customers > 1:
                likely = np.flatnonzero(luck_ <= config.false_discovery_rate)
                customers = different_customers(held, rows[likely], order_customers)
                luck_[likely[customers < config.min_customers]] = 1.0
            found.append(rules)
            p_values.append(luck_)
    kept = false_discoveries_below(np.concatenate(p_values), _tested(itemsets), config.false_discovery_rate)
    parts = np.split(kept, np.cumsum([len(rules) for rules in found])[:-1]) if found else []
    found = [rules.where(part) for rules, part in zip(found, parts, strict=True)]
    return _as_arrays([rules for rules in found if len(rules)], matrix.shape[1], held, order_customers)


def _rests_on(rules: Rules, claimed: NDArray[np.int64], items: int) -> NDArray[np.bool_]:
    """bool (rules,): one of the antecedents is claimed with the consequent."""
    low = np.minimum(rules.antecedents, rules.consequents).astype(np.int64)
    return np.isin(low * items + np.maximum(rules.antecedents, rules.consequents), claimed).any(axis=1)


def _tested(itemsets: Itemsets) -> int:
    numbers = np.bincount(itemsets.lengths, minlength=2)
    return int(sum(numbers[k] * (numbers[1] - k) for k in range(2, itemsets.longest + 1)))


def _luck_beside_shorter(
    rules: Rules, known: ItemsetCounts, held: sparse.csr_matrix, sizes: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The largest p-value of each rule against the shorter ones to the same consequent; float64 (rules,)."""
    width = rules.antecedents.shape[1]
    lines = free_lines(held, rules.antecedents, sizes)
    confidence = rules.counts / rules.antecedent_counts
    largest = np.zeros(len(rules))
    for size in range(width):
        for places in combinations(range(width), size):
            shorter = rules.antecedents[:, places]
            together = known(np.sort(np.column_stack((shorter, rules.consequents)), axis=1))
            of = known(shorter) if size else np.full(len(rules), len(sizes))
            expected = together * lines / free_lines(held, shorter, sizes)
            lucky = luck(rules.counts, expected)
            lucky[confidence <= together / of] = 1.0
            largest = np.maximum(largest, lucky)
    return largest


def _as_arrays(parts: list[Rules], items: int, held: sparse.csr_matrix, order_customers: Rows | None) -> LongRules:
    width = max((part.antecedents.shape[1] for part in parts), default=2)
    padded = [_padded(part.antecedents, width) for part in parts]
    antecedents = np.concatenate([np.zeros((0, width), np.int32), *padded])
    consequents = np.concatenate([np.zeros(0, np.int32), *(part.consequents[:, 0] for part in parts)])
    counts = np.concatenate([np.zeros(0, np.int32), *(part.counts for part in parts)])
    of = np.concatenate([np.zeros(0, np.int32), *(part.antecedent_counts for part in parts)])
    customers = np.concatenate([np.zeros(0, np.uint8), *(_customers(part, held, order_customers) for part in parts)])
    order = np.lexsort((consequents, *antecedents.T[::-1]))
    antecedents = antecedents[order]
    offsets = np.searchsorted(antecedents[:, 0], np.arange(items + 1)).astype(np.int64)
    return LongRules(offsets, antecedents, consequents[order], counts[order], of[order], customers[order])


def _customers(rules: Rules, held: sparse.csr_matrix, order_customers: Rows | None) -> NDArray[np.uint8]:
    if order_customers is None:
        return up_to_most(rules.counts)
    return up_to_most(
        different_customers(held, np.column_stack((rules.antecedents, rules.consequents)), order_customers)
    )


def _padded(rows: Rows, width: int) -> Rows:
    return np.pad(rows, ((0, 0), (0, width - rows.shape[1])), constant_values=-1)


def _split(rows: Rows, counts: Rows, places: tuple[int, ...], known: ItemsetCounts) -> Rules:
    others = [place for place in range(rows.shape[1]) if place not in places]
    antecedents, consequents = rows[:, places], rows[:, others]
    return Rules(antecedents, consequents, counts, known(antecedents), known(consequents))


def _sorted(parts: list[Rules]) -> Rules:
    names = [field.name for field in fields(Rules)]
    joined = Rules(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
    return joined.where(np.lexsort(np.column_stack((joined.antecedents, joined.consequents)).T[::-1]))
