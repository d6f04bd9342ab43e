"""National drug code missing.

Denial    CARC 16 with remark M119 on a drug.
Fix       The NDC in 2410 LIN03 and the quantity in CTP (milligrams, ME).
Evidence  A procedure note of that day whose one record of the drug has the NDC, and the
          milligrams that the line bills.
Refuses   No record or no NDC in it (it is asked for); more than one; milligrams that the line
          does not bill; a line that carried the same NDC already, or another one.
Safety    Approval: it says to the payer which product was given.
Sources   5010 837P guide, 2410 LIN and CTP; X12 code list 411, M119.
"""

from __future__ import annotations

from edi.element import from_decimal
from rules.amend import amend
from rules.authorization import units_of
from rules.chart import drugs_of, milligrams_per_unit, national_drug_codes
from rules.decision import APPROVAL, ClaimFacts, DeniedLine, Outcome, Proposal, Refusal
from rules.rule import Rule

ANSWERS = ("16",)


def consider(line: DeniedLine, facts: ClaimFacts) -> Outcome | None:
    """The NDC as the drug record has it."""
    billed = facts.service_line(line.line_position)
    if line.reason_code not in ANSWERS or "M119" not in line.remark_codes or billed is None:
        return None
    given = drugs_of(billed, facts, (billed.procedure_code,))
    if not any(g.drug.ndc for g in given):
        return Refusal(
            "The payer misses the NDC, and no drug record of that day has one. Enter the record "
            "with NDC and milligrams.",
            "replacement",
            ("procedure_note",),
        )
    if len(given) > 1:
        return Refusal(
            "The notes of that day have more than one record of the drug; a person has to say "
            "which one the line bills.",
            "review",
        )
    note, drug = given[0]
    sent = national_drug_codes(billed)
    if billed.drugs:
        what = "this NDC" if sent == {drug.ndc} else "a drug loop with something else"
        return Refusal(
            f"The line carried {what} already; a person has to compare it with "
            f"{note.document_id} and with the payer's list.",
            "review",
        )
    each, units = milligrams_per_unit(billed.procedure_code), units_of(billed)
    if each is None or units is None or units * each != drug.milligrams:
        return Refusal(
            f"{note.document_id} does not have the milligrams that the line bills, or we do not "
            "know what a unit of this code is; a person has to look.",
            "review",
        )
    at, why = f"2400[{billed.position}]", "the drug record's NDC, which the line did not carry"
    quantity = from_decimal(drug.milligrams)
    return Proposal(
        corrections=(
            amend(RULE, f"{at}/LIN03", None, drug.ndc, (note,), why),
            amend(RULE, f"{at}/CTP04", None, quantity, (note,), why),
            amend(RULE, f"{at}/CTP05-1", None, "ME", (note,), why),
        ),
        safety=RULE.safety,
        explanation=f"{note.document_id} has the NDC of the drug and the milligrams billed.",
    )


RULE = Rule(
    code="drug.national-drug-code",
    version=2,
    answers=ANSWERS,
    safety=APPROVAL,
    sources=("ASC X12N 005010X222A1 2410", "X12 code list 411"),
    consider=consider,
)
