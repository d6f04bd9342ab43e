"""Side of the procedure.

Denial    CARC 4 or 182, or CARC 16 with remark N822 or N823, on a code that has two sides.
Fix       RT or LT as the procedure note has it, in place of the other side or in the next free
          place.
Evidence  A procedure note of that day whose sites of the code are all on one side.
Refuses   No note of the code (it is asked for); a note that has both sides, none, or no side; the
          side that was sent already; 50 on the line; four modifiers sent; more of the code on the
          claim for that day than the note has on that side.
Safety    Approval: it says on which side of the body something was done.
Sources   parameters/modifiers.toml: Medicare physician fee schedule, bilateral indicator 1; NCCI
          Policy Manual, chapter I, section E.
"""

from __future__ import annotations

from rules.amend import MOST_MODIFIERS, modifiers
from rules.chart import sites_of
from rules.code_groups import modifier_codes
from rules.decision import APPROVAL, ClaimFacts, DeniedLine, Outcome, Proposal, Refusal
from rules.rule import Rule

ANSWERS = ("4", "182", "16")
_REMARKS = frozenset(("N822", "N823"))
_SIDES = {"left": "LT", "right": "RT"}


def consider(line: DeniedLine, facts: ClaimFacts) -> Outcome | None:
    """The side that the note has."""
    billed = facts.service_line(line.line_position)
    if line.reason_code not in ANSWERS or billed is None:
        return None
    if billed.procedure_code not in modifier_codes("bilateral"):
        return None
    if line.reason_code == "16" and not _REMARKS & set(line.remark_codes):
        return None
    sites = sites_of(billed, facts, (billed.procedure_code,))
    if not sites:
        return Refusal(
            f"{billed.procedure_code} has two sides, and the payer finds its modifiers wrong. "
            "Enter the procedure note of that day with the side.",
            "replacement",
            ("procedure_note",),
        )
    documents = ", ".join(dict.fromkeys(s.note.document_id for s in sites))
    sides = {s.site.laterality for s in sites}
    side = _SIDES.get(sides.pop() or "") if len(sides) == 1 else None
    if side is None:
        return Refusal(
            f"{documents} does not have one side for {billed.procedure_code}; a coder has to say "
            "how the line is billed.",
            "review",
        )
    sent = billed.modifiers
    if "50" in sent or side in sent:
        return Refusal(
            f"{documents} has {side}, and the line carried "
            + ("50, whose charge is for two sides" if "50" in sent else "it already")
            + "; a coder has to say what the payer finds wrong.",
            "review",
        )
    wanted = [side if m in _SIDES.values() else m for m in sent]
    if side not in wanted:
        wanted.append(side)
    if len(wanted) > MOST_MODIFIERS:
        return Refusal("The line carries four modifiers, so there is no place for a side.",
                       "review")  # fmt: skip
    return Proposal(
        corrections=modifiers(RULE, billed, wanted, [s.note for s in sites],
                              "the side that the procedure note has"),
        safety=RULE.safety,
        explanation=f"{documents} has {side} for {billed.procedure_code}; the line did not say so.",
    )  # fmt: skip


RULE = Rule(
    code="modifier.laterality",
    version=2,
    answers=ANSWERS,
    safety=APPROVAL,
    sources=("Medicare physician fee schedule, bilateral surgery indicator",),
    consider=consider,
)
