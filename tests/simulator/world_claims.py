"""The claims of a world: numbers of every shape, lines of every kind, and what payers refuse."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta

from simulator.demo_cast import FIRST_NAMES, LAST_NAMES
from simulator.plan import ClaimPlan, Cure, LineDenial
from simulator.practice import Claim, Line, Person
from simulator.world_cast import CLINICIANS, PAYERS, WorldPayer

CURE = "A55000001"
"""The authorization that lifts the refusals for want of one."""

LINES: tuple[tuple[Line, ...], ...] = (
    (Line(procedure_code="99213"),),
    (Line(procedure_code="99214", modifiers=("25",)), Line(procedure_code="62323")),
    (
        Line(procedure_code="64483", modifiers=("RT", "59")),
        Line(procedure_code="64484", modifiers=("RT",)),
    ),
    (
        Line(procedure_code="64493", modifiers=("RT",)),
        Line(procedure_code="64493", modifiers=("LT",)),
        Line(procedure_code="64494", modifiers=("RT", "59")),
    ),
    (
        Line(procedure_code="20610", modifiers=("LT",)),
        Line(procedure_code="J3301", units=4),
        Line(procedure_code="G8427", charge_cents=0),
    ),
    (Line(procedure_code="62321"), Line(procedure_code="J1010", units=80)),
    # Two lines that nothing but their number tells apart.
    (Line(procedure_code="20553"), Line(procedure_code="20553"), Line(procedure_code="99213")),
    (
        Line(procedure_code="64635", modifiers=("LT",)),
        Line(procedure_code="64636", modifiers=("LT",), units=2),
        Line(procedure_code="77003"),
    ),
    (Line(procedure_code="96372", units=2, days=2), Line(procedure_code="27096")),
)

# Group, reason, remark (empty: none), units refused (0: all), and how many of 100 carry it.
DENIALS: tuple[tuple[str, str, str, int, int], ...] = (
    ("CO", "197", "N54", 0, 20),
    ("CO", "97", "M15", 0, 15),
    ("CO", "50", "N115", 0, 12),
    ("CO", "16", "M76", 0, 8),
    ("CO", "151", "N362", 1, 8),
    ("CO", "29", "N211", 0, 3),
    ("CO", "252", "N706", 0, 4),
    ("PR", "96", "N130", 0, 4),
    ("CO", "11", "M76", 0, 4),
    ("CO", "4", "N519", 0, 4),
    ("CO", "22", "MA04", 0, 2),
    ("CO", "109", "N418", 0, 2),
    # Codes that ended long ago, and codes nobody knows.
    ("CO", "15", "M62", 0, 2),
    ("CO", "125", "M76", 0, 2),
    ("CO", "138", "", 0, 1),
    ("CO", "ZZ9", "", 0, 1),
    ("CO", "D99", "", 0, 1),
    # Pended, and refused in silence.
    ("OA", "133", "", 0, 2),
    ("OA", "257", "", 0, 1),
    ("CO", "45", "", 0, 4),
)
CATEGORIES = {
    "197": "prior_authorization",
    "15": "prior_authorization",
    "97": "bundling",
    "50": "medical_necessity",
    "16": "missing_information",
    "125": "missing_information",
    "151": "frequency",
    "29": "timely_filing",
    "252": "documentation_request",
    "96": "non_covered",
    "11": "diagnosis",
    "4": "modifier",
    "22": "coordination_of_benefits",
    "109": "coordination_of_benefits",
    "18": "duplicate",
    "31": "eligibility",
    "45": "contractual",
}
DENIED_IN_100 = 15


@dataclass(frozen=True, slots=True)
class Billed:
    """A claim, who bills it in which week, and the payer's mind about it."""

    claim: Claim
    practice: int
    payer: WorldPayer
    plan: ClaimPlan
    week: int


def draw(seed: int, count: int, weeks: tuple[date, ...]) -> list[Billed]:
    """So many claims; week 0 is a year before the others, and its numbers return."""
    rng = random.Random(seed)
    billed: list[Billed] = []
    for nth in range(count):
        week = 0 if nth * 20 < count else 1 + nth % (len(weeks) - 1)
        practice = int(rng.random() < 0.25)
        number = _number(seed, nth)
        if billed and rng.random() < 0.04:
            # Another practice's number, or one from a year ago.
            number = billed[int(rng.random() * len(billed))].claim.patient_control_number
        billed.append(_draw_one(rng, nth, number, practice, week, weeks[week]))
    return _without_twins(billed)


def _number(seed: int, nth: int) -> str:
    match nth % 6:
        case 0:
            return f"00{seed % 10}{nth:07d}"
        case 1:
            return f"{seed % 100:02d}-{nth:07d}-01"
        case 2:
            return f"pw{nth:07d}x"
        case 3:
            return f"DEMOCLINIC2026-{nth:07d}-S{seed % 10}"
        case _:
            return f"PW{nth:07d}"


def _draw_one(
    rng: random.Random, nth: int, number: str, practice: int, week: int, sent: date
) -> Billed:
    payer = rng.choices(PAYERS, [p.share for p in PAYERS])[0]
    template = LINES[int(rng.random() * len(LINES))]
    numbered = rng.random() < 0.75
    lines = tuple(
        replace(line, line_item_control_number=f"{nth}L{position}") if numbered else line
        for position, line in enumerate(template, start=1)
    )
    patient = nth // 2
    claim = Claim(
        patient_control_number=number,
        destination=rng.choice(payer.destinations),
        subscriber=Person(
            last_name=LAST_NAMES[patient % len(LAST_NAMES)],
            first_name=FIRST_NAMES[patient % len(FIRST_NAMES)],
        ),
        member_id=f"W{patient:08d}",
        lines=lines,
        service_date=sent - timedelta(days=4 + nth % 9),
        rendering=CLINICIANS[nth % 2],
    )
    return Billed(claim, practice, payer, _plan(rng, claim), week)


def _plan(rng: random.Random, claim: Claim) -> ClaimPlan:
    plan = ClaimPlan(
        deductible_cents=200000 if rng.random() < 0.04 else 0,
        copay_cents=3000 if rng.random() < 0.3 else 0,
    )
    if rng.random() * 100 >= DENIED_IN_100:
        return plan
    group, reason, remark, units, _ = rng.choices(DENIALS, [d[-1] for d in DENIALS])[0]
    codes = list(dict.fromkeys(line.procedure_code for line in claim.lines))
    if rng.random() < 0.6:
        codes = [rng.choice(codes)]
    cure = Cure(authorization=CURE) if reason in ("197", "15") else None
    denials = tuple(
        LineDenial(
            procedure_code=code,
            group_code=group,
            reason_code=reason,
            remark_codes=(remark,) if remark else (),
            units=units or None,
            cure=cure,
        )
        for code in codes
    )
    plan = replace(plan, denials=denials)
    if reason == "16" and claim.destination.claim_filing == "MB":
        # Medicare returns such a claim undecided; a new one is what it waits for.
        plan = replace(plan, remark_codes=("MA130",), unprocessable=True)
    return plan


def _without_twins(billed: list[Billed]) -> list[Billed]:
    """No claim that is another's in practice, number, member and date: that would be a resend."""
    seen: dict[tuple[int, str, str, date], Billed] = {}
    for one in billed:
        claim = one.claim
        key = (
            one.practice,
            claim.patient_control_number,
            claim.member_id,
            claim.service_date,
        )
        seen.setdefault(key, one)
    return list(seen.values())
