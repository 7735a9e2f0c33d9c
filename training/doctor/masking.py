"""Personal data in ids: what it looks like, and how it is shown without being told."""

from __future__ import annotations

import re

ADDRESS = r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;.]{2,}"
"""A pattern of DuckDB and Python that finds an e-mail address."""
_MASKABLE = r"([^\s@<>,;])[^\s@<>,;]*@[^\s@<>,;]+"
_LONG_NUMBER = r"([0-9])(?:[ -]?[0-9]){8,14}((?:[ -]?[0-9]){4})"
_ISSUERS = (
    "4[0-9]{12}(?:[0-9]{3}){0,2}|5[1-5][0-9]{14}|2(?:22[1-9]|2[3-9][0-9]|[3-6][0-9]{2}|7[01][0-9]|720)[0-9]{12}"
    "|3[47][0-9]{13}|3(?:0[0-5]|[689][0-9])[0-9]{11,16}|35[0-9]{14,17}|62[0-9]{14,17}"
    "|6(?:011|4[4-9][0-9]|5[0-9]{2})[0-9]{12,15}|(?:5018|5020|5038|5893|6304|6759|676[123])[0-9]{9,15}"
)
"""Lengths and first digits of Visa, Mastercard, American Express, Diners, JCB, UnionPay, Discover and Maestro."""

_COMPACT = "regexp_replace(value, '[ -]', '', 'g')"
MASK_MACROS = f"""
CREATE OR REPLACE TEMP MACRO doctor_digit_sum(digits) AS
    list_sum(list_transform(range(1, length(digits) + 1), lambda place:
        (digits[-place]::INTEGER * (1 + (place + 1) % 2)) // 10
        + (digits[-place]::INTEGER * (1 + (place + 1) % 2)) % 10));
CREATE OR REPLACE TEMP MACRO doctor_is_card(value) AS
    length(value) >= 13 AND regexp_full_match({_COMPACT}, '{_ISSUERS}')
    AND doctor_digit_sum(if(regexp_full_match({_COMPACT}, '{_ISSUERS}'), {_COMPACT}, '1')) % 10 = 0;
CREATE OR REPLACE TEMP MACRO doctor_masked(value) AS
    CASE WHEN doctor_is_card(value) THEN {_COMPACT}[1] || '…' || {_COMPACT}[-4:]
         WHEN contains(value, '@') THEN regexp_replace(value, '{_MASKABLE}', '\\1…@…', 'g')
         ELSE value END;
CREATE OR REPLACE TEMP MACRO doctor_redacted(value) AS
    regexp_replace(regexp_replace(value, '{_MASKABLE}', '\\1…@…', 'g'), '{_LONG_NUMBER}', '\\1…\\2', 'g');
"""
"""SQL functions: `doctor_masked` shows an id without personal data, `doctor_redacted` a piece of free text."""


def masked(text: str) -> str:
    """An id as it may be shown: e-mail addresses and card numbers shortened.

    >>> masked("anna@example.org"), masked("4111 1111 1111 1111"), masked("85123A")
    ('a…@…', '4…1111', '85123A')
    """
    compact = text.replace(" ", "").replace("-", "")
    if re.fullmatch(_ISSUERS, compact) and _passes_luhn(compact):
        return f"{compact[0]}…{compact[-4:]}"
    return re.sub(_MASKABLE, r"\1…@…", text)


def _passes_luhn(digits: str) -> bool:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0
