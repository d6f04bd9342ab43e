"""One claim that cannot be decided is left to a person, in words; the others go on."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from cases.reading import ATTESTED, MEMBER, claim_file, payment_file, segments
from warehouse import decide, facts, going, review, steps
from warehouse.database import Transient
from warehouse.settings import Settings

DAY, NOW = date(2026, 4, 20), datetime(2026, 4, 20, 9)
NUMBER = {
    "kind": "authorization", "document_id": "AUTH-1", **ATTESTED, **MEMBER, "number": "A1",
    "procedure_codes": ["64483"], "units": 9, "valid_from": "2026-03-01", "valid_to": "2026-05-01",
    "rendering_npi": "1234567893", "place_of_service": "11",
}  # fmt: skip
CLAIMS = {1: "20260311", 2: "20260312", 3: "20260313"}
RULES = decide.decide


@pytest.fixture
def practice(tmp_path: Path) -> Settings:
    (tmp_path / "reclaim.toml").write_text(
        "[intake]\nsettle_seconds = 0\n[emission]\nmode = 'live'\nautomatic = ['*']\n"
    )
    (tmp_path / "payers.toml").write_text(
        '[[payer]]\nname = "A"\nids = ["87726"]\nreplacement_claims = true\n'
        "corrected_claim_days = 180\nappeal_days = 180\noriginal_claim_days = 365\n"
    )
    settings = steps.initialise(tmp_path)
    for n, day in CLAIMS.items():
        put(settings, n, day)
    (tmp_path / "evidence" / "chart.jsonl").write_text(
        "".join(
            json.dumps({**NUMBER, "document_id": f"AUTH-{n}", "number": f"A{n}",
                        "valid_from": f"2026-03-1{n}", "valid_to": f"2026-03-1{n}"}) + "\n"
            for n in CLAIMS
        )
    )  # fmt: skip
    return settings


def put(
    settings: Settings, n: int, day: str, *, carc: str = "197", paid_on: str = "20260401"
) -> None:
    """One claim and its refusal."""
    claim = (
        f"CLM*PCN{n}*600***11:B:1*Y*A*Y*Y~HI*ABK:M5416~"
        f"LX*1~SV1*HC:64483*600*UN*1***1~DTP*472*D8*{day}~"
    )
    payment = (
        f"CLP*PCN{n}*1*600*0**12*PCCN{n}*11*1~NM1*QC*1*DOE*JANE****MI*W123456789~"
        f"SVC*HC:64483*600*0**1~DTM*472*{day}~CAS*CO*{carc}*600~"
    )
    inbox = settings.home / "inbox"
    (inbox / f"claim{n}.837").write_text(claim_file(segments(claim)))
    (inbox / f"remittance{n}.835").write_text(
        payment_file(segments(payment)).replace("TRN*1*1*", f"TRN*1*{n}*")
        .replace("20260401", paid_on)
    )  # fmt: skip


def rows(settings: Settings, sql: str) -> list[dict[str, Any]]:
    connection = sqlite3.connect(settings.home / "warehouse.db")
    connection.row_factory = sqlite3.Row
    try:
        with connection:
            return [dict(row) for row in connection.execute(sql)]
    finally:
        connection.close()


def denials(settings: Settings) -> dict[str, dict[str, Any]]:
    found = rows(settings, "select * from mart_denial order by denial_id")
    return {row["patient_control_number"]: row for row in found}


def went(settings: Settings) -> set[str]:
    return {r["patient_control_number"] for r in rows(settings, "select * from mart_outbound")}


@pytest.mark.parametrize(
    "far",
    [{"day": "20260314", "paid_on": "99991231"}, {"day": "99991231", "carc": "31"}],
    ids=["paid", "served"],
)
def test_the_last_day_of_the_calendar_stops_no_claim(
    practice: Settings, far: dict[str, str]
) -> None:
    put(practice, 4, **far)
    done = steps.run(practice, as_of=DAY, now=NOW)
    assert done.proposed.undecided == 0
    assert went(practice) == {"PCN1", "PCN2", "PCN3"}
    assert denials(practice)["PCN4"]["decision"] is not None


def failing(number: str, error: Exception) -> Any:
    def consider(lines: Any, found: Any, **more: Any) -> Any:
        if found.claim.patient_control_number == number:
            raise error
        return RULES(lines, found, **more)

    return consider


def test_a_claim_that_no_rule_can_take_is_left_to_a_person(
    practice: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(decide, "decide", failing("PCN2", ValueError("DOE JANE W123456789")))
        done = steps.run(practice, as_of=DAY, now=NOW)
        again = steps.run(practice, as_of=DAY, now=NOW)
    assert went(practice) == {"PCN1", "PCN3"}
    assert (done.proposed.undecided, done.exit_status) == (1, 5)
    assert (again.proposed.undecided, again.proposed.changed, again.exit_status) == (1, 0, 5)
    left = denials(practice)["PCN2"]
    assert (left["path"], left["status"]) == ("review", "open")
    assert "could not be decided (ValueError" in left["explanation"]
    (sent,) = rows(practice, "select * from submission join file using (file_id) "
                             "where patient_control_number = 'PCN2'")  # fmt: skip
    place = f"{sent['sha256'][:8]}/1.1#{sent['segment_position']}"
    assert place in left["explanation"]
    assert "DOE" not in left["explanation"] and "W123" not in left["explanation"]
    # What stood in its way is gone.
    assert steps.run(practice, as_of=DAY, now=NOW).exit_status == 0
    assert went(practice) == {"PCN1", "PCN2", "PCN3"}


def test_what_was_let_go_does_not_go_when_the_claim_cannot_be_decided_any_more(
    practice: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps.receive(practice, as_of=DAY, now=NOW)
    steps.match(practice, as_of=DAY)
    steps.propose(practice, as_of=DAY)
    assert {r["status"] for r in denials(practice).values()} == {"approved"}
    with monkeypatch.context() as patch:
        patch.setattr(decide, "decide", failing("PCN2", KeyError("x")))
        steps.propose(practice, as_of=DAY)
        steps.emit(practice, as_of=DAY, now=NOW)
    assert went(practice) == {"PCN1", "PCN3"}
    states = rows(practice, "select distinct status from mart_correction "
                            "where patient_control_number = 'PCN2'")  # fmt: skip
    assert states == [{"status": "superseded"}]


def damage(settings: Settings, number: str) -> Path:
    (one,) = rows(settings, "select sha256 from submission join file using (file_id) "
                            f"where patient_control_number = '{number}' "
                            "and submission.origin = 'read'")  # fmt: skip
    path = settings.folder("archive") / one["sha256"][:2] / one["sha256"]
    path.chmod(0o640)
    return path


@pytest.mark.parametrize("how", ["gone", "cut off"])
def test_an_archived_claim_that_cannot_be_read_is_left_to_a_person(
    practice: Settings, how: str
) -> None:
    steps.receive(practice, as_of=DAY, now=NOW)
    steps.match(practice, as_of=DAY)
    steps.propose(practice, as_of=DAY)
    path = damage(practice, "PCN2")
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:400])
    emitted = steps.emit(practice, as_of=DAY, now=NOW)
    assert went(practice) == {"PCN1", "PCN3"}
    (refused,) = emitted.refused
    assert (refused.patient_control_number, "cannot be decided any more" in refused.reason) == (
        "PCN2", True,
    )  # fmt: skip
    assert steps.propose(practice, as_of=DAY).undecided == 1
    left = denials(practice)["PCN2"]
    assert (left["path"], left["status"]) == ("review", "open")
    assert ("not in the archive" in left["explanation"]) == (how == "gone")
    with steps.opened(practice) as warehouse:
        shown = review.show(warehouse, practice, str(left["denial_id"]), as_of=DAY)
    assert shown.item.explanation == left["explanation"] and shown.corrections == ()


@pytest.mark.parametrize("error", [OperationalError("s", {}, Exception("locked")), MemoryError()])
def test_what_is_wrong_with_the_run_is_no_claims_fault(
    practice: Settings, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    steps.receive(practice, as_of=DAY, now=NOW)
    steps.match(practice, as_of=DAY)
    monkeypatch.setattr(decide, "decide", failing("PCN2", error))
    with pytest.raises((Transient, MemoryError)):
        steps.propose(practice, as_of=DAY)
    assert {r["decision"] for r in denials(practice).values()} == {None}


@pytest.mark.parametrize("written_down", [False, True])
def test_what_is_wrong_with_the_run_holds_what_is_to_go_and_blames_no_claim(
    practice: Settings, monkeypatch: pytest.MonkeyPatch, written_down: bool
) -> None:
    if written_down:
        stall(practice)
    else:
        steps.receive(practice, as_of=DAY, now=NOW)
        steps.match(practice, as_of=DAY)
        steps.propose(practice, as_of=DAY)
    locked = OperationalError("s", {}, Exception("locked"))
    with monkeypatch.context() as patch:
        patch.setattr(going, "decide", failing("PCN2", locked))
        with pytest.raises(Transient):
            steps.emit(practice, as_of=DAY, now=NOW)
    assert left(practice) == set()
    # What was written down stays so: nothing of it is taken back for what is wrong with the run.
    made = rows(practice, "select state from outbound_file")
    assert [row["state"] for row in made] == (["approved"] if written_down else [])
    assert steps.emit(practice, as_of=DAY, now=NOW).refused == ()
    assert left(practice) == {"PCN1", "PCN2", "PCN3"}


def test_what_is_written_down_of_a_claim_that_cannot_be_read_any_more_does_not_go(
    practice: Settings,
) -> None:
    stall(practice)
    damage(practice, "PCN2").unlink()
    (refused,) = steps.emit(practice, as_of=DAY, now=NOW).refused
    assert refused.patient_control_number == "PCN2"
    assert "cannot be decided any more" in refused.reason
    assert left(practice) == {"PCN1", "PCN3"}


def test_corrections_that_want_different_paths_go_no_way(
    practice: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rule says which path a correction goes; the claim goes one."""

    def two_ways(lines: Any, found: Any, **more: Any) -> Any:
        (one,) = RULES(lines, found, **more)
        return [one, replace(one, path="new_claim")]

    steps.receive(practice, as_of=DAY, now=NOW)
    steps.match(practice, as_of=DAY)
    steps.propose(practice, as_of=DAY)
    monkeypatch.setattr(going, "decide", two_ways)
    refused = steps.emit(practice, as_of=DAY, now=NOW).refused
    assert {one.reason for one in refused} == {
        "its corrections want different paths; a person has to choose"
    }
    assert left(practice) == set()


