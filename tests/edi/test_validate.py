"""The full check: pyx12's own verdict, said in places and codes, and never an exception."""

from __future__ import annotations

import io
import logging
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import pyx12.map_if
import pyx12.params
import pyx12.x12n_document
from hypothesis import given, settings
from hypothesis import strategies as st

from edi.problem import Problem
from edi.pyx12_adapter import Check, load_map
from edi.validate import check_text, validate
from simulator.practice import Line

FileOf = Callable[..., bytes]


def codes(found: tuple[Problem, ...]) -> list[tuple[str, str]]:
    return [(p.code, p.place) for p in found]


def at(problem: Problem) -> tuple[int, int, int]:
    return (problem.source.interchange, problem.source.transaction, problem.source.segment)


def test_a_good_claim_file_has_no_problem(file_of: FileOf) -> None:
    assert check_text(file_of()) == ()


def test_two_plbs_are_no_error(good_835: bytes) -> None:
    assert check_text(good_835.decode()) == ()


@pytest.mark.parametrize(
    ("old", "new", "code", "place", "segment"),
    [
        ("NM1*82*1*", "NM1*82*7*", "INVALID_CODE_VALUE", "2310B/NM102", 22),
        ("*D8*20260314", "*D8*20261314", "INVALID_DATE", "2400/DTP03", 26),
        ("HI*ABK:M5416", "HI*ABK", "REQUIRED_DATA_ELEMENT_MISSING", "2300/HI01-2", 21),
        ("SBR*P*18*******CI~\n", "", "REQUIRED_SEGMENT_MISSING", "2000B/SBR", 14),
        ("SBR*P*18*", f"SBR*P*18*{'X' * 61}", "DATA_ELEMENT_TOO_LONG", "2000B/SBR03", 14),
        ("SE*30*", "SE*31*", "SEGMENT_COUNT_MISMATCH", "SE01", 30),
        ("IEA*1*000000007", "IEA*1*000000008", "INTERCHANGE_CONTROL_NUMBER_MISMATCH", "IEA02", 0),
        ("HL*2*1*22", "HL*3*1*22", "HIERARCHICAL_ID_NUMBER_OUT_OF_SEQUENCE", "HL", 13),
        ("HL*2*1*22", "HL*2*7*22", "HIERARCHICAL_PARENT_ID_NUMBER_INVALID", "HL", 13),
        ("LX*2", "LX*5", "ASSIGNED_NUMBER_OUT_OF_SEQUENCE", "LX", 27),
        ("PRV*PE*PXC", "ZZZ*PE*PXC", "UNRECOGNIZED_SEGMENT_ID", "2310B/ZZZ", 23),
        ("PRV*PE*PXC", "DMG*D8", "UNEXPECTED_SEGMENT", "2310B/DMG", 23),
        ("LX*1", "LX*1*", "TRAILING_ELEMENT_SEPARATORS", "LX", 24),
    ],
)
def test_an_error_has_a_code_and_a_place(
    file_of: FileOf, old: str, new: str, code: str, place: str, segment: int
) -> None:
    data = file_of().decode()
    assert old in data
    found = check_text(data.replace(old, new, 1))
    problem = next((p for p in found if (p.code, p.place) == (code, place)), None)
    assert problem is not None, codes(found)
    assert at(problem) == (1, 1 if segment else 0, segment)


def test_an_out_of_balance_claim_and_payment_are_reported(
    file_of: FileOf, claim_of: Callable[..., Any], good_835: bytes
) -> None:
    line = Line(procedure_code="62323", charge_cents=12345)
    data = file_of(claim_of("PCN1", line)).replace(b"*123.45***", b"*123.46***")
    assert codes(check_text(data)) == [("CLAIM_OUT_OF_BALANCE", "2300/CLM02")]
    assert codes(check_text(good_835.decode().replace("BPR*I*65", "BPR*I*66"))) == [
        ("REMITTANCE_OUT_OF_BALANCE", "BPR02")
    ]


@pytest.mark.parametrize("version", [b"005010X222", b"005010X222A2"])
def test_other_versions_of_the_same_guide_are_checked_as_a1(
    file_of: FileOf, good_835: bytes, version: bytes
) -> None:
    assert check_text(file_of().replace(b"005010X222A1", version)) == ()
    assert check_text(good_835.decode().replace("005010X221A1", "005010X221")) == ()


def test_a_version_without_a_map_is_said_to_be_so(file_of: FileOf) -> None:
    found = check_text(file_of().replace(b"005010X222A1", b"004010X098A1"))
    assert ("UNSUPPORTED_VERSION", "GS08") in codes(found)


