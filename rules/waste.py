"""What was thrown away of a single-dose container, taken out of the line that bills all of it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Decimal

from edi.change import SplitLine
from edi.claim import ServiceLine
from edi.element import from_decimal
from rules.amend import MOST_MODIFIERS, amend, sv101
from rules.authorization import units_of
from rules.chart import Given, beside, drugs_of, milligrams_per_unit
from rules.decision import ClaimFacts, Correction, Outcome, Proposal, Refusal
from rules.rule import Rule

_CENT, _THOUSANDTH = Decimal("0.01"), Decimal("0.001")
_WHY = "what was given and what was thrown away, as the drug record has it"


def look(reason: str) -> Refusal:
    """A refusal that leaves the modifiers of a drug to a person."""
    return Refusal(f"{reason} A person has to say what is wrong with the modifiers.", "review")


def units_given_and_wasted(given: Given, each: Decimal) -> tuple[Decimal, Decimal]:
    """Units that were given, a begun one counted whole, and the whole units thrown away."""
    up = (given.drug.milligrams / each).to_integral_value(rounding=ROUND_CEILING)
    thrown = given.drug.wasted_milligrams or Decimal(0)
    return up, (thrown / each).to_integral_value(rounding=ROUND_FLOOR)


def all_units(given: Given, each: Decimal) -> Decimal:
    """Units of everything in the record, given and thrown away, a begun one counted whole."""
    both = given.drug.milligrams + (given.drug.wasted_milligrams or 0)
    return (both / each).to_integral_value(rounding=ROUND_CEILING)


def denied_by_jz(line: ServiceLine, facts: ClaimFacts, *, is_new: bool) -> bool:
    """Whether a record of the line's drug and day has waste, and so JZ on the line is wrong.

    JZ that was billed may stay where less than a unit was thrown away, which no line could bill.
    """
    each = milligrams_per_unit(line.procedure_code)
    least = each if each is not None and not is_new else Decimal(0)
    given = drugs_of(line, facts, (line.procedure_code,))
    thrown = [g.drug.wasted_milligrams or Decimal(0) for g in given]
    return any(milligrams > 0 and milligrams >= least for milligrams in thrown)


def bills_the_rest(line: ServiceLine, facts: ClaimFacts) -> bool:
    """Whether the line bills what the day's one record has as thrown away, and another the rest."""
    each = milligrams_per_unit(line.procedure_code)
    given = drugs_of(line, facts, (line.procedure_code,))
    if each is None or len(given) != 1 or given[0].drug.container != "single_dose":
        return False
    up, down = units_given_and_wasted(given[0], each)
    others = [x for x in beside(line, facts.claim) if x.procedure_code == line.procedure_code]
    return (
        units_of(line) == down > 0
        and up + down == all_units(given[0], each)
        and any(units_of(x) == up for x in others)
    )


def split_waste(rule: Rule, billed: ServiceLine, given: Given, number: int) -> Outcome:
    """The line divided in two, the second with ``number``.

    A refusal where it does not bill just what the record says.
    """
    document, each = given.note.document_id, milligrams_per_unit(billed.procedure_code)
    assert each is not None
    up, down = units_given_and_wasted(given, each)
    if down < 1:
        return look(f"{document} has less than one unit thrown away, which is not billed with JW.")
    units = units_of(billed)
    agrees = up + down == units == all_units(given, each)
    if up < 1 or not agrees or units is None or billed.service.unit_of_measure != "UN":
        return look(
            f"{document} does not agree with what the line bills: what was thrown away has no line "
            "of its own, and is not in this one's units."
        )
    if len(billed.modifiers) >= MOST_MODIFIERS:
        return look("The line carries four modifiers, so there is no place for JW.")
    parts = _parts(billed, down / units)
    if parts is None:
        return look(f"{document} has units thrown away, but the line has parts that cannot be cut.")
    return Proposal(
        corrections=tuple(_corrections(rule, billed, given, (up, down), parts, number)),
        safety=rule.safety,
        explanation=f"{document} has a single-dose container, {down} of the {from_decimal(units)} "
        "billed units thrown away: they go on a line of their own with JW. The charge stays.",
    )


def _parts(billed: ServiceLine, share: Decimal) -> tuple[Decimal, Decimal | None] | None:
    """Charge and NDC quantity of the wasted part; what does not come out even stays behind.

    None where the line cannot be cut.
    """
    charge = (billed.line_item_charge_amount * share).quantize(_CENT, rounding=ROUND_DOWN)
    if billed.adjudications or billed.forms or charge <= 0 or len(billed.drugs) > 1:
        return None
    if not billed.drugs:
        return charge, None
    quantity = billed.drugs[0].quantity
    total = quantity.national_drug_unit_count if quantity else None
    if total is None:
        return None
    wasted = (total * share).quantize(_THOUSANDTH, rounding=ROUND_DOWN)
    return (charge, wasted) if wasted > 0 else None


def _corrections(
    rule: Rule,
    billed: ServiceLine,
    given: Given,
    units: tuple[Decimal, Decimal],
    parts: tuple[Decimal, Decimal | None],
    number: int,
) -> Iterator[Correction]:
    at = f"2400[{billed.position}]"
    charge, quantity = parts
    total = billed.line_item_charge_amount
    own = [("SV102", total, total - charge), ("SV104", sum(units, Decimal(0)), units[0])]
    if quantity is not None and (drug := billed.drugs[0].quantity) is not None:
        was = drug.national_drug_unit_count or Decimal(0)
        own.append(("CTP04", was, was - quantity))
    for element, old, new in own:
        yield amend(rule, f"{at}/{element}", from_decimal(old), from_decimal(new), [given.note],
                    _WHY)  # fmt: skip
    procedure = billed.service.procedure._replace(modifiers=(*billed.modifiers, "JW"))
    added = SplitLine(
        billed.position,
        sv101(procedure),
        from_decimal(charge),
        "UN",
        from_decimal(units[1]),
        "" if quantity is None else from_decimal(quantity),
    )
    yield amend(rule, f"2400[{number}]", None, str(added), [given.note], _WHY)
