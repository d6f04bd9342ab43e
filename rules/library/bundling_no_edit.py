"""Bundled, but by no edit that is known here.

Denial    CARC 97, 231, 234 or 236 on a line for which the practitioner edits (PTP) of the quarter
          have no pair with another line of the day, or for whose quarter no file was imported.
Fix       None: what bundled the line has to be found out first.
Evidence  The edit file of the quarter; beyond that, what the payer says of its own edits.
Refuses   No file for the quarter (it is named); no pair in it: global period, add-on, or the
          payer's own edit; column 1 denied instead of column 2.
Safety    Approval; it never proposes a change.
Sources   NCCI Policy Manual, chapter I, and the user's own PTP file of the quarter.
"""

from __future__ import annotations

from rules.decision import APPROVAL, ClaimFacts, DeniedLine, Outcome, Refusal
from rules.references import PTP, column_1_lines, missing_file
from rules.rule import Rule

ANSWERS = ("97", "231", "234", "236")


def consider(line: DeniedLine, facts: ClaimFacts) -> Outcome | None:
    """A review that says what is not known; None for a line that a pair bundles."""
    billed = facts.service_line(line.line_position)
    if line.reason_code not in ANSWERS or billed is None:
        return None
    claim, references, day = facts.claim, facts.references, billed.service_date
    if day is None or not references.covers(PTP, day):
        words = missing_file(PTP, day) if day else "The line has no service date"
        return Refusal(f"{words}. Until then nobody can say whether it bundles.", "review")
    if any(column_1_lines(claim, references, billed, of_one=x) for x in (True, False)):
        return None
    beside = (column_1_lines(claim, references, other) for other in claim.service_lines)
    if any(x.position == billed.position for pairs in beside for x, _ in pairs):
        return Refusal(
            "The edits of the quarter pay this line and deny the other one: the payer has turned "
            "the pair around. Ask for it to be decided anew; a modifier has nothing to say here.",
            "review",
        )
    return Refusal(
        f"No edit of the quarter denies {billed.procedure_code} beside the other codes of the day. "
        "It may be in a global period, an add-on without its primary, or an edit of the payer's "
        "own; a person has to find out which.",
        "review",
    )


RULE = Rule(
    code="bundling.no-edit",
    version=1,
    answers=ANSWERS,
    safety=APPROVAL,
    sources=("NCCI Policy Manual, chapter I", "the practitioner PTP file of the user"),
    consider=consider,
)
