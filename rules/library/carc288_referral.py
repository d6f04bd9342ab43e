"""Referral absent.

Denial    CARC 288, or 243 (not authorized by the primary care provider), on a line or the claim.
Fix       The referral number in 2300 REF*9F of a replacement; in 2400 REF*9F of the line where
          another line that was denied for want of one came under another referral, or under none.
Evidence  A referral of this member at this payer that agrees in service dates, procedure codes and
          units where it names them, and in who referred where the claim says that; given before
          the service.
Refuses   None on file (evidence is asked for); one on file that does not cover the line; several
          numbers that do; a number that was sent already (appeal with a copy); another number that
          the claim or a line of it carries. Medicare Part B takes no replacement.
Safety    Approval: it says to the payer that the patient was sent. Changes no code, amount or date.
          Where it limits units and its number goes with another claim already, that is said.
Sources   5010 837P guide, REF*9F in 2300 and 2400 (the line's only where it differs), 2310A where
          a referral is involved; X12 code list 139, codes 243 and 288.
"""

from __future__ import annotations

from rules.amend import amend
from rules.authorization import lines_of, same_number, shared_units
from rules.decision import APPROVAL, ClaimFacts, DeniedLine, Outcome, Proposal, Refusal
from rules.evidence import Referral
from rules.referral import ReferralFit, place_of, referrals_on_file, referring_npi
from rules.rule import Rule

ANSWERS = ("288", "243")


def consider(line: DeniedLine, facts: ClaimFacts) -> Outcome | None:
    """The referral number, or why there is none to send."""
    if line.reason_code not in ANSWERS:
        return None
    fits = referrals_on_file(facts, lines_of(line.line_position, facts))
    covering = [f.referral for f in fits if not f.mismatches]
    if not fits:
        return Refusal(
            "No referral of this member is on file. If the patient was referred before the "
            "service, enter the referral; its number goes in REF*9F.",
            "replacement",
            ("referral",),
        )
    if not covering:
        return Refusal(_why_not(fits), "appeal")
    if any(not same_number(r.number, covering[0].number) for r in covering):
        documents = ", ".join(r.document_id for r in covering)
        return Refusal(
            f"More than one referral covers this ({documents}); a person has to say under which "
            "one the patient came.",
            "review",
        )
    return _answer(min(covering, key=lambda r: r.document_id), line, facts)


def _why_not(fits: list[ReferralFit]) -> str:
    nearest = min(fits, key=lambda f: len(f.mismatches))
    return (
        f"Referral {nearest.referral.document_id} is the nearest on file and does not cover this; "
        f"what does not agree: {', '.join(nearest.mismatches)}. A changed claim can't mend that; "
        "ask who referred, or the payer, to extend it, or appeal."
    )


def _answer(referral: Referral, line: DeniedLine, facts: ClaimFacts) -> Outcome:
    claim = facts.claim
    sent = [claim.reference("9F"), *(x.reference("9F") for x in claim.service_lines)]
    if any(same_number(number, referral.number) for number in sent):
        return Refusal(
            f"The number of referral {referral.document_id} was on the claim already; sending it "
            "again says nothing new. Appeal with a copy of it.",
            "appeal",
        )
    if any(sent):
        return Refusal(
            "The claim carries another referral number; a person has to say which one is right.",
            "review",
        )
    missing = "the claim names no referring provider (2310A), which goes with a referral"
    needs = () if referring_npi(claim) else (missing,)
    return Proposal(
        corrections=(
            amend(RULE, place_of(referral, line.line_position, facts), None, referral.number,
                  (referral,), "the referral's number, which the claim did not carry"),
        ),
        safety=RULE.safety,
        needs_person=(*needs, *shared_units(referral, facts)),
        explanation=f"Referral {referral.document_id} covers this, and its number was not on the "
        "claim. A replacement carries it.",
    )  # fmt: skip


RULE = Rule(
    code="carc288.referral",
    version=3,
    answers=ANSWERS,
    safety=APPROVAL,
    sources=("ASC X12N 005010X222A1 2300 REF*9F", "X12 code list 139"),
    consider=consider,
)
