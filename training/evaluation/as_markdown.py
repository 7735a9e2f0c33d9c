"""The report for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from training.evaluation.bootstrap import Interval
from training.evaluation.comparison import OURS, Comparison, Method, Part
from training.evaluation.evaluate import Evaluation
from training.evaluation.field import KNOWN
from training.evaluation.questions import MAIN_PROTOCOL, NEXT_ORDER

_CUSTOMERS = {KNOWN: "customers known", "anonymous": "customers unknown"}
_PROTOCOLS = {
    NEXT_ORDER: "all of a known customer's next order is asked for, before anything is in the cart",
    MAIN_PROTOCOL: "one line of each order, taken at random, is hidden; the cart is the rest",
    "next item added": "what was added next to a growing cart, four random steps of an order at most",
    "second half of the cart": "the later half of what was added; without an order of adding, a random half",
}
_SEVERAL_WANTED = frozenset({"second half of the cart", NEXT_ORDER})
_MEANING = """A hit says that an item which the shopper took anyway was among the first ten of the whole catalogue. It
does not say that showing it sold anything: **no figure here is uplift**. That is known only from a holdout, shoppers
who are shown nothing. Figures of one shop do not carry over to another; the ratio to the best peer carries further."""
_DETAILED = ("hr5", "hr10", "hr20", "ndcg10", "mrr10")


def as_markdown(evaluation: Evaluation, command: str, created_at: str, plots: Sequence[tuple[str, str]]) -> str:
    """The whole report; `plots` are file names and what they show."""
    sections = [
        _head(evaluation, command, created_at),
        "\n".join(_summary(evaluation.comparisons)),
        _MEANING,
        "\n\n".join(f"![{what}]({name})" for name, what in plots),
        *(text for comparison in evaluation.comparisons for text in _comparison(comparison)),
        "\n".join(_parameters(evaluation)),
        "\n".join(_foot(evaluation)),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _head(evaluation: Evaluation, command: str, created_at: str) -> str:
    facts, spans = evaluation.facts, evaluation.spans
    when = spans["reported"]
    window = f"{when.orders:,} orders"
    if when.first and when.last:
        window += f", {when.first[:10]} to {when.last[:10]}"
    fitted = (
        f"its ranking fitted on {evaluation.fitted_on:,} carts of the tuning window"
        if evaluation.fitted_on
        else "ranked by the documented blend, since later carts were too few to fit a ranking"
    )
    lines = [
        "# What goes with a cart: back-test",
        "",
        ", ".join(f"{facts[name]:,} {name}" for name in ("orders", "lines", "items", "customers")) + ".",
        f"Measured on the last orders ({window}); everything was counted on the orders before them, goeswith with",
        f"{fitted}, each peer with the parameters that were best there. Nothing was chosen on what is reported.",
        "",
        f"Made by `{command}`, {created_at[:16].replace('T', ' ')} UTC.",
    ]
    if evaluation.notes:
        lines += [
            "",
            "What could not be done, and what to bear in mind:",
            "",
            *(f"- {note}" for note in evaluation.notes),
        ]
    return "\n".join(lines)


def _summary(comparisons: Iterable[Comparison]) -> Iterator[str]:
    yield "| | carts | | goeswith | best peer | its figure | goeswith ÷ best peer |"
    yield "|---|--:|---|--:|---|--:|--:|"
    for one in comparisons:
        ours, best = one.method(OURS), one.method(one.best_peer)
        yield (
            f"| {one.protocol}, {_CUSTOMERS[one.customers]} | {one.carts:,} | {title_of(one.headline)} "
            f"| **{_figure(ours.figures[one.headline])}** | {best.name} | {_figure(best.figures[one.headline])} "
            f"| {_figure(one.ratios[one.headline], 2)} |"
        )
    yield ""
    yield (
        "HR@10: share of carts with a wanted item among the first ten places; recall@10: share of what is wanted."
        " In brackets 95% bootstrap intervals."
    )


def _comparison(one: Comparison) -> Iterator[str]:
    drawn = f"{one.groups:,} {'customers' if one.by_customer else 'orders'} drawn again"
    yield f"## {one.protocol[0].upper()}{one.protocol[1:]}, {_CUSTOMERS[one.customers]}"
    yield f"{one.carts:,} carts: {_PROTOCOLS[one.protocol]}. Intervals: {drawn}, the same draws for every method."
    yield "\n".join(_methods(one))
    yield "\n".join(_lists(one))
    if one.parts:
        yield "\n".join(_parts(one.parts, one.best_peer))
    if one.calibration:
        yield _calibration(one)
    if one.frontier:
        yield "\n".join(_frontier(one))


def _methods(one: Comparison) -> Iterator[str]:
    recall = ("recall10",) if one.protocol in _SEVERAL_WANTED else ()
    columns = _DETAILED + recall
    yield f"| | {' | '.join(title_of(name) for name in columns)} |"
    yield f"|---|{'--:|' * len(columns)}"
    for method in _by_hits(one):
        cells = (_figure(method.figures[name]) for name in columns)
        yield f"| {_name(method.name)} | {' | '.join(cells)} |"


def _lists(one: Comparison) -> Iterator[str]:
    money = [name for name in ("revenue10", "margin10") if name in one.methods[0].figures]
    yield f"| | items shown | of all sold | Gini | novelty, bits |{''.join(f' {title_of(n)} a cart |' for n in money)}"
    yield f"|---|--:|--:|--:|--:|{'--:|' * len(money)}"
    for method in _by_hits(one):
        lists = method.lists
        cells = "".join(f" {_figure(method.figures[name], 2)} |" for name in money)
        yield (
            f"| {_name(method.name)} | {lists['items_shown']:,} | {lists['coverage']:.1%} | {lists['gini']:.2f} "
            f"| {_plain(method.figures['novelty10'].value, 1)} |{cells}"
        )


def _parts(parts: Sequence[Part], best: str) -> Iterator[str]:
    yield f"| HR@10 by | | carts | goeswith | {best} | ratio | highest peer there |"
    yield "|---|---|--:|--:|--:|--:|---|"
    before = ""
    for part in parts:
        kind = part.kind if part.kind != before else ""
        before = part.kind
        hits = part.hr10
        highest = max((name for name in hits if name != OURS), key=lambda name: hits[name].value or 0)
        yield (
            f"| {kind} | {_cell(part.name)} | {part.carts:,} | {_figure(hits[OURS])} | {_figure(hits[best])} "
            f"| {_figure(part.ratio, 2)} | {highest} {_plain(hits[highest].value, 3)} |"
        )
    yield ""
    yield "Where a slice is made by what was hidden, its highest peer is no rival: nobody knows the slice beforehand."


def _calibration(one: Comparison) -> str:
    found = one.calibration
    assert found is not None
    return (
        f"Probabilities of the first ten places: they add up to {found.expected_hits:,.0f}, hits {found.hits:,};"
        f" mean gap over ten equal bins {found.ece_share:.0%} of the hit rate;"
        f" log-loss {found.log_loss_ratio:.3f} times that of each place's plain hit rate (below 1: they know more)."
    )


def _frontier(one: Comparison) -> Iterator[str]:
    worth = f"{one.worth}10"
    yield f"The first twenty places ranked again by p × (1 + weight × {one.worth} ÷ its median):"
    yield ""
    columns = [name for name in ("hr10", "ndcg10", worth) if name in one.frontier[0].figures]
    yield f"| weight | {' | '.join(title_of(name) for name in columns)} |"
    yield f"|--:|{'--:|' * len(columns)}"
    for point in one.frontier:
        cells = (_figure(point.figures[name], 2 if name == worth else 3) for name in columns)
        yield f"| {point.weight:g} | {' | '.join(cells)} |"


def _parameters(evaluation: Evaluation) -> Iterator[str]:
    yield "## Parameters, chosen on the tuning window"
    yield ""
    yield "| peer | chosen | HR@10 there | of |"
    yield "|---|---|--:|--:|"
    for tuned in evaluation.peers:
        chosen = ", ".join(f"{key} {value}" for key, value in tuned.parameters.items()) or "none to choose"
        best = max((rate for _, rate in tuned.tried), default=None)
        yield f"| {tuned.family.name} | {chosen} | {_plain(best, 3)} | {len(tuned.family.grid)} |"


def _foot(evaluation: Evaluation) -> Iterator[str]:
    yield "## Made with"
    yield ""
    yield ", ".join(f"{name} {number}" for name, number in evaluation.libraries.items()) + "."
    seed = evaluation.config.seed
    yield f"Seed {seed}. All figures, every method on every slice, and the configuration: `report.json`."


def _by_hits(one: Comparison) -> list[Method]:
    return sorted(one.methods, key=lambda method: -(method.figures[one.headline].value or 0))


def title_of(name: str) -> str:
    """A figure as people call it.

    >>> title_of("hr10"), title_of("recall10")
    ('HR@10', 'recall@10')
    """
    text = name.rstrip("0123456789")
    return f"{ {'hr': 'HR', 'ndcg': 'NDCG', 'mrr': 'MRR'}.get(text, text) }@{name[len(text) :]}".replace(" ", "")


def _name(name: str) -> str:
    return f"**{name}**" if name == OURS else name


def _figure(figure: Interval, digits: int = 3) -> str:
    if figure.value is None:
        return "–"
    text = _plain(figure.value, digits)
    if figure.low is None or figure.high is None:
        return text
    return f"{text} ({_plain(figure.low, digits)}–{_plain(figure.high, digits)})"


def _plain(value: float | None, digits: int) -> str:
    if value is None:
        return "–"
    text = f"{value:,.{digits}f}"
    return text[1:] if text.startswith("0.") else text


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
