"""When a payer takes an earlier decision back: in which order, and how the reversal looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from simulator.adjudication import DecidedClaim, ProviderAdjusted
from simulator.habits import Temper
from simulator.plan import ClaimPlan, Identity, LineDenial
from simulator.quirks import choose
from simulator.submitted import SubmittedClaim

# What may come over a payer after it has decided a claim; the first that strikes does.
LATER = (
    "reversal_later",
    "reversal_without_correction",
    "correction_before_reversal",
    "correction_later",
)


@dataclass(frozen=True, slots=True)
class SecondThought:
    """A claim to be taken back, decided anew, or both."""

    identity: Identity
    plan: ClaimPlan | None
    """How it is decided anew; None where it is only taken back."""
    quirk: str = ""

    @property
    def correction_first(self) -> bool:
        """Whether the new decision stands before the reversal."""
        return self.quirk == "correction_before_reversal"


def later(claim: SubmittedClaim, plan: ClaimPlan, temper: Temper) -> SecondThought | None:
    """What comes over the payer at its next payment, if anything."""
    for quirk in LATER:
        if temper.strikes(quirk, claim):
            anew = None if quirk == "reversal_without_correction" else _changed(claim, plan)
            return SecondThought(claim.identity, anew, quirk)
    return None


def _changed(claim: SubmittedClaim, plan: ClaimPlan) -> ClaimPlan:
    """Another decision: a refusal is lifted, a payment made larger, or refused after all."""
    if plan.denials or plan.claim_denial:
        return replace(plan, denials=(), claim_denial=None)
    if choose(claim.patient_control_number, 3):
        return replace(plan, coinsurance_percent=10)
    refusal = LineDenial(
        procedure_code=claim.lines[0].procedure_code,
        group_code="CO",
        reason_code="50",
        remark_codes=("N115",),
    )
    return replace(plan, denials=(refusal,))


def reversals(
    newest: Sequence[DecidedClaim], claim: SubmittedClaim, temper: Temper, quirk: str = ""
) -> tuple[list[DecidedClaim], list[ProviderAdjusted]]:
    """The reversal of a decision, and what balances one whose amounts lack their minus."""
    reversed_claims: list[DecidedClaim] = []
    balancing: list[ProviderAdjusted] = []
    for decided in newest:
        taken_back = decided.negated()
        quirks: tuple[str, ...] = (quirk,) if quirk else ()
        if temper.strikes("reversal_positive", claim):
            taken_back = replace(
                decided,
                status_code="22",
                interest_cents=0,
                expected=None,
                adjudication="",
                reverses=decided.adjudication,
            )
            quirks += ("reversal_positive",)
            if decided.paid:
                balancing.append(
                    ProviderAdjusted("CS", decided.payer_claim_control_number, 2 * decided.paid)
                )
        if temper.strikes("reversal_group_cr", claim):
            taken_back = _in_group_cr(taken_back)
            quirks += ("reversal_group_cr",)
        reversed_claims.append(replace(taken_back, quirks=(*taken_back.quirks, *quirks)))
    return reversed_claims, balancing


def _in_group_cr(decided: DecidedClaim) -> DecidedClaim:
    """Every adjustment in the group that 4010 had for corrections and reversals."""
    return replace(
        decided,
        adjustments=tuple(replace(a, group_code="CR") for a in decided.adjustments),
        lines=tuple(
            replace(line, adjustments=tuple(replace(a, group_code="CR") for a in line.adjustments))
            for line in decided.lines
        ),
    )
