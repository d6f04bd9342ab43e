"""Prior authorization absent.

Denial    CARC 197, or 15 in old remittances, on a service line or on the claim.
Fix       The authorization number in 2300 REF*G1 of a replacement; in 2400 REF*G1 of the line
          where the claim carries another number, or another line that was denied for want of one
          needs another, or has none that covers it.
Evidence  An approved authorization of this member at this payer that agrees in procedure code,
          service dates, units left, rendering provider and place of service, and was issued
          before the service. What it leaves open (units, provider, place) a person decides, and
          what is left of its units where its number goes with another claim already.
Refuses   None on file (evidence is asked for); one on file that does not cover the line; more
          than one number that does (spelling aside); a number the claim carried already. Medicare
          Part B takes no replacement: reopening with an authorization on file, documentation
          without, and where WISeR or the hospital's own prior authorization applies the UTN is
          asked for.
Safety    Automatic: carries a number the payer itself issued, changes no code, amount or date.
Sources   5010 837P guide, REF*G1 in 2300 and 2400 (the line's only where it differs); X12 RFI
          2459; X12 code list 139, codes 15 and 197; parameters/medicare_authorization.toml.
"""

from __future__ import annotations

from edi.claim import ServiceLine
from rules.amend import amend
from rules.authorization import (
    Fit,
    fits_on_file,
    lines_of,
    place_of,
    same_number,
    shared_units,
)
from rules.decision import (
    AUTOMATIC,
    ClaimFacts,
    DeniedLine,
    Outcome,
    Proposal,
    Refusal,
    Route,
)
from rules.medicare_authorization import in_words
from rules.rule import Rule

ANSWERS = ("197", "15")


def consider(line: DeniedLine, facts: ClaimFacts) -> Outcome | None:
    """The authorization number, or why there is none to send."""
    if line.reason_code not in ANSWERS:
        return None
    billed = lines_of(line.line_position, facts)
    fits = fits_on_file(facts, billed)
    covering = [f for f in fits if not f.mismatches]
    numbers = {f.bare_number for f in covering}
    documents = ", ".join(f.authorization.document_id for f in covering)
    if facts.payer.is_medicare_part_b:
        return _medicare(documents, in_words(facts.claim, billed))
    if not fits:
        return Refusal(
            "No approved authorization of this member is on file. If the payer "
            "authorized the service before it was done, enter the authorization.",
            "replacement",
            ("authorization",),
        )
    if not covering:
        return Refusal(_why_not(fits), "appeal")
    if len(numbers) > 1:
        return Refusal(
            f"More than one authorization covers this ({documents}); a person has to "
            "say which one the payer meant, and withdraw the records of the others.",
            "review",
        )
    return _answer(min(covering, key=lambda f: f.rank), line, billed, facts)


def _medicare(documents: str, program: str) -> Route:
    if documents:
        return Route(
            f"On file, and covering this: {documents}. But Medicare Part B takes no replacement "
            f"claim: ask for a clerical error reopening.{program}",
            "reopening",
        )
    return Route(
        "No authorization on file covers this. Medicare Part B decides on the records "
        f"instead: send the documentation.{program}",
        "documentation",
    )


def _why_not(fits: list[Fit]) -> str:
    nearest = min(fits, key=lambda f: len(f.mismatches))
    return (
        f"Authorization {nearest.authorization.document_id} is the nearest on file and does "
        f"not cover this; what does not agree: {', '.join(nearest.mismatches)}. A changed "
        "claim can't mend that; ask the payer to extend it, or appeal."
    )


def _answer(
    found: Fit, line: DeniedLine, billed: tuple[ServiceLine, ...], facts: ClaimFacts
) -> Outcome:
    claim, authorization = facts.claim, found.authorization
    sent = [claim.prior_authorization_number, *(x.reference("G1") for x in billed)]
    if any(same_number(number, authorization.number) for number in sent):
        return Refusal(
            f"The number of authorization {authorization.document_id} was on the claim "
            "already; sending it again says nothing new. Appeal with a copy of it.",
            "appeal",
        )
    place = place_of(authorization, line.line_position, facts)
    if place is None:
        return Refusal(
            "The claim carries another authorization number where this one would stand; a person "
            "has to say which one is right.",
            "review",
        )
    why = "the payer's own authorization number, which the claim did not carry"
    correction = amend(RULE, place, None, authorization.number, (authorization,), why)
    left_open = ", ".join(found.open)
    needs = shared_units(authorization, facts)
    if left_open:
        needs += (f"authorization {authorization.document_id} leaves open: {left_open}",)
    return Proposal(
        corrections=(correction,),
        safety=RULE.safety,
        needs_person=needs,
        explanation=f"Authorization {authorization.document_id} covers this, and its number was "
        "not on the claim. A replacement carries it.",
    )


RULE = Rule(
    code="carc197.prior-authorization",
    version=3,
    answers=ANSWERS,
    safety=AUTOMATIC,
    sources=("ASC X12N 005010X222A1 2300/2400 REF*G1", "X12 RFI 2459", "X12 code list 139"),
    consider=consider,
)
