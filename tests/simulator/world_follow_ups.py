"""What a practice sends after an answer, and what a payer sends that no practice asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from simulator.adjudication import Adjusted, DecidedClaim, DecidedLine
from simulator.practice import Claim, PriorLine, PriorPayment
from simulator.quirks import chance
from simulator.world_cast import PAYERS
from simulator.world_claims import CURE

REPLACED_OF_DENIED = 0.4
SECOND_PAYER_OF_PAID = 0.08
SECOND_PAYER = PAYERS[3].destinations[0]
# A next payer is told of each line what was decided of it; these decisions have no such lines.
NOT_LINE_BY_LINE = frozenset(
    {
        *("line_split", "unbundled", "bundled", "several_clps", "forwarded", "lines_shuffled"),
        *("claim_level_adjustment", "lines_left_out", "claim_level_denial", "passed_on_unpaid"),
    }
)


def follow_up(seed: int, claim: Claim, decided: DecidedClaim, day: date) -> Claim | None:
    """A replacement, a new claim after an unprocessable one, or a claim to the next payer."""
    if claim.frequency_code != "1" or claim.prior:
        return None
    key = f"{seed}/%s/{claim.patient_control_number}"
    if not _is_denied(decided):
        share = any(line.patient_share for line in decided.lines)
        plain = not NOT_LINE_BY_LINE & set(decided.quirks)
        first = claim.destination.identifier != SECOND_PAYER.identifier
        if first and share and plain and chance(key % "next") < SECOND_PAYER_OF_PAID:
            return to_the_next_payer(claim, decided, day)
        return None
    if "MA130" in decided.remark_codes:
        return replace(claim, diagnoses=("M5417",))
    if chance(key % "replaced") >= REPLACED_OF_DENIED:
        return None
    return replace(
        claim,
        frequency_code="7",
        payer_claim_control_number=decided.payer_claim_control_number,
        prior_authorization=CURE,
    )


def _is_denied(decided: DecidedClaim) -> bool:
    levels = (decided.adjustments, *(line.adjustments for line in decided.lines))
    return any(a.is_denial for adjustments in levels for a in adjustments)


def to_the_next_payer(claim: Claim, decided: DecidedClaim, day: date) -> Claim:
    """The claim for the second payer, with what the first decided of every line."""
    prior = PriorPayment(
        destination=claim.destination,
        member_id=claim.member_id,
        paid_on=day,
        lines=tuple(
            PriorLine(
                line.paid, tuple((a.group_code, a.reason_code, a.cents) for a in line.adjustments)
            )
            for line in decided.lines
        ),
    )
    member_id = f"S{claim.member_id[1:]}"
    return replace(claim, destination=SECOND_PAYER, member_id=member_id, prior=prior)


def stranger(key: str, day: date) -> DecidedClaim:
    """A claim that nobody here billed, denied."""
    line = DecidedLine(
        number=0,
        procedure_code="64490",
        modifiers=(),
        service_date=f"{day:%Y%m%d}",
        charge=81000,
        paid=0,
        allowed=0,
        units=1,
        units_paid=0,
        adjustments=(Adjusted("CO", "197", 81000),),
    )
    return DecidedClaim(
        patient_control_number=f"ZZ{key}",
        payer_claim_control_number=f"ZZ{key}",
        adjudication=f"ZZ{key}",
        status_code="1",
        charge=line.charge,
        paid=0,
        member_id="W999999999",
        patient_name=("MOCKUP", "OMEGA"),
        rendering_npi="",
        place_of_service="11",
        frequency_code="1",
        lines=(line,),
        service_date=line.service_date,
    )
