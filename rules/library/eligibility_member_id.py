"""Patient not recognised.

Denial    CARC 31 or 140, or CARC 16 with remark MA27, MA61 or N382: the payer does not know the
          member id of the claim.
Fix       The right member id in 2010BA NM109 of a new claim, since what was not recognised was
          never adjudicated; of a replacement where a CARC 16 claim was adjudicated all the same.
Evidence  A subscriber record of this claim, attested at most 30 days before its first service
          date: the id that the payer's own eligibility answer shows. An older one is of an earlier
          claim under the same patient control number.
Refuses   None on file (it is asked for); two that disagree; the very id that was sent; a claim on
          which something was paid. Names and birth dates are never changed.
Safety    Approval: it says who the patient is.
Sources   5010 837P guide, 2010BA; CLP02 4 in the 835 guide; Medicare Claims Processing Manual,
          chapter 1, section 80.3 for claims returned as unprocessable.
"""

from __future__ import annotations

from rules.amend import amend
from rules.decision import APPROVAL, ClaimFacts, DeniedLine, Outcome, Proposal, Refusal
from rules.evidence import SubscriberId
from rules.gate import NOT_RECOGNISED
from rules.rule import Rule

ANSWERS = ("31", "140", "16")
_REMARKS = frozenset(("MA27", "MA61", "N382"))


def consider(line: DeniedLine, facts: ClaimFacts) -> Outcome | None:
    """The member id as the payer has it."""
    if line.reason_code not in ANSWERS:
        return None
    if line.reason_code == "16" and not _REMARKS & set(line.remark_codes):
        return None
    never_adjudicated = line.reason_code != "16" or line.claim_status_code == NOT_RECOGNISED
    path = "new_claim" if never_adjudicated else "replacement"
    if facts.paid_amount > 0:
        return Refusal(
            "The payer does not know the patient and has paid something on the claim all the "
            "same; ask the payer which of the two is meant.",
            "review",
        )
    found = {r.member_id: r for r in facts.on_file(SubscriberId)}
    sent = facts.claim.subscriber.member_id
    if not found:
        return Refusal(
            "The payer did not recognise the patient. Ask for eligibility, and enter the member "
            "id of the payer's answer; the claim then goes with it. What was attested more than "
            "30 days before the service does not count: patient control numbers are used again.",
            path,
            ("subscriber",),
        )
    if len(found) > 1:
        return Refusal(
            "The eligibility answers on file show different member ids; a person has to say "
            "which one is this patient's.",
            "review",
        )
    ((member_id, record),) = found.items()
    if _bare(member_id) == _bare(sent):
        return Refusal(
            f"{record.document_id} shows the member id that was sent already, so the id is not "
            "what the payer missed; compare name, birth date and plan with its answer.",
            "review",
        )
    return Proposal(
        corrections=(
            amend(RULE, "2010BA/NM109", sent, member_id, (record,),
                  "the member id that the payer's own eligibility answer shows"),
        ),
        path=path,
        safety=RULE.safety,
        explanation=f"{record.document_id} shows another member id than the claim. "
        + ("It goes as a new claim: what was not recognised was never adjudicated."
           if path == "new_claim" else "A replacement carries it."),
    )  # fmt: skip


def _bare(identifier: str | None) -> str:
    return "".join(c for c in identifier or "" if c.isalnum()).upper()


RULE = Rule(
    code="eligibility.member-id",
    version=2,
    answers=ANSWERS,
    safety=APPROVAL,
    sources=("ASC X12N 005010X222A1 2010BA NM109", "ASC X12N 005010X221A1 CLP02"),
    consider=consider,
)
