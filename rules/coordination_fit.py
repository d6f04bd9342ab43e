"""Whether another payer's decision may be told to the next one, and why not."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from edi.claim import Claim, ServiceLine
from edi.party import PartyLoop, of_type
from edi.segment import Demographics
from rules.classify import FORWARDED, GROUPS, classify
from rules.coordination import bundled_into, can_be_written, relationship
from rules.decision import ClaimFacts, Refusal
from rules.new_claim import returned_lines
from rules.primary_remittance import PrimaryRemittance
from rules.unbillable import unbillable

_PRIMARY = "1"
_NOT_DECIDED = frozenset(("101", "133", "257"))
_ASKS_FOR_A_DOCUMENT = "252"
"""By its text (CARC 252) the payer decides when it has the document."""
_NOTHING_DECIDED = {
    "4": "did not recognise the patient, so it has decided nothing. Put its claim right first.",
    "25": "only says what it would pay (a predetermination). Bill it first.",
}
"""CLP02 of an answer that is no adjudication (835 guide)."""
_NOT_ITS_OWN = frozenset(("eligibility", "coordination_of_benefits"))


def unfit(primary: PrimaryRemittance, sent: Claim, facts: ClaimFacts) -> Refusal | None:
    """The first thing that speaks against it; None where nothing does."""
    for check in (_final, _first_in_turn, _same_claim, _adds_up, _next_in_turn):
        if (found := check(primary, sent, facts)) is not None:
            return found
    return None


_Check = Callable[[PrimaryRemittance, Claim, ClaimFacts], Refusal | None]


def _review(reason: str) -> Refusal:
    return Refusal(reason, "review")


def _final(primary: PrimaryRemittance, sent: Claim, facts: ClaimFacts) -> Refusal | None:
    """The payer has decided, as the one that comes first, and did not pass the claim on."""
    what = primary.document_id
    if primary.claim_status_code in FORWARDED:
        return Refusal(
            f"{what} says that the payer before has forwarded the claim to the next one. Send no "
            "claim of our own: wait for the answer to the forwarded one.",
            "hold",
        )
    reasons = {a.reason_code for a in primary.all_adjustments}
    if reasons & _NOT_DECIDED:
        return Refusal(f"{what} is no decision yet: the payer before is still at it.", "hold")
    if primary.was_returned:
        return Refusal(
            f"{what} returns the claim, or a line of it, as unprocessable (MA130): the payer "
            "before has not decided yet. Its claim has to be mended and billed anew first; what "
            "it answers then is what this payer is told.",
            "bill_other_payer",
        )
    if _ASKS_FOR_A_DOCUMENT in reasons:
        return _review(
            f"{what} only asks for a document (CARC 252): the payer before decides when it has "
            "it. Send it the document first."
        )
    if primary.claim_status_code in _NOTHING_DECIDED:
        return _review(
            f"{what} has claim status {primary.claim_status_code}: the payer before "
            + _NOTHING_DECIDED[primary.claim_status_code]
        )
    if primary.claim_status_code != _PRIMARY:
        return _review(
            f"{what} has claim status {primary.claim_status_code}: the payer before did not "
            "process the claim as the one that comes first. Ask which payer does."
        )
    for a in primary.all_adjustments:
        meaning = classify(a.group_code, a.reason_code, primary.remark_codes)
        if meaning.is_denial and meaning.category in _NOT_ITS_OWN:
            return _review(
                f"{what} says {a.group_code}-{a.reason_code}: the other payer does not hold itself "
                "for the first one either. Have the patient's coordination of benefits set right."
            )
    return None


def _first_in_turn(primary: PrimaryRemittance, sent: Claim, facts: ClaimFacts) -> Refusal | None:
    """The claim that went to it has what the next payer must be told."""
    information, insured, payer = (
        sent.subscriber.information, sent.subscriber.subscriber, sent.subscriber.payer
    )  # fmt: skip
    if sent.other_payers or (information and information.payer_responsibility_sequence_code != "P"):
        return _review("The claim to the payer before was no first one: another came before it.")
    known = (
        information, relationship(sent), sent.information.benefits_assignment_indicator,
        sent.information.release_of_information_code,
        insured and insured.name.identification_code,
        insured and insured.name.last_or_organization_name,
        payer and payer.name.identification_code,
        payer and payer.name.last_or_organization_name, primary.adjudicated_on,
    )  # fmt: skip
    if not all(known):
        return _review(
            "The claim to the payer before, or its answer, lacks a date, name, id or code that the "
            "next payer must be told; a person has to complete it."
        )
    if not can_be_written(primary, sent):
        return _review(
            "A name or number of the claim to the payer before has a character that ends an "
            "element; a person has to send it."
        )
    return None


def _same_claim(primary: PrimaryRemittance, sent: Claim, facts: ClaimFacts) -> Refusal | None:
    """It is this patient's claim, line for line."""
    claim = facts.claim
    if not _same_patient(sent, claim):
        return _review("The claim that went to the payer before is of another patient.")
    alike = len(sent.service_lines) == len(claim.service_lines) and all(
        _of_line(sent, a) == _of_line(claim, b)
        for a, b in zip(sent.service_lines, claim.service_lines, strict=False)
    )
    if not alike or primary.charge_amount != claim.total_claim_charge_amount:
        return _review(
            "The claim that went to the payer before is not this one line for line, so its answer "
            "does not say what of this one was paid."
        )
    return None


