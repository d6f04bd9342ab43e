"""Epidural billed without the imaging that was used.

Denial    CARC 50 or 272 on 62320, 62322, 62324 or 62326 where a note of that day is on file;
          CARC 189, or CARC 16 with remark M51, on one of them.
Fix       The code of the same injection with imaging: 62321, 62323, 62325 or 62327.
Evidence  A procedure note of that day whose one site of the code has fluoroscopy or CT, with the
          images saved.
Refuses   No note for 189 and 16 (it is asked for); more than one site; no imaging, ultrasound, or
          images not saved (not this rule's for 50 and 272, which stay an appeal); the code with
          imaging on the claim for that day already; a note of another region, or more units than
          it has.
Safety    Approval: it raises what the payer owes.
Sources   CPT wording of the codes since 2017; Medicare local coverage of epidural injections,
          which asks for image guidance.
"""

from __future__ import annotations

from rules.amend import amend
from rules.chart import beside, sites_of
from rules.decision import APPROVAL, ClaimFacts, DeniedLine, Outcome, Proposal, Refusal
from rules.rule import Rule

ANSWERS = ("50", "272", "189", "16")
_WITH_IMAGING = {"62320": "62321", "62322": "62323", "62324": "62325", "62326": "62327"}
_COVERAGE = ("50", "272")


def consider(line: DeniedLine, facts: ClaimFacts) -> Outcome | None:
    """The code with imaging, where the note has it."""
    billed = facts.service_line(line.line_position)
    if line.reason_code not in ANSWERS or billed is None:
        return None
    code = billed.procedure_code
    wanted = _WITH_IMAGING.get(code)
    if wanted is None or (line.reason_code == "16" and "M51" not in line.remark_codes):
        return None
    sites = sites_of(billed, facts, (code, wanted))
    coverage = line.reason_code in _COVERAGE
    if not sites:
        return None if coverage else Refusal(
            f"{code} says that no imaging was used. If it was, enter the procedure note of that "
            "day with imaging and saved images.",
            "replacement",
            ("procedure_note",),
        )  # fmt: skip
    note, site = sites[0]
    if len(sites) > 1 or any(x.procedure_code == wanted for x in beside(billed, facts.claim)):
        return Refusal(
            f"{note.document_id} has more than one such injection, or {wanted} is on the claim "
            "for that day already; a coder has to say what the line bills.",
            "review",
        )
    if site.imaging not in ("fluoroscopy", "ct") or not site.images_saved:
        return None if coverage else Refusal(
            f"{note.document_id} has no fluoroscopy or CT with saved images, so {code} is what "
            "was done.",
            "review",
        )  # fmt: skip
    return Proposal(
        corrections=(
            amend(RULE, f"2400[{billed.position}]/SV101-2", code, wanted, (note,),
                  "the note has imaging, and images saved"),
        ),
        safety=RULE.safety,
        explanation=f"{note.document_id} has {site.imaging} with images saved: the injection is "
        f"{wanted}, not {code}.",
    )  # fmt: skip


RULE = Rule(
    code="coding.imaging-in-code",
    version=2,
    answers=ANSWERS,
    safety=APPROVAL,
    sources=("CPT wording of 62320-62327 since 2017", "Medicare local coverage of epidurals"),
    consider=consider,
    recodes=_WITH_IMAGING,
)
