"""An 835 as text: one payment, its claims and lines, balanced as they were decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from simulator.adjudication import Adjusted, Decided, DecidedClaim, DecidedLine
from simulator.x12_text import STANDARD, Delimiters, Envelope, interchange, money, segment

VERSION = "005010X221A1"
# The last is 4010's own group for reversals, which some payers never gave up.
GROUPS = ("CO", "OA", "PI", "PR", "CR")
PAIRS_IN_A_PLB = 6
TRIPLES_IN_A_SEGMENT = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerName:
    """How the payer names itself in an 835."""

    name: str
    identifier: str
    tax_id: str
    claim_filing: str
    """CLP06; its list is not that of SBR09 (there is no CI and no BL in it)."""
    sends_plan_id: bool = False
    """N1*PR with XV, otherwise REF*2U."""
    sends_identifier: bool = True
    """Whether the 835 names it by its id at all; else by its tax id alone (TRN03)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payee:
    """The practice, as the payer learnt it from the claims."""

    name: str
    npi: str
    tax_id: str


def write_835(
    decided: Decided,
    *,
    payer: PayerName,
    payee: Payee,
    control_number: int,
    written_at: datetime,
    sender: str = "DEMOCLEAR",
    receiver: str = "DEMOPAIN",
    delimiters: Delimiters = STANDARD,
) -> bytes:
    """One interchange with one transaction."""
    body = [
        segment(*elements, delimiters=delimiters) for elements in _segments(decided, payer, payee)
    ]
    envelope = Envelope(
        sender=sender,
        receiver=receiver,
        control_number=control_number,
        written_at=written_at,
        functional_id="HP",
        version=VERSION,
        delimiters=delimiters,
    )
    return interchange(envelope, [("835", body)])


def _segments(decided: Decided, payer: PayerName, payee: Payee) -> Iterator[tuple[str, ...]]:
    yield from _header(decided, payer, payee)
    if decided.claims:
        yield ("LX", "1")
    for claim in decided.claims:
        yield from _claim(claim, payer)
    if decided.provider_adjustments:
        yield from _provider_adjustments(decided, payee)


def _provider_adjustments(decided: Decided, payee: Payee) -> Iterator[tuple[str, ...]]:
    # One segment where that is enough: the check that others run calls a second one an error.
    adjustments = decided.provider_adjustments
    for first in range(0, len(adjustments), PAIRS_IN_A_PLB):
        pairs: list[str] = []
        for adjusted in adjustments[first : first + PAIRS_IN_A_PLB]:
            reason = ":".join(filter(None, (adjusted.reason_code, adjusted.reference)))
            pairs += [reason, money(adjusted.cents)]
        yield ("PLB", payee.npi, f"{decided.paid_on[:4]}1231", *pairs)


def _header(decided: Decided, payer: PayerName, payee: Payee) -> Iterator[tuple[str, ...]]:
    company = f"1{payer.tax_id}"
    bank: tuple[str, ...] = ("",) * 11
    handling, method = "H", "NON"
    if decided.paid:
        handling, method = "I", "ACH"
        bank = ("CCP", "01", "999999992", "DA", "1234567", company, "")
        bank += ("01", "999999992", "DA", "7654321")
    yield ("BPR", handling, money(decided.paid), "C", method, *bank, decided.paid_on)
    yield ("TRN", "1", decided.trace_number, company)
    yield ("DTM", "405", decided.paid_on)
    if payer.sends_plan_id:
        yield ("N1", "PR", payer.name, "XV", payer.identifier)
    else:
        yield ("N1", "PR", payer.name)
    yield ("N3", "1 SAMPLE PLAZA")
    yield ("N4", "DEMOTOWN", "TX", "75001")
    if not payer.sends_plan_id and payer.sends_identifier:
        yield ("REF", "2U", payer.identifier)
    yield ("PER", "BL", "DEMO PAYER DESK", "TE", "5555550199")
    yield ("N1", "PE", payee.name, "XX", payee.npi)
    yield ("REF", "TJ", payee.tax_id)


def _claim(claim: DecidedClaim, payer: PayerName) -> Iterator[tuple[str, ...]]:
    share = "" if claim.is_reversal or not claim.patient_share else money(claim.patient_share)
    yield (
        "CLP",
        claim.patient_control_number if claim.shown_number is None else claim.shown_number,
        claim.status_code,
        money(claim.charge),
        money(claim.paid),
        share,
        claim.claim_filing or payer.claim_filing,
        claim.payer_claim_control_number,
        claim.place_of_service,
        claim.frequency_code,
    )
    yield from _adjustments(claim.adjustments)
    last_name, first_name = claim.patient_name
    yield ("NM1", "QC", "1", last_name, first_name, "", "", "", "MI", claim.member_id)
    if claim.rendering_npi:
        yield ("NM1", "82", "1", "", "", "", "", "", "XX", claim.rendering_npi)
    if claim.forwarded_to:
        yield ("NM1", "TT", "2", claim.forwarded_to, "", "", "", "", "PI", "DEMOSUPP")
    if claim.remark_codes:
        yield ("MOA", "", "", *claim.remark_codes[:5])
    if not claim.lines or claim.dates_at_claim:
        # Without lines the service date stands at the claim.
        yield ("DTM", "232", claim.service_date)
    if claim.interest_cents:
        yield ("AMT", "I", money(claim.interest_cents))
    for line in claim.lines:
        yield from _line(line, dated=not claim.dates_at_claim)


def _line(line: DecidedLine, *, dated: bool) -> Iterator[tuple[str, ...]]:
    modifiers = line.modifiers if line.reported_modifiers is None else line.reported_modifiers
    submitted = ":".join(("HC", line.procedure_code, *modifiers))
    procedure = f"HC:{line.adjudicated_as}" if line.adjudicated_as else submitted
    yield (
        "SVC",
        procedure,
        money(line.charge),
        money(line.paid),
        "",
        "" if line.units_left_empty else str(line.units_paid),
        submitted if line.adjudicated_as else "",
        str(line.units) if line.units != line.units_paid else "",
    )
    if dated and line.service_through:
        yield ("DTM", "150", line.service_date)
        yield ("DTM", "151", line.service_through)
    elif dated:
        yield ("DTM", "472", line.service_date)
    yield from _adjustments(line.adjustments)
    if line.line_item_control_number:
        yield ("REF", "6R", line.line_item_control_number)
    if line.policy:
        yield ("REF", "0K", line.policy)
    if line.allowed and not line.hides_allowed:
        yield ("AMT", "B6", money(line.allowed))
    for remark_code in line.remark_codes:
        yield ("LQ", "HE", remark_code)


def _adjustments(adjustments: tuple[Adjusted, ...]) -> Iterator[tuple[str, ...]]:
    for group in GROUPS:
        triples = [a for a in adjustments if a.group_code == group]
        for first in range(0, len(triples), TRIPLES_IN_A_SEGMENT):
            elements: list[str] = []
            for adjusted in triples[first : first + TRIPLES_IN_A_SEGMENT]:
                quantity = "" if adjusted.quantity is None else str(adjusted.quantity)
                elements += [adjusted.reason_code, money(adjusted.cents), quantity]
            yield ("CAS", group, *elements)
