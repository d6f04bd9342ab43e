"""Until when a path is open, as far as it is known. None: nobody told us; never "no limit".

A file may carry any day that can be written, so a last day beyond the calendar's end is its end.
"""

from __future__ import annotations

from datetime import date, timedelta

from rules.parameters import load
from rules.payer import PayerProfile


def days_after(day: date, days: int) -> date:
    """A day so many days later, at most the last one there is.

    >>> days_after(date(2026, 4, 1), 180), days_after(date(9999, 12, 31), 1)
    (datetime.date(2026, 9, 28), datetime.date(9999, 12, 31))
    """
    return day + timedelta(days=days) if days <= (date.max - day).days else date.max


def year_after(day: date) -> date:
    """The same day one calendar year later; 28 February for a leap day.

    >>> year_after(date(2024, 2, 29)), year_after(date(9999, 3, 1))
    (datetime.date(2025, 2, 28), datetime.date(9999, 12, 31))
    """
    if day.year == date.max.year:
        return date.max
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)


def original_claim_deadline(payer: PayerProfile, service_date: date | None) -> date | None:
    """The last day on which the payer takes an original claim in."""
    if service_date is None:
        return None
    if payer.original_claim_days is not None:
        return days_after(service_date, payer.original_claim_days)
    if payer.is_medicare_part_b:
        return year_after(service_date)
    return None


def replacement_deadline(
    payer: PayerProfile, denied_on: date, service_date: date | None
) -> date | None:
    """The last day on which the payer takes a replacement in."""
    if payer.corrected_claim_days is None:
        return None
    start = service_date if payer.corrected_claim_from == "service" else denied_on
    return days_after(start, payer.corrected_claim_days) if start else None


def appeal_deadline(payer: PayerProfile, denied_on: date) -> date | None:
    """The last day of the first appeal."""
    days = payer.appeal_days
    if days is None and payer.is_medicare_part_b:
        days = int(load("timely_filing")["medicare_part_b"]["redetermination_days"])
    return days_after(denied_on, days) if days is not None else None


def deadline(
    path: str, payer: PayerProfile, denied_on: date, first_service_date: date | None
) -> date | None:
    """The last day for a path; None where the path has none or it is not known.

    What is still to be looked at (``review``, ``hold``) and requested records count by the
    earliest window that is known, so that none of them runs out unseen.
    """
    replacement = replacement_deadline(payer, denied_on, first_service_date)
    appeal = appeal_deadline(payer, denied_on)
    if path in ("replacement", "void"):
        return replacement
    if path == "new_claim":
        return original_claim_deadline(payer, first_service_date)
    if path == "appeal":
        return appeal
    if path == "reopening":
        return year_after(denied_on)
    if path in ("review", "hold", "documentation"):
        known = [d for d in (replacement, appeal) if d is not None]
        return min(known) if known else None
    return None
