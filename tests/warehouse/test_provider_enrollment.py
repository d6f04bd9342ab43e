"""An enrollment is about a provider: every claim of it at that payer, and no other, is told."""

from __future__ import annotations

import json
import sqlite3
from datetime import date, datetime
from pathlib import Path

import pytest

from cases.reading import ATTESTED, claim_file, payment_file, segments
from warehouse import steps
from warehouse.demo.approve import approve_all
from warehouse.settings import Settings
from warehouse.verify import verify

DAY, NOW = date(2026, 4, 20), datetime(2026, 4, 20, 9)
SAMPLE = "NM1*82*1*SAMPLE*PAT****XX*1999999984~PRV*PE*PXC*363L00000X~"
CLAIMS = f"""CLM*PCN1*450***11:B:1*Y*A*Y*Y~HI*ABK:M5416~
LX*1~SV1*HC:64483*450*UN*1***1~DTP*472*D8*20260314~
CLM*PCN2*450***11:B:1*Y*A*Y*Y~HI*ABK:M5416~
LX*1~SV1*HC:64483*450*UN*1***1~DTP*472*D8*20260314~{SAMPLE}
CLM*PCN3*450***11:B:1*Y*A*Y*Y~HI*ABK:M5416~
LX*1~SV1*HC:64483*450*UN*1***1~DTP*472*D8*20260315~"""
PAID = "".join(
    f"CLP*PCN{n}*1*450*0**12*PCCN{n}*11*1~SVC*HC:64483*450*0**1~DTM*472*202603{day}~CAS*CO*8*450~"
    for n, day in ((1, 14), (2, 14), (3, 15))
)
PAYERS = """[[payer]]
name = "Acme Health"
ids = ["87726", "ACME1"]
kind = "commercial"
replacement_claims = true
corrected_claim_days = 180
"""
ENROLLED = {"kind": "enrollment", **ATTESTED, "payer_id": "acme1", "taxonomy_code": "208VP0014X",
            "effective_from": "2026-01-01"}  # fmt: skip
BILLING = {**ENROLLED, "document_id": "ENR-1", "npi": "1234567893", "effective_to": "2026-03-14"}
RENDERING = {**ENROLLED, "document_id": "ENR-2", "npi": "1999999984"}


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    (tmp_path / "reclaim.toml").write_text(
        '[intake]\nsettle_seconds = 0\n[emission]\nmode = "live"\n'
    )
    (tmp_path / "payers.toml").write_text(PAYERS)
    settings = steps.initialise(tmp_path)
    inbox = settings.folder("inbox")
    (inbox / "a.837").write_text(claim_file(segments(CLAIMS), taxonomy="207L00000X"))
    (inbox / "b.835").write_text(payment_file(segments(PAID)))
    steps.run(settings, as_of=DAY, now=NOW)
    return settings


def decisions(settings: Settings) -> dict[str, tuple[str, str | None]]:
    connection = sqlite3.connect(settings.home / "warehouse.db")
    rows = connection.execute(
        "select patient_control_number, decision, missing_evidence from mart_denial"
    ).fetchall()
    connection.close()
    return {number: (decision, missing) for number, decision, missing in rows}


def enter(settings: Settings, *records: dict[str, str]) -> None:
    lines = "".join(json.dumps(r) + "\n" for r in records)
    (settings.folder("evidence") / "enrollments.jsonl").write_text(lines)
    steps.run(settings, as_of=DAY, now=NOW)


def test_every_claim_of_the_provider_is_decided_and_what_goes_holds(home: Settings) -> None:
    assert set(decisions(home).values()) == {("needs_evidence", "enrollment")}
    enter(home, BILLING, RENDERING)
    # The third is of the day after the enrollment ended.
    assert decisions(home) == {
        "PCN1": ("corrected", None), "PCN2": ("corrected", None), "PCN3": ("refused", None),
    }  # fmt: skip
    with steps.opened(home) as warehouse:
        approve_all(warehouse, home, as_of=DAY)
    assert steps.emit(home, as_of=DAY, now=NOW).emitted_claims == 2
    [path] = home.folder("outbox").iterdir()
    sent = path.read_text()
    assert "PRV*BI*PXC*208VP0014X" in sent and "207L00000X" not in sent
    assert "PRV*PE*PXC*208VP0014X" in sent and "363L00000X" not in sent
    with steps.opened(home) as warehouse:
        assert verify(warehouse, home, as_of=DAY).holds


def test_a_line_s_own_provider_and_no_other_payer_s_record(home: Settings) -> None:
    enter(home, {**RENDERING, "payer_id": "60054"}, {**BILLING, "payer_id": "60054"})
    assert set(decisions(home).values()) == {("needs_evidence", "enrollment")}
    enter(home, RENDERING)
    assert decisions(home)["PCN2"] == ("corrected", None)
    assert decisions(home)["PCN1"] == ("needs_evidence", "enrollment")
