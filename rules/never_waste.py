"""What was thrown away of a single-dose container, on a line of its own with JW.

Held on the finished claim for :mod:`rules.never`: beside the other side of a procedure the one way
in which a line may be added. The billed units and the billed charge are divided, nothing is added
to them, and a drug record of that day says both parts. So it is asked of a line that was billed
for the waste alone and gets JW; and JZ, which denies the waste, stands beside no such record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from edi.claim import Claim, ServiceLine
from rules.evidence import Drug, EvidenceRecord, ProcedureNote
from rules.never_check import Pair

# Written out again here on purpose: a slip in the rules' own list must not pass this one too.
_MILLIGRAMS = {"J1010": 1, "J1020": 20, "J1030": 40, "J1040": 80, "J1885": 15, "J3301": 10}


def is_waste(
    claims: tuple[Claim, Claim],
    billed: ServiceLine,
    at: ServiceLine,
    line: ServiceLine,
    facts: Iterable[EvidenceRecord],
    on_file: Iterable[EvidenceRecord],
) -> bool:
    """Whether ``at`` and ``line`` bill what was given and what was thrown away of ``billed``.

    ``claims``: as billed and as it goes out. ``facts``: those behind the added line, of all that
    are ``on_file`` now: the drug's only record of that day is among them.
    """
    each = _MILLIGRAMS.get(billed.procedure_code)
    given, wasted = _units(at), _units(line)
    return (
        each is not None
        and not {"JW", "JZ"} & set(billed.modifiers)
        and at.modifiers == billed.modifiers
        and line.modifiers == (*billed.modifiers, "JW")
        and given > 0
        and wasted > 0
        and given + wasted == _units(billed)
        and _is_divided(billed, at, line)
        and _alike(claims, billed, at)
        and _alike(claims, billed, line)
        and len(records := _drugs(billed, on_file)) == 1
        and records == _drugs(billed, facts)
        and _says(records[0], each, given, wasted)
    )


def wrong_marks(
    pair: Pair, emitted: Claim, evidence: Iterable[EvidenceRecord]
) -> Iterator[str]:  # fmt: skip
    """What JW or JZ says of a line and no record bears out. ``evidence``: all on file now."""
    at, billed, sent = pair
    if "JZ" in sent.modifiers:
        # Less than a unit is billed by nobody, so that a JZ of the practice's own may stay.
        was_sent = "JZ" in billed.modifiers
        least = _MILLIGRAMS.get(sent.procedure_code, 0) if was_sent else 0
        thrown = [d.wasted_milligrams or 0 for x in (billed, sent) for d in _drugs(x, evidence)]
        if any(milligrams > 0 and milligrams >= least for milligrams in thrown):
            yield f"2400[{at}]: JZ beside a record of that day with something thrown away"
    if "JW" in sent.modifiers and "JW" not in billed.modifiers:
        each, records = _MILLIGRAMS.get(sent.procedure_code), _drugs(sent, evidence)
        others = [
            _units(x)
            for x in emitted.service_lines
            if x.position != sent.position
            and (x.procedure_code, x.service_dates) == (sent.procedure_code, sent.service_dates)
            and "JW" not in x.modifiers
        ]
        if (
            not each
            or len(records) != 1
            or not _units(sent)
            or not any(_says(records[0], each, units, _units(sent)) for units in others)
        ):
            yield f"2400[{at}]: JW without a record of that day whose rest another line bills"


def _units(line: ServiceLine) -> Decimal:
    is_counted = line.service.unit_of_measure == "UN"
    return (line.service.service_unit_count if is_counted else None) or Decimal(0)


def _is_divided(billed: ServiceLine, at: ServiceLine, line: ServiceLine) -> bool:
    """Charge, and quantity of the NDC where there is one, are those that were billed."""
    charges = at.line_item_charge_amount + line.line_item_charge_amount
    was, *now = (_quantities(x) for x in (billed, at, line))
    return (
        charges == billed.line_item_charge_amount
        and at.line_item_charge_amount > 0
        and line.line_item_charge_amount > 0
        and [x[:2] for x in now[0]] == [x[:2] for x in now[1]] == [x[:2] for x in was]
        and all(
            a[2] + b[2] == w[2] for w, a, b in zip(was, now[0], now[1], strict=True)
        )
    )  # fmt: skip


def _quantities(line: ServiceLine) -> list[tuple[str | None, object, Decimal]]:
    return [
        (
            drug.identification.national_drug_code,
            drug.quantity and drug.quantity.unit_of_measure,
            (drug.quantity and drug.quantity.national_drug_unit_count) or Decimal(0),
        )
        for drug in line.drugs
    ]


def _alike(claims: tuple[Claim, Claim], billed: ServiceLine, sent: ServiceLine) -> bool:
    original, emitted = claims
    return (
        sent.procedure_code == billed.procedure_code
        and sent.service_dates == billed.service_dates
        and emitted.diagnoses_of(sent) == original.diagnoses_of(billed)
        and emitted.place_of_service_of(sent) == original.place_of_service_of(billed)
        and emitted.rendering_npi_of(sent) == original.rendering_npi_of(billed)
    )


def _drugs(billed: ServiceLine, facts: Iterable[EvidenceRecord]) -> list[Drug]:
    """Each record of the drug that day; of a document that is on file twice, each once."""
    documents: dict[str, Counter[Drug]] = {}
    for fact in facts:
        if not isinstance(fact, ProcedureNote):
            continue
        if billed.service_dates == (fact.service_date, fact.service_date):
            mine = Counter(d for d in fact.drugs if d.procedure_code == billed.procedure_code)
            documents[fact.document_id] = documents.get(fact.document_id, Counter()) | mine
    return [drug for records in documents.values() for drug in records.elements()]


def _says(drug: Drug, each: int, given: Decimal, wasted: Decimal) -> bool:
    """What was begun of a unit counts as given, so that of what was thrown away it is left out.

    Together they are all of the record, up to the unit that the last milligram begins.
    """
    up = (drug.milligrams / each).to_integral_value(rounding=ROUND_CEILING)
    down = ((drug.wasted_milligrams or 0) / Decimal(each)).to_integral_value(rounding=ROUND_FLOOR)
    total = (drug.milligrams + (drug.wasted_milligrams or 0)) / each
    return (
        drug.container == "single_dose"
        and (up, down) == (given, wasted)
        and up + down == total.to_integral_value(rounding=ROUND_CEILING)
    )
