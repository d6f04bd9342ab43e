"""The claim's charge after its corrections: CLM02 is the sum of the lines as they go out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from edi.change import parse_place, parse_split
from edi.claim import Claim
from edi.element import from_decimal
from rules.decision import CORRECTED, Correction, Decision

PLACE = "2300/CLM02"


def total(claim: Claim, corrections: Sequence[Correction]) -> Correction | None:
    """The correction of CLM02 that these corrections bring along; None where none does."""
    charges = {x.position: x.line_item_charge_amount for x in claim.service_lines}
    first = None
    for correction in corrections:
        place = parse_place(correction.place)
        if place.is_line and correction.new_value is None:
            charges[place.line] = Decimal(0)
        elif place.is_line:
            charges[place.line] = Decimal(parse_split(correction.new_value or "").charge)
        elif place.name == "SV102" and correction.new_value is not None:
            charges[place.line] = Decimal(correction.new_value)
        else:
            continue
        first = first or correction
    left, was = sum(charges.values(), Decimal(0)), claim.total_claim_charge_amount
    if first is None or left == was:
        return None
    return replace(
        first,
        place=PLACE,
        old_value=from_decimal(was),
        new_value=from_decimal(left),
        reason="the sum of the lines as they go out",
    )


def with_total(decisions: Sequence[Decision], claim: Claim) -> tuple[Decision, ...]:
    """The decisions, each that goes with the one CLM02 of the claim that all of them make."""
    going = [d for d in decisions if d.decision == CORRECTED]
    unique = {c.place: c for d in going for c in d.corrections}
    charge = total(claim, tuple(unique.values()))
    if charge is None:
        return tuple(decisions)
    return tuple(
        replace(d, corrections=(*d.corrections, charge)) if d.decision == CORRECTED else d
        for d in decisions
    )
