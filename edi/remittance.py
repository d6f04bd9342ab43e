"""What the payer answered: the payments of an 835 (005010X221A1) as typed records.

Positive adjustments lower a payment. A claim status code is never the test for "denied": that is
derived from group, reason and remark codes (rules). "Position" counts from 1 in the order sent.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from edi.claim import date_or_none
from edi.envelope import ByteRange
from edi.party import (
    KeptSegment,
    PartyLoop,
    adjustments_in,
    amount_in,
    party_in,
    reference_in,
)
from edi.payment_segment import (
    DEBIT,
    ClaimPaymentInformation,
    DateTime,
    FinancialInformation,
    InpatientAdjudication,
    Party,
    ServicePaymentInformation,
    Trace,
)
from edi.problem import Problem
from edi.record import Procedure
from edi.segment import (
    Adjustment,
    ClaimAdjustment,
    FormIdentification,
    OutpatientAdjudication,
    Reference,
)
from edi.source import SourceRef

REVERSAL = "22"
"""CLP02 of a reversal (5010); group CR in 4010 files says the same."""


def _date_in(segments: tuple[Any, ...], *qualifiers: str) -> date | None:
    for qualifier in qualifiers:
        for s in segments:
            if type(s) is DateTime and s.date_time_qualifier == qualifier:
                return s.day
    return None


class OrganizationLoop(NamedTuple):
    """One N1 loop of the header: payer (1000A) or payee (1000B)."""

    party: Party
    segments: tuple[Any, ...]

    def reference(self, qualifier: str) -> str | None:
        """REF02 with this qualifier (2U payer id, TJ tax id …)."""
        return reference_in(self.segments, qualifier)


class ServicePayment(NamedTuple):
    """Loop 2110: how one service was adjudicated.

    Attributes:
        position: nth SVC of its claim payment, from 1.
    """

    position: int
    information: ServicePaymentInformation
    segments: tuple[Any, ...]
    source: SourceRef

    @property
    def procedure(self) -> Procedure:
        """The code as it was billed: SVC06 where the payer changed it, else SVC01."""
        return self.information.submitted_procedure or self.information.procedure

    @property
    def line_item_charge_amount(self) -> Decimal:
        """SVC02."""
        return self.information.line_item_charge_amount

    @property
    def line_item_provider_payment_amount(self) -> Decimal:
        """SVC03; 0 when not sent."""
        paid = self.information.line_item_provider_payment_amount
        return Decimal(0) if paid is None else paid

    @property
    def adjustments(self) -> tuple[Adjustment, ...]:
        """CAS triples in order."""
        return adjustments_in(self.segments)

    @property
    def line_item_control_number(self) -> str | None:
        """REF*6R, what the practice called the line."""
        return reference_in(self.segments, "6R")

    @property
    def service_date(self) -> date | None:
        """DTM*472, else 150 (start of a range); None where the claim's dates hold."""
        return _date_in(self.segments, "472", "150")

    @property
    def remark_codes(self) -> tuple[str, ...]:
        """LQ*HE (RARC) in order."""
        return tuple(
            s.industry_code
            for s in self.segments
            if type(s) is FormIdentification
            and s.code_list_qualifier_code == "HE"
            and s.industry_code
        )

    @property
    def allowed_amount(self) -> Decimal | None:
        """AMT*B6, the allowed amount where the payer says it."""
        return amount_in(self.segments, "B6")

    @property
    def policy_identifiers(self) -> tuple[str, ...]:
        """REF*0K: the policy a denial rests on."""
        return tuple(
            s.reference_identification or ""
            for s in self.segments
            if type(s) is Reference and s.reference_identification_qualifier == "0K"
        )


