"""The never-list on a line that is added for what was thrown away of a drug."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from cases.claims import ACME, claim, correction, evidence, line
from rules.apply import apply
from rules.decision import ClaimFacts
from rules.forbidden import Forbidden
from rules.never import forbidden

REPLACES = {"frequency": "7", "references": "REF*F8*PCCN1"}
DRUG = {"procedure_code": "J3301", "milligrams": 25, "wasted_milligrams": 15,
        "container": "single_dose"}  # fmt: skip
NOTE = {"kind": "procedure_note", "service_date": "2026-03-14", "sites": []}
NDC = "LIN**N4*00003029320~CTP****{}*ML"
ADDED = "2400[1]*HC:J3301:JW*10*UN*1*0.25"


def given(**more: str) -> list[str]:
    return line("J3301", **{"charge": "30", "units": "3", "more": NDC.format("0.75"), **more})


def wasted(service: str = "J3301:JW", **more: str) -> list[str]:
    return line(service, **{"charge": "10", "units": "1", "more": NDC.format("0.25"), **more})


def codes(
    folder: Path,
    *sent: list[str],
    note=None,
    drug=None,
    on_file: bool = True,
    units: str = "4",
    vials: int = 1,
    besides=(),
) -> set[str]:
    billed = claim(folder, line("J3301", "40", units, more=NDC.format("1")))
    record = {**NOTE, "drugs": [{**DRUG, **(drug or {})}] * vials, **(note or {})}
    facts = evidence(billed, record)
    named = [
        correction("2400[1]/SV102", "40", "30", *facts),
        correction("2400[1]/SV104", units, "3", *facts),
        correction("2400[1]/CTP04", "1", "0.75", *facts),
        correction("2400[2]", None, ADDED, *facts),
        correction("2400[3]", None, ADDED, *facts),
    ]
    found = forbidden(billed, claim(folder, *sent, **REPLACES), payer=ACME, corrections=named,
                      evidence=(*facts, *evidence(billed, *besides)) if on_file else ()
                      )  # fmt: skip
    return {v.code for v in found}


def test_a_drug_records_waste_may_go_on_a_line_of_its_own(tmp_path: Path) -> None:
    assert codes(tmp_path, given(), wasted()) == set()


@pytest.mark.parametrize(
    "sent",
    [
        [given(), wasted("J3301")],
        [given(), wasted("J3301:JZ")],
        [given(), wasted("J3301:KX:JW")],
        [given(), wasted("J1010:JW")],
        [given(), wasted(units="2")],
        [given(units="4"), wasted()],
        [given(units="2"), wasted(units="2")],
        [given(charge="40"), wasted()],
        [given(charge="40"), wasted(charge="0")],
        [given(), wasted(day="20260315")],
        [given(), wasted(place="24")],
        [given(), wasted(more=NDC.format("1"))],
        [given(), wasted(more=NDC.format("0.25").replace("29320", "29321"))],
        [given(), wasted(more="")],
        [given(), wasted(), wasted()],
    ],
    ids=["no JW", "JZ", "another modifier", "another drug", "more units", "no units less",
         "units otherwise divided", "more charge", "no charge", "another day", "another place",
         "more of the NDC", "another NDC", "no NDC", "twice"],
)  # fmt: skip
def test_n6_what_is_added_is_not_what_was_thrown_away(sent, tmp_path: Path) -> None:
    assert "N6" in codes(tmp_path, *sent)


@pytest.mark.parametrize(
    ("note", "drug"),
    [
        ({}, {"container": "multi_dose"}),
        ({}, {"container": None}),
        ({}, {"wasted_milligrams": None}),
        ({}, {"wasted_milligrams": 0}),
        ({}, {"wasted_milligrams": 9}),
        ({}, {"wasted_milligrams": 20}),
        ({}, {"milligrams": 20}),
        ({}, {"milligrams": 31}),
        ({}, {"milligrams": 30, "wasted_milligrams": 11}),
        ({}, {"procedure_code": "J1010"}),
        ({"service_date": "2026-03-13"}, {}),
    ],
)
def test_n6_without_a_record_that_says_both_parts(note, drug, tmp_path: Path) -> None:
    assert codes(tmp_path, given(), wasted(), note=note, drug=drug) == {"N6"}


AGAIN = {**NOTE, "drugs": [DRUG]}


def test_n6_one_of_two_equal_records_is_not_the_drugs_record(tmp_path: Path) -> None:
    assert codes(tmp_path, given(), wasted(), vials=2) == {"N6"}
    other = {**AGAIN, "document_id": "OP-2"}
    assert codes(tmp_path, given(), wasted(), besides=[other]) == {"N6"}
    # The same document, on file for the member as well, says no more than it did.
    again = {**AGAIN, "document_id": "DOC-1", "payer_id": "87726", "member_id": "W123456789"}
    assert codes(tmp_path, given(), wasted(), besides=[again]) == set()
    yesterday = {**AGAIN, "service_date": "2026-03-13"}
    assert codes(tmp_path, given(), wasted(), besides=[yesterday]) == set()


@pytest.mark.parametrize("units", ["3", "5"])
def test_n6_other_units_than_were_billed(units: str, tmp_path: Path) -> None:
    assert "N6" in codes(tmp_path, given(), wasted(), units=units)


def test_n6_a_record_that_was_withdrawn(tmp_path: Path) -> None:
    assert codes(tmp_path, given(), wasted(), on_file=False) == {"N6"}


@pytest.mark.parametrize(
    ("added", "drug", "vials"),
    [
        (ADDED, {}, 1),
        (ADDED, {}, 2),
        ("2400[1]*HC:J3301*10*UN*1", {}, 1),
        ("2400[1]*HC:J3301:KX:JW*10*UN*1", {}, 1),
        ("2400[9]*HC:J3301:JW*10*UN*1", {}, 1),
        (ADDED, {"container": "multi_dose"}, 1),
        (ADDED, {"wasted_milligrams": 0}, 1),
        (ADDED, {"procedure_code": "J1010"}, 1),
        ("2400[1]*HC:J1010:JW*10*UN*1", {"procedure_code": "J1010"}, 1),
    ],
)
def test_n6_as_a_correction(added: str, drug, vials: int, tmp_path: Path) -> None:
    billed = claim(tmp_path, line("J3301", "40", "4", more=NDC.format("1")))
    facts = evidence(billed, {**NOTE, "drugs": [{**DRUG, **drug}] * vials})
    known = ClaimFacts(claim=billed, payer=ACME, as_of=date(2026, 4, 20), evidence=facts)
    named = correction("2400[2]", None, added, *facts)
    if added == ADDED and not drug and vials == 1:
        assert apply(known, [named])
        return
    with pytest.raises(Forbidden, match="N6"):
        apply(known, [named])


def test_n6_as_a_correction_on_other_evidence_than_the_record(tmp_path: Path) -> None:
    billed = claim(tmp_path, line("J3301", "40", "4", more=NDC.format("1")))
    other = {**NOTE, "drugs": [], "document_id": "OP-2"}
    record, silent = evidence(billed, {**NOTE, "drugs": [DRUG]}, other)
    known = ClaimFacts(claim=billed, payer=ACME, as_of=date(2026, 4, 20),
                       evidence=(record, silent))  # fmt: skip
    assert apply(known, [correction("2400[2]", None, ADDED, record)])
    with pytest.raises(Forbidden, match="N6"):
        apply(known, [correction("2400[2]", None, ADDED, silent)])


def marked(
    folder: Path, modifier: str, *lines: list[str], drug=None, units: str = "1"
) -> tuple[set[str], str]:
    """What the never-list, and the guard, find where the first line gets a modifier."""
    billed = claim(folder, line("J3301", "10", units), *lines)
    facts = evidence(billed, {**NOTE, "drugs": [{**DRUG, **(drug or {})}]})
    named = correction("2400[1]/SV101-3", None, modifier, *facts)
    sent = claim(folder, line(f"J3301:{modifier}", "10", units), *lines, **REPLACES)
    known = ClaimFacts(claim=billed, payer=ACME, as_of=date(2026, 4, 20), evidence=facts)
    found = forbidden(billed, sent, payer=ACME, corrections=[named], evidence=facts)
    try:
        apply(known, [named])
    except Forbidden as error:
        return {v.code for v in found}, error.code
    return {v.code for v in found}, ""


def test_n1_jw_beside_the_line_that_bills_the_rest_alone(tmp_path: Path) -> None:
    rest = line("J3301", "30", "3")
    assert marked(tmp_path, "JW", rest) == (set(), "")
    for others, more in (
        ([], {}),
        ([line("J3301", "30", "3", day="20260313")], {}),
        ([line("J3301", "30", "2")], {}),
        ([line("J1010", "30", "3")], {}),
        ([rest], {"units": "2"}),
        ([rest], {"drug": {"container": "multi_dose"}}),
        ([rest], {"drug": {"wasted_milligrams": 9}}),
        ([rest], {"drug": {"wasted_milligrams": 0}, "units": "0"}),
    ):
        assert marked(tmp_path, "JW", *others, **more) == ({"N1"}, "N1")


def test_n1_jz_beside_something_thrown_away(tmp_path: Path) -> None:
    for wasted_now, expected in ((0, (set(), "")), (1, ({"N1"}, "N1")), (15, ({"N1"}, "N1"))):
        drug = {"wasted_milligrams": wasted_now}
        assert marked(tmp_path, "JZ", drug=drug) == expected


@pytest.mark.parametrize(("thrown", "expected"), [(0, ""), (9, ""), (10, "N1")])
def test_n1_jz_that_was_billed_beside_a_unit_thrown_away(
    thrown: int, expected: str, tmp_path: Path
) -> None:
    billed = claim(tmp_path, line("J3301:JZ", "30", "3"))
    facts = evidence(billed, {**NOTE, "drugs": [{**DRUG, "wasted_milligrams": thrown}]})
    sent = claim(tmp_path, line("J3301:JZ", "30", "3"), **REPLACES)
    found = forbidden(billed, sent, payer=ACME, evidence=facts)
    assert {v.code for v in found} == ({expected} if expected else set())
    known = ClaimFacts(claim=billed, payer=ACME, as_of=date(2026, 4, 20), evidence=facts)
    if expected:
        with pytest.raises(Forbidden, match=expected):
            apply(known, [])
    else:
        assert apply(known, []) == ()
