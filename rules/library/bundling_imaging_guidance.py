"""Imaging guidance beside a procedure that includes it.

Denial    CARC 97, 231, 234 or 236 on imaging guidance (77003, 77002, 76942, 77012, 76000).
Fix       None. The denial is right: guidance is part of the procedure billed the same day.
Evidence  None would change it. Saved images document the procedure; they unbundle nothing.
Refuses   Always. Modifier 59 or an X modifier is never added, even where the edit's indicator
          would let it pass: there is no second service that it could describe.
Safety    Approval; it never proposes a change.
Sources   Medicare NCCI edits 2024 Q3 and add-on code file (parameters/code_groups.toml); NCCI
          Policy Manual, chapter I, on modifiers that bypass an edit.
"""

from __future__ import annotations

from edi.claim import Claim, ServiceLine
from rules.code_groups import codes, same_day
from rules.decision import APPROVAL, ClaimFacts, DeniedLine, Outcome, Refusal
from rules.parameters import load
from rules.rule import Rule

ANSWERS = ("97", "231", "234", "236")


def including(claim: Claim, line: ServiceLine) -> ServiceLine | None:
    """The procedure of the same day that guidance on ``line`` is part of; None where none is."""
    if line.procedure_code not in codes("imaging_guidance"):
        return None
    found = list(same_day(claim, line, "includes_imaging"))
    if line.procedure_code in load("code_groups")["includes_ultrasound"]["guidance"]:
        found += same_day(claim, line, "includes_ultrasound")
    return min(found, key=lambda other: other.position, default=None)


def consider(line: DeniedLine, facts: ClaimFacts) -> Outcome | None:
    """A write-off where the primary includes guidance; else not ours."""
    billed = facts.service_line(line.line_position)
    if line.reason_code not in ANSWERS or billed is None:
        return None
    primary = including(facts.claim, billed)
    if primary is None:
        return None
    return Refusal(
        f"{billed.procedure_code} is imaging guidance, and {primary.procedure_code} of the same "
        "day includes it. The denial is right: write it off, do not bill the patient, and do not "
        "add a modifier to pass the edit.",
        "write_off",
    )


RULE = Rule(
    code="bundling.imaging-guidance",
    version=1,
    answers=ANSWERS,
    safety=APPROVAL,
    sources=(
        "Medicare NCCI procedure-to-procedure edits, practitioner, 2024 Q3",
        "Medicare add-on code file of 2024-06-03",
    ),
    consider=consider,
)
