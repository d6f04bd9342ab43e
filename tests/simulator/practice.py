"""A small pain-medicine practice that bills: its records, and the 837P files it writes.

Names, numbers and addresses are made up and look it; the NPIs have a right check digit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from simulator.fees import charge
from simulator.x12_text import STANDARD, Delimiters, Envelope, interchange, money, npi, segment


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Street and town; the ZIP code of a provider has nine digits."""

    street: str = "1 SAMPLE STREET"
    city: str = "DEMOTOWN"
    state: str = "TX"
    zip_code: str = "75001"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A made-up patient or subscriber."""

    last_name: str
    first_name: str
    born: date = date(1970, 1, 1)
    sex: str = "F"
    address: Address = Address()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clinician:
    """Who performed the service (2310B)."""

    last_name: str
    first_name: str
    npi: str
    taxonomy: str = "208VP0014X"


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """The payer as the claim names it (SBR and 2010BB)."""

    name: str
    identifier: str
    claim_filing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """The billing provider, and the submitter of its own files."""

    name: str = "DEMO PAIN PRACTICE"
    npi: str = npi("199999998")
    tax_id: str = "990000001"
    taxonomy: str = "208VP0014X"
    address: Address = Address(street="100 EXAMPLE AVENUE", zip_code="750019998")
    submitter_id: str = "DEMOPAIN"
    receiver_name: str = "DEMO CLEARINGHOUSE"
    receiver_id: str = "DEMOCLEAR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A service line as billed; the charge is the practice's fee unless it is given."""

    procedure_code: str
    modifiers: tuple[str, ...] = ()
    units: int = 1
    pointers: tuple[int, ...] = (1,)
    charge_cents: int = -1
    line_item_control_number: str = ""
    prior_authorization: str = ""
    ndc: str = ""
    days: int = 1
    """How many days the service took."""

    @property
    def charge(self) -> int:
        """SV102 in cents."""
        if self.charge_cents >= 0:
            return self.charge_cents
        return charge(self.procedure_code, self.units)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One claim, with the name of the scenario it was made for."""

    patient_control_number: str
    destination: Destination
    subscriber: Person
    member_id: str
    lines: tuple[Line, ...]
    service_date: date
    rendering: Clinician
    diagnoses: tuple[str, ...] = ("M5416",)
    patient: Person | None = None
    """A dependent; None when the subscriber is the patient."""
    relationship: str = "19"
    group_number: str = ""
    place_of_service: str = "11"
    frequency_code: str = "1"
    payer_claim_control_number: str = ""
    prior_authorization: str = ""
    referral: str = ""
    patient_paid_cents: int = 0
    referring: Clinician | None = None
    facility: Facility | None = None
    onset: date | None = None
    note: str = ""
    scenario: str = "clean"
    prior: PriorPayment | None = None
    """What the payer before decided; the claim then goes to the second in turn."""

    @property
    def charge(self) -> int:
        """CLM02 in cents."""
        return sum(line.charge for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorPayment:
    """How an earlier payer divided the claim, as the next one is told (2320, 2430)."""

    destination: Destination
    member_id: str
    paid_on: date
    lines: tuple[PriorLine, ...]


@dataclass(frozen=True, slots=True)
class PriorLine:
    """One line of it: what was paid, and group, reason and cents of every adjustment."""

    paid_cents: int
    adjustments: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facility:
    """Where the service was rendered, when that is not the practice (2310C)."""

    name: str
    npi: str
    address: Address = Address(street="200 EXAMPLE AVENUE", zip_code="750019997")


@dataclass(slots=True)
class _Writer:
    """Segments of one transaction, with the count of its hierarchy."""

    delimiters: Delimiters
    segments: list[str] = field(default_factory=list)
    hierarchy: int = 0

    def add(self, *elements: str) -> None:
        self.segments.append(segment(*elements, delimiters=self.delimiters))

    def level(self, parent: str, code: str, *, has_child: bool) -> str:
        self.hierarchy += 1
        self.add("HL", str(self.hierarchy), parent, code, "1" if has_child else "0")
        return str(self.hierarchy)

    def address(self, address: Address) -> None:
        self.add("N3", address.street)
        self.add("N4", address.city, address.state, address.zip_code)

    def demographics(self, person: Person) -> None:
        self.address(person.address)
        self.add("DMG", "D8", f"{person.born:%Y%m%d}", person.sex)


def write_837p(
    claims: Iterable[Claim],
    *,
    control_number: int,
    written_at: datetime,
    practice: Practice | None = None,
    delimiters: Delimiters = STANDARD,
    version: str = "005010X222A1",
) -> bytes:
    """One interchange with one transaction; claims of one patient stand under one HL."""
    practice = practice or Practice()
    writer = _Writer(delimiters)
    _write_header(writer, practice, control_number, written_at)
    billing = writer.level("", "20", has_child=True)
    _write_billing_provider(writer, practice)
    for group in by_patient(claims):
        _write_patient(writer, billing, group[0])
        for claim in group:
            _write_claim(writer, claim)
    envelope = Envelope(
        sender=practice.submitter_id,
        receiver=practice.receiver_id,
        control_number=control_number,
        written_at=written_at,
        functional_id="HC",
        version=version,
        delimiters=delimiters,
    )
    return interchange(envelope, [("837", writer.segments)])


def by_patient(claims: Iterable[Claim]) -> Iterator[Sequence[Claim]]:
    """The claims of one patient after each other, in the order in which they are written."""
    groups: dict[tuple[str, str, str], list[Claim]] = {}
    for claim in claims:
        dependent = claim.patient.first_name if claim.patient else ""
        groups.setdefault((claim.destination.identifier, claim.member_id, dependent), []).append(
            claim
        )
    yield from groups.values()


def _write_header(writer: _Writer, practice: Practice, number: int, when: datetime) -> None:
    writer.add("BHT", "0019", "00", f"B{number:09d}", f"{when:%Y%m%d}", f"{when:%H%M}", "CH")
    writer.add("NM1", "41", "2", practice.name, "", "", "", "", "46", practice.submitter_id)
    writer.add("PER", "IC", "DEMO DESK", "TE", "5555550100")
    writer.add("NM1", "40", "2", practice.receiver_name, "", "", "", "", "46", practice.receiver_id)


def _write_billing_provider(writer: _Writer, practice: Practice) -> None:
    writer.add("PRV", "BI", "PXC", practice.taxonomy)
    writer.add("NM1", "85", "2", practice.name, "", "", "", "", "XX", practice.npi)
    writer.address(practice.address)
    writer.add("REF", "EI", practice.tax_id)
    writer.add("PER", "IC", "DEMO BILLING", "TE", "5555550101")


def _write_patient(writer: _Writer, billing: str, claim: Claim) -> None:
    subscriber, payer = claim.subscriber, claim.destination
    level = writer.level(billing, "22", has_child=claim.patient is not None)
    relationship = "" if claim.patient else "18"
    filing = payer.claim_filing
    sequence = "S" if claim.prior else "P"
    writer.add("SBR", sequence, relationship, claim.group_number, "", "", "", "", "", filing)
    name = (subscriber.last_name, subscriber.first_name, "", "", "")
    writer.add("NM1", "IL", "1", *name, "MI", claim.member_id)
    writer.demographics(subscriber)
    writer.add("NM1", "PR", "2", payer.name, "", "", "", "", "PI", payer.identifier)
    if claim.patient:
        writer.level(level, "23", has_child=False)
        writer.add("PAT", claim.relationship)
        writer.add("NM1", "QC", "1", claim.patient.last_name, claim.patient.first_name)
        writer.demographics(claim.patient)


def _write_claim(writer: _Writer, claim: Claim) -> None:
    place = f"{claim.place_of_service}:B:{claim.frequency_code}"
    number, total = claim.patient_control_number, money(claim.charge)
    writer.add("CLM", number, total, "", "", place, "Y", "A", "Y", "Y")
    if claim.onset:
        writer.add("DTP", "431", "D8", f"{claim.onset:%Y%m%d}")
    if claim.patient_paid_cents:
        writer.add("AMT", "F5", money(claim.patient_paid_cents))
    if claim.referral:
        writer.add("REF", "9F", claim.referral)
    if claim.prior_authorization:
        writer.add("REF", "G1", claim.prior_authorization)
    if claim.payer_claim_control_number:
        writer.add("REF", "F8", claim.payer_claim_control_number)
    if claim.note:
        writer.add("NTE", "ADD", claim.note)
    qualified = [
        f"{'ABK' if nth == 0 else 'ABF'}:{code}" for nth, code in enumerate(claim.diagnoses)
    ]
    writer.add("HI", *qualified)
    _write_providers(writer, claim)
    if claim.prior:
        _write_prior(writer, claim, claim.prior)
    for number_of_line, line in enumerate(claim.lines, start=1):
        _write_line(writer, claim, number_of_line, line)


def _write_providers(writer: _Writer, claim: Claim) -> None:
    if claim.referring:
        who = claim.referring
        writer.add("NM1", "DN", "1", who.last_name, who.first_name, "", "", "", "XX", who.npi)
    who = claim.rendering
    writer.add("NM1", "82", "1", who.last_name, who.first_name, "", "", "", "XX", who.npi)
    writer.add("PRV", "PE", "PXC", who.taxonomy)
    if claim.facility:
        place = claim.facility
        writer.add("NM1", "77", "2", place.name, "", "", "", "", "XX", place.npi)
        writer.address(place.address)


def _write_prior(writer: _Writer, claim: Claim, prior: PriorPayment) -> None:
    subscriber, payer = claim.subscriber, prior.destination
    writer.add("SBR", "P", "18", "", "", "", "", "", "", payer.claim_filing)
    writer.add("AMT", "D", money(sum(line.paid_cents for line in prior.lines)))
    writer.add("OI", "", "", "Y", "", "", "Y")
    name = (subscriber.last_name, subscriber.first_name, "", "", "")
    writer.add("NM1", "IL", "1", *name, "MI", prior.member_id)
    writer.add("NM1", "PR", "2", payer.name, "", "", "", "", "PI", payer.identifier)


def _write_prior_line(writer: _Writer, claim: Claim, line: Line, number: int) -> None:
    assert claim.prior is not None
    decided = claim.prior.lines[number - 1]
    procedure = ":".join(("HC", line.procedure_code, *line.modifiers))
    payer = claim.prior.destination.identifier
    writer.add("SVD", payer, money(decided.paid_cents), procedure, "", str(line.units))
    for group in dict.fromkeys(group for group, _, _ in decided.adjustments):
        triples: list[str] = []
        for whose, reason, amount in decided.adjustments:
            triples += [reason, money(amount), ""] if whose == group else []
        writer.add("CAS", group, *triples)
    writer.add("DTP", "573", "D8", f"{claim.prior.paid_on:%Y%m%d}")


def _write_line(writer: _Writer, claim: Claim, number: int, line: Line) -> None:
    procedure = ":".join(("HC", line.procedure_code, *line.modifiers))
    pointers = ":".join(str(pointer) for pointer in line.pointers)
    writer.add("LX", str(number))
    writer.add("SV1", procedure, money(line.charge), "UN", str(line.units), "", "", pointers)
    day = f"{claim.service_date:%Y%m%d}"
    if line.days > 1:
        last = claim.service_date + timedelta(days=line.days - 1)
        writer.add("DTP", "472", "RD8", f"{day}-{last:%Y%m%d}")
    else:
        writer.add("DTP", "472", "D8", day)
    if line.prior_authorization:
        writer.add("REF", "G1", line.prior_authorization)
    if line.line_item_control_number:
        writer.add("REF", "6R", line.line_item_control_number)
    if line.ndc:
        writer.add("LIN", "", "N4", line.ndc)
        writer.add("CTP", "", "", "", "1", "ML")
    if claim.prior:
        _write_prior_line(writer, claim, line, number)
