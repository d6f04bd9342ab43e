"""Place of service that is not the documented one.

Denial    CARC 5 or 58, or CARC 16 with remark M77.
Fix       The place that the line's own note names: CLM05-1 where all lines of the claim share
          one place and each is documented there, else SV105 of the denied line.
Evidence  For each line concerned a procedure note of its day with a site or drug of its procedure
          code, that names the place. A note with neither counts for the only line of its day.
Refuses   No such note (it is asked for); notes of that day, of whatever procedure, that name
          several places; telehealth and place 99 (02, 10, 99), which no note decides; the place
          that was billed already (appeal for 58, else review: the code may be what is wrong); an
          authorization on file for the line, or a number it carries, that names another place. A
          facility's own claim is not seen here, so nothing is guessed from the kind of place.
Safety    Approval: it changes what is asked to be paid. Into a facility the rate falls and the
          facility bills for its own part, out of one it rises; the person is told which.
Sources   5010 837P guide, CLM05-1 and SV105 (only where it differs); Medicare Claims Processing
          Manual, chapter 26, section 10.5; parameters/places.toml.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from edi.claim import ServiceLine
from rules.amend import amend
from rules.authorization import authorized_elsewhere, lines_of
from rules.chart import notes_of, speaks_for
from rules.decision import (
    APPROVAL,
    ClaimFacts,
    Correction,
    DeniedLine,
    Outcome,
    Proposal,
    Refusal,
)
from rules.evidence import ProcedureNote
from rules.facility import risks
from rules.parameters import load
from rules.rule import Rule

ANSWERS = ("5", "58", "16")
_WHY = "the place of service that the note of that procedure names"


def consider(line: DeniedLine, facts: ClaimFacts) -> Outcome | None:
    """The documented place, or why it is not to be changed."""
    if line.reason_code not in ANSWERS or (
        line.reason_code == "16" and "M77" not in line.remark_codes
    ):
        return None
    billed = lines_of(line.line_position, facts)
    notes = [_notes(x, facts) for x in billed]
    if not billed or not all(notes):
        return Refusal(
            "No note of that day names the place of service for this procedure (with a site or "
            "drug of its code), and without one it is never changed. Enter the note with it.",
            "replacement",
            ("procedure_note",),
        )
    named = {n.place_of_service for x in billed for n in notes_of(x, facts)}
    places = sorted(p for p in named if p)
    documents = ", ".join(dict.fromkeys(n.document_id for found in notes for n in found))
    if len(places) > 1:
        return Refusal(
            "The notes of that day name more than one place of service; a person has to say which "
            "one is this line's.",
            "review",
        )
    place = places[0]
    if all(facts.claim.place_of_service_of(x) == place for x in billed):
        return Refusal(
            f"{documents} names the place of service that was billed. "
            + ("Appeal with a copy of it." if line.reason_code == "58" else
               "A person has to see whether the procedure code is wrong, or the payer is."),
            "appeal" if line.reason_code == "58" else "review",
        )  # fmt: skip
    if place in load("places")["never_from_a_note"]["codes"]:
        return Refusal(
            f"{documents} names place of service {place}. Telehealth (02, 10) and any other place "
            "(99) depend on more than where the patient was; a person has to decide.",
            "review",
        )
    if elsewhere := ", ".join(a.document_id for a in authorized_elsewhere(facts, billed, place)):
        return Refusal(
            f"{documents} names another place of service than authorization {elsewhere}; a person "
            "has to settle with the payer what was authorized.",
            "review",
        )
    return _answer(billed, place, documents, facts)


def _notes(line: ServiceLine, facts: ClaimFacts) -> tuple[ProcedureNote, ...]:
    """The notes that name a place for this line."""
    found = (n for n in notes_of(line, facts) if n.place_of_service is not None)
    return tuple(n for n in found if speaks_for(n, line, facts.claim))


def _answer(
    billed: Sequence[ServiceLine], place: str, documents: str, facts: ClaimFacts
) -> Proposal:
    claim = facts.claim
    was = sorted({claim.place_of_service_of(x) or "none" for x in billed} - {place})
    return Proposal(
        corrections=tuple(_corrections(billed, place, facts)),
        safety=RULE.safety,
        needs_person=tuple(risks(facts.claim, was, place)),
        explanation=f"{documents} names place of service {place}; {', '.join(was)} was billed.",
    )


def _corrections(
    billed: Sequence[ServiceLine], place: str, facts: ClaimFacts
) -> Iterator[Correction]:
    claim, lines = facts.claim, facts.claim.service_lines
    found = [_notes(x, facts) for x in lines]
    is_one_place = len({claim.place_of_service_of(x) for x in lines}) == 1 and all(
        notes and {n.place_of_service for n in notes} == {place} for notes in found
    )
    of_claim = is_one_place and claim.place_of_service_code != place
    if of_claim:
        evidence = dict.fromkeys(n for notes in found for n in notes)
        yield amend(RULE, "2300/CLM05-1", claim.place_of_service_code, place, tuple(evidence), _WHY)
    for x in lines if is_one_place else billed:
        own = x.service.place_of_service_code
        if claim.place_of_service_of(x) == place or (of_claim and not own):
            continue
        # SV105 is not sent where it would say what the claim says.
        now = None if claim.place_of_service_code == place else place
        yield amend(RULE, f"2400[{x.position}]/SV105", own, now, _notes(x, facts), _WHY)


RULE = Rule(
    code="coding.place-of-service",
    version=2,
    answers=ANSWERS,
    safety=APPROVAL,
    sources=("ASC X12N 005010X222A1 CLM05-1 and SV105",
             "Medicare Claims Processing Manual, chapter 26, section 10.5"),
    consider=consider,
)  # fmt: skip
