"""Modifier that does not go with the code.

Denial    CARC 4 or 182 on a line with 50 on a code that has no two sides, with 59 or an X modifier
          on an add-on code, or with 76 or 77 on a code that is paid once a day.
Fix       50, 59 or the X modifier is taken off, the others move up; code, units, charge stay.
Evidence  The published indicator of the code (a rule carries what is taken off, never what is put
          on); a procedure note of that day, where there is one, has to have the code.
Refuses   50 with RT or LT beside it or with more than one unit; a note of that day without the
          code; 76 or 77, always: a second injection of the day is the same session, and no
          modifier passes a limit of one a day.
Safety    Approval: the charge may have been one for two sides, which a person has to look at.
Sources   parameters/modifiers.toml: Medicare physician fee schedule (bilateral indicator), add-on
          code file, medically unlikely edits; NCCI Policy Manual, chapter I, sections E and V.
"""

from __future__ import annotations

from rules.amend import modifiers, published
from rules.authorization import units_of
from rules.chart import notes_of, sites_of
from rules.code_groups import modifier_codes
from rules.decision import APPROVAL, ClaimFacts, DeniedLine, Outcome, Proposal, Refusal
from rules.parameters import load
from rules.rule import Rule

ANSWERS = ("4", "182")
_SEPARATE = frozenset(("59", "XE", "XP", "XS", "XU"))
_REPEAT = frozenset(("76", "77"))


def consider(line: DeniedLine, facts: ClaimFacts) -> Outcome | None:
    """Takes off what the code cannot carry."""
    billed = facts.service_line(line.line_position)
    if line.reason_code not in ANSWERS or billed is None:
        return None
    code, sent = billed.procedure_code, set(billed.modifiers)
    if sent & _REPEAT and code in modifier_codes("once_a_day"):
        return Refusal(
            f"{code} is paid once a day, whatever the modifier; a second injection of the day "
            "belongs to the same session. Nothing is sent again; a person has to close it.",
            "review",
        )
    gone, group = frozenset(("50",)) & sent, "bilateral_not_allowed"
    if not gone or code not in modifier_codes(group):
        gone, group = _SEPARATE & sent, "add_on"
    if not gone or code not in modifier_codes(group):
        return None
    if gone == {"50"} and (units_of(billed) != 1 or sent & {"RT", "LT"}):
        return Refusal(
            f"{code} carries 50, which it cannot, and its units or other modifiers speak of two "
            "sides as well; a coder has to say what was done.",
            "review",
        )
    notes, sites = notes_of(billed, facts), sites_of(billed, facts, (code,))
    if notes and not sites:
        return Refusal(
            f"The procedure note of that day does not have {code}; a coder has to say what was "
            "done.",
            "review",
        )
    parameters = load("modifiers")
    rule_read = published(parameters[group]["source"], parameters["compiled"])
    evidence = (rule_read, *dict.fromkeys(s.note for s in sites))
    what = ", ".join(sorted(gone))
    return Proposal(
        corrections=modifiers(
            RULE, billed, [m for m in billed.modifiers if m not in gone], evidence,
            f"{code} cannot carry {what}",
        ),
        safety=RULE.safety,
        explanation=f"{code} cannot carry modifier {what}; without it the line is what was done. "
        "Look whether the charge was one for two sides.",
    )  # fmt: skip


RULE = Rule(
    code="modifier.not-for-code",
    version=1,
    answers=ANSWERS,
    safety=APPROVAL,
    sources=(
        "Medicare physician fee schedule, bilateral surgery indicator",
        "Medicare add-on code file of 2024-06-03",
        "Medicare medically unlikely edits, practitioner",
    ),
    consider=consider,
)
