"""Filed too late.

Denial    CARC 29.
Fix       None in a claim: no date is ever changed. An appeal with the proof of timely filing.
Evidence  The payer's own 277CA, or a timely filing proof, with the day the claim was taken in,
          not later than the payer's limit for original claims after the service. A proof of a day
          before the service is of an earlier claim under the same patient control number.
Refuses   Every proof on file shows a day after the limit (write-off); no proof on file (it is
          asked for); a proof, where another claim here has the same patient control number.
Safety    Approval; it never proposes a change.
Sources   parameters/timely_filing.toml (42 CFR 424.44 for Medicare Part B); for others the
          payer's manual, as payers.toml cites it.
"""

from __future__ import annotations

from rules.deadline import original_claim_deadline
from rules.decision import APPROVAL, ClaimFacts, DeniedLine, Outcome, Refusal, Route
from rules.evidence import TimelyFilingProof
from rules.rule import Rule

ANSWERS = ("29",)


def consider(line: DeniedLine, facts: ClaimFacts) -> Outcome | None:
    """Appeal where a proof is in time, write-off where none is."""
    if line.reason_code not in ANSWERS:
        return None
    billed = facts.service_line(line.line_position)
    served = billed.service_date if billed else facts.claim.first_service_date
    filed = facts.on_file(TimelyFilingProof)
    unsure = [p.document_id for p in filed if facts.may_be_of_another(p)]
    proofs = {p.accepted_on: p.document_id for p in filed if p.document_id not in unsure}
    if facts.accepted_on is not None:
        proofs[facts.accepted_on] = "The payer's own claim acknowledgment"
    limit = original_claim_deadline(facts.payer, served)
    if unsure and not any(limit is not None and day <= limit for day in proofs):
        return Refusal(
            f"Another claim here has the same patient control number, and {', '.join(unsure)} "
            "does not say which one was taken in. A person has to look; where it is this one, "
            "appeal with it.",
            "review",
        )
    if not proofs:
        return Refusal(
            "Nothing on file shows when the payer first took this claim in. If it was "
            "in time, enter the acknowledgment as proof; then appeal.",
            "appeal",
            ("timely_filing_proof",),
        )
    first = min(proofs)
    if limit is None or served is None:
        return Route(
            f"{proofs[first]} shows when the claim was taken in, but the payer's limit "
            "for original claims is not in payers.toml, so nobody can say whether that "
            "was in time.",
            "review",
        )
    took, allowed = (first - served).days, (limit - served).days
    words = f"{proofs[first]} shows that the claim was taken in {took} days after the service"
    if first <= limit:
        return Route(f"{words}; the payer's limit is {allowed}. Appeal with it.", "appeal")
    if facts.claim.claim_frequency_code == "7":
        return Route(
            f"The denied claim was itself a replacement, and {words}, the limit for "
            f"originals being {allowed}; whether the window for replacements was kept "
            "has to be looked up.",
            "review",
        )
    return Refusal(
        f"{words}, which is the earliest proof on file, and the payer's limit is "
        f"{allowed}. The denial is right: write it off. No date is changed.",
        "write_off",
    )


RULE = Rule(
    code="carc29.timely-filing",
    version=2,
    answers=ANSWERS,
    safety=APPROVAL,
    sources=("42 CFR 424.44(a)", "the payer's manual, cited in payers.toml"),
    consider=consider,
)
