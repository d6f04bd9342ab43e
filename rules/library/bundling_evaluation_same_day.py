"""Office visit on the day of an injection.

Denial    CARC 97 or 236 on an office visit, or CARC 4 on one without any modifier, where an
          injection of the same day is on the claim, or a code that the user's own edit file pays
          instead of the visit.
Fix       Modifier 25 on the visit, in the next free place, in a replacement.
Evidence  An evaluation of this patient and day that says the visit was significant and separate
          from the injection. The decision to inject is part of the injection.
Refuses   No evaluation on file (it is asked for); one that says the visit was not separate, or
          two that disagree; a second visit of that day; a visit of several days; modifier 25 sent
          already; four modifiers sent; a nurse's visit, or an edit of the user's own file that no
          modifier passes.
Safety    Approval: it says to the payer that a second service was done. The level of the visit
          is never changed.
Sources   NCCI Policy Manual, chapter I, section D (decision for a minor procedure) and E
          (modifier 25); 42 CFR 414.40 on global periods.
"""

from __future__ import annotations

from rules.chart import beside
from rules.code_groups import codes, same_day
from rules.decision import (
    APPROVAL,
    ClaimFacts,
    Correction,
    DeniedLine,
    Outcome,
    Proposal,
    Refusal,
)
from rules.evidence import Evaluation
from rules.references import column_1_lines
from rules.rule import Rule

ANSWERS = ("97", "236", "4")


def consider(line: DeniedLine, facts: ClaimFacts) -> Outcome | None:
    """Modifier 25 where the chart carries it."""
    billed = facts.service_line(line.line_position)
    if line.reason_code not in ANSWERS or billed is None:
        return None
    is_nurse_visit = billed.procedure_code in codes("nurse_visit")
    if not is_nurse_visit and billed.procedure_code not in codes("evaluation"):
        return None
    injections = same_day(facts.claim, billed, "injection")
    injections += tuple(x for x, _ in column_1_lines(facts.claim, facts.references, billed))
    if not injections:
        return None
    if "25" in billed.modifiers:
        return Refusal(
            "Modifier 25 was on the visit already, and the payer bundled it all the "
            "same. A changed claim has nothing to add; appeal with the visit's notes.",
            "appeal",
        )
    if line.reason_code == "4" and billed.modifiers:
        return Refusal(
            "The payer finds a modifier of the visit wrong, and the visit carries "
            "others than 25; a coder has to look at them.",
            "review",
        )
    pairs = {(i.procedure_code, billed.procedure_code) for i in injections}
    if is_nurse_visit or pairs & facts.indicator_0_pairs:
        return Refusal(
            "A visit of this kind on the day of an injection is part of it; no "
            "modifier makes it a separate service. Write it off.",
            "write_off",
        )
    visits = codes("evaluation") | codes("nurse_visit")
    days = billed.service_dates
    if days is None or days[0] != days[1]:
        return Refusal(
            "The visit is billed for several days, and an evaluation is of one; a coder has to say "
            "on which day it was.",
            "review",
        )
    if any(x.procedure_code in visits for x in beside(billed, facts.claim)):
        return Refusal(
            "The claim has more than one visit of that day, and what the chart says of one does "
            "not hold for the other; a coder has to say which one was separate.",
            "review",
        )
    evaluations = tuple(e for e in facts.on_file(Evaluation) if days == (e.service_date,) * 2)
    if not evaluations:
        return Refusal(
            "The visit is paid beside the injection only if it was significant and "
            "separate from it. A coder has to read the note and attest that.",
            "replacement",
            ("evaluation",),
        )
    answers = {e.separately_identifiable for e in evaluations}
    documents = ", ".join(e.document_id for e in evaluations)
    if len(answers) > 1:
        return Refusal(
            f"The evaluations on file ({documents}) disagree on whether the visit was separate.",
            "review",
        )
    if answers == {False}:
        return Refusal(
            f"{documents}: the visit was not separate from the injection. The denial "
            "is right: write it off.",
            "write_off",
        )
    if len(billed.modifiers) >= 4:
        return Refusal(
            "The visit carries four modifiers, so there is no place for 25; a coder "
            "has to say which one gives way.",
            "review",
        )
    correction = Correction(
        place=f"2400[{billed.position}]/SV101-{3 + len(billed.modifiers)}",
        old_value=None,
        new_value="25",
        evidence=evaluations,
        rule_code=RULE.code,
        rule_version=RULE.version,
        reason="the chart shows a significant visit, separate from the injection of that day",
    )
    return Proposal(
        corrections=(correction,),
        safety=RULE.safety,
        explanation=f"{documents} says that the visit was significant and separate from the "
        "injection of that day; modifier 25 tells the payer so.",
    )


RULE = Rule(
    code="bundling.evaluation-same-day",
    version=3,
    answers=ANSWERS,
    safety=APPROVAL,
    sources=("NCCI Policy Manual, chapter I, sections D and E",),
    consider=consider,
)
