"""Code pair that no modifier passes.

Denial    CARC 97, 231, 234 or 236 on a line that the practitioner edits (PTP) of the quarter put
          in column 2 of a pair with indicator 0: same claim, day and practitioner.
Fix       None. The denial is right, and a replacement for another reason takes the line off.
Evidence  None would change it.
Refuses   Always: no modifier, whatever the note shows.
Safety    Approval; it never proposes a modifier.
Sources   NCCI Policy Manual, chapter I, section E (modifier indicators), and the user's own PTP
          file of the quarter.
"""

from __future__ import annotations

from rules.decision import APPROVAL, ClaimFacts, DeniedLine, Outcome, Refusal
from rules.references import NO_MODIFIER, column_1_lines
from rules.rule import Rule

ANSWERS = ("97", "231", "234", "236")


def consider(line: DeniedLine, facts: ClaimFacts) -> Outcome | None:
    """A write-off where the pair has indicator 0; None for every other line."""
    billed = facts.service_line(line.line_position)
    if line.reason_code not in ANSWERS or billed is None:
        return None
    for other, edit in column_1_lines(facts.claim, facts.references, billed):
        if edit.modifier_indicator == NO_MODIFIER:
            return Refusal(
                f"The edits pay {other.procedure_code} and not {billed.procedure_code} beside it, "
                "and no modifier passes this pair (indicator 0). The denial is right: write it "
                "off, and do not bill the patient.",
                "write_off",
            )
    return None


RULE = Rule(
    code="bundling.indicator-0",
    version=1,
    answers=ANSWERS,
    safety=APPROVAL,
    sources=("NCCI Policy Manual, chapter I, section E", "the practitioner PTP file of the user"),
    consider=consider,
)
