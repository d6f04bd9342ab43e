"""What is filed under a member id goes by itself only where no one else of the family has it."""

from __future__ import annotations

import json
import sqlite3
from datetime import date, datetime
from pathlib import Path

import pytest

from cases.reading import ATTESTED, MEMBER, claim_file, payment_file, segments
from warehouse import steps
from warehouse.settings import Settings

DAY, NOW = date(2026, 4, 20), datetime(2026, 4, 20, 9)
AUTHORIZATION = {
    "kind": "authorization", "document_id": "AUTH-1", **ATTESTED, "number": "A1",
    "procedure_codes": ["64483"], "units": 1, "valid_from": "2026-03-01", "valid_to": "2026-05-01",
    "rendering_npi": "1234567893", "place_of_service": "11",
}  # fmt: skip
PAYERS = (
    '[[payer]]\nname = "A"\nids = ["87726", "ACME1"]\nreplacement_claims = true\n'
    "corrected_claim_days = 365\nappeal_days = 365\n"
)
CLAIM = (
    "CLM*{0}*600***11:B:1*Y*A*Y*Y~HI*ABK:M5416~LX*1~SV1*HC:64483*600*UN*1***1~DTP*472*D8*20260314~"
)
CHILD = "HL*3*2*23*0~PAT*19~NM1*QC*1*DOE*SAM~N3*2 OAK ST~N4*AUSTIN*TX*787010000~DMG*D8*20100101*M~"


@pytest.fixture
def practice(tmp_path: Path) -> Settings:
    (tmp_path / "reclaim.toml").write_text(
        "[intake]\nsettle_seconds = 0\n[emission]\nmode = 'live'\nautomatic = ['*']\n"
    )
    (tmp_path / "payers.toml").write_text(PAYERS)
    return steps.initialise(tmp_path)


def billed(settings: Settings, number: str, *, child: bool = False, payer: str = "87726") -> None:
    text = claim_file(
        segments((CHILD if child else "") + CLAIM.format(number)),
        sbr="SBR*P********CI" if child else "",
        payer=f"PAYER*****PI*{payer}",
    )
    if child:
        text = text.replace("HL*2*1*22*0", "HL*2*1*22*1")
    (settings.home / "inbox" / f"{number}.837").write_text(text)


def refused(settings: Settings, number: str) -> None:
    text = (
        f"CLP*{number}*1*600*0**12*PCCN{number}*11*1~NM1*QC*1*DOE*SAM****MI*W123456789~"
        "SVC*HC:64483*600*0**1~DTM*472*20260314~CAS*CO*197*600~"
    )
    (settings.home / "inbox" / f"{number}.835").write_text(payment_file(segments(text)))


def know(settings: Settings, **about: str) -> None:
    record = json.dumps({**AUTHORIZATION, **(about or MEMBER)})
    (settings.home / "evidence" / "chart.jsonl").write_text(record)


def outcome(settings: Settings) -> tuple[str, str | None]:
    steps.run(settings, as_of=DAY, now=NOW)
    with sqlite3.connect(settings.home / "warehouse.db") as connection:
        [found] = connection.execute("select status, needs_person from denial").fetchall()
    went = any((settings.home / "outbox").glob("*.837"))
    assert went == (found[0] == "emitted")
    return found


WAITS = (
    "awaiting_approval",
    "authorization AUTH-1 names the member id, which others of the family share; a person has to "
    "see that it is this patient's",
)


def test_a_dependents_claim_waits(practice: Settings) -> None:
    know(practice)
    billed(practice, "PCN1", child=True)
    refused(practice, "PCN1")
    assert outcome(practice) == WAITS


def test_a_dependents_claim_goes_with_a_record_of_its_own(practice: Settings) -> None:
    know(practice, patient_control_number="PCN1")
    billed(practice, "PCN1", child=True)
    refused(practice, "PCN1")
    assert outcome(practice) == ("emitted", None)


@pytest.mark.parametrize(
    ("payer", "expected"),
    [("87726", WAITS), ("ACME1", WAITS), ("60054", ("emitted", None))],
    ids=["at the payer", "under another id of it", "at another payer"],
)
def test_a_subscribers_claim_waits_where_a_dependent_is_known(
    payer: str, expected: tuple[str, str | None], practice: Settings
) -> None:
    know(practice)
    billed(practice, "PCN1")
    refused(practice, "PCN1")
    billed(practice, "PCN2", child=True, payer=payer)
    assert outcome(practice) == expected


def test_a_dependent_that_comes_later_counts_too(practice: Settings) -> None:
    """What is open is decided anew on each run, so the order of arrival does not matter."""
    billed(practice, "PCN1")
    refused(practice, "PCN1")
    assert outcome(practice)[0] == "open"
    billed(practice, "PCN2", child=True)
    know(practice)
    assert outcome(practice) == WAITS


def test_a_subscriber_alone_needs_nobody(practice: Settings) -> None:
    know(practice)
    billed(practice, "PCN1")
    refused(practice, "PCN1")
    assert outcome(practice) == ("emitted", None)
