"""Differences and decisions as they look on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from recommender.review.diff import CHANGED, LOST, NEW, Change, Difference
from recommender.review.reviews import Reviews, Subject
from recommender.terminal import shortened, table

_WIDEST_ID = 24
_WIDEST_TITLE = 30
_NUMBERS = frozenset({3, 4, 5, 6})


def difference_text(found: Difference, most: int) -> str:
    """Counts and metrics side by side, then `most` rules and bundles of each kind."""
    if found.model_ids[0] == found.model_ids[1]:
        return f"both are model {found.model_ids[0]}: nothing differs"
    rows = [
        [name, f"{a:,}", f"{b:,}", _signed(f"{b - a:+,}"), _told(found, name)] for name, (a, b) in found.counts.items()
    ]
    rows += [[name, f"{a:.4g}", f"{b:.4g}", _signed(f"{b - a:+.4g}"), ""] for name, (a, b) in found.metrics.items()]
    lines = [table(["", *found.model_ids, "change", ""], rows, frozenset({1, 2, 3}))]
    for what, changes in (("rules", found.rules), ("bundles", found.bundles)):
        for kind in (NEW, LOST, CHANGED):
            if changes[kind] and most:
                lines += ["", _listed(f"{kind} {what}", changes[kind], most, found.titles)]
    return "\n".join(lines)


def reviews_text(reviews: Reviews) -> str:
    """A decision a line, the latest first."""
    if not len(reviews):
        return "nothing was approved or rejected yet"
    rows = [
        [one.subject.known_as, one.decision, one.subject.kind, one.at, one.model_id, _subject(one.subject)]
        for one in reviews.latest_first()
    ]
    return table(["id", "decision", "kind", "at", "model", "items"], rows)


def _told(found: Difference, name: str) -> str:
    if name == "items":
        return f"{found.items_new:,} new, {found.items_lost:,} lost"
    changes: Mapping[str, list[Change]] | None = {"rules": found.rules, "bundles": found.bundles}.get(name)
    return "" if changes is None else ", ".join(f"{len(changes[kind]):,} {kind}" for kind in (NEW, LOST, CHANGED))


def _signed(text: str) -> str:
    return "" if text == "+0" else text


def _listed(title: str, changes: list[Change], most: int, titles: Mapping[str, str]) -> str:
    shown = changes[:most]
    header = ["id", "items", "", "baskets", "share", "lift", "worth", "titles"]
    rows = [[one.subject.known_as, *_parts(one.subject), *_numbers(one), _titles(one.subject, titles)] for one in shown]
    if not any(row[-1] for row in rows):
        header, rows = header[:-1], [row[:-1] for row in rows]
    more = f" of {len(changes):,}" if len(changes) > len(shown) else ""
    return f"{title}: {len(shown):,}{more}; worth is expected profit per 1,000 baskets\n" + table(
        header, rows, _NUMBERS
    )


def _numbers(change: Change) -> list[str]:
    stands = [one for one in (change.before, change.after) if one is not None]
    shares = [f"{one.count / one.of:.1%}" for one in stands]
    worths = ["–" if one.worth is None else f"{one.worth:,.2f}" for one in stands]
    counts, lifts = [f"{one.count:,}" for one in stands], [f"{one.lift:.1f}" for one in stands]
    return [" → ".join(values) for values in (counts, shares, lifts, worths)]


def _parts(subject: Subject) -> tuple[str, str]:
    consequent = "" if subject.consequent is None else f"→ {shortened(subject.consequent, _WIDEST_ID)}"
    return _joined(subject.items), consequent


def _titles(subject: Subject, titles: Mapping[str, str]) -> str:
    """Nothing where no item has a title; an item without one has its id."""
    if not any(item_id in titles for item_id in subject.every_item):
        return ""
    named = [shortened(titles.get(item_id, item_id), _WIDEST_TITLE) for item_id in subject.every_item]
    if subject.consequent is None:
        return " + ".join(named)
    return f"{' + '.join(named[:-1])} → {named[-1]}"


def _subject(subject: Subject) -> str:
    return " ".join(filter(None, _parts(subject)))


def _joined(items: Iterable[str]) -> str:
    return " + ".join(shortened(item, _WIDEST_ID) for item in items)
