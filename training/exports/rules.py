"""Target `rules`: every claimed pair and every long rule, with every metric and a stable id."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from recommender.review.rules import rule_id, rules_of
from training.exports.cells import Column, Row
from training.exports.source import Source
from training.exports.target import Target
from training.rule_metrics import METRICS, rule_metrics

_COLUMNS = (
    Column("rule_id", "id"),
    Column("antecedents", "ids"),
    Column("consequent", "id"),
    Column("antecedent_titles", "text"),
    Column("consequent_title", "text"),
    Column("count", "whole"),
    Column("antecedent_count", "whole"),
    Column("consequent_count", "whole"),
    *(Column(metric, "number") for metric in METRICS),
    Column("review", "text"),
)


def _columns(_source: Source) -> tuple[Column, ...]:
    return _COLUMNS


def _rows(source: Source, first: int, end: int) -> Iterable[Row]:
    model, catalog, texts = source.model, source.catalog, source.ids.texts
    rules = rules_of(model, first, end)
    if not len(rules):
        return
    consequent_counts = model.item_orders[rules.consequents]
    metrics = rule_metrics(rules.counts, rules.of, consequent_counts, model.baskets)
    values = np.stack([getattr(metrics, name) for name in METRICS], axis=1).tolist()
    counts = np.stack([rules.counts, rules.of, consequent_counts], axis=1).tolist()
    for place, consequent in enumerate(rules.consequents.tolist()):
        rows = rules.antecedent_rows(place)
        known_as = rule_id([catalog.item_ids[row] for row in rows], catalog.item_ids[consequent])
        written = tuple(texts[row] for row in rows)
        if not all(written) or not texts[consequent]:
            source.told.add(f"rules with an item without {source.ids.what} left out", known_as)
            continue
        titles = " + ".join(catalog.title(row) for row in rows)
        numbers = (*counts[place], *values[place], source.review_of(known_as))
        yield (known_as, written, texts[consequent], titles, catalog.title(consequent), *numbers)


RULES = Target("rules", _columns, 1, _rows)
