"""Whose claim an adjudication is of, where a number alone would say too much."""

from __future__ import annotations

from pathlib import Path

import pytest

from cases.answers import JOINED, ONE, SERVICE, billed, in_any_order, joined, rows, told

TWO = ("LX*1~SV1*HC:20610:RT*225*UN*1***1~DTP*472*D8*{day}~"
       "LX*2~SV1*HC:20610:LT*225*UN*1***1~DTP*472*D8*{day}~")  # fmt: skip
SIDES = ("SVC*HC:20610:RT*225*0**1~{{dtm}}CAS*CO*{0}*225~"
         "SVC*HC:20610:LT*225*0**1~{{dtm}}CAS*CO*{1}*225~")  # fmt: skip


def test_one_line_called_a_duplicate_makes_no_decision_a_copy_s(tmp_path: Path) -> None:
    """The first is decided, one side of it as a duplicate; all of the resend is refused."""
    files = [
        billed(1, "20260312", lines=TWO),
        billed(2, "20260316", lines=TWO),
        told(3, "20260401", services=SIDES.format(197, 18), icn="ICNORIG"),
        told(4, "20260408", services=SIDES.format(18, 18), icn="ICNDUP"),
    ]
    found = in_any_order(tmp_path, files, lambda s: rows(s, JOINED), 6)
    assert [row[:2] for row in found] == [("3.835", "1.837")] * 2 + [("4.835", "2.837")] * 2


def test_another_visit_between_two_days_of_a_claim_waits_for_its_own(tmp_path: Path) -> None:
    series = TWO.replace("LX*2~SV1*HC:20610:LT*225*UN*1***1~DTP*472*D8*{day}",
                         "LX*2~SV1*HC:20610:LT*225*UN*1***1~DTP*472*D8*20260330")  # fmt: skip
    own = billed(3, "20260331", day="20260316", charge="120",
                 lines="LX*1~SV1*HC:99213*120*UN*1***1~DTP*472*D8*{day}~")  # fmt: skip
    visit = told(2, "20260420", day="20260316", charge="120", services=(
        SERVICE.replace("64483*450", "99213*120")))  # fmt: skip
    files = [billed(1, "20260331", lines=series), visit]
    assert [row[1] for row in in_any_order(tmp_path / "1", files, lambda s: rows(s, JOINED))] == [
        None
    ]
    found = in_any_order(tmp_path / "2", [*files, own], lambda s: rows(s, JOINED))
    assert [row[1] for row in found] == ["3.837"]


def test_another_patient_s_claim_of_the_reported_number_undoes_no_join(tmp_path: Path) -> None:
    """The payer has left zeros out, and another patient has just that number."""
    ours = billed(1, pcn="0001001")
    theirs = billed(2, pcn="1001", member="W999999999", name="ROE*BOB")
    found = in_any_order(tmp_path, [ours, theirs, told(3, pcn="1001")], lambda s: rows(s, JOINED))
    assert [row[1] for row in found] == ["1.837"]


CUT = "DEMO-000123-2026-ABCD01", "DEMO-000123-2026-"


@pytest.mark.parametrize("member", ["w123456789", "W123456789-01", ""])
def test_a_cut_number_finds_the_patient_whose_member_id_is_written_otherwise(
    tmp_path: Path, member: str
) -> None:
    ours, cut = CUT
    files = [billed(1, pcn=ours), told(2, pcn=cut, member=member)]
    found = in_any_order(tmp_path / "0", files, lambda s: rows(s, JOINED))
    assert found == [("2.835", "1.837", "1", "exact")]
    # Another claim that fits as well, or another name.
    beside = [*files, billed(3, pcn="DEMO-000123-2026-XYZ")]
    found = in_any_order(tmp_path / "1", beside, lambda s: rows(s, JOINED))
    assert found == [("2.835", None, None, "unmatched")]
    sam = told(2, pcn=cut, member=member, name="DOE*SAM")
    assert joined(tmp_path / "2", files[0], sam) == {"2.835": None}


def test_parts_under_numbers_of_their_own_are_of_the_claim_that_they_come_to(
    tmp_path: Path,
) -> None:
    lines = ONE + ONE.replace("LX*1", "LX*2").replace("64483*450", "64484*300")
    claim = billed(1, pcn="PCN1001", lines=lines, charge="750")
    other = SERVICE.replace("64483*450", "64484*300")
    for nth, on in enumerate(("20260401", "20260405")):
        parts = [
            told(2, pcn="PCN1001-1", icn="ICN1"),
            told(3, on, pcn="PCN1001-2", icn="ICN2", charge="300", services=other),
        ]
        found = in_any_order(tmp_path / str(nth), [claim, *parts], lambda s: rows(s, JOINED))
        assert [row[:3] for row in found] == [("2.835", "1.837", "1"), ("3.835", "1.837", "2")]
    assert joined(tmp_path / "alone", claim, parts[0]) == {"2.835": None}


def test_the_payer_s_own_number_says_whose_a_cut_number_is(tmp_path: Path) -> None:
    """A reversal without a line tells no day."""
    ours, cut = CUT
    number, text = told(3, "20260410", pcn=cut, charge="-450", services="CAS*CO*197*-450~")
    back = number, text.replace("CLP*" + cut + "*1*", "CLP*" + cut + "*22*")
    for nth, pcn in enumerate(CUT):
        files = [billed(1, pcn=ours), told(2, pcn=pcn), back]
        found = in_any_order(tmp_path / str(nth), files, lambda s: rows(s, JOINED))
        assert [row[:2] for row in found] == [("2.835", "1.837"), ("3.835", "1.837")]
    unknown = number, back[1].replace("*ICN1*", "*ICN9*")
    found = joined(tmp_path / "9", billed(1, pcn=ours), told(2, pcn=ours), unknown)
    assert found["3.835"] is None
