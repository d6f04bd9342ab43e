"""Lines as their payer decided on them, as rules see them: the newest decision, and a denial."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from rules.classify import PENDED
from rules.decision import DeniedLine, LineAdjudication
from rules.payer import PayerProfile
from warehouse.denials import codes, dollars


def newest_adjudications(
    s: Row[Any],
    payments: list[Any],
    services: dict[int, list[Row[Any]]],
    adjustments: dict[tuple[int, int], list[Any]],
) -> tuple[LineAdjudication, ...]:
    """How each line of this submission was adjudicated last."""
    found: dict[int | None, LineAdjudication] = {}
    for p in payments:
        if p.is_reversal or p.is_reversed or p.submission_id != s.submission_id:
            continue
        for service in services.get(p.claim_payment_id, ()):
            position = service.line_position
            if position is None and service.service_position > 0:
                continue
            found[position] = LineAdjudication(
                line_position=position,
                charge_amount=dollars(service.charge_cents),
                payment_amount=dollars(service.payment_cents),
                allowed_amount=dollars(service.allowed_cents),
                adjustments=tuple(
                    adjustments.get((p.claim_payment_id, service.service_position), ())
                ),
                remark_codes=codes(service.remark_codes, p.remark_codes),
                procedure_code=service.adjudicated_procedure_code or "",
                modifiers=codes(service.modifiers),
            )
    return tuple(found.values())


def is_pended(
    s: Row[Any],
    payments: list[Any],
    services: dict[int, list[Row[Any]]],
    adjustments: dict[tuple[int, int], list[Any]],
) -> bool:
    """Whether the payer's last word on a line of this submission is that it has not decided yet.

    What is said of the claim as a whole, without lines, is the last word on each of them.
    """
    waits: dict[int | None, bool] = {}
    for p in payments:
        if p.is_reversal or p.is_reversed or p.submission_id != s.submission_id:
            continue
        whole = adjustments.get((p.claim_payment_id, 0), ())
        for service in services.get(p.claim_payment_id, ()):
            if service.service_position == 0:
                waits.clear()
            own = adjustments.get((p.claim_payment_id, service.service_position), ())
            waits[service.line_position] = any(
                a.reason_code in PENDED and (a.amount > 0 or service.payment_cents <= 0)
                for a in (*own, *whole)
            )
    return any(waits.values())


def denied_line(
    d: Row[Any],
    adjustments: dict[tuple[int, int], list[Any]],
    payer_claim_control_number: str | None,
    payments: list[Any],
    services: dict[int, list[Row[Any]]],
    other_payer: PayerProfile | None,
) -> DeniedLine:
    """One row of a denial as a rule is told of it."""
    rows = services.get(d.claim_payment_id, [])
    service = next((r for r in rows if r.service_position == d.service_position), None)
    return DeniedLine(
        line_position=d.line_position,
        group_code=d.group_code,
        reason_code=d.reason_code,
        adjustments=tuple(adjustments.get((d.claim_payment_id, d.service_position), ())),
        remark_codes=codes(d.remark_codes),
        category=d.category,
        path=d.own_path,
        denied_amount=dollars(d.denied_cents),
        charge_amount=dollars(d.line_charge_cents),
        payment_amount=dollars(service.payment_cents) if service else Decimal(0),
        allowed_amount=dollars(service.allowed_cents) if service else None,
        denied_on=d.denied_on or date.min,
        claim_status_code=d.claim_status_code,
        payer_claim_control_number=d.payer_claim_control_number
        if other_payer
        else payer_claim_control_number,
        other_payer=other_payer,
        # Line, claim and the payment as a whole: nothing is sent on what does not add up.
        is_balanced=bool(
            d.is_balanced and d.remittance_is_balanced and (service is None or service.is_balanced)
        ),
        is_unplaced=d.service_position > 0 and d.line_position is None,
        original_was_paid=_paid_elsewhere(d, service, payments, services)
        if d.category == "duplicate"
        else None,
    )


def _paid_elsewhere(
    d: Row[Any],
    service: Row[Any] | None,
    payments: list[Any],
    services: dict[int, list[Row[Any]]],
) -> bool | None:
    """Whether the same service was paid in another adjudication; None where there is no other."""
    others = [
        o
        for p in payments
        if p.claim_payment_id != d.claim_payment_id and not p.is_reversal and not p.is_reversed
        for o in services.get(p.claim_payment_id, ())
        if service is None
        or (o.procedure_code, o.service_date) == (service.procedure_code, service.service_date)
    ]
    return any(o.payment_cents > 0 for o in others) if others else None
