"""All that happened to one claim, in order of date, each with the file and segment it stands in.

Reads by patient control number: what was billed under it, what payers reported under it (matched
or not), and what we decided, sent and heard of it. Shows control numbers, codes and amounts; no
name and no member id. Numbers are re-used: entries of two claims are told apart by ``claim_id``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, or_, select, text

from warehouse import tables as t
from warehouse.database import Warehouse
from warehouse.timeline_answers import answers
from warehouse.timeline_entry import TimelineEntry, day_of, words
from warehouse.timeline_money import beside, divided, untold_lines
from warehouse.timeline_prior import prior

_FREQUENCIES = {"1": "original", "7": "replacement", "8": "void"}
_STAGES = ("submission", "prior", "adjudication", "beside", "denial", "decision", "correction",
           "approval", "rejection", "emission", "acknowledgment", "accepted",
           "resolution")  # fmt: skip
"""Order of what happened on one day. Reversals stand among the adjudications, as the file has them:
a payer reverses first and then decides anew."""


def timeline(warehouse: Warehouse, patient_control_number: str) -> list[TimelineEntry]:
    """What happened under this number, oldest first; empty for a number nobody ever used.

    Raises: Transient, Terminal.
    """
    number = patient_control_number.strip()
    with warehouse.read() as connection:
        entries = [
            *_submissions(connection, number),
            *prior(connection, number),
            *_adjudications(connection, number),
            *beside(connection, _payments_of(number, t.claim_payment.c.claim_payment_id)),
            *_denials(connection, number),
            *_corrections(connection, number),
            *_approvals(connection, number),
            *_emissions(connection, number),
            *answers(connection, number),
        ]
    return sorted(entries, key=lambda e: (e.on is None, e.on or date.min, _stage(e)))


def _stage(entry: TimelineEntry) -> int:
    return _STAGES.index("adjudication" if entry.what == "reversal" else entry.what)


def _place(row: Row[Any], *more: str) -> str:
    return words(f"ST {row.transaction}", f"segment {row.segment_position}", *more)


def _submissions(connection: Connection, number: str) -> Iterator[TimelineEntry]:
    """What was billed; what we sent ourselves has entries of its own (see _emissions)."""
    s, f, x = t.submission, t.file, t.x12_transaction
    rows = connection.execute(
        select(s, f.c.file_name, x.c.transaction)
        .join(f, f.c.file_id == s.c.file_id)
        .join(x, x.c.transaction_id == s.c.transaction_id)
        .where(s.c.patient_control_number == number, s.c.origin == "read")
        .order_by(s.c.submission_id)
    )
    for row in rows:
        code = row.claim_frequency_code
        yield TimelineEntry(
            on=row.submitted_on,
            what="submission",
            file_name=row.file_name,
            file_id=row.file_id,
            place=_place(row),
            detail=words(
                _FREQUENCIES.get(code, f"frequency {code}"),
                row.payer_claim_control_number and f"of {row.payer_claim_control_number}",
                f"to {row.payer_id or row.payer_name or 'an unnamed payer'}",
                f"{row.service_line_count} lines",
                row.status,
                row.status_codes,
            ),
            amount_cents=row.charge_cents,
            claim_id=row.claim_id,
        )


def _payments_of(number: str, *columns: Any) -> Any:
    """Claim payments that answer a submission of this number, or report the number themselves."""
    cp, r, s, f, x = t.claim_payment, t.remittance, t.submission, t.file, t.x12_transaction
    # Both sides of the "or" are indexed columns of claim_payment.
    ours = select(s.c.submission_id).where(s.c.patient_control_number == number)
    return (
        select(*columns, cp.c.claim_position, cp.c.segment_position, f.c.file_id, f.c.file_name,
               x.c.transaction, r.c.payment_date, s.c.claim_id)
        .join(r, r.c.remittance_id == cp.c.remittance_id)
        .join(f, f.c.file_id == cp.c.file_id)
        .join(x, x.c.transaction_id == r.c.transaction_id)
        .outerjoin(s, s.c.submission_id == cp.c.submission_id)
        .where(or_(cp.c.submission_id.in_(ours), cp.c.reported_patient_control_number == number))
    )  # fmt: skip


def _adjudications(connection: Connection, number: str) -> Iterator[TimelineEntry]:
    cp, r = t.claim_payment, t.remittance
    back, old, back_r, old_r = cp.alias(), cp.alias(), r.alias(), r.alias()
    statement = _payments_of(
        number,
        cp.c.claim_payment_id,
        cp.c.submission_id,
        cp.c.claim_status_code,
        cp.c.payer_claim_control_number,
        cp.c.payment_cents,
        cp.c.is_reversal,
        cp.c.is_balanced,
        cp.c.reported_patient_control_number,
        cp.c.interest_cents,
        cp.c.lacks_minus,
        cp.c.is_other_payer,
        r.c.trace_number,
        back.c.payer_claim_control_number.label("taken"),
        back_r.c.payment_date.label("taken_of"),
        old_r.c.payment_date.label("old_of"),
    )
    # What a reversal takes back, and what a decision stands in for.
    statement = (
        statement.outerjoin(back, back.c.claim_payment_id == cp.c.reverses_id)
        .outerjoin(back_r, back_r.c.remittance_id == back.c.remittance_id)
        .outerjoin(old, old.c.claim_payment_id == cp.c.corrects_id)
        .outerjoin(old_r, old_r.c.remittance_id == old.c.remittance_id)
        .order_by(r.c.payment_date, r.c.trace_number, cp.c.claim_position)
    )  # fmt: skip
    rows = connection.execute(statement).all()
    keys = [row.claim_payment_id for row in rows]
    money, untold = divided(connection, keys), untold_lines(connection, keys)
    for row in rows:
        reported = row.reported_patient_control_number
        yield TimelineEntry(
            on=row.payment_date,
            what="reversal" if row.is_reversal else "adjudication",
            file_name=row.file_name,
            file_id=row.file_id,
            place=_place(row, f"CLP {row.claim_position}"),
            detail=words(
                f"status {row.claim_status_code}",
                row.payer_claim_control_number,
                f"trace {row.trace_number}",
                money[row.claim_payment_id],
                untold.get(row.claim_payment_id),
                None if row.is_balanced else "does not balance",
                "matches no claim of ours" if row.submission_id is None else None,
                row.taken_of and f"takes back {row.taken or 'the decision'} of {row.taken_of}",
                row.old_of and f"stands in for the decision of {row.old_of}",
                "sent without its minus" if row.lacks_minus else None,
                "of another payer" if row.is_other_payer else None,
                f"interest {row.interest_cents / 100:,.2f}" if row.interest_cents else None,
                f"reported as {reported}" if reported != number else None,
            ),
            amount_cents=row.payment_cents,
            claim_id=row.claim_id,
        )


def _denials(connection: Connection, number: str) -> Iterator[TimelineEntry]:
    cp, d, sp, by = t.claim_payment, t.denial, t.service_payment, t.closing
    statement = (
        _payments_of(number, *d.c, sp.c.procedure_code, by.c.closed_by, by.c.reason)
        .join(d, d.c.claim_payment_id == cp.c.claim_payment_id)
        .outerjoin(by, by.c.closing_id == d.c.closing_id)
        .outerjoin(
            sp,
            (sp.c.claim_payment_id == d.c.claim_payment_id)
            & (sp.c.service_position == d.c.service_position),
        )
        .order_by(d.c.denial_id)
    )
    for row in connection.execute(statement):
        yield TimelineEntry(
            on=row.payment_date,
            what="denial",
            file_name=row.file_name,
            file_id=row.file_id,
            place=_place(row, f"SVC {row.service_position}" if row.service_position else "claim"),
            detail=words(
                f"{row.group_code}-{row.reason_code}",
                row.remark_codes.replace(",", " "),
                row.procedure_code,
                row.category,
                f"path {row.path if row.submission_id else 'review'}",
                row.status,
            ),
            amount_cents=row.denied_cents,
            claim_id=row.claim_id,
        )
        if row.decision:
            yield TimelineEntry(
                # What the payer itself undid is decided by that, on no day of ours.
                on=row.decided_on or row.resolved_on,
                what="decision",
                detail=words(
                    f"denial {row.denial_id}: {row.decision.replace('_', ' ')}",
                    row.rule_code,
                    row.missing_evidence and f"missing {row.missing_evidence}",
                    row.explanation,
                ),
                claim_id=row.claim_id,
            )
        if row.resolved_on:
            yield TimelineEntry(
                on=row.resolved_on,
                what="resolution",
                detail=words(
                    f"denial {row.denial_id}: {row.resolution or row.status}",
                    row.closed_by and f"closed by {row.closed_by}: {row.reason}",
                ),
                amount_cents=row.recovered_cents or None,
                claim_id=row.claim_id,
            )


_CORRECTIONS = """
select shown.*, denial.decided_on, correction.reason, submission.claim_id
from mart_correction as shown
join correction on correction.correction_id = shown.correction_id
join denial on denial.denial_id = shown.denial_id
join submission on submission.submission_id = correction.submission_id
where shown.patient_control_number = :number
order by shown.correction_id
"""
"""The mart's values: identifiers of people by their last four characters."""


