"""The work queue: what waits for a person, and the person's decisions, one at a time."""

from __future__ import annotations

import getpass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select

from edi.claim_text import cut
from edi.element import Delimiters
from warehouse import review_rejected
from warehouse import tables as t
from warehouse.approvals import REJECTED, attesters_of, corrections_digest, is_reviewer, objection
from warehouse.archive import archived
from warehouse.archived_claim import claim_bytes_of, submissions_with_files
from warehouse.database import Warehouse
from warehouse.facts import FactsReader
from warehouse.review_item import (
    Approval,
    ReviewCorrection,
    ReviewDetail,
    ReviewError,
    ReviewItem,
)
from warehouse.review_words import in_words, line_with
from warehouse.settings import Settings

__all__ = [
    "Approval", "ReviewCorrection", "ReviewDetail", "ReviewError", "ReviewItem", "approve",
    "elsewhere", "masked", "reject", "show", "waiting",
]  # fmt: skip


_PERSONS = ("2010BA", "2010CA", "2330A[")
"""Loops that name a person: subscriber, patient, another payer's subscriber."""


def masked(place: str, value: str | None) -> str | None:
    """A value as it may be shown, in the same words as ``mart_correction``.

    Identifiers of people by their last four characters, anything else about them not at all.
    """
    if value is None or not place.startswith(_PERSONS):
        return value
    return f"…{value[-4:]}" if place.endswith("/NM109") else "…"


def waiting(
    warehouse: Warehouse,
    *,
    as_of: date,
    settings: Settings | None = None,
    everything: bool = False,
) -> list[ReviewItem]:
    """What waits for a person, most dollars first, then fewest days left.

    Corrections to approve, open denials of path ``review``, and submissions that were turned back
    before adjudication; the last day for a new claim is known from the settings only.
    ``everything``: also what only lacks evidence, and what is answered by an appeal, by records, or
    in another way than by a claim of ours.
    """
    with warehouse.read() as connection:
        rows = _rows(connection, _waits(everything))
        items = [_item(row, as_of) for row in rows]
        items += review_rejected.waiting(connection, settings, as_of=as_of)
    return sorted(
        items,
        key=lambda i: (
            -i.denied_cents, i.deadline or date.max, review_rejected.is_rejected_id(i.review_id),
            int(i.review_id.lstrip("s")),
        ),
    )  # fmt: skip


def _waits(everything: bool) -> ColumnElement[bool]:
    d = t.denial
    # What the payer still decides (hold) is followed up; it is in nobody's short queue.
    paths = d.c.path != "none" if everything else d.c.path == "review"
    return (d.c.status == "awaiting_approval") | ((d.c.status == "open") & paths)


def elsewhere(warehouse: Warehouse) -> int:
    """How many open denials wait for a person without being in the short queue."""
    with warehouse.read() as connection:
        query = select(func.count()).select_from(t.denial).where(_waits(True), ~_waits(False))
        return int(connection.execute(query).scalar_one())


def _rows(connection: Connection, condition: Any) -> list[Row[Any]]:
    d, s, cp, sp, r, line = (
        t.denial, t.submission, t.claim_payment, t.service_payment, t.remittance, t.submitted_line
    )  # fmt: skip
    return list(
        connection.execute(
            select(d, s.c.patient_control_number, cp.c.reported_patient_control_number,
                   s.c.payer_name.label("submitted_payer"), r.c.payer_name, line.c.line_number,
                   sp.c.policy_identifiers)
            .join(cp, cp.c.claim_payment_id == d.c.claim_payment_id)
            .join(r, r.c.remittance_id == cp.c.remittance_id)
            .outerjoin(s, s.c.submission_id == d.c.submission_id)
            .outerjoin(sp, (sp.c.claim_payment_id == d.c.claim_payment_id)
                       & (sp.c.service_position == d.c.service_position))
            .outerjoin(line, (line.c.submission_id == d.c.submission_id)
                       & (line.c.line_position == d.c.line_position))
            .where(condition)
            .order_by(d.c.denial_id)
        )
    )  # fmt: skip


