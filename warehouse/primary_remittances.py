"""Another payer's 835 of the same claim, as evidence that only the warehouse can give.

The same claim: billing NPI, patient control number, first service date and charge agree; the
member id does not count, for each payer has its own.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, select

from edi.segment import Adjustment
from rules.classify import PREDETERMINED
from rules.evidence import Subject
from rules.payer import PayerProfile, find_payer
from rules.primary_remittance import PrimaryRemittance, PrimaryService
from warehouse import tables as t
from warehouse.archived_claim import ArchivedClaims, profile_of, submissions_with_files
from warehouse.denials import adjustments_of, codes, dollars
from warehouse.number_chain import refusals_among
from warehouse.settings import Settings

Adjustments = dict[tuple[int, int], list[Adjustment]]


def primary_remittances(
    connection: Connection,
    settings: Settings,
    claims: ArchivedClaims,
    submissions: list[Row[Any]],
) -> dict[int, list[tuple[str, PrimaryRemittance]]]:
    """By submission: what other payers decided of its claim, each with the key it stands on.

    Of one payer all that stands; where all was taken back, the newest of that. What only refuses a
    resend is no decision.
    """
    if not submissions:
        return {}
    s = t.submission
    keys = connection.execute(
        select(s.c.submission_id).where(
            s.c.patient_control_number.in_({x.patient_control_number for x in submissions}),
            s.c.origin != "shadow",
        )
    )
    others = submissions_with_files(connection, keys.scalars())
    payments = _payments(connection, [o.submission_id for o in others])
    adjustments = adjustments_of(connection, [p.claim_payment_id for p in payments])
    services = _services(connection, [p.claim_payment_id for p in payments])
    refusals = refusals_among(adjustments, payments, services)
    found: dict[int, list[tuple[str, PrimaryRemittance]]] = {}
    for x in submissions:
        first = {
            o.submission_id: o
            for o in others
            if _identity(o) == _identity(x) and _is_another(settings, o, x)
        }
        decided: dict[str, list[tuple[Row[Any], Row[Any] | None]]] = {}
        for p in payments:
            if p.claim_payment_id in refusals:
                continue
            if p.submission_id in first and not p.is_other_payer:
                sent = first[p.submission_id]
                decided.setdefault((sent.payer_id or "").upper(), []).append((p, sent))
            elif p.submission_id == x.submission_id and (
                p.is_other_payer or _is_of_another(settings, p, x)
            ):
                decided.setdefault((p.payer_id or "").upper(), []).append((p, None))
        for of_payer in decided.values():
            standing = [d for d in of_payer if not d[0].is_taken_back] or of_payer[-1:]
            for p, o in standing:
                record = _record(x, p, adjustments, services.get(p.claim_payment_id, []),
                                 claims.read(o) if o is not None else None)  # fmt: skip
                found.setdefault(x.submission_id, []).append((f"835:{p.claim_payment_id}", record))
    return found


def _identity(s: Row[Any]) -> tuple[Any, ...]:
    return s.billing_npi, s.patient_control_number, s.first_service_date, s.charge_cents


def _is_another(settings: Settings, one: Row[Any], other: Row[Any]) -> bool:
    """Whether two submissions went to two payers, whatever ids each goes by."""
    if (one.payer_id or "").upper() == (other.payer_id or "").upper():
        return False
    profiles: list[PayerProfile] = [profile_of(settings, s) for s in (one, other)]
    return not (profiles[0].known and profiles[0] == profiles[1])


def _is_of_another(settings: Settings, p: Row[Any], x: Row[Any]) -> bool:
    """Whether payers.toml knows both payers, and the payment is not of the one that was billed.

    It was matched to this claim for want of the one that went to its own payer.
    """
    theirs = find_payer(settings.payers, p.payer_ids.split(","), x.claim_filing_indicator)
    mine = profile_of(settings, x)
    return mine.known and theirs.known and mine != theirs


def _payments(connection: Connection, keys: list[int]) -> list[Row[Any]]:
    """Adjudications of the submissions, oldest first."""
    cp, r = t.claim_payment, t.remittance
    back = cp.alias("back")
    return list(
        connection.execute(
            select(cp, r.c.payment_date, r.c.trace_number, r.c.payer_id, r.c.payer_ids,
                   r.c.is_balanced.label("payment_is_balanced"),
                   select(back.c.claim_payment_id)
                   .where(back.c.reverses_id == cp.c.claim_payment_id)
                   .exists().label("is_taken_back"))
            .join(r, r.c.remittance_id == cp.c.remittance_id)
            .where(cp.c.submission_id.in_(keys), ~cp.c.is_reversal,
                   cp.c.claim_status_code != PREDETERMINED)
            .order_by(r.c.payment_date, r.c.trace_number, cp.c.claim_position)
        )
    )  # fmt: skip


def _services(connection: Connection, keys: list[int]) -> dict[int, list[Row[Any]]]:
    sp = t.service_payment
    found: dict[int, list[Row[Any]]] = {}
    for row in connection.execute(
        select(sp)
        .where(sp.c.claim_payment_id.in_(keys), sp.c.service_position > 0)
        .order_by(sp.c.claim_payment_id, sp.c.service_position)
    ):
        found.setdefault(row.claim_payment_id, []).append(row)
    return found


def _modifiers(row: Row[Any]) -> tuple[str, ...]:
    """Of SVC01, which are the billed ones where no SVC06 says otherwise."""
    text: str = row.modifiers if row.adjudicated_modifiers is None else row.adjudicated_modifiers
    return tuple(m for m in text.split(",") if m)


def _record(
    x: Row[Any],
    p: Row[Any],
    adjustments: Adjustments,
    services: list[Row[Any]],
    claim: Any,
) -> PrimaryRemittance:
    key = p.claim_payment_id
    return PrimaryRemittance(
        document_id=f"835 {p.trace_number} CLP {p.claim_position}",
        attested_by=p.payer_id or "another payer",
        attested_on=p.payment_date or date.min,
        subject=Subject(patient_control_number=x.patient_control_number),
        adjudicated_on=p.payment_date,
        claim_status_code=p.claim_status_code,
        payer_claim_control_number=p.payer_claim_control_number,
        charge_amount=dollars(p.charge_cents),
        payment_amount=dollars(p.payment_cents),
        adjustments=tuple(adjustments.get((key, 0), ())),
        remark_codes=codes(p.remark_codes),
        services=tuple(
            PrimaryService(
                line_position=row.line_position,
                procedure_code=row.adjudicated_procedure_code,
                modifiers=_modifiers(row),
                submitted_code=row.procedure_code,
                payment_amount=dollars(row.payment_cents),
                units=None if row.units_paid is None else Decimal(str(row.units_paid)),
                adjustments=tuple(adjustments.get((key, row.service_position), ())),
                remark_codes=codes(row.remark_codes),
            )
            for row in services
        ),
        is_balanced=bool(p.is_balanced and p.payment_is_balanced
                         and all(row.is_balanced for row in services)),
        is_taken_back=bool(p.is_taken_back),
        claim=claim,
    )  # fmt: skip
