"""Our own TA1 and 999: what a checked file is answered, held to pyx12's map of the 999."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from damage import mutators
from edi.acknowledgment import GroupAcknowledgment, InterchangeAcknowledgment, SetAcknowledgment
from edi.problem import Problem
from edi.read_acknowledgment import read_interchange_acknowledgments, read_transaction
from edi.source import SourceRef
from edi.survey import survey_file
from edi.validate import check_text
from edi.write_acknowledgment import Acknowledgment, acknowledge_text

NOW = datetime(2026, 10, 2, 9, 15, 30)
FileOf = Callable[..., bytes]


def answered(data: bytes, *more: Problem) -> list[Acknowledgment]:
    return acknowledge_text(data, [*check_text(data), *more], control_number=900, created_at=NOW)


def read(answer: Acknowledgment) -> dict[type, list[Any]]:
    """The TA1s, sets and groups of an answer, which the guide's own check accepts."""
    data = answer.content
    file = BytesIO(data)
    found = survey_file(file, "", len(data))
    parts: dict[type, list[Any]] = {
        InterchangeAcknowledgment: [], SetAcknowledgment: [], GroupAcknowledgment: [],
    }  # fmt: skip
    for interchange in found.interchanges:
        assert not interchange.problems
        for event in read_interchange_acknowledgments(file, interchange):
            if isinstance(event, tuple) and isinstance(event[1], InterchangeAcknowledgment):
                parts[InterchangeAcknowledgment].append(event[1])
    for interchange, _, transaction in found.transactions():
        for event in read_transaction(file, transaction, interchange.delimiters):
            parts.get(type(event), []).append(event)
    if answer.kind == "999":
        assert check_text(data) == (), data
    return parts


def one(data: bytes) -> tuple[str, SetAcknowledgment, GroupAcknowledgment, list[Any]]:
    [answer] = answered(data)
    parts = read(answer)
    return (answer.code, parts[SetAcknowledgment][0], parts[GroupAcknowledgment][0],
            parts[InterchangeAcknowledgment])  # fmt: skip


def counts(group: GroupAcknowledgment) -> list[int]:
    assert group.trailer is not None
    return [int(c or 0) for c in group.trailer[1:4]]


@pytest.mark.parametrize("kind", ["837P", "835"])
def test_a_valid_file_is_accepted(kind: str, file_of: FileOf, good_835: bytes) -> None:
    code, answer, group, ta1 = one(file_of() if kind == "837P" else good_835)
    assert (code, answer.code, answer.errors, group.code, ta1) == ("A", "A", (), "A", [])
    assert counts(group) == [1, 1, 1]
    assert group.header.functional_identifier_code == ("HC" if kind == "837P" else "HP")


def test_the_answer_goes_back_under_numbers_and_times_of_its_own(good_835: bytes) -> None:
    [answer] = answered(good_835)
    isa, gs = (line.split("*") for line in answer.content.decode().split("~\n")[:2])
    assert (isa[6].strip(), isa[8].strip(), isa[9], isa[10]) == ("DEMO", "ACME", "261002", "0915")
    assert (isa[13], answer.control_number) == ("000000900", "000000900")
    assert gs[2:8] == ["DEMO", "ACME", "20261002", "091530", "900", "X"]


def test_errors_of_the_guide_are_named_where_they_stand(good_835: bytes) -> None:
    bad = good_835.replace(b"CLP*PCN1*1*100", b"CLP*PCN1*99*100").replace(
        b"N3*1 SAMPLE PLAZA~\n", b""
    )
    bad = bad.replace(b"SE*20*", b"SE*19*")
    code, answer, group, _ = one(bad)
    assert (code, answer.code, group.code, counts(group)) == ("R", "R", "R", [1, 1, 0])
    assert set(answer.error_codes) == {"IK502:5", "IK304:8", "IK403:7", "IK304:3"}
    named = {(e[0], e[1]) for e in answer.errors if len(e) == 4 and isinstance(e[0], str)}
    assert ("CLP", "11") in named and any(tag == "N3" for tag, _ in named)


