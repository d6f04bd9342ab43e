"""Refusals that the chart or a payer's own file answers: where, who referred, as what, what waste.

In their own numbers, behind all others, so that those keep theirs.
"""

from __future__ import annotations

from dataclasses import replace

from simulator.practice import Claim
from simulator.scenario import Change, Draft, Record, change, change_line, denied, drug, line, note
from simulator.world_cast import CLINICIANS


def drafts() -> list[Draft]:
    """All of them."""
    return [*_places(), *_referrals(), *_taxonomies(), *_waste(), *_rendering()]


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


def _rendering() -> list[Draft]:
    epidural, right = {"procedure_code": "64483", "laterality": "right"}, CLINICIANS[0]
    mistyped = replace(right, npi=right.npi[:9] + str((int(right.npi[9]) + 1) % 10))
    return [
        Draft(
            name="16-rendering-npi-mistyped",
            reason="16",
            lines=(line("64483", "RT"),),
            claim={"rendering": mistyped},
            denied=denied("64483", reason="16", remarks=("N290",), rendering_npi=right.npi),
            records=(note(epidural) | {"rendering_npi": right.npi},),
            right=change(rendering=right),
            wrong=change(rendering=CLINICIANS[1]),
            changes={"2310B/NM109": right.npi},
            path_without="replacement",
        )
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


def _as(taxonomy: str) -> Change:
    """The same provider with another taxonomy code."""

    def changed(claim: Claim) -> Claim:
        return replace(claim, rendering=replace(claim.rendering, taxonomy=taxonomy))

    return changed


def _taxonomies() -> list[Draft]:
    enrolled = "207LP2900X"
    return [
        Draft(
            name=f"{reason}-taxonomy",
            reason=reason,
            lines=(line("64483", "RT"),),
            denied=denied("64483", reason=reason, remarks=(remark,), taxonomy=enrolled),
            records=(
                {"kind": "enrollment", "taxonomy_code": enrolled, "effective_from": "2026-01-01"},
            ),
            right=_as(enrolled),
            wrong=_as("363L00000X"),
            changes={"2310B/PRV03": enrolled},
            own_clinician=True,
            path_without=path,
        )
        for reason, remark, path in (("8", "N95", "replacement"), ("B7", "N570", "review"))
    ]


def _waste() -> list[Draft]:
    """A single-dose container of 40 mg, four units, of which 25 mg were given."""
    kenalog = "00003029320"
    joint, both = line("20610", "LT"), line("J3301", units=4, ndc=kenalog)
    given = line("J3301", units=3, charge_cents=12000, ndc=kenalog)
    wasted = line("J3301", "JW", units=1, charge_cents=4000, ndc=kenalog)
    record = drug("J3301", 25, kenalog) | {"wasted_milligrams": 15}
    knee = {"procedure_code": "20610", "structure": "knee", "laterality": "left"}
    return [
        Draft(
            name=f"{reason}-drug-waste",
            reason=reason,
            lines=(joint, both),
            denied=denied("J3301", reason=reason, remarks=("N822",), given_and_wasted=(3, 1)),
            records=(note(knee, drugs=(record,)),),
            right=change(lines=(joint, given, wasted)),
            wrong=change_line(2, modifiers=("JW",)),
            changes={
                "2400[2]/SV104": "3",
                "2400[2]/SV102": "120",
                "2400[2]/CTP04": "0.75",
                "2400[3]": "2400[2]*HC:J3301:JW*40*UN*1*0.25",
            },
            path_without="replacement",
        )
        for reason in ("4", "16")
    ]
