"""Reports on denials: counts and cents that add up, from the terminal too."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert
from typer.testing import CliRunner

from cases.rows import change
from warehouse import steps
from warehouse import tables as t
from warehouse.cli import app
from warehouse.database import Warehouse
from warehouse.report import BY, denials_by, pareto, unmatched

DENIAL = {
    "claim_payment_id": 1, "submission_id": 1, "line_position": 2, "group_code": "OA",
    "remark_codes": "", "category": "other", "line_charge_cents": 10, "is_preventable": False,
    "status": "open", "is_copy": False,
}  # fmt: skip


@pytest.fixture
def denied(warehouse: Warehouse, small_claim: None) -> Warehouse:
    """One line denied for want of an authorization, one pended, one denied for a dime."""
    with warehouse.write() as connection:
        connection.execute(insert(t.denial), [
            DENIAL | {"service_position": 2, "reason_code": "133", "denied_cents": 0,
                      "is_initial": False, "path": "hold"},
            DENIAL | {"service_position": 3, "reason_code": "97", "denied_cents": 10,
                      "is_initial": True, "path": "review"},
        ])  # fmt: skip
    return warehouse


@pytest.mark.parametrize("by", BY)
def test_every_grouping_adds_up_to_the_same(denied: Warehouse, by: str) -> None:
    rows = denials_by(denied, by)
    assert sum(row.denied_count for row in rows) == 2
    assert sum(row.pended_count for row in rows) == 1
    assert sum(row.denied_amount for row in rows) == Decimal("450.10")
    assert rows[-1].cumulative_share == 1


def test_what_is_pended_is_no_denied_money(denied: Warehouse) -> None:
    rows = {row.name: row for row in denials_by(denied, "carc")}
    assert rows["OA-133"].denied_count == 0 and rows["OA-133"].denied_amount == 0
    assert rows["CO-197"].label and rows["CO-197"].open_amount == 450


def test_where_all_is_pended_nothing_is_denied(warehouse: Warehouse, small_claim: None) -> None:
    with warehouse.write() as connection:
        connection.execute(t.denial.update().values(denied_cents=0, is_initial=False))
    [row] = denials_by(warehouse, "payer")
    assert (row.pended_count, row.share, row.cumulative_share) == (1, None, None)
    assert pareto(warehouse, "payer") == []


def test_the_few_causes_come_first_and_are_few(denied: Warehouse) -> None:
    assert [row.name for row in pareto(denied, "carc")] == ["CO-197"]


def test_the_few_stop_where_they_come_to_the_share_asked_for(denied: Warehouse) -> None:
    exactly = Decimal(45000) / Decimal(45010)
    for upto, names in ((exactly, ["CO-197"]), (exactly + Decimal("1e-9"), ["CO-197", "OA-97"])):
        assert [row.name for row in pareto(denied, "carc", upto=upto)] == names


def test_initial_denials_and_submissions_are_counted(denied: Warehouse) -> None:
    rows = {row.name: row for row in denials_by(denied, "carc")}
    assert [rows[n].initial_count for n in ("CO-197", "OA-133", "OA-97")] == [1, 0, 1]
    assert [rows[n].submission_count for n in ("CO-197", "OA-133", "OA-97")] == [1, 0, 1]
    assert [row.submission_count for row in denials_by(denied, "payer")] == [1]


def test_refusals_of_copies_are_told_apart_and_add_up_to_nothing(denied: Warehouse) -> None:
    with denied.write() as connection:
        connection.execute(insert(t.denial), [
            DENIAL | {"service_position": n, "reason_code": "18", "denied_cents": 90000,
                      "is_initial": False, "is_copy": True, "path": "none"} for n in (4, 5)
        ])  # fmt: skip
    rows = {row.name: row for row in denials_by(denied, "carc")}
    copies = rows["OA-18"]
    assert (copies.copy_count, copies.denied_count, copies.submission_count) == (2, 0, 0)
    assert copies.denied_amount == copies.open_amount == 0
    assert rows["CO-197"].copy_count == 0
    assert [row.name for row in pareto(denied, "carc")] == ["CO-197"]


def test_what_was_denied_again_is_in_the_amount_and_not_in_the_initial_one(
    denied: Warehouse,
) -> None:
    with denied.write() as connection:
        connection.execute(insert(t.denial), [
            DENIAL | {"service_position": 4, "reason_code": "197", "group_code": "CO",
                      "denied_cents": 45000, "is_initial": False, "path": "review"},
        ])  # fmt: skip
    rows = {row.name: row for row in denials_by(denied, "carc")}
    assert (rows["CO-197"].denied_amount, rows["CO-197"].initial_amount) == (900, 450)


def test_what_has_no_reason_code_is_said_so(denied: Warehouse) -> None:
    with denied.write() as connection:
        connection.execute(insert(t.denial), [
            DENIAL | {"service_position": 4, "reason_code": "", "group_code": "",
                      "denied_cents": 5, "is_initial": True, "path": "review"},
        ])  # fmt: skip
    assert "(no code)" in {row.name for row in denials_by(denied, "carc")}


def test_months_come_in_order_of_time(denied: Warehouse, keep: Any) -> None:
    keep(t.remittance, remittance_id=2, payment_date=date(2026, 8, 31), trace_number="T0")
    keep(t.claim_payment, claim_payment_id=2, remittance_id=2, claim_position=2)
    keep(t.denial, claim_payment_id=2, service_position=1, denied_cents=20,
         denied_on=date(2026, 8, 31))  # fmt: skip
    rows = denials_by(denied, "month")
    assert [(row.name, row.denied_amount) for row in rows] == [
        ("(no date)", Decimal("0.10")), ("2026-08", Decimal("0.20")), ("2026-09", Decimal(450)),
    ]  # fmt: skip
    assert rows[-1].cumulative_share == 1


def test_the_command_says_the_same_in_every_format(denied: Warehouse, tmp_path: Path) -> None:
    home = str(steps.initialise(tmp_path / "home").home)
    run = CliRunner(env={"RECLAIM_WAREHOUSE": str(denied.engine.url)}).invoke
    found = json.loads(run(app, ["report", "denials", "--home", home, "--json"]).stdout)
    assert found["report"] == "denials" and len(found["rows"]) == 3
    text = run(app, ["report", "denials", "--home", home, "--format", "csv"]).stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["name"] for row in rows] == [row["name"] for row in found["rows"]]
    assert "CO-197" in run(app, ["report", "pareto", "--home", home]).stdout
    assert run(app, ["report", "denials", "--home", home, "--by", "moon"]).exit_code == 2


UNTOLD = {"line_position": None, "service_position": 3, "charge_cents": 700, "payment_cents": 500}


@pytest.mark.parametrize(
    ("payment", "service", "why"),
    [
        ({}, {"match_method": "ambiguous"}, "several lines may be meant"),
        ({}, {"match_method": "unmatched"}, "no line fits"),
        ({"submission_id": None, "reported_patient_control_number": "ELSE"},
         {"match_method": "unmatched"}, "its claim is not here"),
        ({"submission_id": None}, {"match_method": "unmatched"},
         "claims of this number do not fit it, or several do"),
        ({"is_reversal": True}, {"match_method": "exact"}, "takes back nothing that is here"),
        ({}, {"match_method": "exact"}, None),
        ({"is_reversal": True, "reverses_id": 1}, {"match_method": "exact"}, None),
    ],
)  # fmt: skip
def test_what_is_joined_to_no_line_is_told_with_its_reason(
    warehouse: Warehouse, small_claim: None, keep: Any, payment: Any, service: Any, why: str | None
) -> None:
    """Paid or not: what is denied waits in the review list as well."""
    assert unmatched(warehouse) == []
    keep(t.claim_payment, **({"claim_payment_id": 2, "claim_position": 2} | payment))
    keep(t.service_payment, claim_payment_id=2, **(UNTOLD | service))
    found = [row for row in unmatched(warehouse) if row.claim_position == 2]
    assert [row.why for row in found] == ([why] if why else [])
    assert [(row.charge_amount, row.payment_amount) for row in found] == [(7, 5)] * len(found)


@pytest.mark.parametrize(
    ("again", "is_told"),
    [({}, True), ({"is_other_payer": True}, True), ({"is_reversal": True}, True), (None, False)],
)
def test_what_is_taken_back_and_not_decided_again_is_told(
    warehouse: Warehouse, small_claim: None, keep: Any, again: Any, is_told: bool
) -> None:
    keep(t.claim_payment, claim_payment_id=2, claim_position=2, is_reversal=True, reverses_id=1)
    if again is None:
        keep(t.claim_payment, claim_payment_id=3, claim_position=3)
    elif again:
        keep(t.claim_payment, claim_payment_id=3, claim_position=3, reverses_id=2, **again)
    whys = {row.why for row in unmatched(warehouse)}
    assert whys == ({"taken back, and not decided again"} if is_told else set())
    change(warehouse, t.submission, 1, status="voided")
    assert unmatched(warehouse) == []


def test_the_command_names_files_by_their_id(
    warehouse: Warehouse, small_claim: None, keep: Any, tmp_path: Path
) -> None:
    keep(t.service_payment, **(UNTOLD | {"match_method": "ambiguous"}))
    home = str(steps.initialise(tmp_path / "home").home)
    run = CliRunner(env={"RECLAIM_WAREHOUSE": str(warehouse.engine.url)}).invoke
    ask = ["report", "unmatched", "--home", home]
    assert json.loads(run(app, [*ask, "--json"]).stdout)["rows"][0]["file"] == "#2 .835"
    shown = run(app, ask).stdout
    assert "several lines may be meant" in shown and "drop" not in shown
    [row] = csv.DictReader(io.StringIO(run(app, [*ask, "--format", "csv"]).stdout))
    assert (row["file"], row["payment_amount"]) == ("#2 .835", "5.00")
    listed = run(app, ["review", "list", "--home", home]).stdout
    assert "1 told service joined to no line" in listed


def test_a_long_rule_code_cuts_no_amount_short(denied: Warehouse, tmp_path: Path) -> None:
    home = str(steps.initialise(tmp_path / "home").home)
    with denied.write() as connection:
        connection.execute(insert(t.denial), [
            DENIAL | {"service_position": 4, "reason_code": "22", "denied_cents": 1234567890,
                      "is_initial": True, "path": "review",
                      "rule_code": "coordination.primary-remittance"},
        ])  # fmt: skip
    run = CliRunner(env={"RECLAIM_WAREHOUSE": str(denied.engine.url)}).invoke
    text = run(app, ["report", "denials", "--home", home, "--by", "rule"]).stdout
    assert text.count("12,345,678.90") == 2, "denied, and open"
    assert "recovered" in text and "so far" in text
