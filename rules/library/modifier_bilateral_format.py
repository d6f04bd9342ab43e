"""Both sides billed in a form that the payer does not take.

Denial    CARC 4 or 182 on a procedure that is billed as done on both sides.
Fix       The payer's own form: one line with 50 at the sum of the charges, or a line with RT and
          one with LT at half the charge each, the odd cent on the first.
Evidence  What the claim says itself (both sides), and the form in payers.toml with its source.
Refuses   A form that payers.toml does not say; more than one unit a side; sides that differ in
          other modifiers, diagnoses, place or provider; a note of that code and day that does not
          have both sides. One side alone is not this rule's.
Safety    Automatic: the same services at the same charge. Merging takes a line off, for which a
          person is needed all the same.
Sources   The payer's manual, cited in payers.toml; Medicare Claims Processing Manual, chapter 12,
          section 40.7 (one line with 50); parameters/modifiers.toml.
"""

from __future__ import annotations

from decimal import Decimal

from edi.change import SplitLine
from edi.claim import ServiceLine
from edi.element import from_decimal
from rules.amend import amend, modifiers, published, sv101, take_off
from rules.authorization import units_of
from rules.code_groups import modifier_codes
from rules.decision import AUTOMATIC, ClaimFacts, DeniedLine, Outcome, Proposal, Refusal
from rules.evidence import PublishedRule
from rules.parameters import load
from rules.rule import Rule

ANSWERS = ("4", "182")
_SIDES = ("RT", "LT")
_CENT = Decimal("0.01")


def consider(line: DeniedLine, facts: ClaimFacts) -> Outcome | None:
    """The other form of what is billed."""
    billed = facts.service_line(line.line_position)
    if line.reason_code not in ANSWERS or billed is None:
        return None
    if billed.procedure_code not in modifier_codes("bilateral"):
        return None
    form = facts.payer.bilateral or ("modifier_50" if facts.payer.is_medicare_part_b else None)
    others = [
        x
        for x in facts.claim.service_lines
        if x.position != billed.position
        and x.procedure_code == billed.procedure_code
        and x.service_dates == billed.service_dates
    ]
    mine = [m for m in billed.modifiers if m in _SIDES]
    theirs = [m for x in others for m in x.modifiers if m in _SIDES]
    two_lines = len(others) == 1 and sorted(mine + theirs) == ["LT", "RT"]
    if form is None and ("50" in billed.modifiers or two_lines):
        return _look("payers.toml does not say in which form this payer takes two sides.")
    if form == "rt_lt_lines" and "50" in billed.modifiers:
        if mine or others:
            return _look("The line has 50 and the claim has a side besides.")
        return _split(billed, facts)
    if form == "modifier_50" and two_lines:
        first, second = sorted((billed, others[0]), key=lambda x: x.position)
        return _merge(first, second, facts)
    return None


def _look(reason: str) -> Refusal:
    return Refusal(f"{reason} A coder has to say how the two sides are billed.", "review")


def _form(facts: ClaimFacts) -> tuple[PublishedRule, ...]:
    payer = facts.payer
    read = payer.source_date or load("modifiers")["compiled"]
    return (published(payer.source or "payers.toml, bilateral", read),)


def _split(billed: ServiceLine, facts: ClaimFacts) -> Outcome:
    unsplit = billed.drugs or billed.adjudications or billed.forms
    if units_of(billed) != 1 or unsplit or billed.line_item_charge_amount < 2 * _CENT:
        return _look("The line has another number of units than one, or parts that cannot be cut.")
    evidence, at = _form(facts), f"2400[{billed.position}]"
    charge = billed.line_item_charge_amount
    second = (charge / 2).quantize(_CENT, rounding="ROUND_DOWN")
    first, other = ([s if m == "50" else m for m in billed.modifiers] for s in _SIDES)
    procedure = billed.service.procedure._replace(modifiers=tuple(other))
    added = SplitLine(billed.position, sv101(procedure), from_decimal(second), "UN", "1")
    number = len(facts.claim.service_lines) + 1
    why = "the payer takes two sides as two lines"
    return Proposal(
        corrections=(
            *modifiers(RULE, billed, first, evidence, why),
            amend(RULE, f"{at}/SV102", from_decimal(charge), from_decimal(charge - second),
                  evidence, why),
            amend(RULE, f"2400[{number}]", None, str(added), evidence, why),
        ),
        safety=RULE.safety,
        explanation=f"{billed.procedure_code} is billed for both sides with 50; this payer takes "
        "a line for each side. Services and charge stay.",
    )  # fmt: skip


def _merge(first: ServiceLine, second: ServiceLine, facts: ClaimFacts) -> Outcome:
    claim, evidence = facts.claim, _form(facts)
    side = next(m for m in first.modifiers if m in _SIDES)
    other = next(m for m in second.modifiers if m in _SIDES)
    alike = (
        tuple(side if m == other else m for m in second.modifiers) == first.modifiers
        and units_of(first) == units_of(second) == 1
        and claim.diagnoses_of(first) == claim.diagnoses_of(second)
        and claim.place_of_service_of(first) == claim.place_of_service_of(second)
        and claim.rendering_npi_of(first) == claim.rendering_npi_of(second)
    )
    if not alike:
        return _look("The two sides differ in units, other modifiers, diagnoses or provider.")
    wanted = ["50" if m == side else m for m in first.modifiers]
    charge = first.line_item_charge_amount
    why = "the payer takes two sides as one line with 50"
    return Proposal(
        corrections=(
            *modifiers(RULE, first, wanted, evidence, why),
            amend(RULE, f"2400[{first.position}]/SV102", from_decimal(charge),
                  from_decimal(charge + second.line_item_charge_amount), evidence, why),
            take_off(RULE, second, evidence, "its side is on the other line, with 50"),
        ),
        safety=RULE.safety,
        explanation=f"{first.procedure_code} is billed on a line for each side; this payer takes "
        "one line with 50. Services and charge stay.",
    )  # fmt: skip


RULE = Rule(
    code="modifier.bilateral-format",
    version=2,
    answers=ANSWERS,
    safety=AUTOMATIC,
    sources=("the payer's manual, cited in payers.toml",
             "Medicare Claims Processing Manual, chapter 12, section 40.7"),
    consider=consider,
)  # fmt: skip
