"""What may be asked of a target; everything is checked before a model is opened."""

from __future__ import annotations

import re
from pathlib import Path

from recommender.engine import PLACEMENTS
from recommender.errors import UsageError
from recommender.merchandising.read import read_policy
from training.exports.source import Options
from training.exports.target import Target
from training.exports.writers import Writer

_CURRENCY = re.compile(r"[A-Z]{3}")


def check_options(target: Target, options: Options, *, since: str | None) -> None:
    """Raise ``UsageError`` for what a target cannot do, or lacks."""
    _check_placement(target, options)
    if options.k is not None and target.k is None:
        raise UsageError(f"k = {options.k}: {target.name} holds no lists; leave -k away")
    if options.k is not None and options.k > target.most:
        raise UsageError(f"k = {options.k}: {target.name} takes {target.most} items of a list at most (-k)")
    if since is not None and target.whole_only:
        raise UsageError(f"since {since!r}: {target.name} is read as a whole; changes alone would delete the rest")
    _check_currency(target, options.currency)


def writer_of(target: Target, path: Path, file_format: str | None) -> Writer:
    """What writes the file: the format that was asked for, else the one of the suffix; raises ``UsageError``."""
    suffix = path.suffix.lower().removeprefix(".")
    asked = file_format or suffix
    if asked in target.formats:
        return target.formats[asked]
    can = ", ".join(target.formats)
    if file_format is not None:
        raise UsageError(f"format {file_format!r}: {target.name} can be written as {can} (--format)")
    raise UsageError(f"{path}: suffix {path.suffix!r} names no format of {target.name}; there are {can} (-o, --format)")


def _check_placement(target: Target, options: Options) -> None:
    placement = options.placement
    if placement is None:
        return
    if target.placement is None:
        raise UsageError(f"placement {placement!r}: {target.name} has no placement to choose; leave --placement away")
    known = tuple(PLACEMENTS) if options.policy is None else read_policy(options.policy).placement_names()
    if placement not in known:
        raise UsageError(f"placement {placement!r}: no such placement; there are {', '.join(known)}")


def _check_currency(target: Target, currency: str | None) -> None:
    if not target.wants_currency:
        if currency is not None:
            raise UsageError(f"currency {currency!r}: {target.name} has prices without a currency; leave it away")
    elif currency is None:
        raise UsageError(
            f"{target.name} writes prices with their currency: give its ISO 4217 code, as in --currency EUR"
        )
    elif not _CURRENCY.fullmatch(currency):
        raise UsageError(f"currency {currency!r}: expected three capital letters of ISO 4217, as in EUR (--currency)")
