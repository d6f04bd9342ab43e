"""One answer in several CLPs: whichever of them tells a line, no other tells it again."""

from __future__ import annotations

import sqlite3
from datetime import date, datetime
from itertools import permutations
from pathlib import Path

import pytest

from cases.reading import claim_file, payment_file, segments
from warehouse import slices, steps

DAY, NOW = date(2026, 6, 1), datetime(2030, 1, 1)
PAYER = '[[payer]]\nname = "Acme Health"\nids = ["87726"]\nreplacement_claims = true\n'
Answer = list[tuple[str, str, int | None, str]]


def billed(
    *lines: str, number: int = 1, frequency: str = "1", names: str = "", on: str = "20260315"
) -> tuple[str, str]:
    """An 837P of one claim; each line is its SV1's code, charge and units, and a REF*6R."""
    charge, text = 0, ""
    for nth, (code, cents, units, *control) in enumerate((some.split() for some in lines), 1):
        charge += int(cents)
        text += f"LX*{nth}~SV1*HC:{code}*{cents}*UN*{units}***1~DTP*472*D8*20260302~"
        text += "".join(f"REF*6R*{number}~" for number in control)
    claim = (f"CLM*PCN1*{charge}***11:B:{frequency}*Y*A*Y*Y~"
             + (f"REF*F8*{names}~" if names else "") + f"HI*ABK:M5416~{text}")  # fmt: skip
    file = claim_file(segments(claim)).replace("20260315*1200*CH", f"{on}*1200*CH")
    return f"{number}.837", file.replace("000000001", f"{number:09d}")


def part(icn: str, *services: str, status: int = 1, frequency: str = "") -> str:
    """A CLP that pays nothing; each service is its code, charge and units, and a REF*6R."""
    charge, text = 0, ""
    for code, cents, units, *control in (some.split() for some in services):
        charge += int(cents)
        text += f"SVC*HC:{code}*{cents}*0**{units}~DTM*472*20260302~CAS*CO*197*{cents}~"
        text += "".join(f"REF*6R*{number}~" for number in control)
    clp = f"CLP*PCN1*{status}*{charge}*0**12*{icn}*11*{frequency}".rstrip("*")
    return f"{clp}~NM1*QC*1*DOE*JANE****MI*W123456789~{text}"


def told(*parts: str, number: int = 2) -> tuple[str, str]:
    text = payment_file(segments("".join(parts))).replace("TRN*1*1*", f"TRN*1*T{number}*")
    return f"{number}.835", text.replace("000000001", f"{number:09d}")


