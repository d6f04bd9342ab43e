"""What a person needs in hand for one denial, worked out anew from what is on file today."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from rules.propose import propose
from rules.work_up import Asked, WorkUp, work_up
from warehouse import tables as t
from warehouse.database import Warehouse
from warehouse.facts import FactsReader
from warehouse.review import masked
from warehouse.settings import Settings


def of_denial(
    warehouse: Warehouse, settings: Settings, review_id: str, *, as_of: date
) -> WorkUp | None:
    """For an open denial; None for what our own claim answers, and for other ids."""
    if not review_id.isdigit():
        return None
    with warehouse.read() as connection:
        submission_id = connection.execute(
            select(t.denial.c.submission_id).where(t.denial.c.denial_id == int(review_id))
        ).scalar()
        if submission_id is None:
            return None
        reader = FactsReader(connection, settings, as_of=as_of)
        try:
            claim_file = next(iter(reader.read([submission_id])))
        finally:
            reader.close()
    decisions = propose(
        claim_file.lines,
        claim_file.facts,
        paid_claims_need_person=settings.emission.paid_claims == "approval",
    )
    for row, decision in zip(claim_file.denials, decisions, strict=True):
        if row.denial_id == int(review_id):
            found = work_up(decision, claim_file.facts)
            return found and found._replace(worksheet=_shown(found))
    return None


def _shown(found: WorkUp) -> tuple[Asked, ...]:
    return tuple(
        a._replace(old_value=masked(a.place, a.old_value), new_value=masked(a.place, a.new_value))
        for a in found.worksheet
    )
