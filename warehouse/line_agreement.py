"""A service line as billed, a service as reported, and what the two agree in.

Nothing here decides: :mod:`warehouse.line_match` says in which order agreement counts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple


class Billed(NamedTuple):
    """A service line as submitted. ``line_number`` is LX01."""

    line_position: int
    line_number: str
    line_item_control_number: str | None
    procedure_code: str
    modifiers: tuple[str, ...]
    charge_cents: int
    units: float | None
    service_date: date | None
    service_date_end: date | None


class Reported(NamedTuple):
    """A service as an 835 reports it; amounts without the sign of a reversal."""

    service_position: int
    line_item_control_number: str | None
    procedure_code: str
    modifiers: tuple[str, ...]
    charge_cents: int
    units: float | None
    service_date: date | None


Test = Callable[[Reported, Billed], bool]


def same_day(r: Reported, b: Billed) -> bool:
    """A date that was not sent contradicts nothing."""
    if r.service_date is None or b.service_date is None:
        return True
    return b.service_date <= r.service_date <= (b.service_date_end or b.service_date)


def stated_day(r: Reported, b: Billed) -> bool:
    """Both have a date, and it is the same."""
    return r.service_date is not None and b.service_date is not None and same_day(r, b)


def same_code(r: Reported, b: Billed) -> bool:
    """The procedure code as submitted (SVC06, else SVC01)."""
    return r.procedure_code == b.procedure_code


def same_charge(r: Reported, b: Billed) -> bool:
    """To the cent."""
    return r.charge_cents == b.charge_cents


def same_units(r: Reported, b: Billed) -> bool:
    """Units that the payer states."""
    return r.units is not None and r.units == b.units


def same_modifiers(r: Reported, b: Billed) -> bool:
    """In whatever order."""
    return sorted(r.modifiers) == sorted(b.modifiers)


def same_control_number(r: Reported, b: Billed) -> bool:
    """REF*6R as it was sent, but for case and spaces around it."""
    number = r.line_item_control_number
    return bool(number) and folded(number) == folded(b.line_item_control_number)


def is_line_number(r: Reported, b: Billed) -> bool:
    """The payer's REF*6R is the line's LX."""
    number = folded(r.line_item_control_number).lstrip("0")
    return bool(number) and number == b.line_number.lstrip("0")


def folded(number: str | None) -> str:
    """A line item control number to compare by."""
    return (number or "").strip().upper()


def bare(number: str | None) -> str:
    """A line item control number without its leading zeros and its punctuation."""
    return "".join(c for c in folded(number) if c.isalnum()).lstrip("0")
