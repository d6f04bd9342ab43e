"""Code-set files as users have them: read, refused, listed, and asked by date of service.

Every table here is made up, in the layout that Medicare publishes.
"""

from __future__ import annotations

import json
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rules.references import AOC, MUE, PTP, References
from warehouse import tables as t
from warehouse.cli import app
from warehouse.database import Warehouse
from warehouse.reference import import_files, list_files
from warehouse.reference_lookup import BilledCode, ReferenceLookup, references_of
from warehouse.reference_rows import OPEN_START
from warehouse.reference_source import HEADER_ROWS, ReferenceRefused

Q3 = {"valid_from": date(2026, 7, 1), "valid_to": date(2026, 9, 30)}
Q4 = {"valid_from": date(2026, 10, 1), "valid_to": date(2026, 12, 31)}
NOW = datetime(2026, 7, 1)
ABOVE = (
    "CPT only copyright 2026 of nobody: made up.\t\t\t\t\t\t\n\t\t\t\t\t\t\nColumn1/Column2 Edits\n"
    "Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale\n"
    "\t\tprior to 1996\tDate\tDate\t0=not allowed\t\n\t\t\t\t*=no data\t1=allowed\t\n"
    "\t\t\t\t\t9=not applicable\t\n"
)
MUE_ABOVE = (
    '"Made up, copyright of nobody, 2026",,,\n,,,\n"HCPCS/\nCPT Code",'
    "Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale\n"
)


def pairs(*rows: str, above: str = ABOVE) -> str:
    return above + "".join(f'{row}\tMade up "so"\n'.replace(" ", "\t", 5) for row in rows)


def written(folder: Path, text: str, name: str = "table.txt") -> Path:
    path = folder / name
    path.write_bytes(text.replace("\n", "\r\n").encode("latin-1"))
    return path


def bring(warehouse: Warehouse, kind: str, path: Path, **validity: date) -> str:
    (done,) = import_files(warehouse, kind, [path], **(validity or Q3), now=NOW)
    return done.status


def asked(warehouse: Warehouse, day: date, *codes: str) -> References:
    with warehouse.read() as connection:
        return ReferenceLookup(connection).of({1: [BilledCode(c, day) for c in codes]})[1]


def indicator(warehouse: Warehouse, day: date, one: str = "X0001", two: str = "X0002") -> Any:
    edit = asked(warehouse, day, one, two).pair(one, two, day)
    return edit and edit.modifier_indicator


@pytest.mark.parametrize(
    ("day", "expected"),
    [(date(2026, 7, 1), None), (date(2026, 7, 2), "1"), (date(2026, 7, 31), "1"),
     (date(2026, 8, 1), "0"), (date(2026, 8, 15), "0"), (date(2026, 8, 16), None),
     (date(2026, 9, 1), "1"), (date(2026, 9, 30), "1"), (date(2026, 10, 1), None)],
)  # fmt: skip
def test_a_pair_with_three_date_ranges(
    warehouse: Warehouse, tmp_path: Path, day: date, expected: str | None
) -> None:
    rows = ("X0001 X0002 _ 20260702 20260731 1", "X0001 X0002 _ 20260801 20260815 0",
            "X0001 X0002 _ 20260901 * 1")  # fmt: skip
    bring(warehouse, "ptp", written(tmp_path, pairs(*rows).replace("_", "")))
    assert indicator(warehouse, day) == expected
    assert asked(warehouse, day, "X0001").covers(PTP, day) == (day <= Q3["valid_to"])
    assert indicator(warehouse, day, "X0002", "X0001") is None


def test_an_edit_that_was_taken_back_never_counted(warehouse: Warehouse, tmp_path: Path) -> None:
    rows = ("X0001 X0002 * 20260801 20260801 1", "X0003 X0004 * 20200101 * 9")
    bring(warehouse, "ptp", written(tmp_path, pairs(*rows)))
    assert indicator(warehouse, date(2026, 8, 1)) is None
    assert indicator(warehouse, date(2026, 8, 1), "X0003", "X0004") is None


