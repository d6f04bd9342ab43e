"""Refusals that the chart or a payer's own file answers: where, who referred, as what, what waste.

In their own numbers, behind all others, so that those keep theirs.
"""

from __future__ import annotations

from simulator.scenario import Draft, Record, change, denied, line, note
from simulator.world_cast import CLINICIANS


def drafts() -> list[Draft]:
    """All of them."""
    return [*_places(), *_referrals()]


def _places() -> list[Draft]:
    epidural = {"procedure_code": "64483", "laterality": "right"}
    return [
        Draft(
            name=f"{reason}-place-of-service",
            reason=reason,
            lines=(line("64483", "RT"),),
            denied=denied("64483", reason=reason, remarks=("M77",), place_of_service="22"),
            records=(note(epidural) | {"place_of_service": "22"},),
            right=change(place_of_service="22"),
            wrong=change(place_of_service="24"),
            changes={"2300/CLM05-1": "22"},
            path_without="replacement",
        )
        for reason in ("5", "58", "16")
    ]


def _referrals() -> list[Draft]:
    number, other = "R20000001", "R20000002"
    referral: Record = {
        "kind": "referral",
        "number": number,
        "referring_npi": CLINICIANS[1].npi,
        "procedure_codes": ["64483"],
        "valid_from": "2026-02-01",
        "valid_to": "2026-05-31",
        "units": 1,
    }
    return [
        Draft(
            name=f"{reason}-referral",
            reason=reason,
            lines=(line("64483", "RT"),),
            claim={"referring": CLINICIANS[1]},
            denied=denied("64483", reason=reason, remarks=("N630",), referral=number),
            records=(referral,),
            right=change(referral=number),
            wrong=change(referral=other),
            changes={"2300/REF*9F": number},
            path_without="replacement",
        )
        for reason in ("243", "288")
    ]