def test_arithmetic_that_is_wrong_is_noted_and_accepted(good_835: bytes) -> None:
    bad = good_835.replace(b"CAS*CO*45*10", b"CAS*CO*45*11")
    code, answer, group, _ = one(bad)
    assert (code, answer.code, group.code, counts(group)) == ("E", "E", "E", [1, 1, 1])


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [(b"SE*20*", b"SE*21*", "IK502:4"), (b"SE*20*0001", b"SE*20*0002", "IK502:3")],
)
def test_what_is_wrong_with_the_set_has_its_code(
    old: bytes, new: bytes, reason: str, good_835: bytes
) -> None:
    code, answer, _, _ = one(good_835.replace(old, new))
    assert code == "R" and reason in answer.error_codes


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"GE*1*1", b"GE*2*1", "AK905:5"),
        (b"GE*1*1", b"GE*1*9", "AK905:4"),
        (b"*X*005010X221A1", b"*X*005010X999", "AK905:2"),
    ],
)
def test_what_is_wrong_with_the_group_has_its_code(
    old: bytes, new: bytes, reason: str, good_835: bytes
) -> None:
    [answer] = answered(good_835.replace(old, new))
    [group] = read(answer)[GroupAcknowledgment]
    assert group.code == "R" and reason in group.error_codes and counts(group)[2] == 0


@pytest.mark.parametrize(
    ("old", "new", "note"),
    [
        (b"IEA*1*000000001", b"IEA*1*000000002", "001"),
        (b"IEA*1*", b"IEA*3*", "021"),
        (b"IEA*1*000000001~\n", b"", "023"),
    ],
)
def test_a_broken_interchange_gets_a_ta1_alone(
    old: bytes, new: bytes, note: str, good_835: bytes
) -> None:
    [answer] = answered(good_835.replace(old, new))
    assert (answer.kind, answer.code) == ("TA1", "R")
    [ta1] = read(answer)[InterchangeAcknowledgment]
    assert ta1 == ("000000001", "260401", "0900", "R", note)


def test_a_ta1_is_sent_when_it_is_asked_for(good_835: bytes) -> None:
    asked = good_835.replace(b"*000000001*0*P*", b"*000000001*1*P*")
    first, second = answered(asked)
    assert [(a.kind, a.code, a.control_number) for a in (first, second)] == [
        ("TA1", "A", "000000900"),
        ("999", "A", "000000901"),
    ]
    [ta1] = read(first)[InterchangeAcknowledgment]
    assert ta1 == ("000000001", "260401", "0900", "A", "000")
    assert read(second)[GroupAcknowledgment]


def test_harmless_damage_is_noted_in_a_ta1(good_835: bytes) -> None:
    first, second = answered(good_835.rstrip(b"~\n"))
    assert (first.kind, first.code, second.code) == ("TA1", "E", "A")
    assert read(first)[InterchangeAcknowledgment][0][3:] == ("E", "004")


def test_of_several_sets_one_may_be_refused(file_of: FileOf, claim_of: Any) -> None:
    data = file_of(claim_of("PCN1"))
    st = data.index(b"ST*837")
    ge = data.index(b"GE*")
    first = data[st:ge]
    second = first.replace(b"*0001*005010", b"*0002*005010", 1)
    second = second.replace(b"CLM*PCN1*", b"CLM**")
    at = second.rindex(b"*", 0, second.index(b"~", second.rindex(b"SE*")))
    second = second[: at + 1] + b"0002" + second[second.index(b"~", at) :]
    both = data[:st] + first + second + data[ge:].replace(b"GE*1*", b"GE*2*", 1)
    [answer] = answered(both)
    parts = read(answer)
    assert [s.code for s in parts[SetAcknowledgment]] == ["A", "R"]
    [group] = parts[GroupAcknowledgment]
    assert (answer.code, group.code, counts(group)) == ("P", "P", [2, 2, 1])


def test_every_interchange_is_answered_in_one_of_its_own(good_835: bytes) -> None:
    other = good_835.replace(b"000000001", b"000000002")
    first, second = answered(good_835 + other)
    assert (first.control_number, second.control_number) == ("000000900", "000000901")


