"""Units of a drug.

Denial    CARC 153 (dosage), CARC 151 on a drug, or CARC 16 with remark M53.
Fix       The units that the milligrams given make, rounded up to a whole unit, at the charge per
          unit that was billed. Where units of a single-dose container were thrown away, these stay:
          the line is split as drug.waste-modifier does it.
Evidence  A procedure note of that day whose one record of the drug has the milligrams.
Refuses   No record where units were missing (it is asked for); more than one record or line of
          the drug that day; units that are those of the record already (appeal with it, review for
          M53); more units than were billed, where the payer found them too many; another NDC than
          the line's; JW on the line; JZ where the record has waste or a multi-dose container; waste
          of a container that is not said (it is asked for), or that the line does not bill; a
          charge per unit that makes no whole cents.
Safety    Approval: it changes what is asked to be paid.
Sources   parameters/drugs.toml: HCPCS level II, units of the codes; Medicare Claims Processing
          Manual, chapter 17, sections 10 (round up to the next unit) and 40 (discarded drugs).
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

from edi.claim import ServiceLine
from edi.element import from_decimal
from rules.amend import amend
from rules.authorization import units_of
from rules.chart import Given, beside, drugs_of, is_another_product, milligrams_per_unit
from rules.decision import APPROVAL, ClaimFacts, DeniedLine, Outcome, Proposal, Refusal
from rules.rule import Rule
from rules.waste import all_units, look, split_waste

ANSWERS = ("153", "151", "16")


def consider(line: DeniedLine, facts: ClaimFacts) -> Outcome | None:
    """As many units as the chart's milligrams make."""
    billed = facts.service_line(line.line_position)
    missing = line.reason_code == "16" and "M53" in line.remark_codes
    if billed is None or not (missing or line.reason_code in ("153", "151")):
        return None
    each = milligrams_per_unit(billed.procedure_code)
    if each is None:
        return None
    given = drugs_of(billed, facts, (billed.procedure_code,))
    if not given and not missing:
        return None
    if not given:
        return Refusal(
            "The payer misses the right units. Enter the drug's record of that day with the "
            "milligrams given.",
            "replacement",
            ("procedure_note",),
        )
    lines = [
        x for x in beside(billed, facts.claim) if x.procedure_code == billed.procedure_code
    ]  # fmt: skip
    if len(given) > 1 or lines or "JW" in billed.modifiers:
        return Refusal(
            "There is more than one record or line of the drug that day; a person has to say which "
            "milligrams belong to this line.",
            "review",
        )
    note, drug = given[0]
    if is_another_product(billed, drug):
        return Refusal(
            f"{note.document_id} has another NDC than the line; a person has to say which one was "
            "given.",
            "review",
        )
    if "JZ" in billed.modifiers and (drug.wasted_milligrams or drug.container == "multi_dose"):
        return look(f"{note.document_id} does not bear out JZ, which is on the line.")
    billed_units = units_of(billed)
    units = (drug.milligrams / each).to_integral_value(rounding=ROUND_CEILING)
    if drug.wasted_milligrams and drug.container is None:
        return Refusal(
            f"{note.document_id} has something thrown away and does not say from which container; "
            "whether it may be billed depends on that.",
            "replacement",
            ("procedure_note",),
        )
    if drug.container == "single_dose" and units != all_units(given[0], each):
        # Units that were thrown away are billed as well, with JW: to drop them would be a loss.
        return split_waste(RULE, billed, given[0], len(facts.claim.service_lines) + 1)
    if units == billed_units:
        return Refusal(
            f"{note.document_id} has the milligrams that the line bills, so the units are right.",
            "review" if missing else "appeal",
        )
    if billed.service.unit_of_measure != "UN" or units < 1:
        return Refusal(
            "The line does not count units, or the record has no milligrams; a person has to "
            "look at it.",
            "review",
        )
    if not missing and units > (billed_units or Decimal(0)):
        return Refusal(
            f"{note.document_id} makes more units than were billed, and the payer found those "
            "too many already; a person has to look at record and line.",
            "review",
        )
    return _answer(billed, given[0], units)


def _answer(billed: ServiceLine, given: Given, units: Decimal) -> Outcome:
    note, drug = given
    old, charge = billed.service.service_unit_count, billed.line_item_charge_amount
    now = charge * units / old if old else charge
    if now != round(now, 2):
        return Refusal(
            f"{note.document_id} makes {units} units, but the charge per unit makes no whole "
            "cents; a person has to say what the line costs.",
            "review",
        )
    at, why = f"2400[{billed.position}]", f"{drug.milligrams} mg in the drug record"
    was = None if old is None else from_decimal(old)
    corrections = [amend(RULE, f"{at}/SV104", was, from_decimal(units), (note,), why)]
    if now != charge:
        corrections.append(
            amend(RULE, f"{at}/SV102", from_decimal(charge), from_decimal(now), (note,),
                  "as many units at the charge per unit that was billed")
        )  # fmt: skip
    return Proposal(
        corrections=tuple(corrections),
        safety=RULE.safety,
        explanation=f"{note.document_id} has {drug.milligrams} mg, which are {units} units.",
    )


RULE = Rule(
    code="drug.units",
    version=3,
    answers=ANSWERS,
    safety=APPROVAL,
    sources=("HCPCS level II", "Medicare Claims Processing Manual, chapter 17, section 10"),
    consider=consider,
)
