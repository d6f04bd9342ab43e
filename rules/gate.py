"""What must hold before any replacement goes, whichever rule proposed it.

An obstacle stops it; a reason for a person lets it wait for one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rules.classify import classify
from rules.deadline import appeal_deadline, original_claim_deadline, replacement_deadline
from rules.decision import REFUSED, ROUTED, ClaimFacts, Correction, DeniedLine
from rules.unbillable import blocked
from rules.waste import denied_by_jz

NOT_RECOGNISED = "4"
"""CLP02: the payer did not recognise the patient, so the claim was never adjudicated."""


_RECOGNITION = ("eligibility", "other")
"""Categories that agree with claim status 4; another one speaks of an adjudicated claim."""


class Obstacle(NamedTuple):
    """Why no replacement goes. ``is_final``: no evidence would change that."""

    reason: str
    path: str
    decision: str
    is_final: bool


def obstacle(line: DeniedLine, facts: ClaimFacts, path: str = "replacement") -> Obstacle | None:
    """The first thing in the way of a claim that goes by ``path``; None where nothing is."""
    if not line.is_balanced:
        return Obstacle(
            "the remittance does not balance here, and nothing is sent on its "
            "strength; ask the payer for a right one.",
            "review",
            REFUSED,
            False,
        )
    if facts.payer.disagrees_with(facts.claim_filing):
        return Obstacle(
            "payers.toml and the claim disagree about the line of business: the claim says "
            "Medicare Part B (SBR09 MB), which takes no replacement, and the payer's kind there "
            "is another. Correct kind, or name MB in claim_filing; until then nothing goes.",
            "review",
            REFUSED,
            False,
        )
    if path == "replacement" and (found := _no_replacement(line, facts)) is not None:
        return found
    if path == "new_claim" and (found := _no_new_claim(facts)) is not None:
        return found
    if (why := blocked(facts.claim)) is not None:
        return Obstacle(why, "review", REFUSED, True)
    for billed in facts.claim.service_lines if path == "replacement" else ():
        if "JZ" in billed.modifiers and denied_by_jz(billed, facts, is_new=False):
            return Obstacle(
                f"the claim says with JZ that nothing of {billed.procedure_code} was thrown away, "
                "and the drug's record of that day has something; a person has to set that line "
                "up before the claim is sent again.",
                "review",
                REFUSED,
                False,
            )
    if facts.open_submission:
        return Obstacle(
            "an earlier submission of this claim is still unanswered, or the payer has not "
            "decided all of it; a second one would come back as a duplicate.",
            "hold",
            REFUSED,
            False,
        )
    return None


def _no_replacement(line: DeniedLine, facts: ClaimFacts) -> Obstacle | None:
    payer = facts.payer
    if line.claim_status_code == NOT_RECOGNISED and line.category in _RECOGNITION:
        return Obstacle(
            "the payer did not recognise the patient (claim status 4), so there is no "
            "adjudication to replace: bill a new claim once the subscriber is right.",
            "new_claim",
            ROUTED,
            True,
        )
    if payer.is_medicare_part_b:
        return Obstacle(
            "Medicare Part B takes no replacement claims: ask for a clerical error reopening.",
            "reopening",
            ROUTED,
            True,
        )
    if payer.replacement_claims is None:
        return Obstacle(
            "payers.toml does not say whether this payer takes replacement claims.",
            "review",
            REFUSED,
            False,
        )
    if not payer.replacement_claims:
        return Obstacle("this payer takes no replacement claims.", "review", REFUSED, True)
    if not line.payer_claim_control_number:
        return Obstacle(
            "the remittance gives no payer claim control number, and a replacement "
            "without one comes back as a duplicate.",
            "review",
            REFUSED,
            False,
        )
    return _window(line, facts)


def _no_new_claim(facts: ClaimFacts) -> Obstacle | None:
    payer = facts.payer
    if not payer.is_medicare_part_b and not payer.replacement_claims:
        return Obstacle(
            "payers.toml does not say that this payer takes replacement claims, and until it "
            "does nothing goes there by itself; a person has to send it.",
            "review",
            REFUSED,
            False,
        )
    last = original_claim_deadline(payer, facts.claim.first_service_date)
    if last is not None and facts.as_of > last:
        days = (facts.as_of - last).days
        return Obstacle(
            f"the payer's limit for original claims was passed {days} days ago; whether this "
            "one still counts as in time has to be asked.",
            "review",
            REFUSED,
            True,
        )
    return None


def _window(line: DeniedLine, facts: ClaimFacts) -> Obstacle | None:
    served = facts.claim.first_service_date
    last = replacement_deadline(facts.payer, line.denied_on, served)
    if last is None or facts.as_of <= last:
        return None
    days = (facts.as_of - last).days
    appeal = appeal_deadline(facts.payer, line.denied_on)
    if appeal is not None and appeal < facts.as_of:
        return Obstacle(
            f"the payer's window for corrected claims closed {days} days ago, and "
            "the one for appeals too.",
            "write_off",
            REFUSED,
            True,
        )
    return Obstacle(
        f"the payer's window for corrected claims closed {days} days ago; an appeal is left.",
        "appeal",
        REFUSED,
        True,
    )


def reasons_for_a_person(
    line: DeniedLine,
    facts: ClaimFacts,
    path: str = "replacement",
    *,
    paid_claims_need_person: bool = True,
) -> tuple[str, ...]:
    """Why a claim that nothing stops may all the same not go by itself."""
    reasons = []
    served = facts.claim.first_service_date
    if path == "new_claim":
        if original_claim_deadline(facts.payer, served) is None:
            reasons.append("the payer's limit for original claims is not known")
    elif replacement_deadline(facts.payer, line.denied_on, served) is None:
        reasons.append("the payer's window for corrected claims is not known")
    if line.claim_status_code == NOT_RECOGNISED and line.category not in _RECOGNITION:
        # Older payers send 4 for any denial; the reason code says what it is (835 guide, CLP02).
        reasons.append(
            "the payer says claim status 4 (patient not recognised), while its reason code says "
            "something else"
        )
    if facts.paid_amount > 0 and paid_claims_need_person:
        risk = ", and a replacement puts that at risk" if path == "replacement" else ""
        reasons.append(f"the claim was paid something{risk}")
    if facts.corrected_before:
        reasons.append("the claim was corrected once already")
    if facts.submitted_on is not None and facts.submitted_on > line.denied_on:
        reasons.append(
            "the claim's file was written after the payer decided: it may be a resend that is "
            "still unanswered"
        )
    if _patient_paid(facts) and (line.group_code == "PR" or _patient_owes(facts)):
        reasons.append(
            "the payer made the patient owe what it refused, and the patient has paid something"
        )
    return tuple(reasons)


def of_whom(corrections: Sequence[Correction], facts: ClaimFacts) -> tuple[str, ...]:
    """Why a person sees that the evidence is of this patient; empty where no one else's it may be.

    A family has one member id, so what is filed under it alone may be of another one of them.
    """
    if facts.claim.patient is None and not facts.member_is_shared:
        return ()
    filed = (e for c in corrections for e in c.evidence if e.subject.member_id is not None)
    return tuple(
        dict.fromkeys(
            f"{e.kind.replace('_', ' ')} {e.document_id} names the member id, which others of the "
            "family share; a person has to see that it is this patient's"
            for e in filed
        )
    )


def _patient_paid(facts: ClaimFacts) -> bool:
    return any(
        a.amount_qualifier_code == "F5" and a.monetary_amount > 0 for a in facts.claim.amounts
    )


def _patient_owes(facts: ClaimFacts) -> bool:
    """Whether a line was refused at the patient's cost: a replacement bills every line again."""
    return any(
        adjustment.group_code == "PR"
        and adjustment.amount > 0
        and classify(
            adjustment.group_code,
            adjustment.reason_code,
            a.remark_codes,
            allowed_amount=a.allowed_amount,
            payer_kind=facts.payer.kind,
        ).is_denial
        for a in facts.adjudications
        for adjustment in a.adjustments
    )
