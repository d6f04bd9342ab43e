"""What another payer decided, as the loops by which the next payer is told (2320, 2330, 2430).

Group, reason, amount and units are that payer's own, copied and never altered; names and ids are
those of the claim that went to it. Source: 005010X222A1, loops 2320, 2330A, 2330B and 2430, and
its front matter on coordination of benefits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from edi.added_loop import can_be_told, loop_text
from edi.claim import Claim
from edi.element import from_date, from_decimal
from edi.party import PartyLoop, of_type
from edi.segment import Adjustment, City, Name, StreetAddress
from rules.primary_remittance import PrimaryRemittance, PrimaryService

SEQUENCE = "2000B/SBR01"
_IN_A_CAS = 6
_IN_AN_MOA = 5
Segments = list[list[str]]


def relationship(claim: Claim) -> str | None:
    """How the patient is related to the insured (SBR02, else PAT01); None where it is not told."""
    if claim.patient is not None and claim.patient.information is not None:
        return claim.patient.information.individual_relationship_code
    information = claim.subscriber.information
    return information.individual_relationship_code if information else None


def loops(primary: PrimaryRemittance, sent: Claim, claim: Claim) -> dict[str, str]:
    """Place → text of every loop that tells ``claim``'s payer; ``sent`` went to the other payer."""
    found = {
        "2320[1]": _other_payer(primary, sent),
        "2330A[1]": _insured(sent),
        "2330B[1]": _payer(primary, sent),
    }
    for line in claim.service_lines:
        mine = [s for s in primary.services if s.line_position == line.position]
        if mine:
            found[f"2430[{line.position}]"] = _decided(primary, sent, claim, mine)
    return {place: loop_text(segments) for place, segments in found.items()}


def can_be_written(primary: PrimaryRemittance, sent: Claim) -> bool:
    """Whether no name or number has a character that would end it early."""
    segments = [*_other_payer(primary, sent), *_insured(sent), *_payer(primary, sent)]
    return all(can_be_told(element) for segment in segments for element in segment)


def bundled_into(service: PrimaryService, primary: PrimaryRemittance) -> int | None:
    """The line that took in a bundled one; 0 where that can't be told, None for any other line.

    Lines that the payer bundled carry one adjudicated code, and the payable one is paid.
    """
    if service.procedure_code == service.submitted_code:
        return None
    one = [s for s in primary.services if s.procedure_code == service.procedure_code]
    if len({s.line_position for s in one}) < 2:
        return None
    payable = {s.line_position or 0 for s in one if s.payment_amount > 0}
    if len(payable) != 1:
        return 0
    (position,) = payable
    return None if position == service.line_position else position


def _other_payer(primary: PrimaryRemittance, sent: Claim) -> Segments:
    subscriber, information = sent.subscriber.information, sent.information
    assert subscriber is not None
    segments = [
        ["SBR", "P", relationship(sent) or "", subscriber.group_or_policy_number or "",
         subscriber.group_name or "", "", "", "", "",
         subscriber.claim_filing_indicator_code or ""],
        *adjusted(primary.adjustments),
        ["AMT", "D", from_decimal(primary.payment_amount)],
        ["OI", "", "", information.benefits_assignment_indicator or "",
         "P" if information.patient_signature_source_code == "P" else "", "",
         information.release_of_information_code or ""],
    ]  # fmt: skip
    if primary.remark_codes:
        segments.append(["MOA", "", "", *primary.remark_codes[:_IN_AN_MOA]])
    return segments


def _insured(sent: Claim) -> Segments:
    insured = sent.subscriber.subscriber
    assert insured is not None
    name = insured.name
    segments = [
        ["NM1", "IL", name.entity_type_qualifier or "", name.last_or_organization_name or "",
         name.first_name or "", name.middle_name or "", "", name.name_suffix or "", *_id(name)]
    ]  # fmt: skip
    return [*segments, *_address(insured)]


def _payer(primary: PrimaryRemittance, sent: Claim) -> Segments:
    payer = sent.subscriber.payer
    assert payer is not None
    segments = [["NM1", "PR", "2", payer.name.last_or_organization_name or "", "", "", "", "",
                 *_id(payer.name)]]  # fmt: skip
    if not primary.services:
        segments.append(_day(primary))
    if primary.payer_claim_control_number:
        segments.append(["REF", "F8", primary.payer_claim_control_number])
    return segments


def _id(name: Name) -> tuple[str, str]:
    return name.identification_code_qualifier or "", name.identification_code or ""


def _address(party: PartyLoop) -> Iterator[list[str]]:
    for street in of_type(party.segments, StreetAddress)[:1]:
        yield ["N3", street.address_line or "", street.second_address_line or ""]
        for city in of_type(party.segments, City)[:1]:
            yield ["N4", city.city_name or "", city.state_or_province_code or "",
                   city.postal_code or "", city.country_code or "", "", "",
                   city.country_subdivision_code or ""]  # fmt: skip


def _day(primary: PrimaryRemittance) -> list[str]:
    assert primary.adjudicated_on is not None
    return ["DTP", "573", "D8", from_date(primary.adjudicated_on)]


def _decided(
    primary: PrimaryRemittance, sent: Claim, claim: Claim, services: Sequence[PrimaryService]
) -> Segments:
    """2430 of one line: an SVD for each part that the payer made of it."""
    payer = sent.subscriber.payer
    assert payer is not None
    segments = []
    for service in services:
        billed = claim.service_lines[(service.line_position or 1) - 1]
        # Where no paid units are told, those that were billed (the guide's note on SVD05).
        units = billed.service.service_unit_count if service.units is None else service.units
        into = bundled_into(service, primary)
        segments += [
            ["SVD", payer.name.identification_code or "", from_decimal(service.payment_amount),
             ":".join(("HC", service.procedure_code, *service.modifiers)), "",
             from_decimal(units) if units is not None else "1",
             claim.service_lines[into - 1].line_number if into else ""],
            *adjusted(service.adjustments),
            _day(primary),
        ]  # fmt: skip
    return segments


def adjusted(adjustments: Sequence[Adjustment]) -> Segments:
    """CAS segments of these triples, in their order."""
    segments = []
    for group, found in groupby(adjustments, key=lambda a: a.group_code):
        triples = list(found)
        for start in range(0, len(triples), _IN_A_CAS):
            segment = ["CAS", group]
            for a in triples[start : start + _IN_A_CAS]:
                quantity = "" if a.quantity is None else from_decimal(a.quantity)
                segment += [a.reason_code, from_decimal(a.amount), quantity]
            segments.append(segment)
    return segments
