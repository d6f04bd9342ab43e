"""What a reviewer reads of a correction: the record's own facts, and the line as it would go."""

from __future__ import annotations

import pytest

from edi.element import Delimiters
from rules.evidence_reading import parse
from warehouse.review import masked
from warehouse.review_words import in_words, line_with

ATTESTED = {"attested_by": "coder.a", "attested_on": "2026-03-20"}
LINE = "SV1*HC:64483:LT*600*UN*1***1"


@pytest.mark.parametrize(
    ("place", "value", "shown"),
    [
        ("2300/REF*G1", "A1", "A1"), ("2400[2]/SV101-3", "LT", "LT"), ("2300/REF*G1", None, None),
        ("2010BA/NM109", "W123456789", "…6789"), ("2010BA/NM103", "SAMPLE", "…"),
        ("2010CA/NM104", "ALPHA", "…"), ("2330A[1]/NM109", "Z987654321", "…4321"),
        ("2010BA/NM109", None, None),
    ],
)  # fmt: skip
def test_what_names_a_person_is_masked_and_nothing_else(
    place: str, value: str | None, shown: str | None
) -> None:
    assert masked(place, value) == shown


def test_a_record_is_told_with_its_facts() -> None:
    told = in_words(parse({
        "kind": "authorization", "document_id": "AUTH-1", **ATTESTED, "payer_id": "87726",
        "member_id": "W123456789", "number": "A1", "procedure_codes": ["64483", "64484"],
        "valid_from": "2026-03-01", "valid_to": "2026-05-30", "units": 2,
    }))  # fmt: skip
    assert told == (
        "authorization AUTH-1, attested by coder.a on 2026-03-20: number A1, procedure codes 64483 "
        "64484, valid from 2026-03-01, valid to 2026-05-30, units 2, status approved"
    )


def test_a_note_is_told_site_by_site_and_an_evaluation_with_its_excerpt() -> None:
    about = {"patient_control_number": "PCN1", "service_date": "2026-03-14", **ATTESTED}
    note = in_words(parse({
        "kind": "procedure_note", "document_id": "OP-1", **about,
        "sites": [{"procedure_code": "64483", "region": "lumbar", "images_saved": True}],
        "drugs": [{"procedure_code": "J1010", "milligrams": 40.0}],
    }))  # fmt: skip
    assert "sites (procedure code 64483, region lumbar, session 1, images saved yes)" in note
    assert "drugs (procedure code J1010, milligrams 40)" in note
    visit = in_words(parse({
        "kind": "evaluation", "document_id": "EM-1", **about, "separately_identifiable": True,
        "summary": "shoulder pain", "excerpt": "new pain", "page": 2,
    }))  # fmt: skip
    assert visit.endswith("separately identifiable yes, summary shoulder pain, excerpt new pain, "
                          "page 2")  # fmt: skip


def test_a_member_id_shows_four_characters() -> None:
    told = in_words(parse({
        "kind": "subscriber", "document_id": "ELIG-1", **ATTESTED,
        "patient_control_number": "PCN1", "member_id": "W123456780",
    }))  # fmt: skip
    assert told.endswith("member id …6780") and "W123456780" not in told


def test_the_line_as_it_would_go() -> None:
    changes = [("2400[1]/SV101-4", "59"), ("2400[1]/SV105", "24"), ("2300/REF*G1", "A1"),
               ("2400[2]/SV101-3", "25")]  # fmt: skip
    assert line_with(LINE, Delimiters(), 1, changes) == (
        "SV1*HC:64483:LT:59*600*UN*1*24**1", ["2300/REF*G1", "2400[2]/SV101-3"]
    )  # fmt: skip
    assert line_with(LINE, Delimiters(), 1, [("2400[1]/SV101-3", None)])[0] == (
        "SV1*HC:64483*600*UN*1***1"
    )
    other = Delimiters(element="|", component=">")
    assert line_with("SV1|HC>64483|600", other, 1, [("2400[1]/SV107", "2:1")])[0] == (
        "SV1|HC>64483|600|||||2>1"
    )
