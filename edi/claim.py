"""What the practice billed: the claims of an 837P (005010X222A1) as typed records.

A claim carries everything that stands above it in the hierarchy – billing provider, subscriber,
patient – and everything below. Whatever segment the records do not model is kept in ``kept``,
and the byte ranges tell where the original stands in its file, so that a replacement can be the
original's own segments (see :mod:`edi.write_837p`). "Position" counts from 1 in the order sent.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from edi.element import to_date
from edi.envelope import ByteRange
from edi.party import (
    BillingLoop,
    KeptSegment,
    PartyLoop,
    PatientLoop,
    SubscriberLoop,
    adjustments_in,
    amount_in,
    day_in,
    days_of,
    of_type,
    party_in,
    reference_in,
)
from edi.problem import BadElement, Problem
from edi.segment import (
    Adjustment,
    Amount,
    ClaimInformation,
    DateTimePeriod,
    DrugIdentification,
    DrugQuantity,
    HealthCareCodes,
    LineAdjudication,
    Note,
    OutpatientAdjudication,
    ProfessionalService,
    Subscriber,
)
from edi.source import SourceRef


class OtherPayerLoop(NamedTuple):
    """Loop 2320 with its 2330s: another payer, and what it adjudicated at claim level."""

    information: Subscriber
    segments: tuple[Any, ...]
    parties: tuple[PartyLoop, ...]

    @property
    def adjustments(self) -> tuple[Adjustment, ...]:
        """CAS triples of the claim level."""
        return adjustments_in(self.segments)

    @property
    def remarks(self) -> OutpatientAdjudication | None:
        """MOA."""
        found = of_type(self.segments, OutpatientAdjudication)
        return found[0] if found else None

    @property
    def payer(self) -> PartyLoop | None:
        """2330B."""
        return party_in(self.parties, "PR")

    @property
    def payer_id(self) -> str | None:
        """NM109 of 2330B, which SVD01 of its lines repeats."""
        return self.payer.name.identification_code if self.payer else None

    @property
    def adjudicated_on(self) -> date | None:
        """DTP*573 of 2330B; None where it was not sent, as where it was sent with the lines."""
        return day_in(self.payer.segments, "573") if self.payer else None

    def amount(self, qualifier: str) -> Decimal | None:
        """AMT02: D paid (None: it has not decided), A8 not covered, EAF left to the patient."""
        return amount_in(self.segments, qualifier)


class DrugLoop(NamedTuple):
    """Loop 2410: an NDC and how much of it."""

    identification: DrugIdentification
    segments: tuple[Any, ...]

    @property
    def quantity(self) -> DrugQuantity | None:
        """CTP."""
        found = of_type(self.segments, DrugQuantity)
        return found[0] if found else None


class LineAdjudicationLoop(NamedTuple):
    """Loop 2430: what another payer did with this line."""

    adjudication: LineAdjudication
    segments: tuple[Any, ...]

    @property
    def adjustments(self) -> tuple[Adjustment, ...]:
        """CAS triples of the line."""
        return adjustments_in(self.segments)

    @property
    def adjudicated_on(self) -> date | None:
        """DTP*573; None where it was not sent."""
        return day_in(self.segments, "573")

    def amount(self, qualifier: str) -> Decimal | None:
        """AMT02: EAF left to the patient."""
        return amount_in(self.segments, qualifier)


class ServiceLine(NamedTuple):
    """Loop 2400: one service line.

    Attributes:
        position: nth line of the claim, from 1 (the index in a place such as ``2400[2]``).
        line_number: LX01 as sent.
        segments: typed records of the loop's other segments, in order.
        bytes: LX up to the next line or the end of the claim.
    """

    position: int
    line_number: str
    service: ProfessionalService
    segments: tuple[Any, ...]
    drugs: tuple[DrugLoop, ...]
    providers: tuple[PartyLoop, ...]
    adjudications: tuple[LineAdjudicationLoop, ...]
    forms: tuple[Any, ...]
    source: SourceRef
    bytes: ByteRange

    @property
    def line_item_charge_amount(self) -> Decimal:
        """SV102."""
        return self.service.line_item_charge_amount

    @property
    def procedure_code(self) -> str:
        """SV101-2."""
        return self.service.procedure.procedure_code

    @property
    def modifiers(self) -> tuple[str, ...]:
        """SV101-3 to -6."""
        return self.service.procedure.modifiers

    @property
    def line_item_control_number(self) -> str | None:
        """REF*6R."""
        return reference_in(self.segments, "6R")

    def reference(self, qualifier: str) -> str | None:
        """REF02 with this qualifier (G1, 9F …)."""
        return reference_in(self.segments, qualifier)

    @property
    def service_dates(self) -> tuple[date, date] | None:
        """First and last day of DTP*472; None when not sent."""
        for segment in self.segments:
            if type(segment) is DateTimePeriod and segment.date_time_qualifier == "472":
                return days_of(segment)
        return None

    @property
    def service_date(self) -> date | None:
        """First day of service; None when not sent."""
        days = self.service_dates
        return days[0] if days else None

    @property
    def rendering_provider(self) -> PartyLoop | None:
        """2420A; None where the claim's 2310B holds."""
        return party_in(self.providers, "82")