def left(settings: Settings) -> set[str]:
    """The claims in the files that lie in the outbox."""
    texts = [path.read_text() for path in settings.folder("outbox").glob("*.837")]
    return {f"PCN{n}" for n in CLAIMS for text in texts if f"CLM*PCN{n}*" in text}


def stall(settings: Settings) -> None:
    """What may go is written down; the outbox is away."""
    box = settings.folder("outbox")
    box.rmdir()
    box.write_text("the share is away")
    with pytest.raises(OSError, match="outbox"):
        steps.run(settings, as_of=DAY, now=NOW)
    box.unlink()
    box.mkdir()


def test_an_archive_that_is_away_stops_the_run(practice: Settings) -> None:
    steps.receive(practice, as_of=DAY, now=NOW)
    steps.match(practice, as_of=DAY)
    practice.folder("archive").rename(practice.home / "elsewhere")
    with pytest.raises(FileNotFoundError):
        steps.propose(practice, as_of=DAY)
    (practice.home / "elsewhere").rename(practice.folder("archive"))
    assert steps.propose(practice, as_of=DAY).corrections == 3


def test_a_fault_of_the_facts_takes_no_other_claim_of_the_batch(
    practice: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = facts.newest_adjudications

    def newest(s: Any, *more: Any) -> Any:
        if s.patient_control_number == "PCN3":
            raise IndexError
        return real(s, *more)

    monkeypatch.setattr(facts, "newest_adjudications", newest)
    steps.run(practice, as_of=DAY, now=NOW)
    assert went(practice) == {"PCN1", "PCN2"}
    assert "(IndexError in warehouse/facts.py" in denials(practice)["PCN3"]["explanation"]
