"""Epidurals of two regions billed as levels.

Denial    CARC 97, 231, 234 or 236 on 62321 or 62323 where the other one is on the claim that day.
Fix       None. They are two regions of the spine; neither is a further level of the other.
Evidence  A coder says from the note which of the two was done; it changes nothing here.
Refuses   Always: no edit tells the two apart, so no modifier has anything to say, and the claim is
          not sent again with both.
Safety    Approval; it never proposes a change.
Sources   CPT wording of 62321 and 62323; Medicare local coverage of epidural injections (one
          region a session).
"""

from __future__ import annotations

from rules.decision import APPROVAL, ClaimFacts, DeniedLine, Outcome, Refusal
from rules.references import shared_day
from rules.rule import Rule

ANSWERS = ("97", "231", "234", "236")
REGIONS = frozenset(("62321", "62323"))


def consider(line: DeniedLine, facts: ClaimFacts) -> Outcome | None:
    """A review, where the claim has both codes on the denied line's day."""
    billed = facts.service_line(line.line_position)
    if line.reason_code not in ANSWERS or billed is None or billed.procedure_code not in REGIONS:
        return None
    beside = {x.procedure_code for x in facts.claim.service_lines if shared_day(x, billed)}
    if not beside >= REGIONS:
        return None
    return Refusal(
        "62321 and 62323 are two regions of the spine, not two levels, and no edit tells them "
        "apart. A coder has to say which one the note documents; no modifier is added, and a paid "
        "one that is not documented goes back to the payer.",
        "review",
    )


RULE = Rule(
    code="bundling.two-regions",
    version=1,
    answers=ANSWERS,
    safety=APPROVAL,
    sources=("CPT wording of 62321 and 62323", "Medicare local coverage of epidural injections"),
    consider=consider,
)
