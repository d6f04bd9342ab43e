"""The marts: the contract's columns in the contract's order, and nothing about the patient."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from rules.classify import FORWARDED, QMB
from warehouse import steps
from warehouse import tables as t
from warehouse.database import Warehouse, mart_names, sql_of
from warehouse.query import run_query
from warehouse.settings import load_settings

CONTRACT = {
    "mart_file": """
        file_id file_name sha256 kind status reason_code interchange_control_number claim_count
        service_line_count quarantined_claim_count charge_amount payment_amount received_at""",
    "mart_submission": """
        submission_id file_name origin patient_control_number payer_sequence
        claim_filing_indicator submitted_on accepted_on payer_id payer_name claim_frequency_code
        payer_claim_control_number charge_amount service_line_count first_service_date billing_npi
        rendering_npi status status_codes""",
    "mart_submitted_line": """
        submission_id patient_control_number line_number line_item_control_number procedure_code
        modifiers charge_amount units service_date place_of_service diagnosis_codes
        expected_allowed_amount expected_source""",
    "mart_adjudicated_line": """
        file_name claim_position service_position patient_control_number
        reported_patient_control_number payer_claim_control_number claim_status_code is_reversal
        line_number match_method procedure_code adjudicated_procedure_code modifiers charge_amount
        payment_amount allowed_amount units_paid service_date remark_codes trace_number
        payment_date payer_id submission_id billing_npi adjudication_sequence allowed_source
        is_balanced is_reversed is_other_payer denied_amount patient_share_amount
        contractual_amount other_adjustment_amount patient_share_owed_by policy_identifiers""",
    "mart_adjustment": """
        file_name claim_position service_position group_code reason_code amount quantity category
        is_denial""",
    "mart_denial": """
        denial_id patient_control_number line_number procedure_code modifiers service_date
        payer_id payer_name group_code reason_code remark_codes category denied_amount
        line_charge_amount denied_on path decision rule_code explanation missing_evidence status
        deadline submission_id billing_npi rendering_npi place_of_service is_initial
        is_preventable decided_on resolved_on resolution recovered_amount""",
    "mart_correction": """
        correction_id denial_id patient_control_number line_number rule_code rule_version place
        old_value new_value evidence status approved_by outbound_file_name outcome""",
    "mart_outbound": """
        file_name sha256 interchange_control_number patient_control_number claim_frequency_code
        payer_claim_control_number state emitted_at acknowledged_at charge_amount
        recovered_amount""",
    "mart_remittance": """
        file_name trace_number payment_method payment_date payment_amount payer_id payee_npi
        claim_count provider_adjustment_amount is_balanced deposited_on
        interest_amount""",
    "mart_provider_adjustment": """
        file_name trace_number provider_npi fiscal_period_date reason_code reference amount
        category patient_control_number submission_id closed_by_trace_number""",
    "mart_prior_adjudication": """
        submission_id patient_control_number line_number part payer_id payer_name payer_sequence
        payer_claim_control_number paid_amount allowed_amount patient_responsibility_amount
        remaining_patient_liability_amount adjustments remark_codes procedure_code units
        adjudicated_on is_balanced remittance_payment_amount
        remittance_patient_responsibility_amount is_different""",
    "mart_scrub_finding": """
        patient_control_number line_number rule_code severity explanation amount""",
    "mart_session": """
        patient_key payer_id procedure_group region service_date sessions_in_window
        limit_in_window""",
    "mart_kpi": "kpi month payer_id numerator denominator value",
}

Rows = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def rows(warehouse: Warehouse) -> Rows:
    def fetch(mart: str, where: str = "1 = 1") -> list[dict[str, Any]]:
        with warehouse.read() as connection:
            found = connection.exec_driver_sql(f"select * from {mart} where {where}")
            return [dict(row) for row in found.mappings()]

    return fetch


@pytest.fixture
def columns_of(warehouse: Warehouse) -> Callable[[str], list[str]]:
    def fetch(mart: str) -> list[str]:
        with warehouse.read() as connection:
            return list(connection.exec_driver_sql(f"select * from {mart}").keys())

    return fetch


def test_there_are_the_contracts_marts_and_no_others() -> None:
    assert mart_names() == sorted(CONTRACT)


@pytest.mark.parametrize("mart", CONTRACT)
def test_a_mart_has_the_contracts_columns(
    mart: str, columns_of: Callable[[str], list[str]]
) -> None:
    assert columns_of(mart) == CONTRACT[mart].split()


def test_marts_are_made_again_without_a_complaint(
    warehouse: Warehouse, columns_of: Callable[[str], list[str]]
) -> None:
    warehouse.migrate()
    assert {mart: columns_of(mart) for mart in CONTRACT} == {
        mart: columns.split() for mart, columns in CONTRACT.items()
    }


@pytest.mark.usefixtures("small_claim")
@pytest.mark.parametrize("mart", CONTRACT)
def test_no_mart_shows_who_the_patient_is(mart: str, rows: Rows, columns_of: Any) -> None:
    never = ("member", "birth", "patient_name", "last_name", "first_name", "address", "subscriber")
    assert not [c for c in columns_of(mart) if any(word in c for word in never)]
    assert not [c for c in columns_of(mart) if "name" in c
                and c not in ("file_name", "outbound_file_name", "payer_name")]  # fmt: skip
    assert "W123456789" not in str(rows(mart))


@pytest.mark.usefixtures("small_claim")
def test_a_file_of_our_own_is_no_file_seen_but_names_its_submission(rows: Rows) -> None:
    assert [r["file_id"] for r in rows("mart_file")] == [1, 2]
    assert [(r["file_name"], r["origin"]) for r in rows("mart_submission")] == [
        ("drop.837", "read"),
        ("out1.837", "emitted"),
    ]


@pytest.mark.usefixtures("small_claim")
def test_money_is_dollars_to_the_cent(rows: Rows) -> None:
    [seen] = rows("mart_file", "file_id = 1")
    assert f"{seen['charge_amount']:.2f}" == "450.10"
    lines = rows("mart_submitted_line", "submission_id = 1")
    assert [f"{r['charge_amount']:.2f}" for r in lines] == ["450.00", "0.10"]


@pytest.mark.usefixtures("small_claim")
def test_a_denial_names_its_line_by_lx(rows: Rows) -> None:
    [denial] = rows("mart_denial")
    assert denial["line_number"] == "1"
    assert (denial["procedure_code"], denial["modifiers"]) == ("62323", "RT,59")
    assert (denial["payer_id"], denial["payer_name"]) == ("87726", "ACME HEALTH")
    assert (denial["denied_on"], denial["place_of_service"]) == ("2026-09-14", "11")
    assert (denial["path"], denial["is_initial"]) == ("replacement", 1)


@pytest.mark.usefixtures("small_claim")
def test_a_denial_of_no_claim_of_ours_is_for_a_person(keep: Any, rows: Rows) -> None:
    keep(t.claim_payment, claim_payment_id=2, claim_position=2, submission_id=None,
         reported_patient_control_number="ELSEWHERE")  # fmt: skip
    keep(t.service_payment, claim_payment_id=2, line_position=None, match_method="unmatched")
    keep(t.denial, denial_id=2, claim_payment_id=2, submission_id=None, line_position=None)
    [denial] = rows("mart_denial", "denial_id = 2")
    assert denial["patient_control_number"] == "ELSEWHERE"
    assert (denial["line_number"], denial["path"]) == (None, "review")
    assert (denial["payer_id"], denial["payer_name"]) == ("87726", "ACME HEALTH PLAN")
    [line] = rows("mart_adjudicated_line", "claim_position = 2")
    assert (line["patient_control_number"], line["line_number"]) == (None, None)
    assert line["reported_patient_control_number"] == "ELSEWHERE"
    assert line["adjudication_sequence"] is None


@pytest.mark.usefixtures("small_claim")
def test_a_denial_of_a_whole_claim_has_no_line(keep: Any, rows: Rows) -> None:
    keep(t.denial, denial_id=2, service_position=0, line_position=None)
    [denial] = rows("mart_denial", "denial_id = 2")
    assert (denial["line_number"], denial["procedure_code"]) == (None, None)
    assert denial["patient_control_number"] == "PCN1"


@pytest.mark.usefixtures("small_claim")
def test_adjudications_of_a_claim_count_over_its_submissions(keep: Any, rows: Rows) -> None:
    # Arrived before (a lower id would do), paid after.
    keep(t.remittance, remittance_id=2, trace_number="TRACE2", payment_date=date(2026, 9, 30))
    keep(t.claim_payment, claim_payment_id=3, remittance_id=2, claim_position=3, submission_id=2)
    keep(t.service_payment, claim_payment_id=3)
    keep(t.remittance, remittance_id=3, trace_number="TRACE3", payment_date=date(2026, 9, 20))
    keep(t.claim_payment, claim_payment_id=4, remittance_id=3, claim_position=4)
    keep(t.service_payment, claim_payment_id=4, is_balanced=False)
    found = {r["trace_number"]: r for r in rows("mart_adjudicated_line")}
    assert [found[f"TRACE{n}"]["adjudication_sequence"] for n in (1, 3, 2)] == [1, 2, 3]
    assert [found[f"TRACE{n}"]["is_balanced"] for n in (1, 3, 2)] == [1, 0, 1]


@pytest.mark.usefixtures("small_claim")
@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ("2010BA/NM109", "6780"),
        ("2010CA/NM109", "6780"),
        ("2330A[1]/NM109", "6780"),
        ("2010BA/REF*SY", "6780"),
        ("2300/REF*EA", "6780"),
        ("2010BA/NM103", None),
        ("2010BA/DMG02", None),
        ("2300/REF*G1", "W123456780"),
        ("2400[2]/SV101-3", "W123456780"),
    ],
)
def test_identifiers_of_people_show_four_characters(
    place: str, shown: str | None, keep: Any, rows: Rows
) -> None:
    keep(t.correction, correction_id=2, place=place, old_value="W123456789",
         new_value="W123456780")  # fmt: skip
    [correction] = rows("mart_correction", "correction_id = 2")
    assert correction["new_value"] == shown
    assert correction["place"] == place
    assert correction["old_value"] == (shown and shown.replace("80", "89"))


@pytest.mark.usefixtures("small_claim")
def test_a_correction_names_the_file_it_left_in(rows: Rows) -> None:
    [correction] = rows("mart_correction")
    assert correction["outbound_file_name"] == "out1.837"
    assert correction["evidence"] == "AUTH-778"
    assert correction["line_number"] == "1"


@pytest.mark.usefixtures("small_claim")
@pytest.mark.parametrize(
    ("file_state", "claim_state", "shown"),
    [
        ("emitted", "emitted", "emitted"),
        ("acknowledged", "emitted", "acknowledged"),
        ("acknowledged", "accepted", "accepted"),
        ("acknowledged", "adjudicated", "adjudicated"),
        ("unconfirmed", "delivering", "unconfirmed"),
    ],
)
def test_what_was_said_of_a_claim_wins_over_its_files_state(
    file_state: str, claim_state: str, shown: str, warehouse: Warehouse, rows: Rows
) -> None:
    with warehouse.write() as connection:
        connection.execute(t.outbound_file.update().values(state=file_state))
        connection.execute(t.outbound_claim.update().values(state=claim_state))
    [sent] = rows("mart_outbound")
    assert (sent["state"], sent["patient_control_number"]) == (shown, "PCN1")


def people_of(home: Path) -> set[str]:
    """Names, ids, birth dates and addresses of subscribers and patients in the month's files."""
    found: set[str] = set()
    for path in (home / "archive").rglob("*"):
        if not path.is_file():
            continue
        text = path.read_text(encoding="latin-1")
        party = ""
        for segment in re.split(r"[~\n]", text):
            e = [*segment.strip().split(text[3]), *[""] * 9]
            party = e[1] if e[0] == "NM1" else "" if e[0] in ("HL", "CLM") else party
            if party in ("IL", "QC"):
                found |= {
                    "NM1": {e[3], e[4], e[9]},
                    "DMG": {f"{e[2][:4]}-{e[2][4:6]}-{e[2][6:8]}"},
                    "N3": {e[1]},
                }.get(e[0], set())
    return {text for text in found if len(text) > 2}


def test_a_months_marts_name_nobody(month: Path) -> None:
    people = people_of(month)
    assert len(people) > 50
    words = re.compile("|".join(rf"(?<!\w){re.escape(p)}(?!\w)" for p in sorted(people)), re.I)
    shown = 0
    with steps.opened(load_settings(month)) as opened:
        for mart in CONTRACT:
            columns, rows = run_query(opened, f"select * from {mart}")
            for row in rows:
                for column, value in zip(columns, row, strict=True):
                    if column == "payer_name":  # the month's payers are Sample Mutual and such
                        continue
                    assert not (isinstance(value, str) and words.search(value)), (mart, column)
                    shown += isinstance(value, str)
    assert shown > 1000


def test_a_share_that_remarks_keep_from_the_patient_is_the_next_payer_s() -> None:
    sql = sql_of("marts", "mart_adjudicated_line")
    assert set(re.findall(r"%,(\w+),%", sql)) == QMB
    assert set(re.findall(r"claim_status_code in \(([^)]*)\)", sql)) == {
        ", ".join(f"'{code}'" for code in sorted(FORWARDED))
    }
