"""What a file is made of, and what of it does not hold – whatever shape it arrives in."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from edi.envelope import Survey
from edi.problem import NotX12, Problem
from edi.survey import survey, survey_file

FileOf = Callable[..., bytes]


def surveyed(data: bytes) -> Survey:
    return survey_file(BytesIO(data), "", len(data))


def problems(found: Survey) -> list[Problem]:
    return [
        *found.problems,
        *(p for i in found.interchanges for p in i.problems),
        *(p for i in found.interchanges for g in i.groups for p in g.problems),
        *(p for _, _, t in found.transactions() for p in t.problems),
    ]


def places(data: bytes) -> list[tuple[str, str]]:
    return [(p.code, p.place) for p in problems(surveyed(data))]


def test_a_whole_file(file_of: FileOf, tmp_path: Path) -> None:
    path = tmp_path / "claims.837"
    path.write_bytes(file_of())
    found = survey(path)
    ((interchange, group, transaction),) = found.transactions()
    assert problems(found) == []
    assert interchange.control_number == "000000007"
    assert group.version == transaction.version == "005010X222A1"
    assert (transaction.claim_count, transaction.line_count) == (1, 2)
    assert found.size == len(file_of()) and len(found.digest) == 64


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (b"SE*30*", b"SE*29*", ("SEGMENT_COUNT_MISMATCH", "SE01")),
        (b"SE*30*", b"SE*x*", ("SEGMENT_COUNT_MISMATCH", "SE01")),
        (b"SE*30*0001", b"SE*30*0002", ("TRANSACTION_SET_CONTROL_NUMBER_MISMATCH", "SE02")),
        (b"GE*1*", b"GE*2*", ("TRANSACTION_SET_COUNT_MISMATCH", "GE01")),
        (b"GE*1*7", b"GE*1*8", ("GROUP_CONTROL_NUMBER_MISMATCH", "GE02")),
        (b"IEA*1*", b"IEA*3*", ("GROUP_COUNT_MISMATCH", "IEA01")),
        (b"IEA*1*000000007", b"IEA*1*7", ("INTERCHANGE_CONTROL_NUMBER_MISMATCH", "IEA02")),
        (b"SE*30*0001~\n", b"", ("TRANSACTION_SET_TRAILER_MISSING", "SE")),
        (b"GE*1*7~\n", b"", ("FUNCTIONAL_GROUP_TRAILER_MISSING", "GE")),
    ],
)  # fmt: skip
def test_counts_and_numbers_that_disagree(
    file_of: FileOf, old: bytes, new: bytes, expected: tuple[str, str]
) -> None:
    assert old in file_of()
    assert expected in places(file_of().replace(old, new))


def test_a_file_cut_off_anywhere_is_known_to_be(file_of: FileOf) -> None:
    data = file_of()
    for end in range(110, len(data) - len("IEA*1*000000007~\n"), 37):
        assert ("INTERCHANGE_TRUNCATED", "IEA") in places(data[:end])


@pytest.mark.parametrize(
    "shape",
    [
        lambda d: d.replace(b"~\n", b"~\r\n"),
        lambda d: d.replace(b"~\n", b"~"),
        lambda d: d.replace(b"~\n", b"\n"),
        lambda d: d.replace(b"~\n", b"\r\n"),
        lambda d: d.replace(b"~\n", b"~\n  "),
        lambda d: b"\xef\xbb\xbf" + d,
        lambda d: b"\r\n" + d + b"\r\n\r\n\x1a",
        lambda d: d.removesuffix(b"~\n"),
        lambda d: d.replace(b"*", b"\x1d").replace(b":", b"\x1f").replace(b"~\n", b"\x1c"),
        lambda d: b"*".join(e.strip() for e in d[:105].split(b"*")) + d[105:],
        lambda d: b"\n".join(d.replace(b"\n", b"")[i : i + 80] for i in range(0, len(d), 80)),
    ],
    ids=["crlf", "one line", "newline ends", "crlf ends", "indented", "bom", "blanks around",
         "no last terminator", "control characters", "collapsed isa", "wrapped"],
)  # fmt: skip
def test_harmless_shapes_are_whole(
    file_of: FileOf, claims_in: Callable[..., list[Any]], shape: Callable[[bytes], bytes]
) -> None:
    plain, shaped = file_of(), shape(file_of())
    assert places(shaped) == []
    assert [
        (c.patient_control_number, c.total_claim_charge_amount, c.diagnosis_codes,
         [(n.procedure_code, n.service_date) for n in c.service_lines])
        for c in claims_in(shaped)
    ] == [
        (c.patient_control_number, c.total_claim_charge_amount, c.diagnosis_codes,
         [(n.procedure_code, n.service_date) for n in c.service_lines])
        for c in claims_in(plain)
    ]  # fmt: skip


def test_every_interchange_has_its_own_delimiters(file_of: FileOf) -> None:
    other = file_of().replace(b"*", b"|").replace(b":", b">").replace(b"~", b"'")
    found = surveyed(file_of() + other + file_of())
    assert [i.delimiters.element for i in found.interchanges] == ["*", "|", "*"]
    assert [t.source[1:3] for _, _, t in found.transactions()] == [(1, 1), (2, 2), (3, 3)]
    assert problems(found) == []


def test_an_interchange_that_begins_in_another_ends_that(file_of: FileOf) -> None:
    data = file_of()
    cut = data[: data.index(b"CLM*")]
    found = surveyed(cut + data)
    assert [bool(i.problems) for i in found.interchanges] == [True, False]
    assert found.interchanges[1].bytes.start == len(cut)


def test_text_between_interchanges_is_told(file_of: FileOf) -> None:
    assert places(file_of() + b"Kind regards\n" + file_of()) == [("TRAILING_TEXT", "IEA")]


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\x03\x04", b"ISA", b"ISA*00*", b"Isa*00*", b"ISA" + b"*" * 15, b"\x00" * 300,
     b"ISA*" + b"x" * 500],
)  # fmt: skip
def test_what_is_no_interchange_is_refused(data: bytes) -> None:
    with pytest.raises(NotX12):
        surveyed(data)


def test_byte_ranges_are_the_file(file_of: FileOf) -> None:
    data = file_of().replace(b"~\n", b"~\r\n  ")
    for interchange, group, transaction in surveyed(data).transactions():
        assert data[slice(*interchange.bytes)].startswith(b"ISA*")
        assert data[slice(*group.bytes)].startswith(b"GS*")
        assert data[slice(*transaction.bytes)].startswith(b"ST*")
        assert data[slice(*transaction.bytes)].endswith(b"~")
