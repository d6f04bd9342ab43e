"""What another payer than the one that was billed says of a claim, from the drop to the mart."""

from __future__ import annotations

import json
import sqlite3
from datetime import date, datetime
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from cases.reading import claim_file, payment_file, segments
from warehouse import steps
from warehouse.settings import Settings

DAY, NOW = date(2026, 5, 1), datetime(2030, 1, 1)
PAYERS = "".join(
    f'[[payer]]\nname = "{name}"\nids = ["{identifier}"]\nreplacement_claims = true\n'
    f'corrected_claim_days = 365\nappeal_days = {days}\nsource = "x"\nsource_date = 2026-01-01\n'
    for name, identifier, days in (("Acme Health", "87726", 180), ("Sample Mutual", "SMPL2", 60))
)
LIVE = '[emission]\nmode = "live"\nautomatic = ["carc197.*"]\n'
NUMBER = {"kind": "authorization", "document_id": "AUTH-1", "attested_by": "auth.desk",
          "attested_on": "2026-03-02", "payer_id": "87726", "member_id": "W123456789",
          "number": "A99887766", "procedure_codes": ["64483"], "valid_from": "2026-03-01",
          "valid_to": "2026-05-30", "units": 2, "rendering_npi": "1234567893",
          "place_of_service": "11"}  # fmt: skip
CLAIM = claim_file(segments(
    "CLM*PCN1*500***11:B:1*Y*A*Y*Y~HI*ABK:M5416~NM1*82*1*DOC*DAN****XX*1234567893~"
    "LX*1~SV1*HC:64483*450*UN*1***1~DTP*472*D8*20260314~REF*6R*L1~"
    "LX*2~SV1*HC:99213*50*UN*1***1~DTP*472*D8*20260314~REF*6R*L2~"
))  # fmt: skip
VISIT = "SVC*HC:99213*50*30**1~DTM*472*20260314~CAS*CO*45*20~REF*6R*L2~"
LINE = "SVC*HC:64483*450*{paid}**1~DTM*472*20260314~{cas}~REF*6R*L1~"
FIRST_DENIES = "CLP*PCN1*1*500*30**12*ICN1*11*1~" + LINE.format(
    paid=0, cas="CAS*CO*197*450") + VISIT  # fmt: skip
FIRST_PASSES_ON = "CLP*PCN1*19*500*230*50*12*ICN1*11*1~" + LINE.format(
    paid=200, cas="CAS*CO*45*200~CAS*PR*2*50") + VISIT  # fmt: skip
SECOND = "CLP*PCN1*{status}*500*{paid}**12*X7*11*1~" + LINE + (
    "SVC*HC:99213*50*0**1~DTM*472*20260314~CAS*OA*23*50~REF*6R*L2~")  # fmt: skip


def paid(number: int, claim: str, payer: str = "87726", trn03: str = "1999999999") -> str:
    [amount] = [s.split("*")[4] for s in segments(claim) if s.startswith("CLP*")]
    text = payment_file(segments(claim)).replace("XV*87726", f"XV*{payer}")
    text = text.replace("TRN*1*1*1999999999", f"TRN*1*T{number}*{trn03}")
    if amount != "0":
        text = text.replace("BPR*I*0*C*NON", f"BPR*I*{amount}*C*CHK")
    return text.replace("20260401", f"202604{number:02}").replace("000000001", f"0000000{number}")


def second(status: str, paid_cents: int, cas: str) -> str:
    return paid(20, SECOND.format(status=status, paid=paid_cents, cas=cas), "SMPL2", "1444444444")


def run(folder: Path, files: list[tuple[str, str]]) -> Settings:
    folder.mkdir()
    (folder / "payers.toml").write_text(PAYERS)
    (folder / "reclaim.toml").write_text(LIVE)
    settings = steps.initialise(folder)
    (settings.folder("evidence") / "facts.jsonl").write_text(json.dumps(NUMBER) + "\n")
    for name, text in files:
        (settings.folder("inbox") / name).write_text(text)
        steps.receive(settings, as_of=DAY, now=NOW)
        steps.match(settings, as_of=DAY)
        steps.propose(settings, as_of=DAY)
    steps.emit(settings, as_of=DAY)
    return settings


def rows(settings: Settings, text: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(settings.home / "warehouse.db")
    try:
        return connection.execute(text).fetchall()
    finally:
        connection.close()


DENIALS = ("select payer_id, reason_code, path, decision, status, is_initial, deadline, "
           "recovered_amount from mart_denial order by denied_on")  # fmt: skip


def test_the_first_payer_s_own_denial_is_corrected(tmp_path: Path) -> None:
    """The other side of what follows: the same facts, and the payer that has the claim."""
    settings = run(tmp_path / "home", [("a.837", CLAIM), ("b.835", paid(10, FIRST_DENIES))])
    [row] = rows(settings, DENIALS)
    assert row[:4] == ("87726", "197", "replacement", "corrected")


@pytest.mark.parametrize("status", ["2", "1"])
def test_nothing_is_sent_on_what_another_payer_denies(tmp_path: Path, status: str) -> None:
    """Whether it says that it comes second, or payers.toml alone knows that it is another one."""
    denies = second(status, 0, "CAS*OA*23*200~CAS*CO*197*250")
    files = [("a.837", CLAIM), ("b.835", paid(10, FIRST_PASSES_ON)), ("c.835", denies)]
    for nth, order in enumerate(permutations(files)):
        settings = run(tmp_path / str(nth), list(order))
        assert rows(settings, DENIALS) == [
            ("SMPL2", "197", "review", "routed", "open", 1, "2026-06-19", 0)
        ], [name for name, _ in order]
        assert not list(settings.folder("outbox").iterdir())
    [(words,)] = rows(settings, "select explanation from mart_denial")
    assert "another payer (Sample Mutual)" in words and "Nothing is sent on it" in words


@pytest.mark.parametrize("status", ["2", "1"])
def test_another_payer_s_answer_does_not_answer_the_first_one_s_denial(
    tmp_path: Path, status: str
) -> None:
    answered = second(status, 20, "CAS*OA*23*430")
    files = [("a.837", CLAIM), ("b.835", paid(10, FIRST_DENIES)), ("c.835", answered)]
    for nth, order in enumerate(permutations(files)):
        settings = run(tmp_path / str(nth), list(order))
        [row] = rows(settings, DENIALS)
        assert row[:4] + row[7:] == ("87726", "197", "replacement", "corrected", 0)
        marked = rows(settings, "select payer_id from mart_adjudicated_line "
                                "where is_other_payer = 1")  # fmt: skip
        assert marked == [("SMPL2",), ("SMPL2",)]


def test_until_its_own_payer_answers_a_claim_is_not_adjudicated(tmp_path: Path) -> None:
    answered = second("1", 20, "CAS*OA*23*430")
    settings = run(tmp_path / "home", [("a.837", CLAIM), ("c.835", answered)])
    assert rows(settings, "select status from mart_submission") == [("pending",)]