def test_a_file_answers_from_its_first_day_to_its_last(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    path = written(tmp_path, pairs("X0001 X0002 * 20200101 * 1"))
    one_day = {"valid_from": date(2026, 7, 1), "valid_to": date(2026, 7, 1)}
    bring(warehouse, "ptp", path, **one_day)
    found = [indicator(warehouse, date(2026, m, d)) for m, d in ((6, 30), (7, 1), (7, 2))]
    assert found == [None, "1", None]
    with pytest.raises(ReferenceRefused, match="before --from"):
        bring(warehouse, "ptp", path, **one_day | {"valid_to": date(2026, 6, 30)})


def test_the_same_file_again_changes_nothing(warehouse: Warehouse, tmp_path: Path) -> None:
    path = written(tmp_path, pairs("X0001 X0002 * 20200101 * 1"))
    assert bring(warehouse, "ptp", path) == "imported"
    with warehouse.read() as connection:
        before = list_files(connection)
    assert bring(warehouse, "ptp", path.rename(tmp_path / "other name.txt")) == "unchanged"
    with warehouse.read() as connection:
        assert list_files(connection) == before
    assert bring(warehouse, "ptp", tmp_path / "other name.txt", **Q4) == "extended"
    assert indicator(warehouse, date(2026, 12, 31)) == "1"


def test_the_newest_file_that_knows_a_pair_decides(warehouse: Warehouse, tmp_path: Path) -> None:
    old = pairs("X0001 X0002 * 20200101 * 0", "X0001 X0003 * 20200101 * 0")
    bring(warehouse, "ptp", written(tmp_path, old))
    bring(warehouse, "ptp", written(tmp_path, pairs("X0001 X0002 * 20200101 20260630 0")))
    assert indicator(warehouse, date(2026, 8, 1)) is None
    assert indicator(warehouse, date(2026, 8, 1), "X0001", "X0003") == "0"


def test_one_key_twice_in_a_file_keeps_what_refuses_more(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    rows = ("X0001 X0002 * 20200101 20260731 1", "X0001 X0002 * 20200101 * 0")
    bring(warehouse, "ptp", written(tmp_path, pairs(*rows)))
    assert indicator(warehouse, date(2026, 9, 1)) == "0"
    with warehouse.read() as connection:
        assert [f.row_count for f in list_files(connection)] == [1]


def test_a_table_in_parts_covers_when_all_are_here(warehouse: Warehouse, tmp_path: Path) -> None:
    day = date(2026, 8, 1)
    for part in (1, 2, 3, 4):
        assert not asked(warehouse, day, "X0001").covers(PTP, day)
        table = written(tmp_path, pairs(f"X000{part} X0009 * 20200101 * 1"), "pairs.txt")
        packed = tmp_path / f"ccipra-v322r0-f{part}.zip"
        with zipfile.ZipFile(packed, "w") as archive:
            archive.write(table, "ccipra.TXT")
            archive.writestr("ccipra.xlsx", b"PK\0\0")
        bring(warehouse, "ptp", packed)
    assert asked(warehouse, day, "X0001").covers(PTP, day)
    assert indicator(warehouse, day, "X0003", "X0009") == "1"


def test_csv_with_headings_of_several_lines(warehouse: Warehouse, tmp_path: Path) -> None:
    text = ('Made up,,,,,,\n"Column\n1",Column 2,"*=in existence\nprior to 1996","Effective\nDate",'
            '"Deletion\nDate *=no data","Modifier\n0=not allowed","PTP Edit Rationale"\n'
            'X0001,X0002,,20200101,*,0,"Made up, so"\n')  # fmt: skip
    bring(warehouse, "ptp", written(tmp_path, text, "table.csv"))
    assert indicator(warehouse, date(2026, 8, 1)) == "0"


def test_unit_limits(warehouse: Warehouse, tmp_path: Path) -> None:
    text = MUE_ABOVE + "X0001,1,2 Date of Service Edit: Policy,Made up\nX0002,4,3 Clinical,So\n"
    bring(warehouse, "mue", written(tmp_path, text, "mue.csv"))
    day = date(2026, 8, 1)
    found = asked(warehouse, day, "X0001", "X0002", "X0003")
    one, two = found.unit_limit("X0001", day), found.unit_limit("X0002", day)
    assert one and two
    assert (one.units, one.adjudication_indicator) == (1, "2")
    assert (two.units, two.adjudication_indicator) == (4, "3")
    assert found.unit_limit("X0003", day) is None
    assert found.covers(MUE, day) and not found.covers(PTP, day)
    assert found.unit_limit("X0001", date(2026, 10, 1)) is None


@pytest.mark.parametrize(
    "text",
    ["Made up\nX0005      X0001 20260715 20260820 1\nX0006      CCCCC 2026182         2\n",
     "Made up\nX0005      X0001 2026071520260820 1\nX0006      CCCCC 20261822026365 2\n",
     "Add-on Code\tPrimary Code\tAOC Edit Eff Date\tAOC Edit Del Date\tType\n"
     "X0005\tX0001\t20260715\t20260820\t1\nX0006\tCCCCC\t20260701\t\t2\n"],
    ids=["fixed", "fixed, run together", "in columns"],
)  # fmt: skip
def test_add_ons(warehouse: Warehouse, tmp_path: Path, text: str) -> None:
    text = text.replace("Eff Date", "Effective Date").replace("Del Date", "Deletion Date")
    bring(warehouse, "aoc", written(tmp_path, text))
    for day, expected in ((date(2026, 7, 14), []), (date(2026, 7, 15), ["X0001"]),
                          (date(2026, 8, 20), ["X0001"]), (date(2026, 8, 21), [])):  # fmt: skip
        found = asked(warehouse, day, "X0005", "X0006")
        assert [a.primary for a in found.primaries("X0005", day)] == expected
        assert [a.type_code for a in found.primaries("X0006", day)] == ["2"]
        assert found.covers(AOC, day)


def test_code_lists_with_their_dates(warehouse: Warehouse, tmp_path: Path) -> None:
    text = (
        "Code,Description,Start,Stop\n901,Made up,1/1/1995,\nM901,Made up,2001-07-01,07/01/2026\n"
    )
    bring(warehouse, "carc", written(tmp_path, text, "carc.csv"))
    with warehouse.read() as connection:
        found = connection.exec_driver_sql(
            "select code, effective_from, effective_to from reference_code order by code"
        ).all()
    assert [tuple(row) for row in found] == [("901", 19950101, 99991231),
                                             ("M901", 20010701, 20260701)]  # fmt: skip


@pytest.mark.parametrize(
    ("written_as", "first"),
    [("2026001", 20260101), ("2026365", 20261231), ("2024366", 20241231), ("1900001", 19000101),
     ("9999365", 99991231), ("2026000", 0), ("2026366", 0), ("2024367", 0), ("1899365", 0),
     ("9999366", 0)],
)  # fmt: skip
def test_days_of_the_year_that_there_are(
    warehouse: Warehouse, tmp_path: Path, written_as: str, first: int
) -> None:
    """Digits that are no day are none, and the edit has no first day."""
    bring(warehouse, "aoc", written(tmp_path, f"Made up\nX0005      X0001 {written_as} 1\n"))
    with warehouse.read() as connection:
        found = connection.exec_driver_sql("select effective_from from reference_aoc").scalar_one()
    assert found == (first or OPEN_START)


def test_blank_rows_and_a_byte_order_mark_say_nothing(warehouse: Warehouse, tmp_path: Path) -> None:
    bring(warehouse, "ptp", written(tmp_path, GOOD + "\n\t\t\t\t\t\t\n" + GOOD[len(ABOVE) :]))
    assert indicator(warehouse, date(2026, 8, 1)) == "1"
    marked = tmp_path / "carc.csv"
    marked.write_text("\ufeffCode,Description\n901,Made up\n", encoding="utf-8")
    assert bring(warehouse, "carc", marked) == "imported"


AOC_ABOVE = "Add-on Code\tPrimary Code\tAOC Edit Type\n"
GOOD = pairs("X0001 X0002 * 20200101 * 1")
REFUSED = {
    "limits as pairs": ("ptp", MUE_ABOVE + "X0001,1,2 Policy,So\n", "a pair of codes"),
    "pairs as limits": ("mue", GOOD, "a code with its units"),
    "pairs as add-ons": ("aoc", GOOD, "Add-on Code"),
    "nothing": ("ptp", "", "a pair of codes"),
    "headings alone": ("ptp", ABOVE, "a pair of codes"),
    "no headings": ("ptp", pairs("X0001 X0002 * 20200101 * 1", above=""), "Column 1"),
    "cut off": ("ptp", GOOD + "X0003\tX00", "cut off"),
    "no code": ("ptp", GOOD + "X0003\tX004\t\t20200101\t*\t1\tSo\n", "a code of 5"),
    "no day": ("ptp", GOOD + "X0003\tX0004\t\t20201301\t*\t1\tSo\n", "a day such as"),
    "no effective day": ("ptp", GOOD + "X0003\tX0004\t\t*\t*\t1\tSo\n", "a day such as"),
    "no indicator": ("ptp", GOOD + "X0003\tX0004\t\t20200101\t*\t2\tSo\n", "0, 1 or 9"),
    "hospital limits": ("mue", MUE_ABOVE.replace("Practitioner", "Outpatient Hospital")
                        + "X0001,1,2 Policy,So\n", "practitioner services"),
    "no units": ("mue", MUE_ABOVE + "X0001,1,2 Policy,So\nX0002,many,2 So,So\n", "whole number"),
    "no adjudication": ("mue", MUE_ABOVE + "X0001,1,Policy,So\n", "1, 2 or 3"),
    "add-on without type": ("aoc", "Made up\nX0005      X0001 20260715\n", "1, 2 or 3"),
    "add-ons that end in words": ("aoc", "Made up\nX0005      X0001 20260715 1\nTotal: 1\n",
                                  "an add-on code"),
    "add-on of no primary": ("aoc", AOC_ABOVE + "X0005\tX0001\t1\nX0006\tX00\t1\n", "or CCCCC"),
    "no reason code": ("carc", "Code,Description\n901,So\n9 01,So\n", "such as 197"),
    "a long text above": ("ptp", "Made up\n" * (HEADER_ROWS + 1) + GOOD, "a pair of codes"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_what_it_says_is_refused_whole(
    warehouse: Warehouse, tmp_path: Path, name: str
) -> None:
    kind, text, expected = REFUSED[name]
    with pytest.raises(ReferenceRefused) as refused:
        bring(warehouse, kind, written(tmp_path, text))
    assert expected in str(refused.value)
    assert "FILE 1" in refused.value.place
    with warehouse.read() as connection:
        assert list_files(connection) == ()
        assert connection.exec_driver_sql("select count(*) from reference_ptp").scalar() == 0


def test_one_refused_file_leaves_none_of_the_command(warehouse: Warehouse, tmp_path: Path) -> None:
    good, bad = written(tmp_path, GOOD, "a.txt"), written(tmp_path, "no table", "b.txt")
    with pytest.raises(ReferenceRefused, match="FILE 2"):
        import_files(warehouse, "ptp", [good, bad], **Q3, now=NOW)
    with warehouse.read() as connection:
        assert list_files(connection) == ()


@pytest.mark.parametrize("name", ["ccioph-v322r0-f1.txt", "hospital-ptp-edits.txt"])
def test_the_pairs_of_hospitals_are_not_ours(
    warehouse: Warehouse, tmp_path: Path, name: str
) -> None:
    with pytest.raises(ReferenceRefused, match="hospitals"):
        bring(warehouse, "ptp", written(tmp_path, GOOD, name))


def test_workbooks_and_broken_zips_are_refused(warehouse: Warehouse, tmp_path: Path) -> None:
    only_workbook, broken, wide = (tmp_path / n for n in ("a.zip", "b.zip", "c.txt"))
    with zipfile.ZipFile(only_workbook, "w") as archive:
        archive.writestr("table.xlsx", b"PK\0\0")
    with zipfile.ZipFile(broken, "w") as archive:
        archive.writestr("table.txt", GOOD * 50)
    content = bytearray(broken.read_bytes())
    content[200] ^= 0xFF
    broken.write_bytes(bytes(content))
    wide.write_text(GOOD, encoding="utf-16")
    old = tmp_path / "d.xls"
    old.write_text(GOOD)
    for path, words in (
        (only_workbook, "workbook"),
        (old, "a workbook"),
        (broken, "intact zip"),
        (wide, "UTF-16"),
    ):
        with pytest.raises(ReferenceRefused, match=words):
            bring(warehouse, "ptp", path)


def test_a_refusal_shows_no_text_of_a_file_given_by_mistake(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    text = GOOD + "DOE\tJANE\t\t19700101\t*\t1\tSo\n"
    with pytest.raises(ReferenceRefused) as refused:
        bring(warehouse, "ptp", written(tmp_path, text))
    assert "DOE" not in str(refused.value) and "3 characters" in str(refused.value)


def test_rules_are_told_of_the_claims_own_codes_and_days(
    warehouse: Warehouse, tmp_path: Path, small_claim: None
) -> None:
    rows = ("62323 J1010 * 20200101 * 0", "62323 77003 * 20200101 * 1")
    bring(warehouse, "ptp", written(tmp_path, pairs(*rows)))
    with warehouse.read() as connection:
        found = references_of(connection, [1])[1]
    assert [(p.column_1, p.column_2, p.modifier_indicator) for p in found.pairs] == [
        ("62323", "J1010", "0")
    ]
    assert found.pairs[0].dataset == "table.txt"


def test_rules_are_told_of_the_codes_that_a_correction_may_bring(
    warehouse: Warehouse, tmp_path: Path, small_claim: None, keep: Any
) -> None:
    keep(t.submitted_line, submission_id=1, line_position=3, line_number="3",
         procedure_code="20552", modifiers="", charge_cents=10)  # fmt: skip
    bring(warehouse, "ptp", written(tmp_path, pairs("62323 20553 * 20200101 * 0")))
    with warehouse.read() as connection:
        found = references_of(connection, [1])[1]
    assert [(p.column_1, p.column_2) for p in found.pairs] == [("62323", "20553")]


def test_the_commands(tmp_path: Path) -> None:
    home, path = tmp_path / "home", written(tmp_path, GOOD)

    def told(*arguments: object, status: int = 0) -> Any:
        found = CliRunner().invoke(app, [*map(str, arguments), "--home", str(home), "--json"])
        assert found.exit_code == status, found.output
        return json.loads(found.stdout)

    CliRunner().invoke(app, ["init", "--home", str(home)])
    days = ("--from", "2026-07-01", "--to", "2026-09-30")
    done = told("reference", "import", "ptp", path, *days)
    assert [(f["row_count"], f["status"]) for f in done["files"]] == [(1, "imported")]
    (listed,) = told("reference", "list")["files"]
    assert (listed["valid_from"], listed["valid_to"]) == ("2026-07-01", "2026-09-30")
    assert (listed["row_count"], listed["is_complete"]) == (1, True)
    assert listed["sha256"] == done["files"][0]["sha256"]
    assert "FILE 1" in told("reference", "import", "mue", path, *days, status=2)["error"]
    told("reference", "import", "ptp", path, "--from", "2026-07-01", "--to", "2026-06-30", status=2)
    told("reference", "import", "ptp", tmp_path / "none.txt", *days, status=2)
