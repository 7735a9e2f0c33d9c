"""Target `rules`: every claimed pair and every long rule, with every metric and a stable id."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from recommender.review.rules import rule_id, rules_of
from training.exports.cells import Column, Row
from training.exports.source import Options, Source
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
)


def _columns(_options: Options) -> tuple[Column, ...]:
    return _COLUMNS


def _rows(source: Source, first: int, end: int) -> Iterable[Row]:
    model, catalog = source.recommender.model, source.catalog
    rules = rules_of(model, first, end)
    if not len(rules):
        return
    consequent_counts = model.item_orders[rules.consequents]
    metrics = rule_metrics(rules.counts, rules.of, consequent_counts, model.baskets)
    values = np.stack([getattr(metrics, name) for name in METRICS], axis=1).tolist()
    counts = zip(
        rules.consequents.tolist(), rules.counts.tolist(), rules.of.tolist(), consequent_counts.tolist(), strict=True
    )
    for place, (consequent, count, of, consequent_count) in enumerate(counts):
        rows = rules.antecedent_rows(place)
        antecedents = tuple(catalog.item_ids[row] for row in rows)
        item_id = catalog.item_ids[consequent]
        titles = " + ".join(catalog.title(row) for row in rows)
        numbers = (count, of, consequent_count, *values[place])
        yield (rule_id(antecedents, item_id), antecedents, item_id, titles, catalog.title(consequent), *numbers)


RULES = Target("rules", "association rules that are more than luck, with every metric", _columns, 1, _rows)