def _item(row: Row[Any], as_of: date) -> ReviewItem:
    return ReviewItem(
        review_id=str(row.denial_id),
        patient_control_number=row.patient_control_number or row.reported_patient_control_number,
        line_number=row.line_number,
        payer_name=row.submitted_payer or row.payer_name,
        denied_cents=row.denied_cents,
        deadline=row.deadline,
        days_left=(row.deadline - as_of).days if row.deadline else None,
        rule_code=row.rule_code,
        path=row.path,
        decision=row.decision,
        explanation=row.explanation,
        needs_person=row.needs_person,
        status=row.status,
        policy_identifiers=row.policy_identifiers,
    )


def one_denial(connection: Connection, review_id: str) -> Row[Any]:
    """The denial of a review id, with its claim, payer and line.

    Raises: ReviewError, where there is none.
    """
    if not review_id.isdigit():
        raise ReviewError(f"{review_id!r} is no review id; see: reclaim review list")
    rows = _rows(connection, t.denial.c.denial_id == int(review_id))
    if not rows:
        raise ReviewError(f"there is no denial {review_id}; see: reclaim review list")
    return rows[0]


def _corrections(connection: Connection, submission_id: int, *states: str) -> list[Row[Any]]:
    """The corrections of a whole claim; what two rules want alike stands there twice."""
    c = t.correction
    return list(
        connection.execute(
            select(c)
            .where(c.c.submission_id == submission_id, c.c.status.in_(states))
            .order_by(c.c.correction_id)
        )
    )


def _by_place(corrections: list[Row[Any]]) -> list[Row[Any]]:
    """Each place once."""
    return list({row.place: row for row in corrections}.values())


def show(warehouse: Warehouse, settings: Settings, review_id: str, *, as_of: date) -> ReviewDetail:
    """One item with everything that a decision needs.

    Raises: ReviewError, where there is none of this id.
    """
    with warehouse.read() as connection:
        if review_rejected.is_rejected_id(review_id):
            return review_rejected.show(connection, settings, review_id, as_of=as_of)
        row = one_denial(connection, review_id)
        item = _item(row, as_of)
        if row.submission_id is None:
            return ReviewDetail(item, (), None, None)
        found = _by_place(
            _corrections(
                connection, row.submission_id, "proposed", "approved", "emitted", "rejected"
            )
        )
        reader = FactsReader(connection, settings, as_of=as_of)
        try:
            facts = next(reader.read([row.submission_id], {}), None)
        finally:
            reader.close()
        if facts is None:  # its explanation says why; there is nothing else to show
            return ReviewDetail(item, (), None, None)
        words = {key: in_words(record) for record in facts.facts.evidence
                 if (key := facts.evidence_ids.get(id(record)))}  # fmt: skip
        corrections = tuple(
            ReviewCorrection(
                c.place, masked(c.place, c.old_value), masked(c.place, c.new_value), c.rule_code,
                c.reason,
                tuple(words.get(i, "withdrawn since") for i in c.evidence_ids.split(",") if i)
                or (c.evidence_documents,),
                c.status,
            )
            for c in found
        )  # fmt: skip
        submission = submissions_with_files(connection, [row.submission_id])[0]
        delimiters = Delimiters(*submission.delimiters)
        original = _line_text(settings, submission, delimiters, row)
    proposed = _proposed_text(original, delimiters, row, found)
    return ReviewDetail(item, corrections, original, proposed)


def _line_text(
    settings: Settings, submission: Row[Any], delimiters: Delimiters, row: Row[Any]
) -> str | None:
    """The SV1 segment as it was sent; a service line holds no name and no id of the patient."""
    if row.line_position is None:
        return None
    with archived(settings, submission.sha256).open("rb") as file:
        own = cut(file, claim_bytes_of(submission).own, delimiters)
    lines = [text for text in own if text.startswith("SV1" + delimiters.element)]
    return lines[row.line_position - 1] if row.line_position <= len(lines) else None


def _proposed_text(
    original: str | None, delimiters: Delimiters, row: Row[Any], corrections: list[Row[Any]]
) -> str | None:
    """The line as it would go out, the claim's other changes after it."""
    if not corrections:
        return None
    own = f"2400[{row.line_position}]"
    if any(c.place == own for c in corrections):
        return "taken off the claim"
    line, others = "the claim", [c.place for c in corrections]
    if original is not None:
        wanted = [(c.place, c.new_value) for c in corrections]
        line, others = line_with(original, delimiters, row.line_position, wanted)
    changes = ", ".join(
        f"{c.place}: {masked(c.place, c.old_value) or 'nothing'} → "
        f"{masked(c.place, c.new_value) or 'taken away'}"
        for c in corrections
        if c.place in others
    )
    return f"{line}  with  {changes}" if changes else line


