"""What claims say that earlier payers decided, into rows: loops 2320 and 2430 of an 837P."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from edi.balance import balance_prior_payers
from edi.claim import Claim, LineAdjudicationLoop, OtherPayerLoop
from edi.element import to_cents
from edi.problem import Problem
from edi.segment import Adjustment
from warehouse import tables as t
from warehouse.load import Rows, units_of


def check_prior_cents(claim: Claim) -> None:
    """Every amount of an earlier payer is money.

    Raises: BadElement.
    """
    for other in claim.other_payers:
        _check(other)
    for line in claim.service_lines:
        for a in line.adjudications:
            to_cents(a.adjudication.service_line_paid_amount)
            _check(a)


def add_prior(rows: Rows, claim: Claim, submission_id: int) -> tuple[Problem, ...]:
    """Rows of a claim with loops 2320, and what of them does not balance."""
    problems = balance_prior_payers(claim)
    off = {p.source.segment for p in problems if p.place.startswith("2430")}
    is_balanced = all(p.place.startswith("2430") for p in problems)
    for part, other in enumerate(claim.other_payers, 1):
        payer = other.payer
        rows[t.prior_adjudication].append({
            "submission_id": submission_id, "line_position": 0, "part": part,
            "payer_id": other.payer_id,
            "payer_name": payer.name.last_or_organization_name if payer else None,
            "payer_sequence": other.information.payer_responsibility_sequence_code,
            "payer_claim_control_number": payer.reference("F8") if payer else None,
            "procedure_code": None, "units": None,
            "paid_cents": _cents(other.amount("D")),
            "allowed_cents": _cents(other.amount("B6")),
            "remaining_cents": _cents(other.amount("EAF")),
            "adjustments": _in_words(other.adjustments),
            "remark_codes": ",".join(other.remarks.remark_codes if other.remarks else ()),
            "adjudicated_on": other.adjudicated_on,
            "is_balanced": is_balanced,
        })  # fmt: skip
        _add_adjustments(rows, (submission_id, 0, part), other.adjustments)
    for line in claim.service_lines:
        for part, a in enumerate(line.adjudications, 1):
            procedure = a.adjudication.procedure
            rows[t.prior_adjudication].append({
                "submission_id": submission_id, "line_position": line.position, "part": part,
                "payer_id": a.adjudication.other_payer_primary_identifier,
                "payer_name": None, "payer_sequence": None, "payer_claim_control_number": None,
                "procedure_code": procedure.procedure_code if procedure else None,
                "units": units_of(a.adjudication.paid_service_unit_count),
                "paid_cents": to_cents(a.adjudication.service_line_paid_amount),
                "allowed_cents": _cents(a.amount("B6")),
                "remaining_cents": _cents(a.amount("EAF")),
                "adjustments": _in_words(a.adjustments),
                "remark_codes": "",
                "adjudicated_on": a.adjudicated_on,
                "is_balanced": line.source.segment not in off,
            })  # fmt: skip
            _add_adjustments(rows, (submission_id, line.position, part), a.adjustments)
    return problems


def _add_adjustments(
    rows: Rows, key: tuple[int, int, int], adjustments: Sequence[Adjustment]
) -> None:
    rows[t.prior_adjustment].extend(
        {
            "submission_id": key[0],
            "line_position": key[1],
            "part": key[2],
            "adjustment_position": position,
            "group_code": a.group_code,
            "reason_code": a.reason_code,
            "amount_cents": to_cents(a.amount),
            "quantity": units_of(a.quantity),
        }
        for position, a in enumerate(adjustments, 1)
    )


def _in_words(adjustments: Sequence[Adjustment]) -> str:
    return ",".join(f"{a.group_code}-{a.reason_code} {a.amount:.2f}" for a in adjustments)


def _check(loop: OtherPayerLoop | LineAdjudicationLoop) -> None:
    for qualifier in ("D", "B6", "EAF"):
        _cents(loop.amount(qualifier))
    for a in loop.adjustments:
        to_cents(a.amount)


def _cents(amount: Decimal | None) -> int | None:
    return None if amount is None else to_cents(amount)
