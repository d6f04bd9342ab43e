"""Deleted code of a drug.

Denial    CARC 181, or CARC 16 with remark M51, on J1020, J1030 or J1040 of a service since they
          ended.
Fix       The code that took their place, J1010 (1 mg a unit), and as many units as milligrams; the
          charge stays. From a single-dose container also modifier JZ where nothing was thrown away.
Evidence  A procedure note of that day whose one record of the drug has the milligrams billed.
Refuses   No note (it is asked for); other milligrams, or another NDC than the line's; two records
          or two lines of the drug that day; a service before the code ended; a single-dose
          container of which something was thrown away, which is a line of its own.
Safety    Automatic from a multi-dose container: the same milligrams under the code in force, no
          cent more. From a single-dose container a person approves the JZ.
Sources   parameters/drugs.toml: HCPCS update of 2024-04-01; Medicare Claims Processing Manual,
          chapter 17, section 40.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from edi.claim import ServiceLine
from edi.element import from_decimal
from rules.amend import MOST_MODIFIERS, amend, modifiers
from rules.authorization import units_of
from rules.chart import Given, beside, drugs_of, is_another_product
from rules.decision import (
    APPROVAL,
    AUTOMATIC,
    ClaimFacts,
    DeniedLine,
    Outcome,
    Proposal,
    Refusal,
)
from rules.parameters import load
from rules.rule import Rule

ANSWERS = ("181", "16")


def consider(line: DeniedLine, facts: ClaimFacts) -> Outcome | None:
    """The code in force for the same milligrams."""
    billed = facts.service_line(line.line_position)
    asked = line.reason_code == "181" or (line.reason_code == "16" and "M51" in line.remark_codes)
    if billed is None or not asked:
        return None
    deleted: dict[str, Any] = load("drugs")["deleted"]
    known = deleted.get(billed.procedure_code)
    if known is None:
        return None
    days, units = billed.service_dates, units_of(billed)
    if days is None or units is None or days[0] < known["ended"]:
        return _look(f"{billed.procedure_code} was in force on the day of the service, or its day "
                     "or units are not clear; the denial has to be looked into.")  # fmt: skip
    family = {*deleted, known["now"]}
    if any(x.procedure_code in family for x in beside(billed, facts.claim)):
        return _look("The drug stands on more than one line of that day; a person has to say "
                     "which milligrams belong to which.")  # fmt: skip
    given = drugs_of(billed, facts, family)
    if not given:
        return Refusal(
            f"{billed.procedure_code} ended; {known['now']} counts milligrams. Enter the drug's "
            "record of that day: milligrams, NDC, container.",
            "replacement",
            ("procedure_note",),
        )
    if len(given) > 1:
        return _look("The notes of that day have more than one record of the drug; a person has "
                     "to say which one the line bills.")  # fmt: skip
    return _crosswalk(billed, given[0], known["now"], units, units * known["milligrams"])


def _look(reason: str) -> Refusal:
    return Refusal(reason, "review")


def _crosswalk(
    billed: ServiceLine, given: Given, code: str, units: Decimal, milligrams: Decimal
) -> Outcome:
    note, drug = given
    if drug.milligrams != milligrams or is_another_product(billed, drug):
        return _look(f"{note.document_id} does not agree with the line in milligrams or NDC "
                     f"({drug.milligrams} mg noted, {milligrams} mg billed).")  # fmt: skip
    wanted, safety = billed.modifiers, AUTOMATIC
    if drug.container is None or (drug.container == "single_dose" and not _is_told(given)):
        return Refusal(
            f"{note.document_id} does not say which container the drug came from, or what of it "
            "was thrown away; JZ or JW depends on that.",
            "replacement",
            ("procedure_note",),
        )
    if drug.wasted_milligrams or (drug.container == "multi_dose" and {"JW", "JZ"} & set(wanted)):
        return _look("What was thrown away is billed on a line of its own with JW, and only from "
                     "a single-dose container; a person has to set this claim up.")  # fmt: skip
    if drug.container == "single_dose":
        safety = APPROVAL
        wanted = wanted if "JZ" in wanted else (*wanted, "JZ")
    if len(wanted) > MOST_MODIFIERS:
        return _look("The line carries four modifiers, so there is no place for JZ.")
    at, why = f"2400[{billed.position}]", f"{billed.procedure_code} ended; the milligrams are those"
    return Proposal(
        corrections=(
            amend(RULE, f"{at}/SV101-2", billed.procedure_code, code, (note,), why),
            *modifiers(RULE, billed, wanted, (note,), "single-dose container, nothing wasted"),
            amend(RULE, f"{at}/SV104", from_decimal(units),
                  from_decimal(milligrams), (note,), why),
        ),
        safety=safety,
        explanation=f"{billed.procedure_code} ended; {note.document_id} has the same "
        f"{milligrams} mg, which are {milligrams} units of {code}. The charge stays.",
    )  # fmt: skip


def _is_told(given: Given) -> bool:
    return given.drug.wasted_milligrams is not None


RULE = Rule(
    code="drug.deleted-code",
    version=2,
    answers=ANSWERS,
    safety=AUTOMATIC,
    sources=("HCPCS quarterly update effective 2024-04-01",),
    consider=consider,
    recodes={code: known["now"] for code, known in load("drugs")["deleted"].items()},
)