def approve(
    warehouse: Warehouse,
    settings: Settings,
    review_id: str,
    *,
    by: str,
    as_of: date,
    now: datetime,
    recorded_user: str | None = None,
) -> Approval:
    """A named person lets the corrections of the item's whole claim go.

    Raises: ReviewError: no such item, nothing to approve, not a reviewer, or the person who
        attested the evidence.
    """
    return _decide(warehouse, settings, review_id, "approved", by, None, as_of, now, recorded_user)


def reject(
    warehouse: Warehouse,
    settings: Settings,
    review_id: str,
    *,
    by: str,
    reason: str,
    as_of: date,
    now: datetime,
    recorded_user: str | None = None,
) -> Approval:
    """A named person says that the corrections of the item's claim are not to go, and why.

    Raises: ReviewError.
    """
    if not reason.strip():
        raise ReviewError("say why it is rejected: --reason TEXT")
    return _decide(
        warehouse, settings, review_id, "rejected", by, reason.strip(), as_of, now, recorded_user
    )


def _decide(
    warehouse: Warehouse,
    settings: Settings,
    review_id: str,
    decision: str,
    by: str,
    reason: str | None,
    as_of: date,
    now: datetime,
    recorded_user: str | None,
) -> Approval:
    by, user = decider(settings, by, recorded_user)
    with warehouse.write() as connection:
        if review_rejected.is_rejected_id(review_id):
            if decision == "rejected":
                return review_rejected.put_away(
                    connection, review_id, by, reason or "", as_of=as_of, now=now, user=user
                )
            review_id = review_rejected.denial_to_approve(connection, review_id)
        row = one_denial(connection, review_id)
        if row.status != "awaiting_approval":
            what = ""
            if row.status == "open" and decision == "rejected":
                what = "; where nothing more is to be done: reclaim review close"
            raise ReviewError(
                f"denial {review_id} has no correction that waits for approval "
                f"(its status is {row.status}){what}"
            )
        found = _corrections(connection, row.submission_id, "proposed")
        if decision == "approved":
            # Four eyes: who says what the chart shows does not also let it go.
            attesters = attesters_of(connection, (c.evidence_ids for c in found))
            if (why := objection(settings, by, attesters)) is not None:
                raise ReviewError(why)
        connection.execute(
            insert(t.approval).values(
                submission_id=row.submission_id,
                decision=decision,
                decided_by=by,
                recorded_user=user,
                reason=reason,
                corrections_digest=corrections_digest([
                    (c.place, c.old_value, c.new_value, c.rule_code, c.rule_version,
                     c.evidence_ids)
                    for c in found
                ]),
                decided_on=as_of,
                decided_at=now,
            )
        )  # fmt: skip
        _record(connection, row.submission_id, decision, by, reason)
        number = row.patient_control_number
    return Approval(review_id, row.submission_id, number, decision, len(_by_place(found)), by)


def _record(
    connection: Connection, submission_id: int, decision: str, by: str, reason: str | None
) -> None:
    c, d = t.correction, t.denial
    connection.execute(
        c.update()
        .where(c.c.submission_id == submission_id, c.c.status == "proposed")
        .values(status=decision, approved_by=by)
    )
    values: dict[str, Any] = {"status": "approved"}
    if decision == "rejected":
        values = {"status": "open", "decision": "refused", "path": "review",
                  "explanation": f"{by}{REJECTED}{reason}"}  # fmt: skip
    connection.execute(
        d.update()
        .where(d.c.submission_id == submission_id, d.c.status == "awaiting_approval")
        .values(**values)
    )


def decider(settings: Settings, by: str, recorded_user: str | None) -> tuple[str, str]:
    """Who decides, by the name given, and the user who is recorded besides.

    Raises: ReviewError, where nobody is named or the settings do not know the name.
    """
    by = by.strip()
    if not by:
        raise ReviewError("say who decides: --by NAME")
    if not is_reviewer(settings, by):
        raise ReviewError(f"{by} is not among the reviewers of reclaim.toml")
    return by, recorded_user or _user()


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
