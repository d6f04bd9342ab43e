"""A warehouse in a real SQLite file, and a few rows in it that belong together."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, insert

from warehouse import steps
from warehouse import tables as t
from warehouse.database import Warehouse
from warehouse.demo.approve import approve_all
from warehouse.demo.prepare import prepare
from warehouse.load import batches
from warehouse.settings import Settings, load_settings

Keep = Callable[..., None]
KeepAll = Callable[[Table, Sequence[dict[str, Any]]], None]
MONTH_END = date(2026, 10, 1)

DEFAULTS: dict[str, dict[str, Any]] = {
    "file": {"file_name": "drop.837", "status": "loaded", "sha256": "ab" * 32,
             "received_at": datetime(2026, 9, 1, 8)},
    "x12_transaction": {"interchange": 1, "transaction": 1, "kind": "837P",
                        "version": "005010X222A1", "isa": "ISA", "gs": "GS",
                        "delimiters": "*:^~", "byte_start": 0, "byte_end": 0},
    "claim": {"billing_npi": "1234567893", "patient_control_number": "PCN1",
              "member_id": "W123456789"},
    "submission": {"claim_id": 1, "file_id": 1, "transaction_id": 1, "claim_position": 1,
                   "segment_position": 12, "origin": "read", "patient_control_number": "PCN1",
                   "member_id": "W123456789", "payer_sequence": "P",
                   "submitted_on": date(2026, 9, 1), "payer_id": "87726",
                   "payer_name": "ACME HEALTH", "claim_frequency_code": "1",
                   "charge_cents": 45010, "service_line_count": 2, "billing_npi": "1234567893",
                   "rendering_npi": "1558444216", "is_balanced": True,
                   "billing_start": 0, "billing_end": 0, "subscriber_start": 0,
                   "subscriber_end": 0, "own_start": 0, "own_end": 0},
    "submitted_line": {"submission_id": 1, "procedure_code": "62323", "modifiers": "RT,59",
                       "charge_cents": 45000, "units": 1, "service_date": date(2026, 8, 28),
                       "place_of_service": "11", "diagnosis_codes": "M5416,M4806"},
    "remittance": {"file_id": 2, "transaction_id": 2, "trace_number": "TRACE1",
                   "payment_date": date(2026, 9, 14), "payment_cents": 10, "payer_id": "87726",
                   "payer_ids": "87726,ACME1", "payer_name": "ACME HEALTH PLAN",
                   "payee_npi": "1234567893", "claim_count": 1, "provider_adjustment_cents": 0,
                   "is_balanced": True, "claims_digest": ""},
    "claim_payment": {"remittance_id": 1, "file_id": 2, "claim_position": 1,
                      "segment_position": 14, "reported_patient_control_number": "PCN1",
                      "payer_claim_control_number": "ICN1", "claim_status_code": "1",
                      "member_id": "W123456789", "charge_cents": 45010, "payment_cents": 10,
                      "remark_codes": "", "is_reversal": False, "is_balanced": True,
                      "submission_id": 1, "match_state": "done"},
    "service_payment": {"claim_payment_id": 1, "service_position": 1, "procedure_code": "62323",
                        "adjudicated_procedure_code": "62323", "modifiers": "RT,59",
                        "charge_cents": 45000, "payment_cents": 0, "allowed_cents": 0,
                        "allowed_source": "calculated", "service_date": date(2026, 8, 28),
                        "remark_codes": "N386", "is_balanced": True, "line_position": 1,
                        "match_method": "exact"},
    "adjustment": {"claim_payment_id": 1, "service_position": 1, "adjustment_position": 1,
                   "group_code": "CO", "reason_code": "197", "amount_cents": 45000,
                   "category": "prior_authorization", "is_denial": True},
    "denial": {"claim_payment_id": 1, "service_position": 1, "submission_id": 1,
               "line_position": 1, "group_code": "CO", "reason_code": "197",
               "remark_codes": "N386", "category": "prior_authorization", "denied_cents": 45000,
               "line_charge_cents": 45000, "denied_on": date(2026, 9, 14), "is_initial": True,
               "is_copy": False, "is_preventable": True, "path": "replacement",
               "decision": "corrected",
               "rule_code": "carc197.prior-authorization", "rule_version": 1,
               "explanation": "an authorization covers the line", "status": "emitted",
               "decided_on": date(2026, 9, 15)},
    "correction": {"denial_id": 1, "submission_id": 1, "line_position": 1, "rule_version": 1,
                   "rule_code": "carc197.prior-authorization", "place": "2300/REF*G1",
                   "new_value": "A99887766", "evidence_ids": "1",
                   "evidence_documents": "AUTH-778", "reason": "it covers the line",
                   "status": "emitted", "outbound_claim_id": 1},
    "approval": {"submission_id": 1, "decision": "approved", "decided_by": "biller.b",
                 "recorded_user": "b", "corrections_digest": "d",
                 "decided_on": date(2026, 9, 16), "decided_at": datetime(2026, 9, 16, 9)},
    "outbound_file": {"file_name": "out1.837", "folder": "outbox", "sha256": "cd" * 32,
                      "interchange_control_number": "900000001", "content": b"",
                      "state": "emitted", "made_on": date(2026, 9, 16),
                      "approved_at": datetime(2026, 9, 16, 10),
                      "emitted_at": datetime(2026, 9, 16, 10, 1)},
    "outbound_claim": {"outbound_file_id": 1, "submission_id": 1, "emitted_submission_id": 2,
                       "claim_id": 1, "payer_key": "87726", "claim_frequency_code": "7",
                       "payer_claim_control_number": "ICN1", "charge_cents": 45010,
                       "paid_before_cents": 10, "corrections_digest": "d", "state": "emitted",
                       "is_open": True},
}  # fmt: skip
"""Columns that a test does not care about: one denied claim, corrected and sent again."""


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file, made once: tests copy it."""
    path = tmp_path_factory.mktemp("migrated") / "warehouse.db"
    made = Warehouse(f"sqlite:///{path}")
    made.migrate()
    made.close()
    return path