def test_harmless_damage_is_read_and_reported(file_of: FileOf) -> None:
    data = file_of()
    assert check_text(b"\xef\xbb\xbf" + data) == ()
    assert check_text(data.replace(b"~\n", b"~\r\n")) == ()
    assert check_text(data.replace(b"~\n", b"~~\n", 6)) == ()
    assert check_text(data.replace(b"DEMO DESK", "DÉMO DESK".encode("latin-1"))) != ()
    collapsed = b"*".join(e.strip() for e in data[:105].split(b"*")) + data[105:]
    assert codes(check_text(collapsed)) == [("INVALID_ISA", "ISA02")]
    assert codes(check_text(data.removesuffix(b"~\n"))) == [("SEGMENT_TERMINATOR_MISSING", "IEA")]


def test_what_is_not_x12_is_one_problem() -> None:
    assert codes(check_text("")) == [("EMPTY_FILE", "file")]
    assert codes(check_text("Dear Sir")) == [("NOT_X12", "ISA")]


def test_interchanges_with_other_delimiters_are_checked_each_for_itself(file_of: FileOf) -> None:
    first, second = file_of(), file_of().replace(b"*", b"|").replace(b":", b">")
    assert check_text(first + second) == ()
    found = check_text(first + second.replace(b"NM1|82|1|", b"NM1|82|7|"))
    assert [(p.code, at(p)) for p in found] == [("INVALID_CODE_VALUE", (2, 2, 22))]


def test_no_value_of_a_patient_is_shown(
    file_of: FileOf, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = b"S" * 61 + b"\x07"
    data = file_of()
    for old, new in (
        (b"*TESTCASE*PAT*", b"*" + secret + b"*" + secret + b"*"),
        (b"W123456789", secret * 2),
        (b"1 SAMPLE STREET", secret),
        (b"DMG*D8*19700101*F", b"DMG*D8*" + secret + b"*SSSSSSSS"),
        (b"CLM*PCN1001", b"CLM*" + secret),
    ):
        assert old in data
        found = check_text(data.replace(old, new))
        assert found
        assert not any("SSSSSSSSS" in str(p) for p in found)
    assert "SSSS" not in caplog.text
    assert "SSSS" not in "".join(capsys.readouterr())


@pytest.mark.parametrize("kind", ["837p", "835"])
def test_the_verdict_is_pyx12_s(
    kind: str,
    file_of: FileOf,
    claim_of: Callable[..., Any],
    dependent: Any,
    good_835: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each file of one altered element: what pyx12's own driver finds, ours finds.

    But for the ST, where its verdict is True whatever it has reported.
    """
    monkeypatch.setattr(pyx12.map_if, "load_map_file", lambda name, *_: load_map(name))
    good = (
        file_of(claim_of("P1"), claim_of("P2", patient=dependent)).decode()
        if kind == "837p"
        else good_835.decode()
        .replace("PLB*1999999984*20261231*L6:ICN1*-5~\n", "")
        .replace("SE*20", "SE*19")
        .replace("BPR*I*65", "BPR*I*60")
    )
    segments = good.split("~\n")[:-1]
    agreed = 0
    for nth in range(3, len(segments) - 2):
        altered = list(segments)
        elements = altered[nth].split("*")
        elements[1 + nth % max(1, len(elements) - 1)] = "ZZ9"
        altered[nth] = "*".join(elements)
        text = "~\n".join(altered) + "~\n"
        expected = pyx12.x12n_document.x12n_document(
            pyx12.params.params(), io.StringIO(text), None, None
        )
        check = Check(text[:105], (s for s in altered[1:]), "~")
        assert (list(check) == []) == expected, altered[nth][:3]
        agreed += 1
    assert agreed > 15


def test_public_claim_files_are_checked_to_their_end(sample_837p: Path) -> None:
    if sample_837p.stat().st_size < 100_000:
        assert "CHECK_FAILED" not in {p.code for p in validate(sample_837p)}


def test_and_public_remittances(sample_835: Path) -> None:
    if sample_835.stat().st_size < 100_000:
        assert "CHECK_FAILED" not in {p.code for p in validate(sample_835)}


def test_maps_are_loaded_once() -> None:
    assert load_map("837.5010.X222.A1.xml") is load_map("837.5010.X222.A1.xml")


@settings(max_examples=60, deadline=None)
@given(
    st.booleans(),
    st.lists(
        st.tuples(
            st.integers(0, 2000), st.sampled_from(["put", "cut", "add"]), st.binary(max_size=6)
        ),
        min_size=1,
        max_size=6,
    ),
)
def test_no_damage_raises(
    file_of: FileOf, good_835: bytes, claims: bool, damage: list[tuple[int, str, bytes]]
) -> None:
    data = bytearray(file_of() if claims else good_835)
    for where, how, what in damage:
        begin = where % len(data)
        if how == "put":
            data[begin : begin + len(what)] = what
        elif how == "cut":
            del data[begin : begin + 40 * len(what)]
        else:
            data[begin:begin] = what
        if not data:
            data = bytearray(b"I")
    with tempfile.NamedTemporaryFile() as file:
        file.write(bytes(data))
        file.flush()
        found = validate(Path(file.name))
    assert all(isinstance(p, Problem) and p.code.isupper() for p in found)
