"""Big changes made a slice at a time come to the same as made at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from warehouse import slices, steps
from warehouse import tables as t
from warehouse.database import Warehouse
from warehouse.demo.prepare import prepare

DAY = date(2026, 10, 5)


def matched(home: Path) -> tuple[object, list[Any]]:
    """What `match` says of the month, and writes."""
    settings = prepare(home)
    steps.receive(settings, as_of=DAY)
    found = steps.match(settings, as_of=DAY)
    warehouse = Warehouse(settings.url)
    try:
        with warehouse.read() as connection:
            rows = [
                tuple(row)
                for table in (t.claim_payment, t.service_payment, t.submission, t.denial)
                for row in connection.execute(select(table).order_by(*table.primary_key))
            ]
    finally:
        warehouse.close()
    return found, rows


def test_match_in_small_slices_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = matched(tmp_path / "whole")
    monkeypatch.setattr(slices, "SLICE", 3)
    assert matched(tmp_path / "sliced") == whole


def test_every_key_is_in_one_slice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "SLICE", 3)
    warehouse = Warehouse(f"sqlite:///{tmp_path / 'warehouse.db'}")
    for count in (0, 1, 3, 4, 9):
        with warehouse.write() as connection:
            connection.execute(text("create temporary table some (number integer primary key)"))
            for number in range(count):
                connection.execute(text(f"insert into some values ({number * 7 + 1})"))
            found = [
                connection.execute(text("select number from slice order by number")).scalars().all()
                for _ in slices.slices(connection, "slice", "number", "some where true")
            ]
            connection.execute(text("drop table some"))
        assert [key for keys in found for key in keys] == [n * 7 + 1 for n in range(count)]
        assert all(1 <= len(keys) <= 3 for keys in found)
    warehouse.close()
