"""A number whose units are limited goes by itself with one claim, and with others by a person."""

from __future__ import annotations

import json
import sqlite3
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from cases.reading import ATTESTED, MEMBER, claim_file, payment_file, segments
from warehouse import steps
from warehouse.settings import Settings

DAY, NOW = date(2026, 4, 20), datetime(2026, 4, 20, 9)
NUMBER = {
    "kind": "authorization", "document_id": "AUTH-1", **ATTESTED, **MEMBER, "number": "A1",
    "procedure_codes": ["64483"], "units": 1, "valid_from": "2026-03-01", "valid_to": "2026-05-01",
    "rendering_npi": "1234567893", "place_of_service": "11",
}  # fmt: skip
PAYERS = (
    '[[payer]]\nname = "A"\nids = ["87726", "ACME1"]\nreplacement_claims = true\n'
    "corrected_claim_days = 365\nappeal_days = 365\n"
)


@pytest.fixture
def practice(tmp_path: Path) -> Settings:
    (tmp_path / "reclaim.toml").write_text(
        "[intake]\nsettle_seconds = 0\n[emission]\nmode = 'live'\nautomatic = ['*']\n"
    )
    (tmp_path / "payers.toml").write_text(PAYERS)
    return steps.initialise(tmp_path)


def put(settings: Settings, *numbers: int, carries: str = "", payer_id: str = "87726") -> None:
    """Claims of one member, a day each, and their refusals."""
    for n in numbers:
        claim = (
            f"CLM*PCN{n}*600***11:B:1*Y*A*Y*Y~{carries}HI*ABK:M5416~"
            f"LX*1~SV1*HC:64483*600*UN*1***1~DTP*472*D8*2026031{n}~"
        )
        payment = (
            f"CLP*PCN{n}*1*600*0**12*PCCN{n}*11*1~NM1*QC*1*DOE*JANE****MI*W123456789~"
            f"SVC*HC:64483*600*0**1~DTM*472*2026031{n}~CAS*CO*197*600~"
        )
        inbox = settings.home / "inbox"
        (inbox / f"claim{n}.837").write_text(
            claim_file(segments(claim)).replace("*PI*87726", f"*PI*{payer_id}")
        )
        (inbox / f"remittance{n}.835").write_text(
            payment_file(segments(payment)).replace("TRN*1*1*", f"TRN*1*{n}*")
        )


def know(settings: Settings, **more: Any) -> None:
    (settings.home / "evidence" / "chart.jsonl").write_text(json.dumps({**NUMBER, **more}))


def sent(settings: Settings) -> int:
    """How many replacements carry the number."""
    files = (settings.home / "outbox").glob("*.837")
    return sum(path.read_text().count("REF*G1*A1") for path in files)


def denials(settings: Settings) -> list[tuple[str, str | None]]:
    with sqlite3.connect(settings.home / "warehouse.db") as connection:
        return connection.execute(
            "select status, needs_person from denial order by submission_id"
        ).fetchall()


def waits(settings: Settings) -> bool:
    """Whether exactly one went, and a person is told of the other why it did not."""
    [first, (status, why)] = sorted(denials(settings), key=lambda d: d[0] != "emitted")
    return (
        first == ("emitted", None)
        and status == "awaiting_approval"
        and why
        == "authorization AUTH-1 goes with another claim already; count what is left of its units"
        and sent(settings) == 1
    )


def test_of_two_claims_in_one_run_one_goes(practice: Settings) -> None:
    know(practice)
    put(practice, 4, 5)
    steps.run(practice, as_of=DAY, now=NOW)
    assert waits(practice)
    steps.run(practice, as_of=DAY, now=NOW)
    assert waits(practice)


def test_of_two_claims_in_two_runs_one_goes(practice: Settings) -> None:
    know(practice)
    put(practice, 5)
    steps.run(practice, as_of=DAY, now=NOW)
    put(practice, 4)
    steps.run(practice, as_of=DAY, now=NOW)
    assert waits(practice)


def test_what_was_let_go_before_the_number_was_used_is_held(practice: Settings) -> None:
    """The step that sends decides anew, and finds the number with another claim."""
    know(practice)
    put(practice, 4, 5)
    steps.run(practice, as_of=DAY, now=NOW)
    with sqlite3.connect(practice.home / "warehouse.db") as connection:
        for table, before in (("denial", "awaiting_approval"), ("correction", "proposed")):
            changed = connection.execute(
                f"update {table} set status = 'approved' where status = ?", [before]
            )
            assert changed.rowcount == 1
    found = steps.emit(practice, as_of=DAY, now=NOW)
    assert found.emitted_claims == 0 and sent(practice) == 1
    assert found.refused[0].reason == (
        "nobody has approved its corrections as they are today, and they do not go by themselves: "
        "authorization AUTH-1 goes with another claim already; count what is left of its units"
    )


def test_a_number_without_a_limit_asks_only_what_it_leaves_open(practice: Settings) -> None:
    know(practice, units=None)
    put(practice, 4, 5)
    steps.run(practice, as_of=DAY, now=NOW)
    assert [why for _, why in denials(practice)] == ["authorization AUTH-1 leaves open: units"] * 2


def test_units_that_the_practice_billed_with_the_number_are_counted(practice: Settings) -> None:
    know(practice)
    put(practice, 4, carries="REF*G1*A-1~")
    put(practice, 5)
    steps.run(practice, as_of=DAY, now=NOW)
    assert sent(practice) == 0
    assert [why for _, why in denials(practice)][1] == (
        "authorization AUTH-1 goes with another claim already; count what is left of its units"
    )


def test_one_payer_counts_a_number_under_all_of_its_ids(practice: Settings) -> None:
    know(practice)
    put(practice, 4)
    put(practice, 5, payer_id="ACME1")
    steps.run(practice, as_of=DAY, now=NOW)
    assert waits(practice)


def test_a_number_is_one_however_it_is_written(practice: Settings) -> None:
    know(practice, number="A1/77")
    put(practice, 4, 5)
    steps.run(practice, as_of=DAY, now=NOW)
    assert waits(practice)