def _corrections(connection: Connection, number: str) -> Iterator[TimelineEntry]:
    for row in connection.execute(text(_CORRECTIONS), {"number": number}):
        yield TimelineEntry(
            on=day_of(row.decided_on),
            what="correction",
            file_name=row.outbound_file_name,
            place=row.place,
            detail=words(
                f"{row.old_value or 'nothing'} → {row.new_value or 'nothing'}",
                row.reason,
                row.evidence and f"evidence {row.evidence}",
                row.status,
                row.outcome,
            ),
            claim_id=row.claim_id,
        )


def _approvals(connection: Connection, number: str) -> Iterator[TimelineEntry]:
    a, s = t.approval, t.submission
    rows = connection.execute(
        select(a, s.c.claim_id)
        .join(s, s.c.submission_id == a.c.submission_id)
        .where(s.c.patient_control_number == number)
        .order_by(a.c.approval_id)
    )
    for row in rows:
        yield TimelineEntry(
            on=row.decided_on,
            what="approval" if row.decision == "approved" else "rejection",
            detail=words(f"by {row.decided_by}", row.reason),
            claim_id=row.claim_id,
        )


def _emissions(connection: Connection, number: str) -> Iterator[TimelineEntry]:
    """What we sent, or would have sent (shadow)."""
    oc, of, s = t.outbound_claim, t.outbound_file, t.submission
    sent, x = s.alias("sent"), t.x12_transaction
    rows = connection.execute(
        select(
            oc, of.c.file_name, of.c.folder, of.c.interchange_control_number, of.c.made_on,
            of.c.emitted_at, of.c.state.label("file_state"), sent.c.segment_position,
            x.c.transaction,
        )
        .join(of, of.c.outbound_file_id == oc.c.outbound_file_id)
        .join(s, s.c.submission_id == oc.c.submission_id)
        .outerjoin(sent, sent.c.submission_id == oc.c.emitted_submission_id)
        .outerjoin(x, x.c.transaction_id == sent.c.transaction_id)
        .where(s.c.patient_control_number == number)
        .order_by(oc.c.outbound_claim_id)
    )  # fmt: skip
    for row in rows:
        code = row.claim_frequency_code
        yield TimelineEntry(
            on=day_of(row.emitted_at) or row.made_on,
            what="emission",
            file_name=row.file_name,
            place=_place(row) if row.segment_position else "",
            detail=words(
                _FREQUENCIES.get(code, f"frequency {code}"),
                row.payer_claim_control_number and f"of {row.payer_claim_control_number}",
                f"interchange {row.interchange_control_number}",
                "shadow only, not sent"
                if row.folder == "shadow" and not row.voided_because
                else None,
                row.voided_because and f"withdrawn before it left: {row.voided_because}",
                row.state if row.state == row.file_state else f"{row.state}, file {row.file_state}",
            ),
            amount_cents=row.charge_cents,
            claim_id=row.claim_id,
        )
