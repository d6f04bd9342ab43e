"""One thing that happened to a claim, and how it is put into words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """One thing that happened to a claim.

    Attributes:
        on: None where no file and no person gave it a date; such entries come last.
        what: submission, prior (what it told of an earlier payer), adjudication, reversal, beside
            (a PLB that names the claim), denial, decision, correction, approval, rejection (by a
            person), emission, acknowledgment (TA1, 999, 277CA), accepted (the payer's own 277CA)
            or resolution.
        file_name: the file it stands in; None for what happened here.
        file_id: of a file that was received, whose name is not shown; None for our own.
        place: transaction set and segment in that file, ``ST 1, segment 12``; "" for none.
        amount_cents: charge of what was billed, payment of an earlier payer as told and of what was
            adjudicated, what a PLB adds (negative: takes), the denied amount of a denial, what a
            resolution brought; None for the rest, and for a resolution that brought nothing.
        claim_id: which claim, where several carry the number; None where nothing matched.
    """

    on: date | None
    what: str
    file_name: str | None = None
    file_id: int | None = None
    place: str = ""
    detail: str = ""
    amount_cents: int | None = None
    claim_id: int | None = None


def words(*parts: str | None) -> str:
    """What there is of several parts, joined by commas."""
    return ", ".join(part for part in parts if part)


def day_of(value: Any) -> date | None:
    """A day, whether SQL gave text (SQLite), a date or a time."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, str):
        return date.fromisoformat(value[:10])
    return value if isinstance(value, date) else None
