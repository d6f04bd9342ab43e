"""New claims, split lines and several corrections, from the drop to the answer, in a real home."""

from __future__ import annotations

import json
import sqlite3
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from cases.reading import ATTESTED, claim_file, payment_file, segments
from warehouse import review, steps
from warehouse.database import Warehouse
from warehouse.settings import Settings
from warehouse.verify import verify

DAY, NOW = date(2026, 4, 20), datetime(2030, 1, 1)
ABOUT = {"patient_control_number": "PCN1", **ATTESTED, "document_id": "D1"}
NOTE = {
    "kind": "procedure_note",
    **ABOUT,
    "service_date": "2026-03-14",
    "sites": [],
    "drugs": [{"procedure_code": "J1010", "milligrams": 40, "container": "multi_dose"}],
}
AUTHORIZATION = {
    "kind": "authorization", "document_id": "A-1", **ATTESTED, "payer_id": "87726",
    "member_id": "W123456789", "number": "A1", "procedure_codes": ["64483"],
    "valid_from": "2026-03-01", "valid_to": "2026-05-30", "units": 1,
    "rendering_npi": "1234567893", "place_of_service": "11",
}  # fmt: skip
SETTINGS = '[intake]\nsettle_seconds = 0\n[emission]\nmode = "live"\nautomatic = ["*"]\n'
PAYER = """[[payer]]
name = "Acme Health"
ids = ["87726"]
kind = "{kind}"
replacement_claims = {takes}
bilateral = "rt_lt_lines"
corrected_claim_days = 180
original_claim_days = 365
"""


def payment(paid: str) -> str:
    """An 835 whose total is what its one claim was paid."""
    amount = paid.split("*")[4]
    kind = "NON" if amount == "0" else "CHK"
    return payment_file(segments(paid)).replace("BPR*I*0*C*NON", f"BPR*I*{amount}*C*{kind}")


def run(
    folder: Path, claim: str, paid: str, *evidence: dict[str, Any], part_b: bool = False
) -> Settings:
    home = folder / "home"
    home.mkdir()
    (home / "reclaim.toml").write_text(SETTINGS)
    kind = "medicare_part_b" if part_b else "commercial"
    (home / "payers.toml").write_text(PAYER.format(kind=kind, takes=str(not part_b).lower()))
    settings = steps.initialise(home)
    inbox = settings.folder("inbox")
    (inbox / "a.837").write_text(claim_file(segments(claim), "MB" if part_b else "CI"))
    (inbox / "b.835").write_text(payment(paid))
    lines = "".join(json.dumps(e) + "\n" for e in evidence)
    (settings.folder("evidence") / "facts.jsonl").write_text(lines)
    steps.run(settings, as_of=DAY, now=NOW)
    return settings


def rows(settings: Settings, text: str) -> list[dict[str, Any]]:
    connection = sqlite3.connect(settings.home / "warehouse.db")
    connection.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in connection.execute(text)]
    finally:
        connection.close()


def approved(settings: Settings) -> None:
    (row, *_) = rows(settings, "select denial_id from denial where status = 'awaiting_approval'")
    opened = Warehouse(settings.url)
    try:
        review.approve(opened, settings, str(row["denial_id"]), by="biller.b", as_of=DAY, now=NOW)
    finally:
        opened.close()
    result = steps.emit(settings, as_of=DAY, now=NOW)
    assert not result.refused, result.refused


def sent(settings: Settings) -> str:
    (path,) = settings.folder("outbox").iterdir()
    return path.read_text()


def answer(settings: Settings, paid: str) -> None:
    text = payment(paid).replace("TRN*1*1*", "TRN*1*2*")
    text = text.replace("000000001", "000000002").replace("20260401", "20260501")
    (settings.folder("inbox") / "c.835").write_text(text)
    steps.run(settings, as_of=date(2026, 5, 2), now=NOW)


def holds(settings: Settings) -> None:
    opened = Warehouse(settings.url)
    try:
        found = verify(opened, settings, as_of=DAY)
        assert found.holds, found
    finally:
        opened.close()


