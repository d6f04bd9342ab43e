"""Work that is shared among processes: when it is, and that it comes to the same."""

from __future__ import annotations

import json
import os
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from simulator.volume import Volume
from warehouse import propose as proposing
from warehouse import steps
from warehouse import tables as t
from warehouse.database import Transient, Warehouse
from warehouse.processes import processes
from warehouse.propose import Proposed
from warehouse.settings import IntakeSettings, Settings

DAY = date(2026, 10, 5)
MONTH = Path(steps.__file__).parent / "demo" / "month"


def with_workers(settings: Settings, count: int) -> Settings:
    return settings.model_copy(update={"intake": IntakeSettings(workers=count)})


def test_no_process_is_begun_for_little_work_or_one_worker(tmp_path: Path) -> None:
    settings = steps.initialise(tmp_path)
    with processes(with_workers(settings, 2), worth_it=False) as pool:
        assert pool is None
    with processes(with_workers(settings, 1), worth_it=True) as pool:
        assert pool is None


def test_a_process_that_is_ended_may_be_tried_again(tmp_path: Path) -> None:
    settings = with_workers(steps.initialise(tmp_path), 2)
    with pytest.raises(Transient), processes(settings, worth_it=True) as pool:
        assert pool is not None
        pool.submit(os._exit, 1).result()


def decided(home: Path, workers: int) -> tuple[Proposed, list[Any]]:
    """What `propose` says and writes of a home."""
    settings = with_workers(Settings(home=home), workers)
    found = steps.propose(settings, as_of=DAY)
    warehouse = Warehouse(settings.url)
    try:
        with warehouse.read() as connection:
            rows = [
                tuple(row)
                for table in (t.denial, t.correction)
                for row in connection.execute(select(table).order_by(*table.primary_key))
            ]
    finally:
        warehouse.close()
    return found, rows


def authorization(number: int) -> dict[str, object]:
    """One that fits some denials of the generator's nth claim."""
    return {
        "kind": "authorization", "document_id": f"AUTH-{number}", "attested_by": "auth.desk",
        "attested_on": "2026-09-01", "payer_id": "87726", "member_id": f"V1{number:09d}",
        "number": f"A{number}", "procedure_codes": ["62323", "64483", "20610"],
        "valid_from": "2026-01-01", "valid_to": "2026-12-31",
    }  # fmt: skip


def test_denials_are_decided_alike_by_any_number_of_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    settings = steps.initialise(home)
    shutil.copy(MONTH / "payers.toml", home / "payers.toml")
    Volume(claims=60, lines=3, seed=1, denied=1.0).write(tmp_path)
    (home / "evidence" / "authorizations.jsonl").write_text(
        "\n".join(json.dumps(authorization(number)) for number in range(0, 60, 2))
    )
    steps.receive_evidence(settings, as_of=DAY)
    steps.receive(settings, as_of=DAY, paths=[tmp_path / "claims.837", tmp_path / "remittance.835"])
    steps.match(settings, as_of=DAY)
    shutil.copytree(home, tmp_path / "shared")
    alone = decided(home, 1)
    monkeypatch.setattr(proposing, "WORTH_A_POOL", 0)
    monkeypatch.setattr(proposing, "BATCH", 7)
    monkeypatch.setattr(proposing, "AT_ONCE", 30)
    assert decided(tmp_path / "shared", 2) == alone
    assert alone[0].corrections and alone[0].needs_evidence
