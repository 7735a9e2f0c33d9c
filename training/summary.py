"""What a training run says when it is done."""

from __future__ import annotations

from typing import Any

from recommender.model import Model
from recommender.store import Version
from training.doctor.report import Report
from training.doctor.text import tally
from training.pipeline import Trained

_GRAVE = ("error", "warning")
_MOST_TOLD = 3


def summary_text(trained: Trained, version: Version) -> str:
    """The version, what it holds, how it did in the back-test, and what could not be done."""
    model = trained.model
    counts = model.manifest.counts
    report = trained.report
    lines = [
        "",
        f"model     {version.model_id}  {version.name}{'  serves' if version.current else '  not promoted'}",
        f"window    {_window(model)}",
        f"lines     {report.lines:,} kept of {report.lines_read:,}{_rejected(report)}",
        *_findings(report),
        f"orders    {counts['baskets']:,} counted, {counts['giant_orders']:,} giant left out",
        f"items     {counts['items']:,}",
        f"customers {counts['customers']:,}",
        f"pairs     {counts['pairs']:,} kept, {counts['claimed_pairs']:,} claimed as bought together",
        f"rules     {counts['long_rules']:,} of three items or more",
        f"back-test {_backtest(model)}",
        *([f"home page {_backtest(model, 'home_')}"] if "home_hr10" in model.manifest.metrics else []),
    ]
    lines += [f"note      {note}" for note in model.manifest.notes]
    return "\n".join(lines)


def summary(trained: Trained, version: Version) -> dict[str, Any]:
    """The same for machines."""
    manifest, report = trained.model.manifest, trained.report
    return {
        "model_id": version.model_id,
        "version": version.name,
        "serves": version.current,
        "lines_read": report.lines_read,
        "lines": report.lines,
        "quarantined": report.quarantined,
        "quarantine": report.quarantine,
        "findings": [
            {"code": finding.code, "severity": finding.severity, "what": finding.what} for finding in report.findings
        ],
        "window": dict(manifest.window),
        "counts": dict(manifest.counts),
        "metrics": dict(manifest.metrics),
        "notes": list(manifest.notes),
    }


def _window(model: Model) -> str:
    first, last = model.manifest.window["first"], model.manifest.window["last"]
    return f"{first[:10]} to {last[:10]}" if first and last else "orders without times"


def _rejected(report: Report) -> str:
    if not report.quarantined:
        return ""
    where = f": {report.quarantine}" if report.quarantine else "; `goeswith check` tells why"
    return f", {report.quarantined:,} rejected{where}"


def _findings(report: Report) -> list[str]:
    """How much the doctor found, and the worst of it in a line each."""
    grave = [finding for severity in _GRAVE for finding in report.findings if finding.severity == severity]
    told = [f"{' ' * 10}{finding.severity}  {finding.what}" for finding in grave[:_MOST_TOLD]]
    hint = "; `goeswith check` lists them" if report.findings else ""
    return [f"findings  {tally(report)}{hint}", *told]


def _backtest(model: Model, of: str = "") -> str:
    m = {name.removeprefix(of): figure for name, figure in model.manifest.metrics.items() if name.startswith(of)}
    if not m:
        return "none"
    return (
        f"HR@10 {m['hr10']:.3f} ({m['hr10_low']:.3f} to {m['hr10_high']:.3f}), bestsellers {m['bestsellers_hr10']:.3f},"
        f" on {m['carts']:,} later {'orders of known customers, nothing in the cart' if of else 'carts'}"
    )
