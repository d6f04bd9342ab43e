"""What is a denial and what is not, from the bytes of an 835 to the marts."""

from __future__ import annotations

import sqlite3
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cases.reading import claim_file, payment_file, segments
from warehouse import steps
from warehouse.cli import app
from warehouse.settings import Settings

DAY, NOW = date(2026, 5, 1), datetime(2030, 1, 1)
LINES = ("LX*1~SV1*HC:64483*450*UN*1***1~DTP*472*D8*20260314~REF*6R*L1~"
         "LX*2~SV1*HC:99213*150*UN*1***1~DTP*472*D8*20260314~REF*6R*L2~")  # fmt: skip
CLAIM = "CLM*PCN1*600***11:B:1*Y*A*Y*Y~HI*ABK:M5416~" + LINES


def claim() -> str:
    return claim_file(segments(CLAIM))


def service(line: int, charge: int, paid: int, *cas: str) -> str:
    code = ("64483", "99213")[line - 1]
    told = "".join(f"CAS*{c}~" for c in cas)
    return f"SVC*HC:{code}*{charge}*{paid}**1~DTM*472*20260314~{told}REF*6R*L{line}~"


def answer(paid: int, body: str, status: str = "1", day: int = 10) -> str:
    text = payment_file(segments(f"CLP*PCN1*{status}*600*{paid}**12*ICN1*11*1~{body}"))
    text = text.replace("BPR*I*0*C*NON", f"BPR*I*{paid}*C*CHK" if paid else "BPR*I*0*C*NON")
    text = text.replace("20260401", f"202604{day}").replace("TRN*1*1*", f"TRN*1*{day}*")
    return text.replace("000000001", f"0000000{day}")


def run(folder: Path, *texts: str) -> Settings:
    settings = steps.initialise(folder)
    for nth, text in enumerate(texts):
        (settings.folder("inbox") / f"{nth}.x12").write_text(text)
        steps.receive(settings, as_of=DAY, now=NOW)
        steps.match(settings, as_of=DAY)
    return settings