HEAD = "CLM*PCN1*{}***11:B:1*Y*A*Y*Y~HI*ABK:M5416~"
INJECTION = "LX*1~SV1*HC:64483*450*UN*1***1~DTP*472*D8*20260314~"
DRUG = "LX*2~SV1*HC:J1030*50*UN*1***1~DTP*472*D8*20260314~"


def test_what_medicare_returned_goes_as_a_new_claim_of_those_lines(tmp_path: Path) -> None:
    paid = (
        "CLP*PCN1*1*500*200**MB*ICN1*11*1~SVC*HC:64483*450*200**1~DTM*472*20260314~"
        "CAS*CO*45*250~SVC*HC:J1030*50*0**1~DTM*472*20260314~CAS*CO*16*50~LQ*HE*MA130~LQ*HE*M51~"
    )
    settings = run(tmp_path, HEAD.format(500) + INJECTION + DRUG, paid, NOTE, part_b=True)
    assert not list(settings.folder("outbox").iterdir())
    approved(settings)
    text = sent(settings)
    assert "CLM*PCN1*50***11:B:1" in text and "64483" not in text and "REF*F8" not in text
    assert "SV1*HC:J1010*50*UN*40" in text
    answer(settings, "CLP*PCN1*1*50*30**MB*ICN2*11*1~SVC*HC:J1010*50*30**40~DTM*472*20260314~"
                     "CAS*CO*45*20~")  # fmt: skip
    (row,) = rows(settings, "select status, recovered_amount from mart_denial")
    assert (row["status"], row["recovered_amount"]) == ("recovered", 30)
    holds(settings)


def test_a_claim_with_the_right_member_id_answers_for_the_first_one(tmp_path: Path) -> None:
    paid = "CLP*PCN1*4*450*0**12*ICN1*11*1~SVC*HC:64483*450*0**1~DTM*472*20260314~CAS*CO*31*450~"
    subscriber = {"kind": "subscriber", **ABOUT, "member_id": "W123456780"}
    settings = run(tmp_path, HEAD.format(450) + INJECTION, paid, subscriber)
    approved(settings)
    text = sent(settings)
    assert "MI*W123456780" in text and "11:B:1*" in text and "REF*F8" not in text
    answer(settings, "CLP*PCN1*1*450*300**12*ICN2*11*1~NM1*QC*1*DOE*JANE****MI*W123456780~"
                     "SVC*HC:64483*450*300**1~DTM*472*20260314~CAS*CO*45*150~")  # fmt: skip
    (row,) = rows(settings, "select status, recovered_amount from mart_denial")
    assert (row["status"], row["recovered_amount"]) == ("recovered", 300)
    shown = rows(settings, "select new_value from mart_correction")
    assert [r["new_value"] for r in shown] == ["6780"]
    holds(settings)


def test_two_sides_go_as_two_lines_by_themselves(tmp_path: Path) -> None:
    bilateral = "LX*1~SV1*HC:64483:50*450.01*UN*1***1~DTP*472*D8*20260314~"
    paid = ("CLP*PCN1*1*450.01*0**12*ICN1*11*1~SVC*HC:64483:50*450.01*0**1~DTM*472*20260314~"
            "CAS*CO*4*450.01~")  # fmt: skip
    settings = run(tmp_path, HEAD.format("450.01") + bilateral, paid)
    text = sent(settings)
    assert "SV1*HC:64483:RT*225.01*UN*1" in text and "SV1*HC:64483:LT*225*UN*1" in text
    assert text.count("REF*6R*") == 2 and "CLM*PCN1*450.01***11:B:7" in text
    holds(settings)


