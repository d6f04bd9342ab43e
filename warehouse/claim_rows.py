"""Submissions and claim payments as the search for what answers what sees them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select

from rules.classify import NOT_THAT_NUMBER
from rules.payer import normal_id
from warehouse import tables as t
from warehouse.claim_record import ClaimLine, Payment, Submission, ToldService
from warehouse.load import batches


def submissions_where(connection: Connection, where: Any) -> list[Submission]:
    """What was sent, by a condition on submissions; not what was written in shadow mode."""
    s, f, x = t.submission, t.file, t.x12_transaction
    oc = t.outbound_claim
    # What we have written down and not delivered nobody has answered.
    unsent = select(oc.c.emitted_submission_id).where(
        oc.c.state == "approved", oc.c.emitted_submission_id.is_not(None)
    )
    lines = _lines(connection, where)
    rows = connection.execute(
        select(s, f.c.sha256, x.c.sent_at)
        .join(f, f.c.file_id == s.c.file_id)
        .join(x, x.c.transaction_id == s.c.transaction_id)
        .where(where, s.c.origin != "shadow", s.c.submission_id.not_in(unsent))
    )
    return [
        Submission(
            row.submission_id, row.claim_id, row.patient_control_number, row.member_id,
            row.first_service_date, row.charge_cents, row.billing_npi, row.payer_id,
            row.payer_sequence, row.claim_filing_indicator, row.claim_frequency_code,
            row.payer_claim_control_number, row.submitted_on, row.is_turned_back,
            (row.submitted_on or date.min, row.claim_frequency_code,
             row.sent_at or datetime.min, row.sha256 or "", row.claim_position),
            row.patient_name, tuple(lines.get(row.submission_id, ())),
        )
        for row in rows
    ]  # fmt: skip


def _lines(connection: Connection, where: Any) -> dict[int, list[ClaimLine]]:
    s, line = t.submission, t.submitted_line
    found: dict[int, list[ClaimLine]] = {}
    for key, control, code, cents, first, last, modifiers in connection.execute(
        select(line.c.submission_id, line.c.line_item_control_number, line.c.procedure_code,
               line.c.charge_cents, line.c.service_date, line.c.service_date_end,
               line.c.modifiers)
        .join(s, s.c.submission_id == line.c.submission_id)
        .where(where)
        .order_by(line.c.submission_id, line.c.line_position)
    ):  # fmt: skip
        found.setdefault(key, []).append(
            ClaimLine(control, code, cents, first, last or first, _set(modifiers))
        )
    return found


def _services(connection: Connection, keys: Iterable[int]) -> dict[int, list[ToldService]]:
    sp = t.service_payment
    found: dict[int, list[ToldService]] = {}
    for some in batches(keys, 500):
        for key, control, code, own, cents, modifiers in connection.execute(
            select(sp.c.claim_payment_id, sp.c.line_item_control_number, sp.c.procedure_code,
                   sp.c.adjudicated_procedure_code, sp.c.charge_cents, sp.c.modifiers)
            .where(sp.c.claim_payment_id.in_(some), sp.c.service_position > 0)
            .order_by(sp.c.claim_payment_id, sp.c.service_position)
        ):  # fmt: skip
            told = ToldService(control, code, own, abs(cents), _set(modifiers))
            found.setdefault(key, []).append(told)
    return found


@lru_cache(maxsize=4096)
def _set(modifiers: str) -> frozenset[str]:
    return frozenset(filter(None, modifiers.split(",")))


def payments_where(
    connection: Connection, where: Any, repeating: Collection[str] = ()
) -> list[tuple[Payment, Row[Any]]]:
    """What payers told of claims, by a condition on claim payments, with its row.

    ``repeating`` are ids of payers that repeat the frequency of what they answer.
    """
    cp, r, f, a = t.claim_payment, t.remittance, t.file, t.adjustment
    sp = t.service_payment
    duplicate = (
        select(a.c.claim_payment_id)
        .where(a.c.claim_payment_id == cp.c.claim_payment_id, a.c.category == "duplicate")
        .correlate(cp, sp)
    )
    # One line that is called a duplicate beside others that are decided is a decision.
    decided = (
        select(sp.c.claim_payment_id)
        .where(
            sp.c.claim_payment_id == cp.c.claim_payment_id,
            sp.c.charge_cents != 0,
            ~duplicate.where(a.c.service_position.in_((0, sp.c.service_position))).exists(),
        )
        .correlate(cp)
        .exists()
    )
    is_copy = and_(cp.c.payment_cents == 0, duplicate.exists(), ~decided)
    wrong_number = or_(
        cp.c.remark_codes.contains(NOT_THAT_NUMBER),
        select(sp.c.claim_payment_id)
        .where(
            sp.c.claim_payment_id == cp.c.claim_payment_id,
            sp.c.remark_codes.contains(NOT_THAT_NUMBER),
        )
        .exists(),
    )
    refused = or_(is_copy, and_(wrong_number, cp.c.payment_cents == 0))
    rows = connection.execute(
        select(
            cp, refused.label("is_refused"), r.c.payee_npi, r.c.payer_ids, r.c.payment_date,
            r.c.trace_number, f.c.sha256,
        )
        .join(r, r.c.remittance_id == cp.c.remittance_id)
        .join(f, f.c.file_id == cp.c.file_id)
        .where(where)
    ).all()  # fmt: skip
    services = _services(connection, (row.claim_payment_id for row in rows))
    return [
        (
            Payment(
                row.claim_payment_id, row.remittance_id, row.reported_patient_control_number,
                row.payer_claim_control_number, row.member_id, row.service_date,
                row.charge_cents, row.payment_cents, row.claim_status_code,
                row.claim_frequency_code, row.is_reversal, bool(row.is_refused),
                row.payee_npi, tuple(row.payer_ids.split(",")), row.payment_date,
                # A payer refuses a resend when it has decided what it repeats or replaces.
                (row.payment_date or date.min, bool(row.is_refused), row.trace_number,
                 row.sha256 or "", row.claim_position),
                row.patient_name, row.original_reference_number,
                row.adjustments_digest,
                any(normal_id(i) in repeating for i in row.payer_ids.split(",")),
                tuple(services.get(row.claim_payment_id, ())),
            ),
            row,
        )
        for row in rows
    ]  # fmt: skip
