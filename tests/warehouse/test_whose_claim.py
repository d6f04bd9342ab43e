"""Whose claim an adjudication is of, where a number alone would say too much."""

from __future__ import annotations

from pathlib import Path

from cases.answers import JOINED, SERVICE, billed, in_any_order, rows, told

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
