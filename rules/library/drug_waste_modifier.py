"""Drug of a single-dose container without JZ or JW.

Denial    CARC 4, or CARC 16 with remark N822 or N823, on a drug.
Fix       Modifier JZ where nothing was thrown away; JW on the line that bills what was thrown away
          where another line of that day bills what was given. A line that bills both is split: what
          was given on it, what was thrown away on a line of its own with JW; units, charge and
          quantity of the NDC are divided, so that the claim's charge stays.
Evidence  A procedure note of that day whose one record of the drug says container, milligrams and
          what was thrown away.
Refuses   No record, or one that leaves these open (it is asked for); more than one record; a
          multi-dose container; milligrams that the line does not bill, or another NDC than the
          line's; waste that was not billed at all, or is less than one unit; units that are not all
          of the record, rounded up; a line that cannot be split; JZ or JW sent already; four
          modifiers; a service before 2023-07-01.
Safety    Approval: it says to the payer what became of the rest of the container.
Sources   parameters/drugs.toml: Social Security Act 1847A(h); Medicare Claims Processing Manual,
          chapter 17, section 40 (waste of less than a billing unit is not billed with JW).
"""

from __future__ import annotations

from edi.claim import ServiceLine
from rules.amend import MOST_MODIFIERS, modifiers
from rules.authorization import units_of
from rules.chart import Given, beside, drugs_of, is_another_product, milligrams_per_unit
from rules.decision import APPROVAL, ClaimFacts, DeniedLine, Outcome, Proposal, Refusal
from rules.parameters import load
from rules.rule import Rule
from rules.waste import look, split_waste

ANSWERS = ("4", "16")
_REMARKS = frozenset(("N822", "N823"))


def consider(line: DeniedLine, facts: ClaimFacts) -> Outcome | None:
    """JZ or JW as the drug record has it."""
    billed = facts.service_line(line.line_position)
    if line.reason_code not in ANSWERS or billed is None:
        return None
    each = milligrams_per_unit(billed.procedure_code)
    if each is None or (line.reason_code == "16" and not _REMARKS & set(line.remark_codes)):
        return None
    day = billed.service_date
    if {"JZ", "JW"} & set(billed.modifiers) or len(billed.modifiers) >= MOST_MODIFIERS:
        return look("JZ or JW was on the line already, or its four modifiers leave no place.")
    if day is None or day < load("drugs")["waste"]["required_from"]:
        return look("JZ was not asked for on the day of this service.")
    given = drugs_of(billed, facts, (billed.procedure_code,))
    if not given or any(_is_open(g) for g in given):
        return Refusal(
            "Whether JZ or JW belongs on the line depends on the container and on what was thrown "
            "away. Enter the drug's record of that day with both.",
            "replacement",
            ("procedure_note",),
        )
    if len(given) > 1:
        return look("The notes of that day have more than one record of the drug.")
    return _answer(billed, given[0], facts)


def _is_open(given: Given) -> bool:
    drug = given.drug
    return drug.container is None or (
        drug.container == "single_dose" and drug.wasted_milligrams is None
    )


def _answer(billed: ServiceLine, given: Given, facts: ClaimFacts) -> Outcome:
    note, drug = given
    if is_another_product(billed, drug):
        return look(f"{note.document_id} has another NDC than the line.")
    if drug.container == "multi_dose":
        return look(f"{note.document_id} has a multi-dose container: neither JZ nor JW.")
    each, units = milligrams_per_unit(billed.procedure_code), units_of(billed)
    assert each is not None
    wasted, mine = drug.wasted_milligrams, None if units is None else units * each
    others = [
        (units_of(x) or 0) * each
        for x in beside(billed, facts.claim)
        if x.procedure_code == billed.procedure_code
    ]
    if not wasted and mine == drug.milligrams and not others:
        modifier = "JZ"
    elif wasted and mine == wasted and others == [drug.milligrams] and mine != drug.milligrams:
        modifier = "JW"
    elif wasted and units is not None and not others:
        return split_waste(RULE, billed, given, len(facts.claim.service_lines) + 1)
    else:
        return look(f"{note.document_id} does not agree with what the line bills.")
    return Proposal(
        corrections=modifiers(RULE, billed, (*billed.modifiers, modifier), (note,),
                              "the drug record's container and waste"),
        safety=RULE.safety,
        explanation=f"{note.document_id} has a single-dose container, "
        + ("nothing of it thrown away." if modifier == "JZ" else "the rest of it on this line."),
    )  # fmt: skip


RULE = Rule(
    code="drug.waste-modifier",
    version=4,
    answers=ANSWERS,
    safety=APPROVAL,
    sources=("Social Security Act 1847A(h)", "Medicare Claims Processing Manual, chapter 17"),
    consider=consider,
)
