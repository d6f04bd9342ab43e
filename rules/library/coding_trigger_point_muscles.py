"""Trigger points counted wrong.

Denial    CARC 150 or 189, or CARC 16 with remark M51, on 20552 or 20553.
Fix       20552 for one or two muscles, 20553 for three and more; one unit either way.
Evidence  A procedure note of that day that names the muscles.
Refuses   No note (it is asked for); a note without named muscles; names that share a word and so
          may be two muscles or three; muscles that are those of the billed code (appeal for 150);
          both codes on the claim that day; more than one unit.
Safety    Approval: it changes the code, and 20553 pays more.
Sources   CPT wording of 20552 and 20553; Medicare local coverage of trigger point injections.
"""

from __future__ import annotations

from rules.amend import amend
from rules.authorization import units_of
from rules.chart import beside, sites_of
from rules.decision import APPROVAL, ClaimFacts, DeniedLine, Outcome, Proposal, Refusal
from rules.rule import Rule
from rules.structure import least_and_most

ANSWERS = ("150", "189", "16")
_CODES = ("20552", "20553")


def consider(line: DeniedLine, facts: ClaimFacts) -> Outcome | None:
    """The code of as many muscles as the note names."""
    billed = facts.service_line(line.line_position)
    if line.reason_code not in ANSWERS or billed is None or billed.procedure_code not in _CODES:
        return None
    if line.reason_code == "16" and "M51" not in line.remark_codes:
        return None
    others = [x for x in beside(billed, facts.claim) if x.procedure_code in _CODES]
    if others or units_of(billed) != 1:
        return Refusal(
            "Trigger points are one line and one unit a day; a coder has to say what these bill.",
            "review",
        )
    sites = sites_of(billed, facts, _CODES)
    if not sites:
        return Refusal(
            "The code depends on how many muscles were injected. Enter the procedure note of that "
            "day with their names.",
            "replacement",
            ("procedure_note",),
        )
    notes = tuple(dict.fromkeys(s.note for s in sites))
    documents = ", ".join(n.document_id for n in notes)
    least, most = least_and_most(m for s in sites for m in s.site.muscles)
    if not least:
        return Refusal(f"{documents} names no muscles; a coder has to look at it.", "review")
    if least < 3 <= most:
        return Refusal(
            f"{documents} names muscles with words in common, so they may be {least} or {most}; a "
            "coder has to count them.",
            "review",
        )
    wanted, muscles = _CODES[least >= 3], str(most) if least == most else f"{least} or {most}"
    if wanted == billed.procedure_code:
        return Refusal(
            f"{documents} names {muscles} muscles, which is what the line bills.",
            "appeal" if line.reason_code == "150" else "review",
        )
    return Proposal(
        corrections=(
            amend(RULE, f"2400[{billed.position}]/SV101-2", billed.procedure_code, wanted, notes,
                  f"{muscles} muscles named in the note"),
        ),
        safety=RULE.safety,
        explanation=f"{documents} names {muscles} muscles: {wanted}.",
    )  # fmt: skip


RULE = Rule(
    code="coding.trigger-point-muscles",
    version=2,
    answers=ANSWERS,
    safety=APPROVAL,
    sources=("CPT wording of 20552 and 20553", "Medicare local coverage of trigger points"),
    consider=consider,
    recodes=dict(zip(_CODES, reversed(_CODES), strict=True)),
)
