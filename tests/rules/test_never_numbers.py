"""A number for the claim as a whole stands for every line that was denied for want of one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from cases.claims import ACME, AUTHORIZATION, claim, correction, evidence, line
from edi.segment import Adjustment
from rules.apply import apply
from rules.decision import ClaimFacts, LineAdjudication
from rules.forbidden import Forbidden
from rules.never import forbidden

REFERRAL = {"kind": "referral", "number": "A1", "referring_npi": "1999999984",
            "valid_from": "2026-03-01", "valid_to": "2026-05-30",
            "procedure_codes": ["64483"]}  # fmt: skip
SECOND = {"document_id": "DOC-9", "procedure_codes": ["64493"]}


def adjudicated(position: int | None, code: str, paid: int = 0) -> LineAdjudication:
    return LineAdjudication(
        line_position=position, charge_amount=Decimal(100), payment_amount=Decimal(paid),
        adjustments=(Adjustment("CO", code, Decimal(100 - paid), None),),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "more", "expected"),
    [
        ([adjudicated(1, "X"), adjudicated(2, "X")], (), {"N7"}),
        ([adjudicated(None, "X")], (), {"N7"}),
        ([adjudicated(1, "X"), adjudicated(2, "X")], (SECOND,), set()),
        ([adjudicated(1, "X"), adjudicated(2, "X")], (SECOND | {"number": "A-1"},), set()),
        ([adjudicated(1, "X"), adjudicated(2, "X")], (SECOND | {"number": "A2"},), {"N7"}),
        ([adjudicated(1, "X"), adjudicated(2, "45", 60)], (), set()),
        ([adjudicated(1, "X"), adjudicated(2, "50")], (), set()),
    ],
    ids=[
        "two denied, one covered",
        "the claim denied, one covered",
        "the other covered by a document of the same number",
        "spelt otherwise",
        "the other covered by another number",
        "the other paid without one",
        "the other denied for something else",
    ],
)
@pytest.mark.parametrize(
    ("qualifier", "record", "reasons"),
    [
        ("G1", AUTHORIZATION, ("15", "39", "197", "198", "210", "284", "296", "302")),
        ("9F", REFERRAL, ("243", "287", "288")),
    ],
)
def test_n7_a_number_of_the_claim_covers_all_that_it_stands_for(
    qualifier: str, record, reasons, answers, more, expected: set[str], tmp_path: Path
) -> None:
    place = f"2300/REF*{qualifier}"
    billed = claim(tmp_path, line("64483"), line("64493"))
    sent = claim(tmp_path, line("64483"), line("64493"), frequency="7",
                 references=f"REF*{qualifier}*A1~REF*F8*P1")  # fmt: skip
    record = {**record, "patient_control_number": "PCN1"}
    facts = evidence(billed, record, *({**record, **m} for m in more))
    named = correction(place, None, "A1", facts[0])
    for reason in reasons:
        adjudications = tuple(
            adjudicated(a.line_position, reason)
            if a.adjustments[0].reason_code == "X" else a
            for a in answers
        )  # fmt: skip
        found = forbidden(billed, sent, payer=ACME, corrections=[named], evidence=facts,
                          adjudications=adjudications)  # fmt: skip
        assert {v.code for v in found} == expected
        known = ClaimFacts(claim=billed, payer=ACME, as_of=date(2026, 4, 20), evidence=facts,
                           adjudications=adjudications)  # fmt: skip
        if expected:
            with pytest.raises(Forbidden, match="N7"):
                apply(known, [named])
        else:
            assert apply(known, [named])


@pytest.mark.parametrize("own", ["", "REF*{}*B2"])
@pytest.mark.parametrize(("qualifier", "record"), [("G1", AUTHORIZATION), ("9F", REFERRAL)])
def test_n7_another_number_of_the_claim_covers_every_line(
    qualifier: str, record, own: str, tmp_path: Path
) -> None:
    """Under the one that gives way a line may have been paid; a line's own number stays."""
    place, own = f"2300/REF*{qualifier}", own.format(qualifier)
    lines = [line("64483"), line("64493", more=own) if own else line("64493")]
    billed = claim(tmp_path, *lines, references=f"REF*{qualifier}*OLD")
    sent = claim(tmp_path, *lines, frequency="7", references=f"REF*{qualifier}*A1~REF*F8*P1")
    facts = evidence(billed, {**record, "patient_control_number": "PCN1"})
    named = correction(place, "OLD", "A1", *facts)
    answers = (adjudicated(1, "284"), adjudicated(2, "45", 60))
    found = forbidden(billed, sent, payer=ACME, corrections=[named], evidence=facts,
                      adjudications=answers)  # fmt: skip
    known = ClaimFacts(claim=billed, payer=ACME, as_of=date(2026, 4, 20), evidence=facts,
                       adjudications=answers)  # fmt: skip
    if own:
        assert not found and apply(known, [named])
        return
    assert {v.code for v in found} == {"N7"}
    with pytest.raises(Forbidden, match="N7"):
        apply(known, [named])


def test_n7_two_lines_may_carry_one_referral_number(tmp_path: Path) -> None:
    billed = claim(tmp_path, line("64483"), line("64483", day="20260316"))
    sent = claim(tmp_path, line("64483", more="REF*9F*A1"),
                 line("64483", day="20260316", more="REF*9F*A1"),
                 frequency="7", references="REF*F8*P1")  # fmt: skip
    facts = evidence(billed, {**REFERRAL, "patient_control_number": "PCN1"})
    named = [correction(f"2400[{n}]/REF*9F", None, "A1", *facts) for n in (1, 2)]
    assert not forbidden(billed, sent, payer=ACME, corrections=named, evidence=facts)
    known = ClaimFacts(claim=billed, payer=ACME, as_of=date(2026, 4, 20), evidence=facts)
    assert apply(known, named)
