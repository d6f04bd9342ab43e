"""Claims that stand here under one patient control number: practices share and re-use numbers.

What a record says of "the claim of that number" may be of any of them (CONTRACT, section 5).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, func, select

from warehouse import tables as t

Days = tuple[tuple[date, date], ...]


def days_of_others(connection: Connection, submissions: Sequence[Row[Any]]) -> dict[int, Days]:
    """By submission: first and last day of every other claim under its number.

    The same claim at another payer is none: provider, day and charge agree, and only the member
    id, which each payer has its own of, differs. A claim without a day may be of any.
    """
    s, line = t.submission, t.submitted_line
    numbers = {x.patient_control_number for x in submissions}
    if not numbers:
        return {}
    last = func.max(func.coalesce(line.c.service_date_end, line.c.service_date))
    rows = connection.execute(
        select(s.c.claim_id, s.c.patient_control_number, s.c.payer_id, s.c.billing_npi,
               s.c.first_service_date, s.c.charge_cents, last.label("last_service_date"))
        .join(line, line.c.submission_id == s.c.submission_id, isouter=True)
        .where(s.c.patient_control_number.in_(numbers), s.c.origin != "shadow")
        .group_by(s.c.submission_id, s.c.claim_id, s.c.patient_control_number, s.c.payer_id,
                  s.c.billing_npi, s.c.first_service_date, s.c.charge_cents)
    ).all()  # fmt: skip
    of_number: dict[str, list[Any]] = {}
    for row in rows:
        of_number.setdefault(row.patient_control_number, []).append(row)
    return {
        x.submission_id: tuple(
            sorted({_period(o) for o in of_number[x.patient_control_number] if _is_another(o, x)})
        )
        for x in submissions
        if x.patient_control_number in of_number
    }


def _is_another(one: Any, other: Any) -> bool:
    if one.claim_id == other.claim_id:
        return False
    alike = all(
        getattr(one, name) == getattr(other, name)
        for name in ("billing_npi", "first_service_date", "charge_cents")
    )
    return not alike or (one.payer_id or "") == (other.payer_id or "")


def _period(row: Any) -> tuple[date, date]:
    first = row.first_service_date
    return (first, row.last_service_date or first) if first else (date.min, date.max)
