"""What pyx12 does not look for: each finding with its code, place and level, and its limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from edi.claim_text import ClaimTexts
from edi.code_lists import CodeList, CodeLists, Validity
from edi.deeper_check import brought_in, check_claim
from edi.element import Delimiters
from edi.problem import Problem
from edi.validate import check_text, validate

FileOf = Callable[..., bytes]


@dataclass(frozen=True)
class Case:
    old: str
    new: str
    code: str = ""
    place: str = ""
    segment: int = 0
    level: int = 4


def said(problems: tuple[Problem, ...]) -> list[tuple[str, str, int, int]]:
    return [(p.code, p.place, p.source.segment, p.level) for p in problems]


HL = "HIERARCHICAL_CHILD_CODE_INVALID"
POINTER = "DIAGNOSIS_POINTER_INVALID"
ORDER = "DATES_OUT_OF_ORDER"


@pytest.mark.parametrize(
    "case",
    [
        Case("HL*2*1*22*0", "HL*2*1*22*1", HL, "2000B/HL04", 13),
        Case("HL*1**20*1", "HL*1**20*0", HL, "2000A/HL04", 6),
        Case("*UN*1***1~", "*UN*1***1:2~", POINTER, "2400/SV107-2", 25),
        Case("*UN*1***1~", "*UN*1***0~", POINTER, "2400/SV107-1", 25),
        Case("HI*ABK:M5416", "HI*ABK:M5416*ABF:M542", ""),
        Case("DTP*472*D8*20260314", "DTP*472*RD8*20260314-20260313", ORDER, "2400/DTP*472", 26),
        Case("DTP*472*D8*20260314", "DTP*472*RD8*20260314-20261231", ""),
        Case("DTP*472*D8*20260314", "DTP*472*D8*20260902", "SERVICE_AFTER_SUBMISSION",
             "2400/DTP*472", 26),
        Case("DTP*472*D8*20260314", "DTP*472*D8*20260901", ""),
        Case("DMG*D8*19700101", "DMG*D8*20260315", "SERVICE_BEFORE_BIRTH", "2400/DTP*472", 26),
        Case("DMG*D8*19700101", "DMG*D8*20260314", ""),
        Case(":B:1*", ":B:L*", "INVALID_CLAIM_FREQUENCY_CODE", "2300/CLM05-3", 20, 5),
        Case(":B:1*", ":B:9*", ""),
        Case(":B:1*", ":B:7*", "IMPLEMENTATION_DEPENDENT_SEGMENT_MISSING", "2300/REF*F8", 20),
        Case(":B:1*", ":B:8*", "IMPLEMENTATION_DEPENDENT_SEGMENT_MISSING", "2300/REF*F8", 20),
        Case("*1234567893~", "*1234567890~", "INVALID_NPI", "2310B/NM109", 22, 5),
        Case("*1234567893~", "*123456789~", "INVALID_NPI", "2310B/NM109", 22, 5),
    ],
    ids=lambda c: f"{c.code or 'right'}-{c.new[:20]}",
)  # fmt: skip
def test_one_changed_element(file_of: FileOf, case: Case) -> None:
    data = file_of().decode()
    assert case.old in data
    problems = check_text(data.replace(case.old, case.new, 1))
    found = [one for one in said(problems) if one[3] >= 4]
    first = [(case.code, case.place, case.segment, case.level)] if case.code else []
    assert found[:1] == first


@pytest.mark.parametrize(
    ("frequency", "number", "code"),
    [
        ("7", "REF*F8*ICN1~\n", ""),
        ("8", "REF*F8*ICN1~\n", ""),
        ("6", "REF*F8*ICN1~\n", ""),
        ("1", "REF*F8*ICN1~\n", "IMPLEMENTATION_DEPENDENT_NOT_USED_SEGMENT_PRESENT"),
        ("1", "REF*G1*AUTH1~\n", ""),
        ("7", "REF*G1*AUTH1~\n", "IMPLEMENTATION_DEPENDENT_SEGMENT_MISSING"),
    ],
)
def test_the_original_s_number_goes_with_frequency_7_and_8_only(
    file_of: FileOf, frequency: str, number: str, code: str
) -> None:
    data = file_of().decode().replace(":B:1*", f":B:{frequency}*", 1)
    data = data.replace("HI*ABK", f"{number}HI*ABK", 1).replace("SE*30*", "SE*31*")
    assert [c for c, *_ in said(check_text(data))] == ([code] if code else [])


def test_numbers_that_must_be_their_own(file_of: FileOf, claim_of: Callable[..., object]) -> None:
    twice = file_of(claim_of("PCN1"), claim_of("PCN1")).decode()
    assert ("DUPLICATE_PATIENT_CONTROL_NUMBER", "2300/CLM01") in [
        one[:2] for one in said(check_text(twice))
    ]
    day = "DTP*472*D8*20260314~\n"
    numbered = (
        file_of(claim_of("PCN1"), claim_of("PCN2")).decode().replace(day, day + "REF*6R*%~\n")
    )
    count = int(numbered.partition("~\nSE*")[2].partition("*")[0])
    numbered = numbered.replace(f"SE*{count}", f"SE*{count + 4}")

    def with_numbers(*numbers: str) -> str:
        return numbered.replace("%", "{}").format(*numbers)

    assert check_text(with_numbers("1", "2", "1", "2")) == ()
    found = said(check_text(with_numbers("1", "2", "3", "3")))
    assert [one[:2] for one in found] == [("DUPLICATE_LINE_ITEM_CONTROL_NUMBER", "2400/REF02")]


def test_a_child_s_birth_counts_and_not_its_parent_s(
    file_of: FileOf, claim_of: Callable[..., object], dependent: object
) -> None:
    data = file_of(claim_of("P1", patient=dependent)).decode()
    assert check_text(data) == ()
    found = said(check_text(data.replace("DMG*D8*20100203", "DMG*D8*20270203")))
    assert {one[:2] for one in found} == {("SERVICE_BEFORE_BIRTH", "2400/DTP*472")}
    wrong = data.replace("HL*3*2*23*0", "HL*3*1*23*0")
    assert ("HIERARCHICAL_PARENT_ID_NUMBER_INVALID", "2000C/HL02") in [
        one[:2] for one in said(check_text(wrong))
    ]


def test_st03_repeats_gs08(file_of: FileOf) -> None:
    data = file_of().decode().replace("0001*005010X222A1", "0001*005010X222", 1)
    assert [one[:2] for one in said(check_text(data))] == [
        ("IMPLEMENTATION_CONVENTION_MISMATCH", "ST03")
    ]


def test_an_835_is_asked_the_same(good_835: bytes) -> None:
    data = good_835.decode()
    found = said(check_text(data.replace("*XX*1999999984~", "*XX*1999999985~", 1)))
    assert found == [("INVALID_NPI", "1000B/N104", 9, 5)]
    ended = data.replace("DTM*472*20260314", "DTM*150*20260314~\nDTM*151*20260310")
    found = said(check_text(ended.replace("SE*20", "SE*21")))
    assert [one[:2] for one in found] == [(ORDER, "2110/DTM*151")]
    for old, new, place in (
        ("CLP*PCN1*1*", "CLP*PCN1*5*", "2100/CLP02"),
        ("CAS*CO*45", "CAS*CR*45", "2110/CAS01"),
    ):
        found = said(check_text(data.replace(old, new)))
        assert [one[:2] for one in found] == [("INVALID_CODE_VALUE", place)]


def test_codes_are_looked_up_where_their_list_was_imported(
    good_835: bytes, file_of: FileOf, tmp_path: Path
) -> None:
    path = tmp_path / "one.835"
    path.write_bytes(good_835.replace(b"CAS*PR*2*20~", b"CAS*PR*2*20~\nLQ*HE*N54~").replace(
        b"SE*20", b"SE*21"))  # fmt: skip
    assert validate(path) == validate(path, CodeLists()) == ()
    lists = CodeLists(
        adjustment_reason_codes=CodeList({"45": (Validity(),), "2": (Validity(date(2026, 4, 2)),)}),
        remark_codes=CodeList({}),
        procedure_codes=CodeList({"62323": (Validity(None, date(2026, 3, 13)),)}),
    )
    found = validate(path, lists)
    assert sorted(said(found)) == [
        ("INVALID_ADJUSTMENT_REASON_CODE", "2110/CAS02", 17, 5),
        ("INVALID_PROCEDURE_CODE", "2110/SVC01-2", 14, 5),
        ("INVALID_REMARK_CODE", "2110/LQ02", 18, 5),
    ]
    assert "valid on 2026-03-14" in str(next(p for p in found if "PROCEDURE" in p.code))
    path.write_bytes(file_of())
    only = CodeLists(procedure_codes=CodeList({"62323": (Validity(),)}))
    assert [one[:2] for one in said(validate(path, only))] == [
        ("INVALID_PROCEDURE_CODE", "2400/SV101-2")
    ]


def test_one_claim_is_asked_without_its_file() -> None:
    texts = ClaimTexts(
        ("HL*1**20*1", "NM1*85*2*A*****XX*1234567890"),
        ("HL*2*1*22*0", "DMG*D8*20270101*F"),
        None,
        ("CLM*P1*10***11:B:7*Y", "LX*1", "SV1*HC:1*10*UN*1***3", "DTP*472*D8*20260101"),
    )
    found = check_claim(texts, Delimiters())
    assert {p.code for p in found} == {
        "INVALID_NPI", POINTER, "IMPLEMENTATION_DEPENDENT_SEGMENT_MISSING"
    }  # fmt: skip


def test_a_flaw_of_the_original_may_go_again_and_a_new_one_may_not() -> None:
    before = ClaimTexts(
        ("HL*1**20*1", "NM1*85*2*A*****XX*1234567890"),
        ("HL*2*1*22*0",),
        None,
        ("CLM*P1*10***11:B:1*Y", "HI*ABK:M5416", "LX*1", "SV1*HC:1*10*UN*1***3"),
    )
    again = before._replace(
        own=("CLM*P1*10***11:B:7*Y", "REF*F8*ICN1", *before.own[1:])
    )  # fmt: skip
    assert check_claim(again, Delimiters()) != ()
    assert brought_in(before, again, Delimiters()) == ()
    worse = again._replace(own=(*again.own, "LX*2", "SV1*HC:2*0*UN*1***4"))
    assert [p.code for p in brought_in(before, worse, Delimiters())] == [POINTER]
    without = again._replace(own=(again.own[0], *again.own[2:]))
    assert [p.place for p in brought_in(before, without, Delimiters())] == ["2300/REF*F8"]


def test_nothing_of_a_patient_is_said(file_of: FileOf) -> None:
    data = file_of().decode().replace("*1234567893~", "*SECRET7893~")
    data = data.replace("DMG*D8*19700101", "DMG*D8*20270117")
    words = " ".join(map(str, check_text(data)))
    assert "SERVICE_BEFORE_BIRTH" in words and "INVALID_NPI" in words
    assert "20270117" not in words and "SECRET" not in words
