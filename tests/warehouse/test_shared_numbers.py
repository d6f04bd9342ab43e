"""A patient control number that is used again: what is on file for one claim is not the other's."""

from __future__ import annotations

import json
import sqlite3
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from cases.reading import ATTESTED, claim_file, payment_file, segments
from warehouse import steps
from warehouse.settings import Settings

DAY, NOW = date(2026, 4, 20), datetime(2026, 4, 20, 9)
BY_NUMBER = {**ATTESTED, "patient_control_number": "PCN1"}
AUTHORIZATION = {
    "kind": "authorization", "document_id": "AUTH-1", **BY_NUMBER, "number": "A1",
    "procedure_codes": ["64483"], "units": 1, "valid_from": "2026-03-01", "valid_to": "2026-05-01",
    "rendering_npi": "1234567893", "place_of_service": "11",
}  # fmt: skip
PAYERS = (
    '[[payer]]\nname = "A"\nids = ["87726"]\nreplacement_claims = true\n'
    "corrected_claim_days = 365\nappeal_days = 365\noriginal_claim_days = 365\n"
)
JANE = {"name": "DOE*JANE", "member": "W123456789", "day": "20250314"}
RICHARD = {"name": "ROE*RICHARD", "member": "W555555555", "day": "20260314"}


@pytest.fixture
def practice(tmp_path: Path) -> Settings:
    (tmp_path / "reclaim.toml").write_text(
        "[intake]\nsettle_seconds = 0\n[emission]\nmode = 'live'\nautomatic = ['*']\n"
    )
    (tmp_path / "payers.toml").write_text(PAYERS)
    return steps.initialise(tmp_path)


def put(settings: Settings, *, name: str, member: str, day: str, code: str = "",
        payer: str = "87726") -> None:  # fmt: skip
    """A claim of PCN1, and its refusal where a code is given."""
    inbox = settings.folder("inbox")
    n = len(list(inbox.iterdir())) + 1
    sent = claim_file(
        segments(
            f"CLM*PCN1*600***11:B:1*Y*A*Y*Y~HI*ABK:M5416~LX*1~SV1*HC:64483*600*UN*1***1~"
            f"DTP*472*D8*{day}~"
        ),
        member=member, name=name, payer=f"PAYER*****PI*{payer}",
    )  # fmt: skip
    (inbox / f"{n}.837").write_text(sent.replace("000000001", f"{n:09}"))
    if code:
        status = "4" if code == "31" else "1"
        paid = payment_file(segments(
            f"CLP*PCN1*{status}*600*0**12*ICN{n}*11*1~NM1*QC*1*{name}****MI*{member}~"
            f"SVC*HC:64483*600*0**1~DTM*472*{day}~CAS*CO*{code}*600~"
        ))  # fmt: skip
        (inbox / f"{n}.835").write_text(
            paid.replace("TRN*1*1*", f"TRN*1*{n}*").replace("000000001", f"{n:09}")
        )


def know(settings: Settings, *records: dict[str, Any]) -> None:
    lines = "".join(json.dumps(r) + "\n" for r in records)
    (settings.folder("evidence") / "chart.jsonl").write_text(lines)


def decided(settings: Settings) -> list[dict[str, Any]]:
    steps.run(settings, as_of=DAY, now=NOW)
    connection = sqlite3.connect(settings.home / "warehouse.db")
    connection.row_factory = sqlite3.Row
    with connection:
        found = [dict(r) for r in connection.execute(
            "select d.decision, d.status, d.needs_person, d.path from denial d join submission s "
            "using (submission_id) order by s.first_service_date, s.submission_id"
        )]  # fmt: skip
    connection.close()
    return found


def test_somebody_else_s_member_id_is_never_sent(practice: Settings) -> None:
    put(practice, **JANE, code="31")
    put(practice, **RICHARD, code="31")
    record = {"kind": "subscriber", "document_id": "ELIG-1", **BY_NUMBER, "member_id": "W123456780"}
    know(practice, {**record, "attested_on": "2025-04-02"})
    _, richard = decided(practice)
    assert (richard["decision"], richard["path"]) == ("needs_evidence", "new_claim")
    know(practice, record)
    _, richard = decided(practice)
    assert richard["status"] == "awaiting_approval"
    assert "another claim here has the same patient control number" in richard["needs_person"]


def test_a_number_of_one_claim_alone_goes_by_itself(practice: Settings) -> None:
    put(practice, **RICHARD, code="197")
    know(practice, AUTHORIZATION)
    assert [d["status"] for d in decided(practice)] == ["emitted"]


def test_an_authorization_filed_under_a_shared_number_waits(practice: Settings) -> None:
    put(practice, **JANE)
    put(practice, **RICHARD, code="197")
    know(practice, AUTHORIZATION)
    (richard,) = decided(practice)
    assert richard["status"] == "awaiting_approval"
    assert "make sure that AUTH-1 is about this one" in richard["needs_person"]


def test_the_same_visit_at_another_payer_is_not_another_claim(practice: Settings) -> None:
    put(practice, **RICHARD, code="197")
    put(practice, name="ROE*RICHARD", member="Z1", day="20260314", payer="SECOND")
    know(practice, AUTHORIZATION)
    assert [d["status"] for d in decided(practice)] == ["emitted"]


def test_another_member_of_the_same_payer_and_day_is(practice: Settings) -> None:
    put(practice, **RICHARD, code="197")
    put(practice, name="ROE*ANN", member="W555555556", day="20260314")
    know(practice, AUTHORIZATION)
    assert [d["status"] for d in decided(practice)] == ["awaiting_approval"]