def _of_line(claim: Claim, line: ServiceLine) -> tuple[object, ...]:
    service = line.service
    return (line.procedure_code, line.modifiers, service.line_item_charge_amount,
            service.unit_of_measure, service.service_unit_count, line.service_dates)  # fmt: skip


def _same_patient(one: Claim, other: Claim) -> bool:
    """Last name and birth date, as far as both claims have them, and the first name.

    Twins share all but the first name. One claim may have a middle initial behind it.
    """
    pairs = zip(_patient(one), _patient(other), strict=True)
    short, long = sorted((_first_name(one), _first_name(other)), key=len)
    return all(a == b for a, b in pairs if a and b) and (
        short == long or bool(short and short == long[:-1] and len(long[-1]) == 1)
    )


def _first_name(claim: Claim) -> list[str]:
    """Its words, without punctuation, in capitals; empty where there is none."""
    party = _party(claim)
    words = (party.name.first_name or "").upper().split() if party else []
    bare = ("".join(c for c in word if c.isalnum()) for word in words)
    return [word for word in bare if word]


def _party(claim: Claim) -> PartyLoop | None:
    parties = claim.patient.parties if claim.patient else ()
    return next(iter(parties), claim.subscriber.subscriber)


def _patient(claim: Claim) -> tuple[str, str]:
    party = _party(claim)
    if party is None:
        return "", ""
    born = of_type(party.segments, Demographics)
    name = "".join(c for c in party.name.last_or_organization_name or "" if c.isalnum())
    return name.upper(), born[0].birth_date or "" if born else ""


def _adds_up(primary: PrimaryRemittance, sent: Claim, facts: ClaimFacts) -> Refusal | None:
    """Line for line and as a whole, to the cent."""
    what = primary.document_id
    if not primary.is_balanced:
        return _review(f"{what} does not balance; ask the payer before for a right one.")
    if any(a.group_code not in GROUPS for a in primary.all_adjustments):
        return _review(f"{what} has an adjustment group that no claim can carry.")
    taken: dict[int, Decimal] = {}
    for s in primary.services:
        if s.line_position is None or not s.procedure_code or len(s.procedure_code) != 5:
            return _review(f"A service of {what} is of no line of the claim; a person has to look.")
        if bundled_into(s, primary) == 0:
            return _review(f"{what} bundles lines, and does not say into which one.")
        amount = s.payment_amount + sum((a.amount for a in s.adjustments), Decimal(0))
        taken[s.line_position] = taken.get(s.line_position, Decimal(0)) + amount
    charges = {x.position: x.line_item_charge_amount for x in facts.claim.service_lines}
    if primary.services and taken != charges:
        return _review(f"{what} does not account for the charge of every line.")
    before = sum((s.payment_amount for s in primary.services), Decimal(0))
    before = before if primary.services else primary.charge_amount
    if primary.payment_amount != before - sum((a.amount for a in primary.adjustments), Decimal(0)):
        return _review(f"{what} does not add up to what it paid on the claim.")
    return None


def _next_in_turn(primary: PrimaryRemittance, sent: Claim, facts: ClaimFacts) -> Refusal | None:
    """The denied claim can go as the second one, with all its lines."""
    information = facts.claim.subscriber.information
    if information is None or information.payer_responsibility_sequence_code not in ("P", "S"):
        return _review("The claim says that it is not this payer's turn after the first one.")
    lines = {x.position for x in facts.claim.service_lines}
    if facts.payer.is_medicare_part_b and (
        not information.insurance_type_code or returned_lines(facts) not in (frozenset(), lines)
    ):
        return _review(
            "Medicare as the second payer is told why it is second (SBR05) and of all lines at "
            "once; nothing on file says why, so a person has to send it."
        )
    if unbillable(facts):
        return _review(
            "A line of the claim may not be billed again, and the payer before has decided on it; "
            "a person has to say what is told of it."
        )
    return None