def test_several_denials_make_one_replacement_of_all_lines(tmp_path: Path) -> None:
    """An authorization, a deleted code and guidance that may not be asserted: one file."""
    guidance = "LX*3~SV1*HC:77003*100*UN*1***1~DTP*472*D8*20260314~"
    paid = (
        "CLP*PCN1*1*600*0**12*ICN1*11*1~SVC*HC:64483*450*0**1~DTM*472*20260314~CAS*CO*197*450~"
        "SVC*HC:J1030*50*0**1~DTM*472*20260314~CAS*CO*181*50~"
        "SVC*HC:77003*100*0**1~DTM*472*20260314~CAS*CO*97*100~"
    )
    settings = run(tmp_path, HEAD.format(600) + INJECTION + DRUG + guidance, paid, NOTE,
                   AUTHORIZATION)  # fmt: skip
    assert not list(settings.folder("outbox").iterdir())
    approved(settings)
    text = sent(settings)
    assert "REF*G1*A1" in text and "SV1*HC:J1010*50*UN*40" in text and "77003" not in text
    assert "CLM*PCN1*500***11:B:7" in text and text.count("CLM*") == 1
    found = rows(settings, "select place from mart_correction where status = 'emitted'")
    assert {r["place"] for r in found} == {
        "2300/REF*G1", "2400[2]/SV101-2", "2400[2]/SV104", "2400[3]", "2300/CLM02"}  # fmt: skip
    holds(settings)


PART = ("CLP*PCN1*1*{1}*0**12*{0}*11*1~NM1*QC*1*DOE*JANE****MI*W123456789~"
        "SVC*HC:{2}*{1}*0**1~DTM*472*20260314~CAS*{3}*{1}~")  # fmt: skip


@pytest.mark.parametrize("first", [True, False])
def test_of_a_claim_in_parts_a_replacement_names_the_one_that_it_corrects(
    tmp_path: Path, first: bool
) -> None:
    parts = [PART.format("ICNA", 450, "64483", "CO*197"), PART.format("ICNB", 50, "J1030", "PR*1")]
    paid = "".join(parts if first else reversed(parts))
    settings = run(tmp_path, HEAD.format(500) + INJECTION + DRUG, paid, AUTHORIZATION)
    text = sent(settings)
    assert "REF*F8*ICNA~" in text and "CLM*PCN1*500***11:B:7" in text
    holds(settings)


def test_what_corrects_parts_under_several_numbers_waits_for_a_person(tmp_path: Path) -> None:
    parts = PART.format("ICNA", 450, "64483", "CO*197") + PART.format("ICNB", 50, "J1030", "CO*181")
    settings = run(tmp_path, HEAD.format(500) + INJECTION + DRUG, parts, NOTE, AUTHORIZATION)
    assert not list(settings.folder("outbox").iterdir())
    [found] = rows(settings, "select distinct not_sent from denial")
    assert "answered the claim in parts" in found["not_sent"]


def test_a_line_that_is_added_beside_one_taken_off_is_new_in_the_chain(tmp_path: Path) -> None:
    bilateral = "LX*1~SV1*HC:64483:50*450*UN*1***1~DTP*472*D8*20260314~"
    guidance = "LX*2~SV1*HC:77003*100*UN*1***1~DTP*472*D8*20260314~"
    drug = DRUG.replace("LX*2", "LX*3").replace("J1030", "J1010")
    paid = ("CLP*PCN1*1*600*0**12*ICN1*11*1~SVC*HC:64483:50*450*0**1~DTM*472*20260314~"
            "CAS*CO*4*450~SVC*HC:77003*100*0**1~DTM*472*20260314~CAS*CO*97*100~"
            "SVC*HC:J1010*50*0**1~DTM*472*20260314~CAS*PR*1*50~")  # fmt: skip
    settings = run(tmp_path, HEAD.format(600) + bilateral + guidance + drug, paid)
    approved(settings)
    chain = rows(settings, "select chain_position, procedure_code, modifiers from submitted_line "
                 "join submission using (submission_id) where origin = 'emitted' "
                 "order by line_position")  # fmt: skip
    assert [tuple(r.values()) for r in chain] == [
        (1, "64483", "RT"), (3, "J1010", ""), (4, "64483", "LT")]  # fmt: skip
    holds(settings)
