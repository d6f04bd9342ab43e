"""A denial from the drop to the money, through both DAGs as Airflow runs them.

A claim is billed without its prior authorization and denied; the number is in the chart; the
corrected claim goes out, and the payer of the simulator, who shares no code with us, pays it.
"""

import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import date, datetime
from pathlib import Path

import pytest

from simulator.payer import Payer, PayerProfile
from simulator.plan import ClaimPlan, Cure, LineDenial, Plans
from simulator.practice import Claim, Clinician, Destination, Line, Person, write_837p
from simulator.remittance_text import PayerName
from simulator.x12_text import npi

RENDERING = Clinician(last_name="EXAMPLE", first_name="DANA", npi=npi("123456789"))
CLAIM = Claim(
    patient_control_number="T1001",
    destination=Destination(name="ACME HEALTH", identifier="87726", claim_filing="CI"),
    subscriber=Person(last_name="TESTCASE", first_name="ALFA"),
    member_id="W000000001",
    lines=(Line(procedure_code="64483", line_item_control_number="T1001L1"),),
    service_date=date(2026, 8, 24),
    rendering=RENDERING,
)
ABSENT = LineDenial(
    procedure_code="64483", group_code="CO", reason_code="197", cure=Cure(authorization="A99887766")
)
SETTINGS = """
[intake]
settle_seconds = 0
[emission]
mode = "live"
automatic = ["*"]
"""
PAYERS = """
[[payer]]
name = "Acme Health"
ids = ["87726"]
kind = "commercial"
replacement_claims = true
bilateral = "modifier_50"
corrected_claim_days = 180
corrected_claim_from = "remittance"
"""
AUTHORIZATION = (
    '{"kind":"authorization","document_id":"AUTH-1","attested_by":"auth.desk",'
    '"attested_on":"2026-09-20","payer_id":"87726","member_id":"W000000001","number":"A99887766",'
    '"procedure_codes":["64483"],"valid_from":"2026-08-01","valid_to":"2026-10-31","units":2,'
    f'"rendering_npi":"{RENDERING.npi}","place_of_service":"11"}}\n'
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch) -> Path:
    """A home as `reclaim init` makes it, set to send what needs no person."""
    made = tmp_path / "home"
    reclaim = Path(sys.executable).parent / "reclaim"
    subprocess.run([reclaim, "init", "--home", made], check=True, capture_output=True)
    (made / "reclaim.toml").write_text(SETTINGS, encoding="utf-8")
    (made / "payers.toml").write_text(PAYERS, encoding="utf-8")
    (made / "evidence" / "authorization.jsonl").write_text(AUTHORIZATION, encoding="utf-8")
    monkeypatch.setenv("RECLAIM_HOME", str(made))
    return made


@pytest.fixture
def run(dag_bag):
    """Run one DAG to its end, on a day, and say what became of each task that ran."""

    def run(dag_id: str, as_of: str) -> dict[str, str]:
        done = dag_bag.dags[dag_id].test(run_conf={"as_of": as_of})
        assert str(done.state) == "success"
        return {task.task_id: str(task.state) for task in done.get_task_instances()}

    return run


def rows(home: Path, query: str) -> list[tuple]:
    """Ask the marts."""
    with closing(sqlite3.connect(home / "warehouse.db")) as connection:
        return connection.execute(query).fetchall()


def sent(home: Path) -> list[Path]:
    """Return the files in the outbox."""
    return sorted(path for path in (home / "outbox").iterdir() if path.is_file())


def test_a_denial_is_corrected_sent_and_paid(home: Path, run, capfd) -> None:
    profile = PayerProfile(
        name=PayerName(
            name="ACME HEALTH", identifier="87726", tax_id="999999999", claim_filing="12"
        )
    )
    payer = Payer(profile, Plans(by_claim={"T1001": ClaimPlan(denials=(ABSENT,))}))
    billed = write_837p([CLAIM], control_number=1, written_at=datetime(2026, 9, 1, 8))
    denied = payer.answer([billed], paid_on=date(2026, 9, 14), control_number=9)
    assert [row.denied_cents for row in denied.denials] == [CLAIM.charge]

    (home / "inbox" / "claims.837").write_bytes(billed)
    (home / "inbox" / "payment.835").write_bytes(denied.data)
    assert run("receive_drops", "2026-09-21")["announce"] == "success"
    assert list((home / "inbox").iterdir()) == []
    assert rows(home, "select status, count(*) from mart_file group by status") == [("loaded", 2)]

    run("recover_denials", "2026-09-21")
    assert ("2300/REF*G1",) in rows(home, "select place from mart_correction")
    [corrected] = sent(home)
    assert b"REF*G1*A99887766~" in corrected.read_bytes()

    # A repeated run sends nothing again.
    assert run("receive_drops", "2026-09-22")["announce"] == "skipped"
    run("recover_denials", "2026-09-22")
    assert sent(home) == [corrected]

    paid = payer.answer([corrected.read_bytes()], paid_on=date(2026, 9, 28), control_number=10)
    (home / "inbox" / "second payment.835").write_bytes(paid.data)
    run("receive_drops", "2026-10-05")
    run("recover_denials", "2026-10-05")
    assert rows(home, "select status from mart_denial") == [("recovered",)]
    assert rows(home, "select round(recovered_amount * 100) from mart_outbound") == [
        (paid.decided.paid,)
    ]
    assert sent(home) == [corrected]

    # What Airflow logged of all this names no patient.
    logged = "".join(capfd.readouterr())
    assert "recover_denials" in logged
    for private in ("TESTCASE", "ALFA", "W000000001", "T1001", "second payment"):
        assert private not in logged
