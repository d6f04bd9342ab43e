"""Units above the published limit.

Denial    CARC 151 or 222 on more units than the unit limits (MUE) of the quarter have for the code.
Fix       None. Lines and units are never split to pass a limit.
Evidence  For a clinical limit of the day (indicator 3): a procedure note of that day, for appeal.
Refuses   Indicator 1 (per line) and 2 (per day, by policy): the excess is written off, and where
          the whole line was denied a person looks at the units within the limit. Indicator 3
          without a note (it is asked for). A line of several days, since the limit is of one
          (review). No file of limits for the quarter. A code without a published limit, units
          within it, or minutes (SV103 MJ): not this rule's.
Safety    Approval; it never proposes a change.
Sources   NCCI Policy Manual, chapter I, section V (medically unlikely edits and their adjudication
          indicators), and the user's own MUE file of the quarter.
"""

from __future__ import annotations

from decimal import Decimal

from edi.claim import ServiceLine
from edi.element import from_decimal
from rules.chart import notes_of
from rules.decision import APPROVAL, ClaimFacts, DeniedLine, Outcome, Refusal, Route
from rules.references import DAY_CLINICAL, LINE_EDIT, MUE, UnitLimit, missing_file, shared_day
from rules.rule import Rule

ANSWERS = ("151", "222")


def consider(line: DeniedLine, facts: ClaimFacts) -> Outcome | None:
    """A write-off of the excess, or an appeal; None where the units are within the limit."""
    billed = facts.service_line(line.line_position)
    if line.reason_code not in ANSWERS or billed is None:
        return None
    day = billed.service_date
    if day is None or billed.service.unit_of_measure != "UN":
        return None
    if not facts.references.covers(MUE, day):
        return Refusal(
            f"{missing_file(MUE, day)}. Until then nobody can say whether the units are above the "
            "published limit or the payer's own.",
            "review",
        )
    limit = facts.references.unit_limit(billed.procedure_code, day)
    if limit is None:
        return None
    counted = _counted(billed, facts, limit)
    units = sum((x.service.service_unit_count or Decimal(0) for x in counted), Decimal(0))
    excess = units - limit.units
    if excess <= 0:
        return None
    if any(days is not None and days[0] != days[1] for days in (x.service_dates for x in counted)):
        return Refusal(
            f"{billed.procedure_code} is billed for several days in one line, and the published "
            f"limit of {limit.units} is one day's. A person has to see how many units were of "
            "which day.",
            "review",
        )
    above = (
        f"{from_decimal(units)} units of {billed.procedure_code} are {from_decimal(excess)} above "
        f"the published limit of {limit.units} a "
        + ("line" if limit.adjudication_indicator == LINE_EDIT else "day")
    )
    if limit.adjudication_indicator == DAY_CLINICAL:
        return _appeal(above, billed, facts)
    held = (
        "lines are not split to pass it"
        if limit.adjudication_indicator == LINE_EDIT
        else "it is held for good: no modifier, second line or appeal passes it"
    )
    if line.payment_amount <= 0:
        return Refusal(
            f"{above}, and {held}. The whole line was denied: write the excess off, and let a "
            "coder say from the chart what may be billed within the limit.",
            "review",
        )
    return Refusal(f"{above}, and {held}. Write the excess off.", "write_off")


def _counted(billed: ServiceLine, facts: ClaimFacts, limit: UnitLimit) -> list[ServiceLine]:
    """What the limit counts: the line, or all lines of the code, day and practitioner."""
    if limit.adjudication_indicator == LINE_EDIT:
        return [billed]
    claim = facts.claim
    return [
        other
        for other in claim.service_lines
        if other.procedure_code == billed.procedure_code
        and other.service.unit_of_measure == "UN"
        and shared_day(other, billed) is not None
        and claim.rendering_npi_of(other) == claim.rendering_npi_of(billed)
    ]


def _appeal(above: str, billed: ServiceLine, facts: ClaimFacts) -> Outcome:
    code = billed.procedure_code
    notes = [
        n
        for n in notes_of(billed, facts)
        if code in {s.procedure_code for s in n.sites} | {d.procedure_code for d in n.drugs}
    ]
    if not notes:
        return Refusal(
            f"{above}. The limit is a clinical one: an appeal with records may pass it, a changed "
            "or split line may not.",
            "appeal",
            ("procedure_note",),
        )
    documents = ", ".join(dict.fromkeys(n.document_id for n in notes))
    return Route(f"{above}. The limit is a clinical one: appeal with {documents}.", "appeal")


RULE = Rule(
    code="units.above-limit",
    version=2,
    answers=ANSWERS,
    safety=APPROVAL,
    sources=("NCCI Policy Manual, chapter I, section V", "the practitioner MUE file of the user"),
    consider=consider,
)
