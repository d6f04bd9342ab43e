"""Rows of what an 835 says: PLB entries, CLPs and SVCs, as the tables have them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from edi import read_835
from edi.element import to_cents
from edi.npi import is_valid as is_npi
from edi.payment_segment import ProviderLevelAdjustment
from edi.problem import BadElement, Problem
from edi.remittance import ClaimPayment, ServicePayment
from edi.segment import Adjustment
from edi.source import SourceRef
from rules.classify import derived_allowed_amount
from warehouse.load import cents_or_zero, units_of
from warehouse.patient_name import name_of


def provider_row(event: ProviderLevelAdjustment, remittance_id: int) -> dict[str, Any]:
    """Of one entry of a PLB.

    Raises: UnreadableRemittance.
    """
    return {
        "remittance_id": remittance_id,
        "provider_npi": event.provider_identifier if is_npi(event.provider_identifier) else None,
        "provider_identifier": event.provider_identifier.strip() or None,
        "fiscal_period_date": event.fiscal_period_date,
        "reason_code": event.adjustment_reason_code,
        "reference": event.reference,
        "amount_cents": money_of_payment(event.monetary_amount, "PLB", SourceRef()),
    }


def claim_row(
    payment: ClaimPayment,
    keys: dict[str, Any],
    charge_cents: int,
    payment_cents: int,
    problems: tuple[Problem, ...],
) -> dict[str, Any]:
    """What a CLP says of itself, beside what its reading makes of that."""
    information = payment.information
    return keys | {
        "segment_position": payment.source.segment,
        "reported_patient_control_number": payment.patient_control_number.strip(),
        "payer_claim_control_number": payment.payer_claim_control_number,
        "claim_status_code": information.claim_status_code,
        "claim_filing_indicator": information.claim_filing_indicator_code,
        "claim_frequency_code": information.claim_frequency_code,
        "original_reference_number": payment.reference("F8"),
        "member_id": payment.member_id,
        "patient_name": name_of(payment.patient.name) if payment.patient else None,
        "service_date": payment.service_date or _first_date(payment),
        "charge_cents": charge_cents,
        "payment_cents": payment_cents,
        "remark_codes": ",".join(payment.remark_codes),
        "is_balanced": not problems,
    }


def _first_date(payment: ClaimPayment) -> date | None:
    days = [d for s in payment.service_payments if (d := s.service_date)]
    return min(days) if days else None


def _only_date(payment: ClaimPayment) -> date | None:
    """The claim's day, where it has one: of a range nobody knows which day a service is of."""
    first, last = payment.service_date, payment.last_service_date
    return first if last is None or last == first else None


def service_row(
    service: ServicePayment,
    adjustments: tuple[Adjustment, ...],
    payment: ClaimPayment,
    key: int,
    balanced: bool,
    sign: int,
    is_reversal: bool,
) -> dict[str, Any]:
    """Of one SVC."""
    information, procedure = service.information, service.procedure
    paid = service.line_item_provider_payment_amount
    allowed, source = _allowed(paid, adjustments, service.allowed_amount)
    if is_reversal and source == "AMT*B6":
        # Payers leave it positive where they negate all else.
        allowed = -abs(allowed) * sign
    return {
        "claim_payment_id": key,
        "service_position": service.position,
        "procedure_code": procedure.procedure_code.strip(),
        "adjudicated_procedure_code": information.procedure.procedure_code.strip(),
        "modifiers": ",".join(procedure.modifiers),
        "adjudicated_modifiers": None
        if information.procedure is procedure
        else ",".join(information.procedure.modifiers),
        "charge_cents": sign * to_cents(service.line_item_charge_amount),
        "payment_cents": sign * to_cents(paid),
        "allowed_cents": sign * allowed,
        "allowed_source": source,
        "units_paid": units_of(information.units_of_service_paid_count),
        "original_units": units_of(information.original_units_of_service_count),
        "service_date": service.service_date or _only_date(payment),
        "line_item_control_number": service.line_item_control_number,
        "remark_codes": ",".join(service.remark_codes),
        "policy_identifiers": ",".join(filter(None, service.policy_identifiers)) or None,
        "is_balanced": balanced,
    }


def _allowed(
    paid: Decimal, adjustments: tuple[Adjustment, ...], stated: Decimal | None
) -> tuple[int, str]:
    """Allowed cents and where they are from: AMT*B6, else what the adjustments leave."""
    if stated is not None:
        return cents_or_zero(stated), "AMT*B6"
    return to_cents(derived_allowed_amount(paid, adjustments)), "calculated"


def claim_level_row(
    payment: ClaimPayment, key: int, charge: int, paid: int, balanced: bool, sign: int
) -> dict[str, Any]:
    """Of a CLP without services: position 0, what the claim itself was allowed."""
    allowed, source = _allowed(payment.information.claim_payment_amount, payment.adjustments, None)
    return {
        "claim_payment_id": key,
        "service_position": 0,
        "procedure_code": None,
        "adjudicated_procedure_code": None,
        "modifiers": "",
        "adjudicated_modifiers": None,
        "charge_cents": charge,
        "payment_cents": paid,
        "allowed_cents": sign * allowed,
        "allowed_source": source,
        "units_paid": None,
        "original_units": None,
        "service_date": payment.service_date,
        "line_item_control_number": None,
        "remark_codes": "",
        "policy_identifiers": None,
        "is_balanced": balanced,
    }


def money_of_payment(amount: Decimal, place: str, source: SourceRef) -> int:
    """Cents of BPR02 or a PLB; without them the payment's money is not known.

    Raises: UnreadableRemittance.
    """
    try:
        return to_cents(amount)
    except BadElement as error:
        raise read_835.UnreadableRemittance(
            Problem("INVALID_AMOUNT", source, place, error.found, error.expected)
        ) from None
