"""Submissions that were turned back before adjudication (999, TA1, 277CA), in the work queue.

Nobody adjudicated them, so there is no denial and nothing to replace: they go again as a new
claim, frequency 1, by the payer's limit for original claims. They leave the queue when another
submission of the claim has gone to that payer, or a person puts them away.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, insert, or_, select

from rules.deadline import original_claim_deadline
from rules.payer import payer_key
from warehouse import tables as t
from warehouse.archived_claim import profile_of
from warehouse.review_item import Approval, ReviewDetail, ReviewError, ReviewItem
from warehouse.settings import Settings

PUT_AWAY = ""
"""``approval.corrections_digest`` of a decision that is about no correction."""


def is_rejected_id(review_id: str) -> bool:
    """Whether a review id is that of a rejected submission: ``s<submission_id>``."""
    return review_id[:1] == "s" and review_id[1:].isdecimal()


def waiting(connection: Connection, settings: Settings | None, *, as_of: date) -> list[ReviewItem]:
    """Every submission that was turned back and has not gone again."""
    s, a, later = t.submission, t.approval, t.submission.alias("later")
    gone_again = select(
        s.c.submission_id.label("first"), later.c.payer_id, later.c.claim_filing_indicator
    ).where(
        s.c.status == "rejected",
        later.c.claim_id == s.c.claim_id,
        later.c.origin != "shadow",
        later.c.status != "rejected",
        or_(
            later.c.submitted_on > s.c.submitted_on,
            and_(
                later.c.submitted_on.is_not_distinct_from(s.c.submitted_on),
                later.c.submission_id > s.c.submission_id,
            ),
        ),
    )
    put_away = select(a.c.approval_id).where(
        a.c.submission_id == s.c.submission_id, a.c.corrections_digest == PUT_AWAY
    )
    rows = connection.execute(
        select(s)
        .where(
            s.c.status == "rejected",
            s.c.origin != "shadow",
            ~put_away.exists(),
        )
        .order_by(s.c.submission_id)
    )
    payers = settings.payers if settings is not None else ()

    def payer(row: Any) -> str:
        return payer_key(payers, row.payer_id, row.claim_filing_indicator)

    again = {(row.first, payer(row)) for row in connection.execute(gone_again).all()}
    return [
        _item(row, settings, as_of) for row in rows if (row.submission_id, payer(row)) not in again
    ]


def _item(row: Row[Any], settings: Settings | None, as_of: date) -> ReviewItem:
    last_day = None
    if settings is not None:
        last_day = original_claim_deadline(profile_of(settings, row), row.first_service_date)
    return ReviewItem(
        review_id=f"s{row.submission_id}",
        patient_control_number=row.patient_control_number,
        line_number=None,
        payer_name=row.payer_name,
        denied_cents=row.charge_cents,
        deadline=last_day,
        days_left=(last_day - as_of).days if last_day else None,
        rule_code=None,
        path="new_claim",
        decision=None,
        explanation=f"Turned back before adjudication ({row.status_codes or 'no code'}): correct "
        "what the codes name and send a new claim, frequency 1.",
        needs_person=None,
        status=row.status,
    )


def _one(connection: Connection, review_id: str) -> Row[Any]:
    s = t.submission
    row = connection.execute(
        select(s).where(s.c.submission_id == int(review_id[1:]), s.c.status == "rejected")
    ).first()
    if row is None:
        raise ReviewError(f"there is no rejected submission {review_id}; see: reclaim review list")
    return row


def show(
    connection: Connection, settings: Settings, review_id: str, *, as_of: date
) -> ReviewDetail:
    """One of them; it has no corrections of its own.

    Raises: ReviewError, where there is none of this id.
    """
    return ReviewDetail(_item(_one(connection, review_id), settings, as_of), (), None, None)


def denial_to_approve(connection: Connection, review_id: str) -> str:
    """The review id of a denial whose approval lets the claim's correction go again.

    Raises: ReviewError, where the claim has no correction that waits.
    """
    row = _one(connection, review_id)
    d, s = t.denial, t.submission
    found = connection.execute(
        select(d.c.denial_id)
        .join(s, s.c.submission_id == d.c.submission_id)
        .where(s.c.claim_id == row.claim_id, d.c.status == "awaiting_approval")
        .order_by(d.c.denial_id)
    ).first()
    if found is None:
        raise ReviewError(
            f"{review_id} has no correction that waits for approval: correct what its codes name "
            "and send the claim anew, or put it away with: reclaim review reject"
        )
    return str(found.denial_id)


def put_away(
    connection: Connection,
    review_id: str,
    by: str,
    reason: str,
    *,
    as_of: date,
    now: datetime,
    user: str,
) -> Approval:
    """A named person says that the submission needs no new claim, and why.

    Raises: ReviewError, where there is none of this id.
    """
    row = _one(connection, review_id)
    connection.execute(
        insert(t.approval).values(
            submission_id=row.submission_id,
            decision="rejected",
            decided_by=by,
            recorded_user=user,
            reason=reason,
            corrections_digest=PUT_AWAY,
            decided_on=as_of,
            decided_at=now,
        )
    )
    return Approval(review_id, row.submission_id, row.patient_control_number, "rejected", 0, by)
