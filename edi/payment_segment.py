"""The segments that only an 835 has, as records; those it shares stand in :mod:`edi.segment`.

Names are the guides' own element names; None (or "" for a required code) means "not sent".
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, NamedTuple

from edi.element import At
from edi.record import Procedure

CARRIED_FORWARD = "FB"
"""PLB03-1 of a balance that the next payment settles, and of where it is settled."""

DEBIT = "D"
"""BPR03 where the money is taken from the provider."""


class FinancialInformation(NamedTuple):
    """BPR: how much is paid, how (ACH, CHK, NON …) and when.

    BPR16 is kept as text: a payment whose date is damaged is a payment all the same.
    """

    transaction_handling_code: Annotated[str, At("BPR01")]
    total_actual_provider_payment_amount: Annotated[Decimal, At("BPR02")]
    credit_or_debit_flag_code: Annotated[str | None, At("BPR03")]
    payment_method_code: Annotated[str | None, At("BPR04")]
    payment_format_code: Annotated[str | None, At("BPR05")]
    payer_identifier: Annotated[str | None, At("BPR10")]
    check_issue_or_eft_effective_date: Annotated[str | None, At("BPR16")]


class Trace(NamedTuple):
    """TRN: check or EFT trace number and who issued it."""

    trace_type_code: Annotated[str, At("TRN01")]
    check_or_eft_trace_number: Annotated[str, At("TRN02")]
    payer_identifier: Annotated[str | None, At("TRN03")]
    originating_company_supplemental_code: Annotated[str | None, At("TRN04")]


class RemittanceDelivery(NamedTuple):
    """RDM: where the payee gets the remittance."""

    report_transmission_code: Annotated[str, At("RDM01")]
    name: Annotated[str | None, At("RDM02")]
    communication_number: Annotated[str | None, At("RDM03")]


class ProviderSummary(NamedTuple):
    """TS3: totals of a header group; never part of the balance."""

    provider_identifier: Annotated[str | None, At("TS301")]
    facility_type_code: Annotated[str | None, At("TS302")]
    fiscal_period_date: Annotated[date | None, At("TS303")]
    total_claim_count: Annotated[Decimal | None, At("TS304")]
    total_claim_charge_amount: Annotated[Decimal | None, At("TS305")]


class ProviderSupplementalSummary(NamedTuple):
    """TS2: inpatient totals of a header group."""

    total_drg_amount: Annotated[Decimal | None, At("TS201")]


class ProviderLevelAdjustment(NamedTuple):
    """One pair of a PLB: money between payer and provider that belongs to no claim of this 835.

    A positive amount lowers the payment. ``reference`` (PLB03-2) is the payer's, often a CLP07;
    None when not sent.
    """

    provider_identifier: str
    fiscal_period_date: date | None
    adjustment_reason_code: str
    reference: str | None
    monetary_amount: Decimal


class ClaimPaymentInformation(NamedTuple):
    """CLP: how the payer adjudicated one claim. CLP02 alone never says "denied"."""

    patient_control_number: Annotated[str, At("CLP01")]
    claim_status_code: Annotated[str, At("CLP02")]
    total_claim_charge_amount: Annotated[Decimal, At("CLP03")]
    claim_payment_amount: Annotated[Decimal, At("CLP04")]
    patient_responsibility_amount: Annotated[Decimal | None, At("CLP05")]
    claim_filing_indicator_code: Annotated[str | None, At("CLP06")]
    payer_claim_control_number: Annotated[str | None, At("CLP07")]
    facility_type_code: Annotated[str | None, At("CLP08")]
    claim_frequency_code: Annotated[str | None, At("CLP09")]
    diagnosis_related_group_code: Annotated[str | None, At("CLP11")]
    drg_weight: Annotated[Decimal | None, At("CLP12")]
    discharge_fraction: Annotated[Decimal | None, At("CLP13")]


class ServicePaymentInformation(NamedTuple):
    """SVC: how one service was adjudicated.

    ``procedure`` is the adjudicated code; ``submitted_procedure`` (SVC06) the billed one where
    that differs. ``units_of_service_paid_count`` None means 1 (835 guide, SVC05).
    """

    procedure: Annotated[Procedure, At("SVC01")]
    line_item_charge_amount: Annotated[Decimal, At("SVC02")]
    line_item_provider_payment_amount: Annotated[Decimal | None, At("SVC03")]
    national_uniform_billing_committee_revenue_code: Annotated[str | None, At("SVC04")]
    units_of_service_paid_count: Annotated[Decimal | None, At("SVC05")]
    submitted_procedure: Annotated[Procedure | None, At("SVC06")]
    original_units_of_service_count: Annotated[Decimal | None, At("SVC07")]


class Party(NamedTuple):
    """N1: payer (PR) or payee (PE) of an 835, crossover carriers and the like."""

    entity_identifier_code: Annotated[str, At("N101")]
    name: Annotated[str | None, At("N102")]
    identification_code_qualifier: Annotated[str | None, At("N103")]
    identification_code: Annotated[str | None, At("N104")]


class DateTime(NamedTuple):
    """DTM: a date of an 835 (405 production, 232/233 claim, 150/151/472 service)."""

    date_time_qualifier: Annotated[str, At("DTM01")]
    day: Annotated[date | None, At("DTM02")]


class InpatientAdjudication(NamedTuple):
    """MIA: a payer's claim-level remarks on an inpatient claim (835 2100)."""

    covered_days: Annotated[Decimal | None, At("MIA01")]
    claim_drg_amount: Annotated[Decimal | None, At("MIA04")]
    remark_code_1: Annotated[str | None, At("MIA05")]
    remark_code_2: Annotated[str | None, At("MIA20")]
    remark_code_3: Annotated[str | None, At("MIA21")]
    remark_code_4: Annotated[str | None, At("MIA22")]
    remark_code_5: Annotated[str | None, At("MIA23")]

    @property
    def remark_codes(self) -> tuple[str, ...]:
        """The RARCs that were sent, in order."""
        return tuple(c for c in self[2:7] if c)
