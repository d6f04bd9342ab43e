"""Chart facts: what is read, what is refused, and that a refusal shows no patient."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.decision import Correction
from rules.evidence import KINDS, Authorization, Enrollment, Evaluation, ProcedureNote, Referral
from rules.evidence_field import BadEvidence
from rules.evidence_reading import merge_notes, parse, parse_csv_row, parse_line, to_json

BY = {"document_id": "D-1", "attested_by": "coder.a", "attested_on": "2026-03-20"}
CLAIM = {"patient_control_number": "PCN1001"}
MEMBER = {"payer_id": "87726", "member_id": "W123456789"}
EXAMPLES: dict[str, dict[str, Any]] = {
    "authorization": {**MEMBER, "number": "A99887766", "procedure_codes": ["64483", "64484"],
        "valid_from": "2026-03-01", "valid_to": "2026-05-30", "units": 2, "rendering_npi": None,
        "place_of_service": None},
    "referral": {**MEMBER, "number": "R20000001", "referring_npi": "1999999984",
        "valid_from": "2026-03-01", "valid_to": "2026-05-30", "procedure_codes": ["64483"],
        "units": 3},
    "enrollment": {"payer_id": "87726", "npi": "1234567893", "taxonomy_code": "208VP0014X",
        "effective_from": "2026-01-01", "effective_to": "2026-12-31"},
    "procedure_note": {**CLAIM, "service_date": "2026-03-14", "sites": [
        {"procedure_code": "62323", "region": "lumbar", "levels": ["L4-L5"],
         "laterality": "midline", "session": 1, "imaging": "fluoroscopy", "images_saved": True,
         "contrast_confirmed": True, "muscles": []}],
        "drugs": [{"procedure_code": "J1010", "ndc": "00009028003", "milligrams": 40,
                   "wasted_milligrams": 0, "container": "single_dose"}]},
    "evaluation": {**CLAIM, "service_date": "2026-03-14", "separately_identifiable": True,
        "summary": "new shoulder pain", "excerpt": "…", "page": 2},
    "diagnosis": {**CLAIM, "service_date": "2026-03-14", "procedure_code": "62323",
        "codes": ["M54.16"]},
    "diagnostic_block": {**MEMBER, "service_date": "2026-01-10", "region": "lumbar",
        "levels": ["L4-L5"], "laterality": "right", "relief_percent": 85},
    "conservative_care": {**MEMBER, "care": "physical_therapy", "from": "2025-10-01",
        "to": "2025-12-15", "outcome": "failed"},
    "psychological_evaluation": {**MEMBER, "service_date": "2026-02-01", "cleared": True},
    "subscriber": {**CLAIM, "member_id": "W123456780"},
    "timely_filing_proof": {**CLAIM, "accepted_on": "2026-01-15"},
}  # fmt: skip


def example(kind: str) -> dict[str, Any]:
    return {"kind": kind, **BY, **EXAMPLES[kind]}


def refused(found: object) -> BadEvidence:
    with pytest.raises(BadEvidence) as caught:
        parse(found)
    return caught.value


def test_every_kind_has_an_example() -> None:
    assert KINDS.keys() == EXAMPLES.keys()


@pytest.mark.parametrize("kind", EXAMPLES)
def test_reads_and_writes_every_kind(kind: str) -> None:
    record = parse(example(kind))
    assert record.kind == kind and type(record) is KINDS[kind]
    assert record.attested_on == date(2026, 3, 20)
    assert parse(to_json(record)) == record
    assert parse_line(json.dumps(to_json(record))) == record


@pytest.mark.parametrize("kind", EXAMPLES)
def test_every_key_is_needed_unless_it_has_a_default(kind: str) -> None:
    optional = {"units", "effective_to", "rendering_npi", "place_of_service", "drugs", "excerpt",
                "page", "region", "levels", "laterality"}  # fmt: skip
    optional |= {"procedure_codes"} if kind == "referral" else set()
    for key in set(example(kind)) - optional:
        found = example(kind)
        del found[key]
        error = refused(found)
        assert error.code in {"EVIDENCE_MISSING_KEY", "EVIDENCE_NO_SUBJECT",
                              "EVIDENCE_UNKNOWN_KIND"}  # fmt: skip


@pytest.mark.parametrize("kind", EXAMPLES)
def test_unknown_key_is_refused_and_not_shown(kind: str) -> None:
    error = refused({**example(kind), "Jane Doe 1970": "x"})
    assert error.code == "EVIDENCE_UNKNOWN_KEY"
    assert "Jane" not in str(error)


@pytest.mark.parametrize(
    ("kind", "change", "code", "place"),
    [
        ("authorization", {"units": "2"}, "EVIDENCE_WRONG_TYPE", "units"),
        ("authorization", {"units": -1}, "EVIDENCE_BAD_VALUE", "units"),
        ("authorization", {"units": True}, "EVIDENCE_WRONG_TYPE", "units"),
        ("authorization", {"units": float("nan")}, "EVIDENCE_BAD_VALUE", "units"),
        ("authorization", {"units": 10**5000}, "EVIDENCE_BAD_VALUE", "units"),
        ("authorization", {"status": "maybe"}, "EVIDENCE_BAD_VALUE", "status"),
        ("authorization", {"status": 3}, "EVIDENCE_WRONG_TYPE", "status"),
        ("authorization", {"units": 1_000_000_001}, "EVIDENCE_BAD_VALUE", "units"),
        ("authorization", {"procedure_codes": ["64483"] * 501}, "EVIDENCE_BAD_VALUE",
         "procedure_codes"),
        ("authorization", {"procedure_codes": []}, "EVIDENCE_BAD_VALUE", "procedure_codes"),
        ("authorization", {"procedure_codes": "64483"}, "EVIDENCE_WRONG_TYPE", "procedure_codes"),
        ("authorization", {"procedure_codes": ["6448"]}, "EVIDENCE_BAD_VALUE",
         "procedure_codes[1]"),
        ("authorization", {"rendering_npi": 1234567893}, "EVIDENCE_WRONG_TYPE", "rendering_npi"),
        ("authorization", {"rendering_npi": "123"}, "EVIDENCE_BAD_VALUE", "rendering_npi"),
        ("authorization", {"valid_to": "2026-02-28"}, "EVIDENCE_BAD_VALUE", ""),
        ("authorization", {"valid_to": "2026-02-30"}, "EVIDENCE_BAD_VALUE", "valid_to"),
        ("authorization", {"valid_to": "03/14/2026"}, "EVIDENCE_BAD_VALUE", "valid_to"),
        ("authorization", {"number": "A\n1"}, "EVIDENCE_BAD_VALUE", "number"),
        ("authorization", {"number": ""}, "EVIDENCE_BAD_VALUE", "number"),
        *(("authorization", {"number": f"A{sign}1"}, "EVIDENCE_BAD_VALUE", "number")
          for sign in ("~", "*", ":", "^", "`", "é", "  ")),
        ("authorization", {"number": "A" * 51}, "EVIDENCE_BAD_VALUE", "number"),
        ("referral", {"number": "R*1"}, "EVIDENCE_BAD_VALUE", "number"),
        ("subscriber", {"member_id": "W123~NM1"}, "EVIDENCE_BAD_VALUE", "member_id"),
        ("subscriber", {"member_id": "W"}, "EVIDENCE_BAD_VALUE", "member_id"),
        *(("diagnosis", {"codes": ["M54.16", code]}, "EVIDENCE_BAD_VALUE", "codes[2]")
          for code in ("...", "M54.", "M5.416", "M54..1", "724.2", "ABF", "M54.12345")),
        ("authorization", CLAIM, "EVIDENCE_NO_SUBJECT", ""),
        ("procedure_note", {"place_of_service": "office"}, "EVIDENCE_BAD_VALUE",
         "place_of_service"),
        ("procedure_note", {"place_of_service": 11}, "EVIDENCE_WRONG_TYPE", "place_of_service"),
        ("procedure_note", {"rendering_npi": "1234567890"}, "EVIDENCE_BAD_VALUE", "rendering_npi"),
        ("procedure_note", {"rendering_npi": "123456789"}, "EVIDENCE_BAD_VALUE", "rendering_npi"),
        ("procedure_note", {"rendering_npi": 1234567893}, "EVIDENCE_WRONG_TYPE", "rendering_npi"),
        ("referral", {"number": ""}, "EVIDENCE_BAD_VALUE", "number"),
        ("referral", {"valid_to": "2026-02-28"}, "EVIDENCE_BAD_VALUE", ""),
        ("referral", {"units": "3"}, "EVIDENCE_WRONG_TYPE", "units"),
        ("enrollment", {"taxonomy_code": "208VP0014"}, "EVIDENCE_BAD_VALUE", "taxonomy_code"),
        ("enrollment", {"effective_to": "2025-12-31"}, "EVIDENCE_BAD_VALUE", ""),
        ("enrollment", {"member_id": "W123456789"}, "EVIDENCE_UNKNOWN_KEY", "key 10"),
        ("evaluation", {"separately_identifiable": "yes"}, "EVIDENCE_WRONG_TYPE",
         "separately_identifiable"),
        ("evaluation", {"page": 1.5}, "EVIDENCE_BAD_VALUE", "page"),
        ("evaluation", {"summary": "a\x00b"}, "EVIDENCE_BAD_VALUE", "summary"),
        ("evaluation", {"summary": "\ud800"}, "EVIDENCE_BAD_VALUE", "summary"),
        ("diagnostic_block", {"relief_percent": 101}, "EVIDENCE_BAD_VALUE", "relief_percent"),
        ("procedure_note", {"sites": [{"procedure_code": "62323", "side": "left"}]},
         "EVIDENCE_UNKNOWN_KEY", "sites[1] key 2"),
        ("procedure_note", {"sites": [{"procedure_code": "62323", "laterality": "up"}]},
         "EVIDENCE_BAD_VALUE", "sites[1].laterality"),
        ("procedure_note", {"drugs": [3]}, "EVIDENCE_WRONG_TYPE", "drugs[1]"),
        ("subscriber", {"payer_id": "87726"}, "EVIDENCE_UNKNOWN_KEY", "key 7"),
        ("subscriber", {"withdrawn": "yes"}, "EVIDENCE_WRONG_TYPE", "withdrawn"),
    ],
)  # fmt: skip
def test_what_is_refused(kind: str, change: dict[str, Any], code: str, place: str) -> None:
    error = refused({**example(kind), **change})
    assert (error.code, error.place) == (code, place)


@pytest.mark.parametrize(
    ("kind", "key", "value"),
    [
        ("authorization", "number", "a-99/88.77#6_b"),
        ("authorization", "number", "PA 2026 00123"),
        ("authorization", "number", "1" * 50),
        ("authorization", "units", 0),
        ("authorization", "units", 1_000_000_000),
        ("authorization", "procedure_codes", ["64483"] * 500),
        ("diagnostic_block", "relief_percent", 0),
        ("diagnostic_block", "relief_percent", 100),
        ("subscriber", "member_id", "1EG4-TE5-MK73 01"),
        ("subscriber", "member_id", "W1"),
        *(("diagnosis", "codes", [code])
          for code in ("M54.16", "M5416", "I10", "C7A.8", "Z3A.01", "U07.1", "S32.010A")),
    ],
)  # fmt: skip
def test_what_charts_have_is_read(kind: str, key: str, value: Any) -> None:
    assert to_json(parse({**example(kind), key: value}))[key] == value


BAD_LINES = ["", "{", "[]", "3", '{"kind":"evaluation","kind":"diagnosis"}', "[" * 100_000,
             '{"kind":' + "9" * 10_000 + "}", "NaN"]  # fmt: skip


@pytest.mark.parametrize("line", BAD_LINES, ids=lambda line: line[:12])
def test_lines_that_are_no_record(line: str) -> None:
    with pytest.raises(BadEvidence):
        parse_line(line)


def test_a_key_that_stands_twice_is_refused_at_any_depth() -> None:
    """Which of the two counts, no reader can tell."""
    text = json.dumps(example("procedure_note"))
    assert parse_line(text)
    for once in ('"document_id": "D-1"', '"milligrams": 40'):
        assert once in text
        with pytest.raises(BadEvidence, match="EVIDENCE_DUPLICATE_KEY"):
            parse_line(text.replace(once, f"{once}, {once}"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


@given(JSON)
def test_parse_raises_nothing_but_bad_evidence(found: object) -> None:
    with pytest.raises(BadEvidence):
        parse(found)


@given(st.sampled_from(sorted(EXAMPLES)), st.data())
def test_a_record_with_anything_in_a_key_is_read_or_refused(kind: str, data) -> None:
    found = example(kind)
    key = data.draw(st.sampled_from(sorted(found)))
    found[key] = data.draw(JSON)
    try:
        record = parse(found)
    except BadEvidence as error:
        assert error.expected
    else:
        assert parse(to_json(record)) == record


@given(st.text(max_size=200))
def test_any_line_is_read_or_refused(line: str) -> None:
    with pytest.raises(BadEvidence):
        parse_line(line)


@given(
    st.sampled_from(sorted(EXAMPLES)),
    st.dictionaries(st.sampled_from(["number", "units", "sites", "kind", "", "attested_on"])
                    | st.none(), st.none() | st.text(max_size=9) | st.lists(st.text())),
)  # fmt: skip
def test_any_csv_row_is_refused_or_read(kind: str, row: dict[Any, Any]) -> None:
    with pytest.raises(BadEvidence):
        parse_csv_row(kind, row)


def test_csv_row_is_the_same_record() -> None:
    row = {**BY, **MEMBER, "number": "A99887766", "procedure_codes": "64483; 64484",
           "valid_from": "2026-03-01", "valid_to": "2026-05-30", "units": "2",
           "rendering_npi": "", "place_of_service": ""}  # fmt: skip
    assert parse_csv_row("authorization", row) == parse(example("authorization"))
    row = {**BY, **CLAIM, "service_date": "2026-03-14", "separately_identifiable": "Yes",
           "summary": "new shoulder pain", "page": "2"}  # fmt: skip
    record = parse_csv_row("evaluation", row)
    assert isinstance(record, Evaluation) and record.separately_identifiable and record.page == 2
    row = {**BY, **MEMBER, "number": "R20000001", "referring_npi": "1999999984",
           "valid_from": "2026-03-01", "valid_to": "2026-05-30", "procedure_codes": "64483",
           "units": "3"}  # fmt: skip
    assert parse_csv_row("referral", row) == parse(example("referral"))
    row = {**BY, **EXAMPLES["enrollment"]}
    assert parse_csv_row("enrollment", row) == parse(example("enrollment"))


def test_a_csv_row_has_at_most_as_many_cells_as_columns() -> None:
    """A row that is too short leaves its last columns empty; what is too much has no name."""
    row = {**BY, **CLAIM, "member_id": "W123456780"}
    assert parse_csv_row("subscriber", {**row, "withdrawn": None}) == parse(example("subscriber"))
    for more in ({None: ["W1"]}, {"withdrawn": ["yes", "no"]}):
        with pytest.raises(BadEvidence):
            parse_csv_row("subscriber", {**row, **more})


def test_a_csv_may_say_its_kind_once_more() -> None:
    row = {"document_id": "EM-1", "attested_by": "a", "attested_on": "2026-03-20",
           "patient_control_number": "P1", "service_date": "2026-03-14",
           "separately_identifiable": "yes", "summary": "x"}  # fmt: skip
    assert parse_csv_row("evaluation", {**row, "kind": "evaluation"}) == (
        parse_csv_row("evaluation", row)
    )
    with pytest.raises(BadEvidence, match="EVIDENCE_UNKNOWN_KEY"):
        parse_csv_row("evaluation", {**row, "kind": "diagnosis"})


def test_csv_of_a_procedure_note_has_a_row_a_site() -> None:
    note = {**BY, **CLAIM, "service_date": "2026-03-14", "place_of_service": "24"}
    first = {**note, "procedure_code": "62323", "region": "lumbar", "levels": "L4-L5;L5-S1",
             "session": "1", "images_saved": "true", "drug_procedure_code": "J1010",
             "milligrams": "40", "ndc": "00009028003"}  # fmt: skip
    second = {**note, "procedure_code": "20610", "structure": "knee", "laterality": "left"}
    rows = [parse_csv_row("procedure_note", row) for row in (first, second)]
    (merged,) = merge_notes(rows)
    assert isinstance(merged, ProcedureNote)
    assert [s.procedure_code for s in merged.sites] == ["62323", "20610"]
    assert merged.place_of_service == "24"
    assert merged.sites[0].levels == ("L4-L5", "L5-S1") and merged.sites[0].images_saved is True
    assert [d.milligrams for d in merged.drugs] == [Decimal(40)]


def test_every_csv_row_with_a_drug_is_a_drug_that_was_given() -> None:
    note = {**BY, **CLAIM, "service_date": "2026-03-14"}
    drug = {"drug_procedure_code": "J1010", "milligrams": "40"}
    knees = [{**note, **drug, "procedure_code": "20610", "structure": "knee", "laterality": side}
             for side in ("left", "right")]  # fmt: skip
    (merged,) = merge_notes(parse_csv_row("procedure_note", row) for row in knees)
    assert isinstance(merged, ProcedureNote)
    assert [d.milligrams for d in merged.drugs] == [Decimal(40), Decimal(40)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (("1999999984", "1999999984"), "1999999984"),
        (("1999999984", ""), "1999999984"),
        (("1999999984", "1234567893"), None),
        (("1999999984", "1234567893", "1999999984"), None),
    ],
)
def test_csv_rows_that_name_different_people_make_a_note_that_names_none(
    rows: tuple[str, ...], expected: str | None
) -> None:
    note = {**BY, **CLAIM, "service_date": "2026-03-14"}
    codes = ("62323", "20610", "64483")
    (merged,) = merge_notes(
        parse_csv_row("procedure_note", {**note, "procedure_code": code, "rendering_npi": npi})
        for code, npi in zip(codes, rows, strict=False)
    )
    assert isinstance(merged, ProcedureNote) and merged.rendering_npi == expected


def test_csv_rows_attested_on_another_day_are_another_note() -> None:
    note = {**BY, **CLAIM, "service_date": "2026-03-14", "procedure_code": "62323"}
    rows = [{**note, "region": "lumbar"}, {**note, "procedure_code": "20610"},
            {**note, "attested_on": "2026-03-25", "region": "cervical"}]  # fmt: skip
    first, later = merge_notes(parse_csv_row("procedure_note", row) for row in rows)
    assert isinstance(first, ProcedureNote) and isinstance(later, ProcedureNote)
    assert [s.region for s in later.sites] == ["cervical"] and len(first.sites) == 2


def test_a_withdrawal_says_so_in_json_and_csv() -> None:
    record = parse({**example("subscriber"), "withdrawn": True})
    assert record.withdrawn and to_json(record)["withdrawn"] is True
    assert not parse(example("subscriber")).withdrawn
    note = {**BY, **CLAIM, "service_date": "2026-03-14", "procedure_code": "62323"}
    rows = [note, {**note, "procedure_code": "20610", "withdrawn": "yes"}]
    (merged,) = merge_notes(parse_csv_row("procedure_note", row) for row in rows)
    assert merged.withdrawn


def test_csv_errors_show_no_cell() -> None:
    with pytest.raises(BadEvidence) as caught:
        parse_csv_row("subscriber", {"Jane Doe": "W123", "1970-01-01": "x"})
    assert "Jane" not in str(caught.value) and "1970" not in str(caught.value)
    with pytest.raises(BadEvidence) as caught:
        parse_csv_row("authorization", {**BY, **MEMBER, "number": "A1", "units": "Jane",
                                        "procedure_codes": "64483", "valid_from": "2026-03-01",
                                        "valid_to": "2026-03-02"})  # fmt: skip
    assert "Jane" not in str(caught.value) and caught.value.place == "units"


def test_open_and_used_units_of_an_authorization() -> None:
    record = parse({**example("authorization"), "units_used": 1.5, "issued_on": "2026-02-20"})
    assert isinstance(record, Authorization)
    assert record.status == "approved" and record.units_used == Decimal("1.5")
    assert record.rendering_npi is None and record.place_of_service is None


def test_what_a_referral_and_an_enrollment_leave_open() -> None:
    record = parse({"kind": "referral", **BY, **EXAMPLES["referral"], "procedure_codes": None})
    assert isinstance(record, Referral) and record.procedure_codes == ()
    record = parse({"kind": "enrollment", **BY, **EXAMPLES["enrollment"], "effective_to": None})
    assert isinstance(record, Enrollment) and record.effective_to is None
    assert (record.subject.payer_id, record.subject.npi) == ("87726", "1234567893")


def test_no_correction_without_evidence() -> None:
    what = {"place": "2300/REF*G1", "old_value": None, "new_value": "A1", "rule_code": "r",
            "rule_version": 1, "reason": "why"}  # fmt: skip
    record = parse(example("authorization"))
    assert Correction(evidence=(record,), **what).evidence == (record,)
    for nothing in ((), ("AUTH-778",), (None,), (record, None)):
        with pytest.raises(ValueError, match="without evidence"):
            Correction(evidence=nothing, **what)  # type: ignore[arg-type]
