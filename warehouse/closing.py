"""A person's word that nothing more is done about a denial: it leaves the work queue, closed.

What the payer says afterwards has the last word: a later adjudication of the line, or an 837P that
turns out to be the claim's, opens it again.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import insert, update

from warehouse import review, review_rejected
from warehouse import tables as t
from warehouse.database import Warehouse, allocate
from warehouse.review_item import Closed, ReviewError
from warehouse.settings import Settings

RESOLUTIONS = {
    "written-off": "written off",
    "patient": "billed to the patient",
    "other-payer": "billed to another payer",
    "accepted": "accepted as decided",
    "not-ours": "not a claim of ours",
}
"""What a person may say became of a denial, and how ``mart_denial.resolution`` says it."""


def close(
    warehouse: Warehouse,
    settings: Settings,
    review_id: str,
    *,
    resolution: str,
    by: str,
    reason: str,
    as_of: date,
    now: datetime,
    recorded_user: str | None = None,
) -> Closed:
    """Close one open denial, whatever its path; ``resolution`` is a key of RESOLUTIONS.

    Raises: ReviewError: no such denial, not open, no reason, not a reviewer, or a patient who may
        not be billed.
    """
    by, user = review.decider(settings, by, recorded_user)
    if not reason.strip():
        raise ReviewError("say why it is closed: --reason TEXT")
    if resolution not in RESOLUTIONS:
        raise ReviewError(f"a denial is closed as one of: {', '.join(RESOLUTIONS)}")
    if review_rejected.is_rejected_id(review_id):
        raise ReviewError(f"{review_id} is no denial; put it away with: reclaim review reject")
    with warehouse.write() as connection:
        row = review.one_denial(connection, review_id)
        _must_be_open(row.status, review_id)
        if resolution == "patient" and row.group_code != "PR":
            raise ReviewError(
                f"denial {review_id} has group code {row.group_code}: the payer did not make the "
                "patient owe it (PR), so the patient may not be billed"
            )
        closing_id = allocate(connection, "closing", 1)
        connection.execute(
            insert(t.closing).values(
                closing_id=closing_id, claim_payment_id=row.claim_payment_id,
                service_position=row.service_position, resolution=RESOLUTIONS[resolution],
                closed_by=by, recorded_user=user, reason=reason.strip(), closed_on=as_of,
                closed_at=now,
            )
        )  # fmt: skip
        d = t.denial
        connection.execute(
            update(d)
            .where(d.c.denial_id == row.denial_id)
            .values(status="closed", resolution=RESOLUTIONS[resolution], resolved_on=as_of,
                    closing_id=closing_id)
        )  # fmt: skip
    number = row.patient_control_number or row.reported_patient_control_number
    return Closed(review_id, number, RESOLUTIONS[resolution], by)


def _must_be_open(status: str, review_id: str) -> None:
    if status == "awaiting_approval":
        raise ReviewError(
            f"denial {review_id} has a correction that waits for approval: "
            f"reject it first, with: reclaim review reject {review_id} --by NAME --reason TEXT"
        )
    if status != "open":
        raise ReviewError(f"denial {review_id} is not open (its status is {status})")
