"""Evidence as it is kept: each line once, each record superseded by the next of its kind."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from warehouse import tables as t
from warehouse.database import Warehouse
from warehouse.evidence_intake import receive_evidence
from warehouse.settings import FOLDERS, Settings

NOW = datetime(2026, 4, 1, 9)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    for folder in FOLDERS:
        (tmp_path / folder).mkdir()
    return Settings(home=tmp_path)


def subscriber(document: str, member_id: str, number: str = "PCN1") -> str:
    return json.dumps({
        "kind": "subscriber", "document_id": document, "attested_by": "front.desk",
        "attested_on": "2026-03-20", "patient_control_number": number, "member_id": member_id,
    })  # fmt: skip


def on_file(warehouse: Warehouse) -> list[tuple[int, int | None]]:
    e = t.evidence
    with warehouse.read() as connection:
        found = connection.execute(select(e.c.evidence_id, e.c.superseded_by).order_by(e.c[0]))
        return [(row[0], row[1]) for row in found]


def test_a_record_is_superseded_by_the_next_of_its_kind_document_and_subject(
    warehouse: Warehouse, settings: Settings
) -> None:
    chart = settings.folder("evidence") / "chart.jsonl"
    first, second, third = (subscriber("ELIG-1", f"W{n}") for n in (1, 2, 3))
    chart.write_text("\n".join((first, subscriber("ELIG-2", "W9"), first, second)))
    assert receive_evidence(warehouse, settings, now=NOW) == (3, 0)
    assert on_file(warehouse) == [(1, 3), (2, None), (3, None)]
    with chart.open("a") as file:
        file.write("\n" + subscriber("ELIG-1", "W4", "PCN2") + "\n{}\n" + third + "\n" + third)
    assert receive_evidence(warehouse, settings, now=NOW) == (2, 1)
    assert on_file(warehouse) == [(1, 3), (2, None), (3, 5), (4, None), (5, None)]
    assert receive_evidence(warehouse, settings, now=NOW) == (0, 0)
    assert on_file(warehouse) == [(1, 3), (2, None), (3, 5), (4, None), (5, None)]