def lines_of(folder: Path, *files: tuple[str, str]) -> Answer:
    """CLP07, code, line and method of each service, every file in a run of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "payers.toml").write_text(PAYER)
    settings = steps.initialise(folder)
    for name, text in files:
        (settings.folder("inbox") / name).write_text(text)
        steps.receive(settings, as_of=DAY, now=NOW)
        steps.match(settings, as_of=DAY)
    connection = sqlite3.connect(settings.home / "warehouse.db")
    try:
        return list(connection.execute(
            "select payer_claim_control_number, procedure_code, cast(line_number as integer), "
            "match_method from mart_adjudicated_line "
            "order by file_name, claim_position, service_position"
        ))  # fmt: skip
    finally:
        connection.close()


CLAIM = billed("J1100 60 6", "64483 300 1")


def test_a_line_that_was_split_over_two_parts_is_the_sum_of_both(tmp_path: Path) -> None:
    parts = [part("A", "J1100 40 4"), part("B", "J1100 20 2", "64483 300 1")]
    found = [("A", "J1100", 1, "split"), ("B", "J1100", 1, "split"), ("B", "64483", 2, "exact")]
    assert lines_of(tmp_path / "0", CLAIM, told(*parts)) == found
    assert lines_of(tmp_path / "1", told(*parts), CLAIM) == found
    back = lines_of(tmp_path / "2", CLAIM, told(*reversed(parts)))
    assert sorted(back) == sorted(found)


def test_two_parts_that_do_not_add_up_to_a_line_are_not_both_on_it(tmp_path: Path) -> None:
    parts = [part("A", "J1100 40 4"), part("B", "J1100 40 4", "64483 300 1")]
    assert lines_of(tmp_path, CLAIM, told(*parts)) == [
        ("A", "J1100", None, "ambiguous"),
        ("B", "J1100", None, "ambiguous"),
        ("B", "64483", 2, "exact"),
    ]


def test_the_line_that_one_part_leaves_is_the_other_s(tmp_path: Path) -> None:
    """The payer returned one number for both; and of a line nothing but its side told."""
    claim = billed("64483 300 1 A1", "64484 200 1 A2")
    found = lines_of(tmp_path / "0", claim, told(part("A", "64483 300 1 A1"),
                                                 part("B", "64483 200 1 A1")))  # fmt: skip
    assert [row[2] for row in found] == [1, 2]
    claim = billed("64483:RT 300 1", "64483:LT 300 1")
    found = lines_of(tmp_path / "1", claim, told(part("A", "64483 300 1"),
                                                 part("B", "64483:RT 300 1")))  # fmt: skip
    assert [row[2] for row in found] == [2, 1]


def test_what_is_told_twice_is_no_part(tmp_path: Path) -> None:
    """A CLP that repeats another, be it refused as a duplicate; one that tells the whole claim."""
    one, two = part("A", "J1100 60 6"), part("B", "64483 300 1")
    found = lines_of(tmp_path / "0", CLAIM, told(one, two, part("C", "J1100 60 0")))
    assert [row[2] for row in found] == [1, 2, 1]
    whole = [part(icn, "J1100 60 6", "64483 300 1") for icn in "AB"]
    found = lines_of(tmp_path / "1", CLAIM, told(*whole, part("C", "64483 300 1")))
    assert [row[2] for row in found] == [1, 2, 1, 2, 2]


def test_parts_that_are_taken_back_and_decided_anew_stand_beside_each_other(
    tmp_path: Path,
) -> None:
    """What is taken back, and what stands in for it, each is an answer in two parts."""
    services = (["J1100 40 4"], ["J1100 20 2", "64483 300 1"])
    parts = [part(icn, *some) for icn, some in zip("AB", services, strict=True)]
    back = [
        part(icn, *some, status=22).replace("*40*0", "*-40*0").replace("*20*0", "*-20*0")
        .replace("*300*0", "*-300*0").replace("*320*0", "*-320*0").replace("CO*197*", "CO*197*-")
        for icn, some in zip("AB", services, strict=True)
    ]  # fmt: skip
    anew = [part(icn, *some) for icn, some in zip("AB", services, strict=True)]
    found = lines_of(tmp_path, CLAIM, told(*parts), told(*back, *anew, number=3))
    assert [row[2] for row in found] == [1, 1, 2] * 3


def test_a_part_that_turns_out_to_be_another_answer_changes_what_the_other_is(
    tmp_path: Path,
) -> None:
    """The second answers a replacement that arrives late, and leaves the first alone."""
    replacement = billed("J1100 20 2", "64483 300 1", number=3, frequency="7", names="A",
                         on="20260320")  # fmt: skip
    parts = told(part("A", "J1100 40 4", frequency="1"),
                 part("B", "J1100 20 2", "64483 300 1", frequency="7"))  # fmt: skip
    orders = permutations([CLAIM, replacement, parts])
    found = [lines_of(tmp_path / str(nth), *files) for nth, files in enumerate(orders)]
    assert found == [found[0]] * 6
    assert found[0] == [
        ("A", "J1100", 1, "assignment"), ("B", "J1100", 1, "exact"), ("B", "64483", 2, "exact"),
    ]  # fmt: skip


def test_parts_in_two_slices_are_one_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = told(part("A", "J1100 40 4"), part("B", "64483 300 1"), part("C", "J1100 20 2"))
    whole = lines_of(tmp_path / "0", CLAIM, parts)
    monkeypatch.setattr(slices, "SLICE", 1)
    assert lines_of(tmp_path / "1", CLAIM, parts) == whole
    assert [row[2] for row in whole] == [1, 2, 1]