def pointed_to(pointers: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    """The diagnoses among those of a claim that SV107 points to; pointers to nothing are left out.

    >>> pointed_to(("2", "1", "9"), ("M5416", "M4726"))
    ('M4726', 'M5416')
    """
    # Twelve diagnoses at most: a longer number points nowhere.
    numbers = [int(p) for p in pointers if len(p) < 3 and p.isascii() and p.isdigit()]
    return tuple([known[n - 1] for n in numbers if 0 < n <= len(known)])


class ClaimBytes(NamedTuple):
    """Where a claim stands in its file: its own segments and those it inherits.

    ``own`` covers CLM up to the next claim or level. The others are the whole HL levels.
    """

    billing: ByteRange
    subscriber: ByteRange
    patient: ByteRange | None
    own: ByteRange


class Claim(NamedTuple):
    """Loop 2300 with all it inherits and contains."""

    information: ClaimInformation
    billing: BillingLoop
    subscriber: SubscriberLoop
    patient: PatientLoop | None
    segments: tuple[Any, ...]
    providers: tuple[PartyLoop, ...]
    other_payers: tuple[OtherPayerLoop, ...]
    service_lines: tuple[ServiceLine, ...]
    kept: tuple[KeptSegment, ...]
    source: SourceRef
    bytes: ClaimBytes

    @property
    def patient_control_number(self) -> str:
        """CLM01; comes back in CLP01."""
        return self.information.patient_control_number

    @property
    def total_claim_charge_amount(self) -> Decimal:
        """CLM02."""
        return self.information.total_claim_charge_amount

    @property
    def claim_frequency_code(self) -> str:
        """CLM05-3: 1 original, 7 replacement, 8 void; "1" when not sent."""
        facility = self.information.facility
        return facility[2] if facility and len(facility) > 2 and facility[2] else "1"

    @property
    def place_of_service_code(self) -> str | None:
        """CLM05-1; a line's SV105 goes before it."""
        facility = self.information.facility
        return facility[0] or None if facility else None

    def reference(self, qualifier: str) -> str | None:
        """REF02 of 2300 with this qualifier (F8, G1, 9F, D9 …)."""
        return reference_in(self.segments, qualifier)

    @property
    def payer_claim_control_number(self) -> str | None:
        """REF*F8."""
        return self.reference("F8")

    @property
    def prior_authorization_number(self) -> str | None:
        """REF*G1 of 2300."""
        return self.reference("G1")

    @property
    def diagnosis_codes(self) -> tuple[str, ...]:
        """Diagnoses in the order that pointers count (HI*ABK and ABF, BK and BF)."""
        return tuple(
            code[1]
            for s in self.segments
            if type(s) is HealthCareCodes
            for code in s.codes
            if code[0] in ("ABK", "ABF", "BK", "BF") and len(code) > 1
        )

    def diagnoses_of(self, line: ServiceLine) -> tuple[str, ...]:
        """The diagnoses that a line points to, in order; pointers to nothing are left out."""
        return pointed_to(line.service.diagnosis_code_pointers or (), self.diagnosis_codes)

    @property
    def billing_npi(self) -> str | None:
        """NPI of 2010AA."""
        provider = self.billing.provider
        return provider.npi if provider else None

    @property
    def rendering_provider(self) -> PartyLoop | None:
        """2310B; None where the billing provider rendered."""
        return party_in(self.providers, "82")

    @property
    def rendering_npi(self) -> str | None:
        """NPI of 2310B; where none was sent the billing provider rendered."""
        rendering = self.rendering_provider
        return rendering.npi if rendering else self.billing_npi

    @property
    def provider_npis(self) -> frozenset[str]:
        """NPIs of the billing provider and of whoever rendered a line."""
        found = {self.billing_npi, self.rendering_npi}
        found |= {self.rendering_npi_of(line) for line in self.service_lines}
        return frozenset(npi for npi in found if npi)

    def rendering_npi_of(self, line: ServiceLine) -> str | None:
        """Who rendered one line: 2420A, else 2310B, else the billing provider."""
        provider = line.rendering_provider
        return provider.npi if provider else self.rendering_npi

    def place_of_service_of(self, line: ServiceLine) -> str | None:
        """SV105, else CLM05-1."""
        return line.service.place_of_service_code or self.place_of_service_code

    @property
    def patient_party(self) -> PartyLoop | None:
        """2010CA, else the subscriber (2010BA), who then is the patient."""
        parties = self.patient.parties if self.patient else ()
        return next(iter(parties), self.subscriber.subscriber)

    @property
    def first_service_date(self) -> date | None:
        """The earliest service date of the lines; None when none was sent."""
        days = [d for line in self.service_lines if (d := line.service_date)]
        return min(days) if days else None

    @property
    def notes(self) -> tuple[Note, ...]:
        """NTE of 2300."""
        return of_type(self.segments, Note)

    @property
    def amounts(self) -> tuple[Amount, ...]:
        """AMT of 2300 (F5 patient paid)."""
        return of_type(self.segments, Amount)

    @property
    def dates(self) -> tuple[DateTimePeriod, ...]:
        """DTP of 2300 (431 onset, 435 admission …)."""
        return of_type(self.segments, DateTimePeriod)


class UnreadClaim(NamedTuple):
    """A claim that could not be read, with where it stands and why.

    ``total_claim_charge_amount`` is CLM02 where at least that could be read, else None.
    """

    problem: Problem
    source: SourceRef
    bytes: ByteRange
    line_count: int
    total_claim_charge_amount: Decimal | None


class TransactionHeader(NamedTuple):
    """BHT and loops 1000A/1000B: who submits to whom, when. Comes before the claims.

    ``created_on`` is BHT04; None where it is no date. ``submitter`` or ``receiver`` None when
    not sent.
    """

    hierarchical_structure_code: str
    transaction_set_purpose_code: str
    originator_application_transaction_identifier: str
    created_on: date | None
    transaction_type_code: str
    submitter: PartyLoop | None
    receiver: PartyLoop | None
    kept: tuple[KeptSegment, ...]


class SegmentTally(NamedTuple):
    """Segments of a transaction: read, mapped to records, kept as they are. Comes last."""

    read: int
    mapped: int
    kept: int


def date_or_none(text: str) -> date | None:
    """A D8 date, None for anything else."""
    try:
        return to_date(text)
    except BadElement:
        return None