class ClaimPayment(NamedTuple):
    """Loop 2100: how the payer adjudicated one claim.

    Attributes:
        position: nth CLP of the transaction, from 1 (the warehouse counts on through the file).
        parties: NM1 loops (QC patient, IL insured, 74 corrected insured, 82 rendering …).
    """

    position: int
    information: ClaimPaymentInformation
    segments: tuple[Any, ...]
    parties: tuple[PartyLoop, ...]
    service_payments: tuple[ServicePayment, ...]
    kept: tuple[KeptSegment, ...]
    source: SourceRef
    bytes: ByteRange

    @property
    def patient_control_number(self) -> str:
        """CLP01, as the payer returns it."""
        return self.information.patient_control_number

    @property
    def payer_claim_control_number(self) -> str | None:
        """CLP07; goes back as REF*F8."""
        return self.information.payer_claim_control_number

    @property
    def adjustments(self) -> tuple[Adjustment, ...]:
        """CAS triples of the claim level."""
        return adjustments_in(self.segments)

    @property
    def is_reversal(self) -> bool:
        """CLP02 = 22, a negative charge, or every adjustment in group CR (4010 habit)."""
        information = self.information
        if information.claim_status_code == REVERSAL or information.total_claim_charge_amount < 0:
            return True
        levels = (self.segments, *(s.segments for s in self.service_payments))
        found = [s.adjustments for level in levels for s in level if type(s) is ClaimAdjustment]
        groups = [a.group_code for adjustments in found for a in adjustments]
        return bool(groups) and groups.count("CR") == len(groups)

    @property
    def lacks_minus(self) -> bool:
        """A reversal whose amounts were sent without the minus that takes them back.

        The guide wants charges, payments and adjustments of a reversal negated; some payers say
        it by the status alone. Whether one is meant at all, the payment it stands in may tell
        (:meth:`edi.balance.TransactionBalance.adds_as_sent`).
        """
        information = self.information
        charge = information.total_claim_charge_amount
        paid = information.claim_payment_amount
        # One that has its minus where money is taken is read as it stands, whatever its charge is.
        return self.is_reversal and paid >= 0 and (charge or paid) > 0

    @property
    def remark_codes(self) -> tuple[str, ...]:
        """RARCs of MOA and MIA in order."""
        return tuple(
            code
            for s in self.segments
            if type(s) in (OutpatientAdjudication, InpatientAdjudication)
            for code in s.remark_codes
        )

    @property
    def member_id(self) -> str | None:
        """NM109 of the insured, else of the patient."""
        for entity in ("IL", "QC"):
            party = party_in(self.parties, entity)
            if party and party.name.identification_code:
                return party.name.identification_code
        return None

    @property
    def patient(self) -> PartyLoop | None:
        """NM1*QC."""
        return party_in(self.parties, "QC")

    @property
    def service_date(self) -> date | None:
        """DTM*232, the first day of the claim; None when not sent."""
        return _date_in(self.segments, "232", "472")

    @property
    def last_service_date(self) -> date | None:
        """DTM*233, the last day of the claim; None when not sent."""
        return _date_in(self.segments, "233")

    @property
    def interest_amount(self) -> Decimal | None:
        """AMT*I; not part of CLP04."""
        return amount_in(self.segments, "I")

    @property
    def rendering_npi(self) -> str | None:
        """NM1*82."""
        party = party_in(self.parties, "82")
        return party.npi if party else None

    def reference(self, qualifier: str) -> str | None:
        """REF02 of the claim with this qualifier (F8 original reference number …)."""
        return reference_in(self.segments, qualifier)


class UnreadClaimPayment(NamedTuple):
    """A CLP loop that could not be read; amounts where at least the CLP could be."""

    problem: Problem
    source: SourceRef
    bytes: ByteRange
    position: int
    service_count: int
    total_claim_charge_amount: Decimal | None
    claim_payment_amount: Decimal | None


class Remittance(NamedTuple):
    """The header of one 835 transaction: one payment. Comes before its claim payments."""

    financial: FinancialInformation
    trace: Trace | None
    segments: tuple[Any, ...]
    organizations: tuple[OrganizationLoop, ...]
    kept: tuple[KeptSegment, ...]
    source: SourceRef

    def _organization(self, entity: str) -> OrganizationLoop | None:
        return next(
            (o for o in self.organizations if o.party.entity_identifier_code == entity), None
        )

    @property
    def payer(self) -> OrganizationLoop | None:
        """1000A."""
        return self._organization("PR")

    @property
    def payee(self) -> OrganizationLoop | None:
        """1000B."""
        return self._organization("PE")

    @property
    def trace_number(self) -> str:
        """TRN02; "" when not sent."""
        return self.trace.check_or_eft_trace_number if self.trace else ""

    @property
    def payment_amount(self) -> Decimal:
        """BPR02, negative where BPR03 says that it is taken from the provider (D)."""
        amount = self.financial.total_actual_provider_payment_amount
        is_debit = self.financial.credit_or_debit_flag_code == DEBIT
        return -abs(amount) if is_debit else amount

    @property
    def payment_date(self) -> date | None:
        """BPR16, else the production date DTM*405; None where neither is a date."""
        stated = date_or_none(self.financial.check_issue_or_eft_effective_date or "")
        return stated or _date_in(self.segments, "405")

    @property
    def payer_ids(self) -> tuple[str, ...]:
        """Every id the payer goes by: N1*PR N104, REF*2U and others of 1000A, TRN03."""
        ids: list[str] = []
        if self.payer:
            ids.append(self.payer.party.identification_code or "")
            ids.extend(
                s.reference_identification or ""
                for s in self.payer.segments
                if type(s) is Reference
                and s.reference_identification_qualifier in ("2U", "NF", "EO", "HI")
            )
        if self.trace:
            ids.append(self.trace.payer_identifier or "")
        return tuple(dict.fromkeys(i.strip() for i in ids if i and i.strip()))

    @property
    def payee_npi(self) -> str | None:
        """N104 of 1000B where N103 is XX."""
        if self.payee and self.payee.party.identification_code_qualifier == "XX":
            return self.payee.party.identification_code
        return None
