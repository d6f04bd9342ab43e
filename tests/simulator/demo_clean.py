"""The claims of the demo month that are paid as contracted: most of them, as in life."""

from __future__ import annotations

from typing import Any

from simulator.demo_cast import ACME, MEDICARE, MUTUAL, SURGERY_CENTER, DemoPayer, person
from simulator.demo_script import FIRST_SERVICE, Script
from simulator.plan import ClaimPlan
from simulator.practice import Line


def _line(code: str, *modifiers: str, units: int = 1, ndc: str = "") -> Line:
    return Line(procedure_code=code, modifiers=modifiers, units=units, ndc=ndc)


VISITS: tuple[tuple[Line, ...], ...] = (
    (_line("99213"),),
    (_line("62323"), _line("J1010", "JZ", units=40, ndc="00009028003")),
    (_line("64483", "RT"), _line("64484", "RT")),
    (_line("99214"),),
    (_line("64493", "50"), _line("64494", "50")),
    (_line("20610", "LT"), _line("J3301", "JZ", units=4, ndc="00003049420")),
    (_line("27096", "RT"),),
    (_line("99213", "25"), _line("20553")),
    (_line("64635", "LT"), _line("64636", "LT")),
    (_line("62321"),),
    (_line("99214", "25"), _line("20610", "RT"), _line("J3301", "JZ", units=4)),
)
BOTH_SIDES = (_line("64493", "RT"), _line("64493", "LT"))
# Batch by batch: how many claims of each payer are paid without a word.
CLEAN: tuple[tuple[DemoPayer, int], ...] = ((ACME, 12), (MUTUAL, 5), (MEDICARE, 4))
UNANSWERED: tuple[tuple[DemoPayer, int], ...] = ((ACME, 3), (MUTUAL, 2), (MEDICARE, 2))


def clean_claims(script: Script, batch: int) -> None:
    """The ordinary claims of one batch."""
    for payer, count in CLEAN:
        for nth in range(count):
            _bill(script, "clean", payer, batch, batch * 5 + nth)


def unanswered_claims(script: Script) -> None:
    """The last batch, for which no 835 has come yet."""
    for payer, count in UNANSWERED:
        for nth in range(count):
            _bill(script, "no-answer-yet", payer, len(FIRST_SERVICE) - 1, nth * 3)


def _bill(script: Script, scenario: str, payer: DemoPayer, batch: int, nth: int) -> None:
    lines = VISITS[nth % len(VISITS)]
    if payer is MUTUAL and lines[0].modifiers == ("50",):
        # This payer wants the two sides on two lines.
        lines = BOTH_SIDES
    count = len(script.cases) + 1
    claim: dict[str, Any] = {}
    if payer is not MEDICARE and nth % 6 == 1:
        claim["patient"] = person(count + 90)
    if nth % 7 == 2:
        claim |= {"place_of_service": "24", "facility": SURGERY_CENTER}
    if nth % 8 == 3:
        claim["note"] = "SAMPLE NOTE"
    if nth % 4 == 0 and payer is ACME:
        claim["patient_paid_cents"] = 3000
    # A tenth of the claims comes back without line numbers, as from older payers.
    plan = ClaimPlan(returns_line_numbers=count % 10 != 0)
    script.bill(scenario, payer, lines, batch=batch, plan=plan, **claim)
