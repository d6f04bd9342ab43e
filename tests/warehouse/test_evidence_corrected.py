"""A chart fact that is put right: what stood on it and was not sent is decided anew."""

from __future__ import annotations

import csv
import json
import sqlite3
from datetime import date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from cases.reading import ATTESTED, MEMBER, claim_file, payment_file, segments
from warehouse import review, steps
from warehouse.database import Warehouse
from warehouse.settings import Settings
from warehouse.verify import verify

DAY, NOW = date(2026, 4, 20), datetime(2026, 4, 20, 9)
AUTHORIZATION = {
    "kind": "authorization", "document_id": "AUTH-1", **ATTESTED, **MEMBER, "number": "A1",
    "procedure_codes": ["64483"], "units": 1, "valid_from": "2026-03-01", "valid_to": "2026-05-01",
    "rendering_npi": "1234567893", "place_of_service": "11",
}  # fmt: skip
EVALUATION = {
    "kind": "evaluation", "document_id": "EM-1", **ATTESTED, "patient_control_number": "PCN1",
    "service_date": "2026-03-14", "separately_identifiable": False, "summary": "one visit",
}  # fmt: skip
PAYERS = (
    '[[payer]]\nname = "A"\nids = ["87726", "ACME1"]\nreplacement_claims = true\n'
    "corrected_claim_days = 365\nappeal_days = 365\n"
)


@pytest.fixture
def practice(tmp_path: Path) -> Settings:
    """One visit with an injection, denied for want of an authorization. Nothing goes by itself."""
    (tmp_path / "reclaim.toml").write_text(
        "[intake]\nsettle_seconds = 0\n[emission]\nmode = 'live'\n"
    )
    (tmp_path / "payers.toml").write_text(PAYERS)
    settings = steps.initialise(tmp_path)
    inbox = settings.folder("inbox")
    (inbox / "a.837").write_text(claim_file(segments(
        "CLM*PCN1*700***11:B:1*Y*A*Y*Y~HI*ABK:M5416~LX*1~SV1*HC:64483*600*UN*1***1~"
        "DTP*472*D8*20260314~LX*2~SV1*HC:99213*100*UN*1***1~DTP*472*D8*20260314~"
    )))  # fmt: skip
    (inbox / "b.835").write_text(payment_file(segments(
        "CLP*PCN1*1*700*0**12*ICN1*11*1~SVC*HC:64483*600*0**1~DTM*472*20260314~"
        "CAS*CO*197*600~SVC*HC:99213*100*0**1~DTM*472*20260314~CAS*CO*97*100~"
    )))  # fmt: skip
    return settings


def know(settings: Settings, *records: dict[str, Any], name: str = "chart.jsonl") -> None:
    text = "".join(json.dumps(r) + "\n" for r in records)
    if name.endswith(".csv"):
        out = StringIO()
        rows = [{k: ";".join(v) if isinstance(v, list) else v for k, v in r.items() if k != "kind"}
                for r in records]  # fmt: skip
        table = csv.DictWriter(out, list(rows[-1]))
        table.writeheader()
        table.writerows(rows)
        text = out.getvalue()
    (settings.folder("evidence") / name).write_text(text)


def rows(settings: Settings, statement: str) -> list[dict[str, Any]]:
    connection = sqlite3.connect(settings.home / "warehouse.db")
    connection.row_factory = sqlite3.Row
    found = [dict(row) for row in connection.execute(statement)]
    connection.close()
    return found


def decided(settings: Settings, line: int = 1) -> tuple[str, str]:
    """Decision and status of a line after another run."""
    steps.run(settings, as_of=DAY, now=NOW)
    (row,) = rows(settings, f"select decision, status from denial where line_position = {line}")
    return row["decision"], row["status"]


def approve(settings: Settings) -> None:
    warehouse = Warehouse(settings.url)
    try:
        review.approve(warehouse, settings, "1", by="biller.b", as_of=DAY, now=NOW)
    finally:
        warehouse.close()


WAITS, ASKED = ("corrected", "awaiting_approval"), ("needs_evidence", "open")


def test_an_approved_authorization_that_is_said_again_counts_again(practice: Settings) -> None:
    pended = {**AUTHORIZATION, "status": "pended"}
    for record, expected in ((AUTHORIZATION, WAITS), (pended, ASKED), (AUTHORIZATION, WAITS)):
        know(practice, record)
        assert decided(practice) == decided(practice) == expected


def test_what_was_approved_on_the_old_record_is_asked_again(practice: Settings) -> None:
    know(practice, AUTHORIZATION)
    assert decided(practice) == WAITS
    approve(practice)
    know(practice, {**AUTHORIZATION, "status": "denied"})
    assert decided(practice) == ASKED
    know(practice, AUTHORIZATION)
    assert decided(practice) == WAITS
    assert not list(practice.folder("outbox").iterdir())


def test_a_denial_attested_later_is_not_undone_by_the_name_of_its_file(practice: Settings) -> None:
    late = {**AUTHORIZATION, "status": "denied", "attested_on": "2026-03-25"}
    know(practice, AUTHORIZATION, name="auth.jsonl")
    know(practice, late, name="auth-correction.jsonl")
    assert decided(practice) == ASKED


def test_two_files_that_contradict_each_other_are_set_aside(practice: Settings) -> None:
    know(practice, AUTHORIZATION, name="a.jsonl")
    know(practice, {**AUTHORIZATION, "status": "denied"}, name="b.jsonl")
    result = steps.run(practice, as_of=DAY, now=NOW)
    assert result.exit_status == 4
    assert decided(practice) == ASKED
    know(practice, AUTHORIZATION, name="b.jsonl")
    assert decided(practice) == WAITS


@pytest.mark.parametrize("name", ["chart.jsonl", "authorization.csv"])
@pytest.mark.parametrize("beside", [False, True])
def test_a_record_that_is_withdrawn_carries_nothing(
    practice: Settings, name: str, *, beside: bool
) -> None:
    """Marked where it lies, or by the same record once more behind it."""
    know(practice, AUTHORIZATION, name=name)
    assert decided(practice) == WAITS
    approve(practice)
    gone = {**AUTHORIZATION, "withdrawn": True}
    know(practice, *([AUTHORIZATION] if beside else []), gone, name=name)
    assert decided(practice) == ASKED
    assert not list(practice.folder("outbox").iterdir())
    know(practice, AUTHORIZATION, name=name)
    # A line that is only taken away is no withdrawal of the withdrawal.
    assert decided(practice) == (ASKED if beside else WAITS)


def test_a_write_off_on_a_withdrawn_record_is_opened_again(practice: Settings) -> None:
    know(practice, EVALUATION)
    assert decided(practice, line=2) == ("refused", "closed")
    know(practice, {**EVALUATION, "withdrawn": True})
    assert decided(practice, line=2) == ASKED
    warehouse = Warehouse(practice.url)
    try:
        assert verify(warehouse, practice, as_of=DAY).holds
    finally:
        warehouse.close()


@pytest.mark.parametrize("change", [{"withdrawn": True}, {"status": "denied"}])
def test_a_record_is_put_right_under_any_id_of_its_payer(
    practice: Settings, change: dict[str, Any]
) -> None:
    late = {**AUTHORIZATION, **change, "payer_id": "ACME1", "attested_on": "2026-03-25"}
    know(practice, AUTHORIZATION)
    assert decided(practice) == WAITS
    know(practice, late, name="late.jsonl")
    assert decided(practice) == ASKED
    know(practice, {**AUTHORIZATION, "attested_on": "2026-03-26"})
    assert decided(practice) == WAITS
