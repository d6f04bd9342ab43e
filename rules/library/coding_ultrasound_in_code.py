"""Ultrasound guidance of a joint injection.

Denial    CARC 97, 231, 234 or 236 on 76942 beside 20600, 20605 or 20610 of the same day.
Fix       The joint's code with ultrasound (20604, 20606, 20611), and the line of 76942 comes off.
Evidence  A procedure note of that day whose one site of the joint has ultrasound, with the images
          saved: the code asks for a permanent record.
Refuses   No note (it is asked for); a note without ultrasound or without saved images (write-off);
          more than one joint line or site; the code with ultrasound on the claim already; units
          or sides that the note does not have.
Safety    Approval: it changes a code, and a line comes off.
Sources   CPT wording of 20604, 20606, 20611; NCCI edits 2024 Q3 on 20610 and 76942.
"""

from __future__ import annotations

from rules.amend import amend, take_off
from rules.chart import sites_of
from rules.code_groups import overlaps
from rules.decision import APPROVAL, ClaimFacts, DeniedLine, Outcome, Proposal, Refusal
from rules.rule import Rule

ANSWERS = ("97", "231", "234", "236")
_WITH_ULTRASOUND = {"20600": "20604", "20605": "20606", "20610": "20611"}


def consider(line: DeniedLine, facts: ClaimFacts) -> Outcome | None:
    """One code for injection and guidance, where the note has both."""
    guidance = facts.service_line(line.line_position)
    if line.reason_code not in ANSWERS or guidance is None or guidance.procedure_code != "76942":
        return None
    of_day = [x for x in facts.claim.service_lines if overlaps(x, guidance)]
    joints = [x for x in of_day if x.procedure_code in _WITH_ULTRASOUND]
    if not joints:
        return None
    code = joints[0].procedure_code
    wanted = _WITH_ULTRASOUND[code]
    if len(joints) > 1 or any(x.procedure_code in _WITH_ULTRASOUND.values() for x in of_day):
        return Refusal(
            "The claim has more than one joint injection of that day; a coder has to say which "
            "one the ultrasound guided.",
            "review",
        )
    sites = sites_of(joints[0], facts, (code, wanted))
    if not sites:
        return Refusal(
            f"Ultrasound guidance is part of {wanted}. If it was used and its images were saved, "
            "enter the procedure note of that day.",
            "replacement",
            ("procedure_note",),
        )
    note, site = sites[0]
    if len(sites) > 1:
        return Refusal(
            f"{note.document_id} has more than one site of {code}; a coder has to look.", "review"
        )
    if site.imaging != "ultrasound" or not site.images_saved:
        return Refusal(
            f"{note.document_id} has no ultrasound with saved images. {code} stays as it is; "
            "write 76942 off.",
            "write_off",
        )
    why = "ultrasound with saved images in the note"
    return Proposal(
        corrections=(
            amend(RULE, f"2400[{joints[0].position}]/SV101-2", code, wanted, (note,), why),
            take_off(RULE, guidance, (note,), f"{wanted} includes ultrasound guidance"),
        ),
        safety=RULE.safety,
        explanation=f"{note.document_id} has ultrasound with images saved: injection and guidance "
        f"are {wanted}, one line.",
    )


RULE = Rule(
    code="coding.ultrasound-in-code",
    version=2,
    answers=ANSWERS,
    safety=APPROVAL,
    sources=("CPT wording of 20604, 20606, 20611", "Medicare NCCI edits 2024 Q3"),
    consider=consider,
    recodes=_WITH_ULTRASOUND,
)
