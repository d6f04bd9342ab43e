"""Code pair: one service bundled into another of the day.

Denial    CARC 97, 231, 234 or 236 on a line that the practitioner edits (PTP) of the quarter put
          in column 2 of a pair whose column 1 was paid: same claim, day and practitioner.
Fix       With indicator 1 and a note that shows the services distinct: XE (session), XP
          (practitioner), XS, LT or RT (region, structure, side of a code that has sides) or XU (a
          drug given apart), or 59 where payers.toml wants it, on the denied line, in a replacement.
Evidence  A procedure note of that day with the sites of both services. Names of structures tell
          them apart where they share no word, sides left aside.
Refuses   No such note: the denial is right, write it off; names that share a word (review). Column
          1 not paid; a modifier that was sent; an add-on code; two practitioners without notes of
          their own. Indicator 0 is bundling.indicator-0's, no pair at all bundling.no-edit's.
Safety    Approval: it says to the payer that a second service was distinct.
Sources   NCCI Policy Manual, chapter I, section E, and the user's own PTP file of the quarter;
          parameters/bundling.toml.
"""

from __future__ import annotations

from edi.claim import ServiceLine
from rules.amend import modifiers
from rules.code_groups import modifier_codes
from rules.decision import APPROVAL, ClaimFacts, DeniedLine, Outcome, Proposal, Refusal
from rules.distinct_service import Distinct, distinct, in_doubt
from rules.parameters import load
from rules.references import WITH_MODIFIER, column_1_lines
from rules.rule import Rule

ANSWERS = ("97", "231", "234", "236")


def consider(line: DeniedLine, facts: ClaimFacts) -> Outcome | None:
    """A write-off, a modifier that a note carries, or who has to look."""
    billed = facts.service_line(line.line_position)
    if line.reason_code not in ANSWERS or billed is None:
        return None
    pairs = column_1_lines(facts.claim, facts.references, billed)
    if not pairs:
        return _two_practitioners(billed, facts)
    if not all(facts.was_allowed(other) for other, _ in pairs):
        return Refusal(
            "The code that this line is bundled into was not paid itself, so there is nothing "
            "that the line could be part of. Ask the payer, or mend the other line first.",
            "review",
        )
    return _indicator_1(billed, [other for other, _ in pairs], facts)


def _two_practitioners(billed: ServiceLine, facts: ClaimFacts) -> Outcome | None:
    """The pair where two of the claim's practitioners did its parts; None where there is none."""
    pairs = column_1_lines(facts.claim, facts.references, billed, of_one=False)
    if not pairs:
        return None
    paid = [other for other, edit in pairs if edit.modifier_indicator == WITH_MODIFIER]
    if len(paid) == len(pairs) and all(distinct(other, billed, facts) for other in paid):
        return _indicator_1(billed, paid, facts)
    return Refusal(
        "The edits are of one practitioner, and another one did this service by the claim. No "
        "notes of their own show it, so a person has to find out whom the payer took for one.",
        "review",
    )


def _indicator_1(billed: ServiceLine, paid: list[ServiceLine], facts: ClaimFacts) -> Outcome:
    codes = ", ".join(dict.fromkeys(x.procedure_code for x in paid))
    found = [distinct(other, billed, facts) for other in paid]
    apart = [d for d in found if d is not None]
    if not apart and all(in_doubt(other, billed, facts) for other in paid):
        return Refusal(
            f"The notes name what was treated with {billed.procedure_code} and with {codes} in "
            "words of which some are the same; a coder has to say whether it was one structure.",
            "review",
        )
    if len(apart) < len(found):
        return Refusal(
            f"The edits pay {codes} and not {billed.procedure_code} beside it. No procedure note "
            "on file shows another session, practitioner, region, side or structure, so the "
            "denial stands: write it off. A modifier only to pass the edit would be a false claim.",
            "write_off",
        )
    if len({d.modifier for d in apart}) > 1:
        return Refusal(
            f"The notes tell {billed.procedure_code} from {codes} in more than one way; a coder "
            "has to say which modifier is right.",
            "review",
        )
    return _with_modifier(billed, codes, apart[0], facts)


def _with_modifier(billed: ServiceLine, codes: str, apart: Distinct, facts: ClaimFacts) -> Outcome:
    known = load("bundling")["modifiers"]["distinct"]
    if set(billed.modifiers) & {*known, apart.modifier}:
        return Refusal(
            "A modifier that says the services were distinct was sent already, and the payer "
            "bundled them all the same. Appeal with the note.",
            "appeal",
        )
    if len(billed.modifiers) >= 4:
        return Refusal("The line carries four modifiers, so there is no place for one.", "review")
    if apart.modifier in known and billed.procedure_code in modifier_codes("add_on"):
        return Refusal(
            f"{billed.procedure_code} adds to another code, and no modifier says of an add-on that "
            "it was distinct. A coder has to look at its primary with the note.",
            "review",
        )
    modifier = apart.modifier
    if modifier in known and facts.payer.distinct_modifier == "59":
        modifier = "59"
    documents = ", ".join(dict.fromkeys(n.document_id for n in apart.notes))
    reason = f"the note shows {apart.why} than {codes}"
    needs: tuple[str, ...] = ()
    if "region" in apart.why:
        needs = ("two regions in one session: coverage policies pay one, so the next denial may be "
                 "for medical necessity",)  # fmt: skip
    return Proposal(
        corrections=modifiers(RULE, billed, (*billed.modifiers, modifier), apart.notes, reason),
        safety=RULE.safety,
        needs_person=needs,
        explanation=f"{documents} shows {apart.why}, so {billed.procedure_code} was distinct from "
        f"{codes}; modifier {modifier} tells the payer so.",
    )


RULE = Rule(
    code="bundling.code-pair",
    version=3,
    answers=ANSWERS,
    safety=APPROVAL,
    sources=("NCCI Policy Manual, chapter I, section E", "the practitioner PTP file of the user"),
    consider=consider,
)