def rows(settings: Settings, text: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(settings.home / "warehouse.db")
    try:
        return connection.execute(text).fetchall()
    finally:
        connection.close()


DENIALS = ("select line_number, group_code || '-' || reason_code, denied_amount, path "
           "from mart_denial order by 1")  # fmt: skip
REDUCED = service(1, 450, 250, "CO*45*200") + service(2, 150, 0, "CO*97*150")


def test_a_predetermination_decides_nothing(tmp_path: Path) -> None:
    """No denial, no state, no money; the next answer is the claim's first one."""
    would = service(1, 450, 0, "CO*197*450") + service(2, 150, 0, "OA*101*150")
    settings = run(tmp_path / "home", claim(), answer(0, would, status="25"))
    assert rows(settings, DENIALS) == []
    assert rows(settings, "select status from mart_submission") == [("pending",)]
    assert rows(settings, "select claim_status_code, line_number, match_method, denied_amount, "
                          "other_adjustment_amount from mart_adjudicated_line order by 2") == [
        ("25", "1", "line_item_control_number", 0, 450),
        ("25", "2", "line_item_control_number", 0, 150),
    ]  # fmt: skip


DIVIDED = (
    "select denied_amount, patient_share_amount, contractual_amount, other_adjustment_amount "
    "from mart_adjudicated_line order by service_position"
)


@pytest.mark.parametrize(
    ("cas", "expected"),
    [
        (("CO*45*450",), ("CO-45", "review")),
        (("CO*45*450", "PR*3*0"), ("CO-45", "review")),
        (("CO*45*450**197*0",), ("CO-197", "replacement")),
        (("CO *197 *450",), ("CO-197", "replacement")),  # codes are padded
        ((), ("-", "review")),
    ],
)
def test_everything_is_denied_of_what_is_written_off_without_a_word(
    tmp_path: Path, cas: tuple[str, ...], expected: tuple[str, str]
) -> None:
    """Code and path, the same amount in both marts, and nothing to be written off."""
    body = service(1, 450, 0, *cas) + service(2, 150, 150)
    settings = run(tmp_path / "home", claim(), answer(150, body))
    assert rows(settings, DENIALS) == [("1", expected[0], 450, expected[1])]
    assert rows(settings, DIVIDED)[0] == (450, 0, 0, 0)
    flags = rows(settings, "select sum(amount) from mart_adjustment where is_denial = 1")
    assert flags == [(450 if cas else None,)]


def test_nothing_is_denied_of_what_was_paid_elsewhere_or_without_lines_that_tell_all(
    tmp_path: Path,
) -> None:
    to_the_patient = service(1, 450, 0, "CO*45*100", "OA*100*350") + service(2, 150, 150)
    at_the_claim = service(1, 450, 0) + service(2, 150, 0)
    of_another = service(1, 450, 0) + service(2, 150, 150)
    for nth, (paid, body, status) in enumerate(
        [(150, to_the_patient, "1"), (600, at_the_claim, "1"), (150, of_another, "2")]
    ):
        settings = run(tmp_path / str(nth), claim(), answer(paid, body, status=status))
        assert rows(settings, DENIALS) == []


def test_what_is_taken_back_of_a_silent_denial_is_as_much(tmp_path: Path) -> None:
    silent = service(1, 450, 0, "CO*45*450") + service(2, 150, 0, "CO*45*150")
    back = silent.replace("*450", "*-450").replace("*150", "*-150")
    reversal = answer(0, back, status="22", day=20).replace("22*600", "22*-600")
    settings = run(tmp_path / "home", claim(), answer(0, silent), reversal)
    assert rows(settings, "select sum(denied_amount), sum(contractual_amount) "
                          "from mart_adjudicated_line") == [(0, 0)]  # fmt: skip


def test_lines_without_a_word_of_a_claim_that_is_written_off_are_silent(tmp_path: Path) -> None:
    body = "CAS*CO*45*600~" + service(1, 450, 0) + service(2, 150, 0)
    settings = run(tmp_path / "home", claim(), answer(0, body))
    assert rows(settings, DENIALS) == [(None, "CO-45", 600, "review")]


@pytest.mark.parametrize(("status", "expected"), [("1", [("1", "OA-B11", 0, "hold")]), ("23", [])])
def test_what_went_to_another_payer_is_followed_up_but_of_a_forwarded_claim(
    tmp_path: Path, status: str, expected: list[Any]
) -> None:
    body = service(1, 450, 0, "OA*B11*450") + service(2, 150, 150)
    settings = run(tmp_path / "home", claim(), answer(150, body, status=status))
    assert rows(settings, DENIALS) == expected


def test_one_unit_is_paid_where_none_is_told(tmp_path: Path) -> None:
    body = service(1, 450, 450).replace("**1~", "~") + service(2, 150, 0, "CO*97*150").replace(
        "**1~", "~"
    )
    settings = run(tmp_path / "home", claim(), answer(450, body))
    units = rows(settings, "select units_paid from mart_adjudicated_line order by 1")
    assert units == [(None,), (1,)]


def test_the_policy_that_a_denial_rests_on_is_shown(tmp_path: Path) -> None:
    body = service(1, 450, 0, "CO*50*450") + "REF*0K*L34567~" + service(2, 150, 150)
    settings = run(tmp_path / "home", claim(), answer(150, body))
    named = "select line_number, policy_identifiers from mart_adjudicated_line order by 1"
    assert rows(settings, named) == [("1", "L34567"), ("2", None)]
    [denied] = rows(settings, "select denial_id from mart_denial")
    home = ["--home", str(settings.home), "--as-of", "2026-05-01"]
    shown = CliRunner().invoke(app, ["review", "show", str(denied[0]), *home]).stdout
    assert "L34567" in shown


@pytest.mark.parametrize("predetermined_first", [True, False])
def test_a_predetermination_answers_no_submission_and_no_denial(
    tmp_path: Path, predetermined_first: bool
) -> None:
    would = answer(0, service(1, 450, 0, "OA*101*450") + service(2, 150, 0, "OA*101*150"),
                   status="25", day=9 if predetermined_first else 20)  # fmt: skip
    denied = answer(250, REDUCED)
    settings = run(tmp_path / "home", claim(), would, denied)
    assert rows(settings, "select status from mart_submission") == [("adjudicated",)]
    assert rows(settings, "select reason_code, status from mart_denial") == [("97", "open")]


def test_a_reduction_of_a_claim_that_was_paid_is_no_denial_at_the_claim_s_level_either(
    tmp_path: Path,
) -> None:
    settings = run(tmp_path / "home", claim(), answer(200, "CAS*CO*59*50~" + REDUCED))
    assert rows(settings, DENIALS) == [("2", "CO-97", 150, "review")]


@pytest.mark.parametrize("share", [True, False])
def test_it_is_one_where_nothing_is_allowed(tmp_path: Path, share: bool) -> None:
    """All that the lines leave is taken; a deductible on a line says that something was allowed."""
    line = service(1, 450, 250, *(("CO*45*100", "PR*1*100") if share else ("CO*45*200",)))
    body = "CAS*CO*59*250~" + line + service(2, 150, 0, "CO*45*150")
    settings = run(tmp_path / "home", claim(), answer(0, body))
    found = [row for row in rows(settings, DENIALS) if row[0] is None]
    assert found == ([] if share else [(None, "CO-59", 250, "review")])
    marked = rows(settings, "select is_denial from mart_adjustment where service_position = 0")
    assert marked == [(0 if share else 1,)]


@pytest.mark.parametrize(
    ("cas", "denied", "path"), [("OA*133*600", 0, "hold"), ("CO*45*600", 600, "review")]
)
def test_what_the_claim_s_level_takes_of_lines_as_charged_is_pended_or_silent(
    tmp_path: Path, cas: str, denied: int, path: str
) -> None:
    body = f"CAS*{cas}~" + service(1, 450, 450) + service(2, 150, 150)
    settings = run(tmp_path / "home", claim(), answer(0, body))
    code = "-".join(cas.split("*")[:2])
    assert rows(settings, DENIALS) == [(None, code, denied, path)]


def test_what_is_pended_of_a_claim_that_was_paid_in_part_is_followed_up(tmp_path: Path) -> None:
    """A line's, beside lines, or of a claim that is answered without lines."""
    pended = service(1, 450, 200, "OA*133*250") + service(2, 150, 150)
    whole = service(1, 450, 450) + service(2, 150, 150)
    for nth, (paid, body, line) in enumerate(
        [(350, pended, "1"), (400, "CAS*OA*257*200~" + whole, None), (400, "CAS*OA*257*200~", None)]
    ):
        settings = run(tmp_path / str(nth), claim(), answer(paid, body))
        code = "OA-133" if line else "OA-257"
        assert rows(settings, DENIALS) == [(line, code, 0, "hold")]
    # A reason of no amount holds nothing back of what was paid.
    none = service(1, 450, 450, "OA*133*0") + service(2, 150, 150)
    assert rows(run(tmp_path / "none", claim(), answer(600, none)), DENIALS) == []


def test_what_the_claim_s_level_takes_of_a_claim_that_was_paid_is_neither(tmp_path: Path) -> None:
    body = "CAS*CO*45*100~" + service(1, 450, 450) + service(2, 150, 150)
    assert rows(run(tmp_path / "home", claim(), answer(500, body)), DENIALS) == []


@pytest.mark.parametrize(
    ("other", "owes"),
    [("the same", "next_payer"), ("a middle name", "next_payer"), ("another charge", "patient"),
     ("another patient", "patient")],
)  # fmt: skip
def test_the_next_payer_owes_only_where_the_same_claim_went_to_it(
    tmp_path: Path, other: str, owes: str
) -> None:
    """A number and a day may be those of two patients; a member id is each payer's own."""
    body = service(1, 450, 200, "CO*45*200", "PR*2*50") + service(2, 150, 150)
    text = CLAIM
    if other == "another charge":
        text = text.replace("*600*", "*610*").replace("99213*150*", "99213*160*")
    name = {"a middle name": "DOE*JANE*B", "another patient": "DOE*BOB"}.get(other, "DOE*JANE")
    second = claim_file(segments(text), member="P000111222", sbr="SBR*S*18*******CI",
                        payer="SECOND*****PI*SMPL2", name=name)  # fmt: skip
    if other == "a middle name":
        second = second.replace("JANE*B****MI", "JANE*B***MI")
    second = second.replace("000000001", "000000002")
    settings = run(tmp_path / "home", claim(), second, answer(350, body))
    found = rows(settings, "select patient_share_owed_by from mart_adjudicated_line "
                           "where patient_share_amount <> 0")  # fmt: skip
    assert found == [(owes,)]
    assert len(rows(settings, "select 1 from mart_submission")) == 2
