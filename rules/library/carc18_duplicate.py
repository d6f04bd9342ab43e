"""Duplicate.

Denial    CARC 18 or B13: the payer has this service already.
Fix       None. What was sent twice is not sent a third time.
Evidence  None would carry a resend. A service that was really done twice is billed with its own
          modifier from the chart, which is another denial's rule.
Refuses   Always. Where the original was paid there is nothing left to do; else a person finds
          out what became of the original, because that answer is the one to work.
Safety    Approval; it never proposes a change.
Sources   X12 code list 139, codes 18 and B13; 5010 837P guide on CLM05-3: an original sent again
          where a replacement was meant comes back as a duplicate.
"""

from __future__ import annotations

from rules.decision import APPROVAL, ClaimFacts, DeniedLine, Outcome, Refusal
from rules.rule import Rule

ANSWERS = ("18", "B13")


def consider(line: DeniedLine, facts: ClaimFacts) -> Outcome | None:
    """Closed where the original was paid, else review."""
    if line.reason_code not in ANSWERS:
        return None
    if line.original_was_paid:
        return Refusal(
            "The same service was paid in another remittance; this answer is to a "
            "second copy. Nothing is owed and nothing is sent.",
            "none",
        )
    if line.original_was_paid is None:
        return Refusal(
            "The payer says it has this service already, but no other answer to it was "
            "received. Ask the payer what became of the original; do not send it again.",
            "review",
        )
    return Refusal(
        "The payer answered this service in another remittance and paid nothing. That denial "
        "is the one to work; sending the service again only repeats this answer.",
        "review",
    )


RULE = Rule(
    code="carc18.duplicate",
    version=1,
    answers=ANSWERS,
    safety=APPROVAL,
    sources=("X12 code list 139", "ASC X12N 005010X222A1, CLM05-3"),
    consider=consider,
)