def test_no_value_of_the_file_is_copied(good_835: bytes) -> None:
    bad = good_835.replace(
        b"NM1*QC*1*TESTCASE*PAT****MI*", b"NM1*QC*9*TESTCASE*PAT****MI*" + b"X" * 90
    )
    [answer] = answered(bad)
    assert answer.code == "R"
    assert b"TESTCASE" not in answer.content and b"XXX" not in answer.content


def test_what_has_no_interchange_is_not_answered() -> None:
    assert acknowledge_text(b"hello", (), control_number=1, created_at=NOW) == []


def test_numbers_end_somewhere(good_835: bytes) -> None:
    with pytest.raises(OverflowError):
        acknowledge_text(good_835, (), control_number=1_000_000_000, created_at=NOW)


def test_a_check_that_gave_up_does_not_accept(good_835: bytes) -> None:
    gave_up = Problem("CHECK_FAILED", SourceRef("", 1, 1, 5), "segment", "IndexError")
    [answer] = answered(good_835, gave_up)
    assert answer.code == "R"


def sound(data: bytes) -> list[Acknowledgment]:
    """The answers to a file; every 999 is one that the guide's own check accepts."""
    problems = check_text(data)
    answers = acknowledge_text(data, problems, control_number=1, created_at=NOW)
    for answer in answers:
        assert problems or answer.code == "A"
        for group in read(answer)[GroupAcknowledgment]:
            assert group.code in ("A", "E", "P", "R")
    return answers


def test_public_remittances_are_answered(sample_835: Path) -> None:
    if sample_835.stat().st_size < 100_000:
        sound(sample_835.read_bytes())


def test_and_public_claims(sample_837p: Path) -> None:
    if sample_837p.stat().st_size < 100_000:
        sound(sample_837p.read_bytes())


def test_damaged_files_are_answered_soundly(
    file_of: FileOf, claim_of: Any, dependent: Any, good_835: bytes
) -> None:
    rng = random.Random(3)
    good = (file_of(claim_of("P1"), claim_of("P2", patient=dependent)), good_835)
    kinds = [m for m in mutators.MUTATORS if m.__name__ not in ("packed", "huge_element")]
    answers = [
        answer for _ in range(150) for answer in sound(rng.choice(kinds)(rng, rng.choice(good)))
    ]
    assert {a.kind for a in answers} == {"TA1", "999"}


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"GS*HP", b"GS*hp"), (b"1*X*005010X221A1", b"1x*X*005010X221A1"),
     (b"GS*HP*ACME*", b"GS*HP**"), (b"*X*005010X221A1", b""), (b"GS*HP*ACME*", b"GS*HP*A\xe3E*")],
)  # fmt: skip
def test_a_group_that_no_999_can_name_gets_a_ta1(old: bytes, new: bytes, good_835: bytes) -> None:
    assert old in good_835
    [answer] = sound(good_835.replace(old, new))
    assert (answer.kind, answer.code) == ("TA1", "R")
    assert read(answer)[InterchangeAcknowledgment][0][4] == "024"


@pytest.mark.parametrize("st", [b"ST*435*0001", b"ST*835*00::01", b"ST*835*"])
def test_a_set_that_no_999_can_name_is_counted_and_refused(st: bytes, good_835: bytes) -> None:
    answer = sound(good_835.replace(b"ST*835*0001", st))[-1]
    parts = read(answer)
    [group] = parts[GroupAcknowledgment]
    assert (parts[SetAcknowledgment], group.code, counts(group)) == ([], "R", [1, 1, 0])


@pytest.mark.parametrize("tag", [b"\xb5M1", b"\xdfX", b"N", b"LONGER"])
def test_a_segment_id_that_is_none_is_told_by_its_place(tag: bytes, good_835: bytes) -> None:
    code, answer, _, _ = one(good_835.replace(b"REF*TJ", tag + b"*TJ"))
    assert code == "R" and answer.code == "R"


def test_a_terminator_that_is_the_repetition_is_none_in_the_answer(good_835: bytes) -> None:
    [answer] = sound(good_835.replace(b"~", b"^"))
    assert answer.code == "A"
