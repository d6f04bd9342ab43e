"""What a payer reads out of an 837P: its own small reader, sharing nothing with ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from simulator.x12_text import cents, split


@dataclass(slots=True)
class SubmittedLine:
    """A service line as the payer received it; money in cents."""

    number: int
    procedure_code: str = ""
    modifiers: tuple[str, ...] = ()
    charge: int = 0
    units: int = 1
    service_date: str = ""
    line_item_control_number: str = ""
    prior_authorization: str = ""
    place_of_service: str = ""
    pointers: tuple[int, ...] = ()
    service_through: str = ""
    prior_paid: int | None = None
    """What another payer paid of it before (SVD02); None where no other payer did anything."""
    prior_patient_share: int = 0
    """What that payer left to the patient (2430 CAS*PR)."""


@dataclass(slots=True)
class SubmittedClaim:
    """A claim as the payer received it; money in cents."""

    billing_npi: str
    billing_name: str
    billing_tax_id: str
    member_id: str
    subscriber_name: tuple[str, str]
    patient_name: tuple[str, str]
    payer_id: str
    claim_filing: str
    patient_control_number: str
    charge: int
    place_of_service: str
    frequency_code: str
    payer_claim_control_number: str = ""
    prior_authorization: str = ""
    rendering_npi: str = ""
    taxonomy: str = ""
    referral: str = ""
    diagnoses: tuple[str, ...] = ()
    lines: list[SubmittedLine] = field(default_factory=list)
    other_payer: bool = False
    """Whether another payer is named (2320)."""
    sequence: str = "P"
    """Whether this payer is first, second or third in turn (SBR01)."""
    source: tuple[str, int] = ("", 0)
    """The file it came in, and its position there from 1."""

    def pointed_to(self, line: SubmittedLine) -> list[str]:
        """The diagnoses that a line points to, in its order."""
        known = len(self.diagnoses)
        return [self.diagnoses[nth - 1] for nth in line.pointers if 0 < nth <= known]

    @property
    def first_service_date(self) -> str:
        """The earliest date of the lines, as CCYYMMDD."""
        return min((line.service_date for line in self.lines), default="")

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What makes it the same claim when it comes again."""
        return (
            self.billing_npi,
            self.patient_control_number,
            self.member_id,
            self.first_service_date,
        )


@dataclass(slots=True)
class _Context:
    """What stands above the claim in the hierarchy."""

    billing_npi: str = ""
    billing_name: str = ""
    billing_tax_id: str = ""
    claim_filing: str = ""
    member_id: str = ""
    subscriber_name: tuple[str, str] = ("", "")
    patient_name: tuple[str, str] = ("", "")
    payer_id: str = ""
    sequence: str = "P"


def read_837p(data: bytes, file_name: str = "") -> list[SubmittedClaim]:
    """All claims of a file, in its order."""
    claims = list(_claims(data))
    for position, claim in enumerate(claims, start=1):
        claim.source = (file_name, position)
    return claims


def _claims(data: bytes) -> Iterator[SubmittedClaim]:
    parsed = split(data)
    component = parsed.delimiters.component
    context = _Context()
    claim: SubmittedClaim | None = None
    for elements in parsed.segments:
        padded = elements + [""] * (12 - len(elements))
        name = padded[0]
        if claim and name in ("HL", "CLM", "SE"):
            yield claim
            claim = None
        if name == "CLM":
            claim = _open_claim(context, padded, component)
        elif claim:
            _read_in_claim(claim, padded, component)
        else:
            _read_above_claim(context, padded)


def _open_claim(context: _Context, clm: list[str], component: str) -> SubmittedClaim:
    place, _, frequency = [*clm[5].split(component), "", "", ""][:3]
    return SubmittedClaim(
        billing_npi=context.billing_npi,
        billing_name=context.billing_name,
        billing_tax_id=context.billing_tax_id,
        member_id=context.member_id,
        subscriber_name=context.subscriber_name,
        patient_name=context.patient_name,
        payer_id=context.payer_id,
        claim_filing=context.claim_filing,
        patient_control_number=clm[1],
        charge=cents(clm[2]),
        place_of_service=place,
        frequency_code=frequency,
        sequence=context.sequence,
    )


def _read_above_claim(context: _Context, elements: list[str]) -> None:
    match elements[0], elements[1]:
        case "NM1", "85":
            context.billing_name, context.billing_npi = elements[3], elements[9]
        case "REF", "EI":
            context.billing_tax_id = elements[2]
        case "SBR", sequence:
            context.claim_filing, context.sequence = elements[9], sequence
        case "NM1", "IL":
            context.subscriber_name = context.patient_name = (elements[3], elements[4])
            context.member_id = elements[9]
        case "NM1", "PR":
            context.payer_id = elements[9]
        case "NM1", "QC":
            context.patient_name = (elements[3], elements[4])


def _read_in_claim(claim: SubmittedClaim, elements: list[str], component: str) -> None:
    line = claim.lines[-1] if claim.lines else None
    match elements[0], elements[1]:
        case "LX", number:
            claim.lines.append(SubmittedLine(int(number)))
        case "SV1", procedure if line:
            _, line.procedure_code, *modifiers = procedure.split(component)
            line.modifiers = tuple(modifier for modifier in modifiers[:4] if modifier)
            line.charge, line.units = cents(elements[2]), int(elements[4])
            line.place_of_service = elements[5]
            line.pointers = tuple(int(nth) for nth in elements[7].split(component) if nth)
        case "DTP", "472" if line:
            line.service_date, _, line.service_through = elements[3].partition("-")
        case "REF", "6R" if line:
            line.line_item_control_number = elements[2]
        case "REF", "G1" if line:
            line.prior_authorization = elements[2]
        case "REF", "9F" if not line:
            claim.referral = elements[2]
        case "HI", _:
            claim.diagnoses = tuple(e.split(component)[1] for e in elements[1:] if e)
        case "PRV", "PE" if not line:
            claim.taxonomy = elements[3]
        case "REF", "G1":
            claim.prior_authorization = elements[2]
        case "SVD", _ if line:
            line.prior_paid = (line.prior_paid or 0) + cents(elements[2])
        case "CAS", "PR" if line:
            line.prior_patient_share += sum(cents(amount) for amount in elements[3::3])
        # In 2330B the number is the other payer's; the claim's own comes before any line's.
        case "REF", "F8" if not claim.payer_claim_control_number and not claim.other_payer:
            claim.payer_claim_control_number = elements[2]
        case "SBR", _:
            claim.other_payer = True
        case "NM1", "82" if not line:
            claim.rendering_npi = elements[9]
