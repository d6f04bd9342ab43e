"""Another payer comes first, and has paid.

Denial    CARC 22, or 129 on a claim that told nothing of another payer: this payer wants to know
          first what the payer before it decided, and has not passed the claim on itself.
Fix       SBR01 S, the other payer's loops 2320, 2330A and 2330B with its paid amount, and 2430 of
          each line (SVD, CAS, DTP 573), in a replacement. Group, reason and amount are its own.
Evidence  The other payer's 835 of the same claim (billing provider, patient control number, first
          day, charge) and the claim that went to it, both in the warehouse; no file of evidence
          can say this.
Refuses   No such 835 or claim (both are asked for); one that is not final, was forwarded or taken
          back, or does not add up line for line; one that decides nothing, since it returns the
          claim or a line as unprocessable (MA130), asks for a document, did not know the patient
          or only predetermines; another patient (last or first name, or birth date); more than
          one, those that were returned apart; a claim that told of a payer before already;
          Medicare as the second payer, where nothing says why it is second.
Safety    Approval: it says who else has paid, and what is left to pay.
Sources   5010 837P guide, loops 2320, 2330A, 2330B, 2430 and front matter on coordination of
          benefits; 5010 835 guide, CLP02.
"""

from __future__ import annotations

from edi.claim import Claim
from rules.amend import amend
from rules.classify import FORWARDED
from rules.coordination import SEQUENCE, loops
from rules.coordination_fit import unfit
from rules.decision import APPROVAL, ClaimFacts, DeniedLine, Outcome, Proposal, Refusal
from rules.primary_remittance import COORDINATION, PrimaryRemittance
from rules.rule import Rule

ANSWERS = COORDINATION


def consider(line: DeniedLine, facts: ClaimFacts) -> Outcome | None:
    """The first payer's decision, told to the second."""
    if line.reason_code not in ANSWERS or line.claim_status_code in FORWARDED:
        return None
    found = sorted(facts.on_file(PrimaryRemittance), key=lambda r: r.document_id)
    if facts.claim.other_payers:
        return _told_already(line, facts.claim, found)
    standing = [r for r in found if not r.is_taken_back]
    if not standing:
        taken_back = "What another payer decided was taken back. " if found else ""
        return Refusal(
            f"{taken_back}Another payer comes first, says this one, and no 835 of another is here "
            "for this claim: bill it, and drop its 835 when it comes. The claim then tells what it "
            "paid, and group, reason and amount of every adjustment, line by line (2320, 2430). If "
            "there is no other payer, have the patient's coordination of benefits set right.",
            "bill_other_payer",
            ("primary_remittance",),
        )
    # What was returned was billed anew; where that has its answer, the first one says nothing.
    standing = [r for r in standing if not r.was_returned] or standing
    if len(standing) > 1:
        return Refusal(
            "Other payers have decided on this claim more than once; a person has to say what is "
            "told of whom: " + ", ".join(r.document_id for r in standing) + ".",
            "review",
        )
    (primary,) = standing
    sent = primary.claim
    if sent is None:
        return Refusal(
            f"{primary.document_id} is of another payer, but the claim that went to it is not "
            "here: the next payer must be told who is insured there. Drop its 837P.",
            "bill_other_payer",
            ("primary_claim",),
        )
    return unfit(primary, sent, facts) or _tell(primary, sent, facts.claim)


def _tell(primary: PrimaryRemittance, sent: Claim, claim: Claim) -> Proposal:
    information = claim.subscriber.information
    old = information.payer_responsibility_sequence_code if information else None
    changes = {SEQUENCE: "S"} if old != "S" else {}
    changes |= loops(primary, sent, claim)
    return Proposal(
        corrections=tuple(
            amend(RULE, place, old if place == SEQUENCE else None, new, (primary,),
                  f"what {primary.document_id} says")
            for place, new in changes.items()
        ),
        safety=RULE.safety,
        explanation=f"{primary.document_id} is the first payer's own answer to this claim; the "
        "claim tells it to this payer, line by line and unaltered.",
    )  # fmt: skip


def _told_already(line: DeniedLine, claim: Claim, found: list[PrimaryRemittance]) -> Refusal | None:
    """The claim told of an earlier payer: what of it is not as that payer's 835 has it."""
    if line.reason_code != "22" and not found:
        return None
    said = [_differences(claim, r) for r in found]
    words = "; ".join(w for w in said if w) or (
        "the claim says the same" if found else "no 835 of another payer is here to compare"
    )
    return Refusal(
        f"The claim told this payer of another one already. Against its 835: {words}. A person has "
        "to say what the payer misses.",
        "review",
    )


def _differences(claim: Claim, primary: PrimaryRemittance) -> str:
    words = []
    for x in claim.service_lines:
        mine = [s for s in primary.services if s.line_position == x.position]
        paid = sum(s.payment_amount for s in mine)
        told = sum(a.adjudication.service_line_paid_amount for a in x.adjudications)
        there = sorted(a[:3] for s in mine for a in s.adjustments)
        here = sorted(a[:3] for s in x.adjudications for a in s.adjustments)
        if mine and paid != told:
            words.append(f"line {x.position} paid {paid:.2f} there, {told:.2f} here")
        if mine and there != here:
            words.append(f"line {x.position} is adjusted otherwise")
    return ", ".join(words) and f"{primary.document_id}: {', '.join(words)}"


RULE = Rule(
    code="coordination.primary-remittance",
    version=3,
    answers=ANSWERS,
    safety=APPROVAL,
    sources=("ASC X12N 005010X222A1 2320, 2330A, 2330B, 2430", "ASC X12N 005010X221A1 CLP02"),
    consider=consider,
)
