"""The step `check`: findings are counted, stored with their level, and in nobody's way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from edi.code_lists import CodeLists
from simulator.practice import Claim, Clinician, Destination, Line, Person, write_837p
from warehouse import check as checking
from warehouse import steps
from warehouse import tables as t
from warehouse.code_lists import imported_lists
from warehouse.database import Warehouse
from warehouse.settings import Settings

NOW = datetime(2026, 9, 2, 8)


def claim(number: str) -> Claim:
    return Claim(
        patient_control_number=number,
        destination=Destination(name="ACME HEALTH", identifier="87726", claim_filing="CI"),
        subscriber=Person(last_name="TESTCASE", first_name="PAT"),
        member_id="W123456789",
        lines=(Line(procedure_code="62323"),),
        service_date=date(2026, 3, 14),
        rendering=Clinician(last_name="EXAMPLE", first_name="DANA", npi="1234567893"),
    )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home that has received a good file, and two with flaws that are loaded all the same."""
    home = tmp_path / "home"
    settings = steps.initialise(home)
    for number in range(1, 4):
        name = home / "inbox" / f"{number}.837"
        content = write_837p(
            [claim(f"PCN{number}")], control_number=number, written_at=datetime(2026, 9, 1, 6)
        )
        if number > 1:
            content = content.replace(b"*1234567893~", b"*1234567890~").replace(b":B:1*", b":B:7*")
        name.write_bytes(content)
        steps.receive(settings, as_of=date(2026, 9, 2), paths=(name,), now=NOW)
    return settings


@pytest.fixture
def warehouse(settings: Settings) -> Iterator[Warehouse]:
    found = Warehouse(settings.url)
    yield found
    found.close()


EXPECTED = [
    (4, "IMPLEMENTATION_DEPENDENT_SEGMENT_MISSING", "2300/REF*F8", 2, 2),
    (5, "INVALID_NPI", "2310B/NM109", 2, 2),
]


def test_findings_are_counted_and_stored_with_their_level(
    settings: Settings, warehouse: Warehouse
) -> None:
    found = steps.check(settings, as_of=date(2026, 9, 2), now=NOW)
    assert (found.files, found.problems) == (3, 4)
    assert [tuple(one) for one in found.findings] == EXPECTED
    p = t.problem
    with warehouse.read() as connection:
        rows = connection.execute(
            select(p.c.level, p.c.code).where(p.c.step == "check").order_by(p.c.problem_id)
        ).all()
    assert [tuple(row) for row in rows] == 2 * [one[:2] for one in EXPECTED]
    assert steps.check(settings, as_of=date(2026, 9, 2), now=NOW) == checking.Checked()


def test_processes_find_the_same(
    settings: Settings, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "WORTH_A_POOL", 0)
    two = settings.model_copy(
        update={"intake": settings.intake.model_copy(update={"workers": 2})}
    )  # fmt: skip
    found = checking.check(warehouse, two, now=NOW)
    assert [tuple(one) for one in found.findings] == EXPECTED


def test_no_kind_of_finding_hides_another(settings: Settings, warehouse: Warehouse) -> None:
    f = t.file
    with warehouse.read() as connection:
        digest = connection.execute(select(f.c.sha256).where(f.c.file_id == 2)).scalar_one()
    path = checking.archived(settings, digest)
    one = checking.check_share(path, checking.divide_file(path)[1][0], CodeLists()).kept
    found = checking.found_of(one * 2000)
    assert found.counts.total() == 4000
    assert len(found.kept) == 2 * checking.MOST_OF_ONE


def test_imported_reason_codes_are_looked_up(warehouse: Warehouse) -> None:
    with warehouse.write() as connection:
        assert imported_lists(connection) == CodeLists()
        connection.execute(
            insert(t.reference_file).values(
                reference_file_id=1, kind="carc", file_name="carc.csv", sha256="ab" * 32,
                row_count=2, imported_at=NOW,
            )
        )  # fmt: skip
        connection.execute(
            insert(t.reference_code),
            [
                {"reference_file_id": 1, "code": code, "effective_from": 19950101,
                 "effective_to": last, "description": "words"}
                for code, last in (("45", 99991231), ("B18", 20090301))
            ],
        )  # fmt: skip
        codes = imported_lists(connection).adjustment_reason_codes
    assert codes is not None
    assert codes.is_valid("45", date(2026, 1, 1)) and not codes.is_valid("B18", date(2026, 1, 1))
    assert codes.is_valid("B18", date(2008, 1, 1)) and not codes.is_valid("999", None)