@pytest.fixture
def warehouse(tmp_path: Path, migrated: Path) -> Iterator[Warehouse]:
    """An empty warehouse."""
    found = Warehouse(f"sqlite:///{shutil.copy(migrated, tmp_path / 'warehouse.db')}")
    yield found
    found.close()


@pytest.fixture(scope="session")
def month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of the made-up month after a run, a biller's approvals and another run."""
    settings = prepare(tmp_path_factory.mktemp("month") / "home")
    steps.run(settings, as_of=MONTH_END)
    with steps.opened(settings) as opened:
        approve_all(opened, settings, as_of=MONTH_END)
    steps.emit(settings, as_of=MONTH_END)
    return settings.home


@pytest.fixture
def home(month: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A copy of that home, for a test to break."""
    monkeypatch.delenv("RECLAIM_WAREHOUSE", raising=False)
    return load_settings(shutil.copytree(month, tmp_path / "home"))


@pytest.fixture
def keep_all(warehouse: Warehouse) -> KeepAll:
    """Puts rows of a table down; columns that are left out are the small claim's (DEFAULTS)."""

    def whole(table: Table, columns: dict[str, Any]) -> dict[str, Any]:
        row = DEFAULTS.get(table.name, {}) | columns
        for column in table.columns:
            needed = not (column.nullable or column.server_default or column.name in row)
            if needed and (not column.primary_key or column.autoincrement is False):
                row[column.name] = column.type.python_type()
        return row

    def put(table: Table, rows: Sequence[dict[str, Any]]) -> None:
        with warehouse.write() as connection:
            for some in batches([whole(table, row) for row in rows], 1000):
                connection.execute(insert(table), some)

    return put


@pytest.fixture
def keep(keep_all: KeepAll) -> Keep:
    """The same of one row."""
    return lambda table, **columns: keep_all(table, [columns])


@pytest.fixture
def small_claim(keep: Keep) -> None:
    """A claim of two lines: one paid a dime, one denied, corrected, sent again as PCN1."""
    keep(t.file, file_id=1, kind="837P", claim_count=1, service_line_count=2, charge_cents=45010)
    keep(t.file, file_id=2, file_name="drop.835", sha256="ef" * 32, kind="835", claim_count=1,
         service_line_count=2, charge_cents=45010, payment_cents=10)  # fmt: skip
    keep(t.file, file_id=3, file_name="out1.837", origin="emitted", sha256="cd" * 32, kind="837P",
         interchange_control_number="900000001", claim_count=1, service_line_count=2,
         charge_cents=45010)  # fmt: skip
    for file_id, kind in ((1, "837P"), (2, "835"), (3, "837P")):
        keep(t.x12_transaction, transaction_id=file_id, file_id=file_id, kind=kind)
    keep(t.claim, claim_id=1, identity="1234567893|PCN1|W123456789|2026-08-28")
    keep(t.submission, submission_id=1)
    keep(t.submission, submission_id=2, file_id=3, transaction_id=3, origin="emitted",
         claim_frequency_code="7", payer_claim_control_number="ICN1",
         submitted_on=date(2026, 9, 16))  # fmt: skip
    for submission_id in (1, 2):
        keep(t.submitted_line, submission_id=submission_id, line_position=1, line_number="1")
        keep(t.submitted_line, submission_id=submission_id, line_position=2, line_number="2",
             procedure_code="J1010", modifiers="", charge_cents=10)  # fmt: skip
    keep(t.remittance, remittance_id=1)
    keep(t.claim_payment, claim_payment_id=1)
    keep(t.service_payment)
    keep(t.service_payment, service_position=2, procedure_code="J1010", modifiers="",
         adjudicated_procedure_code="J1010", charge_cents=10, payment_cents=10, allowed_cents=10,
         line_position=2, remark_codes="")  # fmt: skip
    keep(t.adjustment)
    keep(t.denial, denial_id=1)
    keep(t.outbound_file, outbound_file_id=1)
    keep(t.outbound_claim, outbound_claim_id=1)
    keep(t.correction, correction_id=1)
    keep(t.approval, approval_id=1)
