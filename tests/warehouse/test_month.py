"""The made-up month through the whole pipeline, against what its payer meant."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from warehouse import steps
from warehouse.database import Warehouse, mart_names
from warehouse.demo.prepare import bring_code_sets
from warehouse.review import ReviewError, approve, waiting
from warehouse.settings import Settings

ROOT = Path(__file__).parents[2]
MONTH = ROOT / "warehouse" / "demo" / "month"
TRUTH = json.loads((ROOT / "tests" / "simulator" / "demo_truth.json").read_text())
DAY = date(2026, 10, 5)
NOW = datetime(2026, 10, 5, 9, 30)
COPIED = ("ERA_87726_20260914", "ERA_87726_20260917_copy")
FUTURE = datetime(2030, 1, 1)  # every file of inbox/ has settled by then


def new_home(home: Path) -> Settings:
    home.mkdir(parents=True, exist_ok=True)
    for name in ("payers.toml", "reclaim.toml"):
        shutil.copy(MONTH / name, home / name)
    settings = steps.initialise(home)
    bring_code_sets(settings)
    return settings


def fill(settings: Settings) -> None:
    for folder in ("inbox", "evidence"):
        shutil.copytree(MONTH / folder, settings.folder(folder), dirs_exist_ok=True)


def rows(settings: Settings, sql: str) -> list[dict[str, Any]]:
    connection = sqlite3.connect(settings.home / "warehouse.db")
    connection.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in connection.execute(sql)]
    finally:
        connection.close()


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    settings = new_home(tmp_path_factory.mktemp("month"))
    fill(settings)
    steps.run(settings, as_of=DAY, now=NOW)
    return settings


def test_files_are_what_they_are(month: Settings) -> None:
    found = {row["file_name"]: row for row in rows(month, "select * from mart_file")}
    assert len(found) == len(TRUTH["files"])
    for expected in TRUTH["files"]:
        row = found[expected["file_name"]]
        assert {name: row[name] for name in expected} == expected
    assert not list(month.folder("inbox").iterdir())


def test_every_service_answers_the_line_it_was_meant_for(month: Settings) -> None:
    found = {
        (row["file_name"], row["claim_position"], row["service_position"]): row
        for row in rows(month, "select * from mart_adjudicated_line where service_position > 0")
    }
    assert len(found) == len(TRUTH["adjudicated_lines"])
    for expected in TRUTH["adjudicated_lines"]:
        key = (expected["file_name"], expected["claim_position"], expected["service_position"])
        row = found[key]
        line = str(expected["line_number"]) if expected["line_number"] else None
        number = row["patient_control_number"] or row["reported_patient_control_number"]
        assert (number, row["line_number"]) == (
            expected["patient_control_number"],
            line,
        ), key
        assert round(row["payment_amount"] * 100) == expected["payment_cents"], key
        assert round(row["allowed_amount"] * 100) == expected["allowed_cents"], key


def test_denials_are_those_that_were_meant_and_decided_as_expected(month: Settings) -> None:
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows(
        month,
        "select d.*, f.file_name from mart_denial as d join denial using (denial_id) "
        "join claim_payment using (claim_payment_id) join file as f using (file_id)",
    ):
        key = (row["file_name"], row["patient_control_number"], row["line_number"],
               row["group_code"], row["reason_code"])  # fmt: skip
        assert key not in found
        found[key] = row
    for expected in TRUTH["denials"]:
        line = str(expected["line_number"]) if expected["line_number"] else None
        key = (expected["file_name"], expected["patient_control_number"], line,
               expected["group_code"], expected["reason_code"])  # fmt: skip
        row = found.pop(key)
        assert round(row["denied_amount"] * 100) == expected["denied_cents"], key
        for name in ("category", "path", "decision", "rule_code", "missing_evidence", "status"):
            if expected[name] is not None:
                assert row[name] == expected[name], (key, name, row["explanation"])
    assert not found


def test_corrections_say_exactly_what_was_expected(month: Settings) -> None:
    expected: dict[tuple[str, str], Any] = {}
    for denial in TRUTH["denials"]:
        for place, value in (denial["corrections"] or {}).items():
            expected[denial["patient_control_number"], place] = value
    found = {
        (row["patient_control_number"], row["place"]): row["new_value"]
        for row in rows(month, "select * from mart_correction where status <> 'superseded'")
    }
    # A line that is taken off changes the total of the claim; the truth names the line only.
    found = {key: value for key, value in found.items() if key[1] != "2300/CLM02"}
    assert found == expected


def test_dollars_of_every_payment_are_the_payers_own(month: Settings) -> None:
    found = {row["trace_number"]: row for row in rows(month, "select * from mart_remittance")}
    for expected in TRUTH["payments"]:
        row = found.pop(expected["trace_number"])
        assert round(row["payment_amount"] * 100) == expected["payment_cents"]
        assert row["claim_count"] == expected["claim_count"]
    assert not found


def dump(settings: Settings, *, loosely: bool = False) -> dict[str, list[Any]]:
    """Every mart. ``loosely``: without ids, times, keys and positions that arrival decides."""
    found = {}
    for name in mart_names():
        some = rows(settings, f"select * from {name}")
        if loosely:
            for row in some:
                for column in ("file_id", "submission_id", "denial_id", "correction_id",
                               "received_at", "decided_on", "emitted_at"):  # fmt: skip
                    row.pop(column, None)
            if name == "mart_file":  # which of the two copies won is decided by arrival
                some = [r for r in some if not r["file_name"].startswith(COPIED)]
            for row in some:
                if (row.get("file_name") or "").startswith(COPIED):
                    row["file_name"] = "either copy"
        found[name] = sorted(some, key=str) if loosely else some
    return found


def test_a_second_run_changes_nothing(month: Settings) -> None:
    before = dump(month)
    result = steps.run(month, as_of=DAY, now=datetime(2026, 10, 5, 18))
    assert dump(month) == before
    assert result.exit_status == 0
    counts = result.as_json()
    assert sum(counts["files"].values()) == counts["denials"] == counts["corrections"] == 0


def test_the_same_drops_under_the_same_names_again_are_duplicates(tmp_path: Path) -> None:
    settings = new_home(tmp_path)
    fill(settings)
    steps.run(settings, as_of=DAY, now=NOW)
    before = dump(settings)
    fill(settings)
    again = steps.run(settings, as_of=DAY, now=NOW)
    assert again.received.files == {
        "loaded": 0, "duplicate": len(TRUTH["files"]), "quarantined": 0, "waiting": 0,
    }  # fmt: skip
    after = dump(settings)
    for name in before:
        if name != "mart_file":
            assert after[name] == before[name], name


@pytest.mark.parametrize("seed", range(4))
def test_arrival_order_does_not_matter(tmp_path: Path, seed: int, month: Settings) -> None:
    """With nothing sent in between: what came first is not seen in the marts."""
    settings = new_home(tmp_path / "home")
    toml = settings.home / "reclaim.toml"
    toml.write_text(toml.read_text().replace('mode = "live"', 'mode = "shadow"'))
    straight = new_home(tmp_path / "straight")
    toml = straight.home / "reclaim.toml"
    toml.write_text(toml.read_text().replace('mode = "live"', 'mode = "shadow"'))
    settings, straight = steps.initialise(settings.home), steps.initialise(straight.home)
    for home in (settings, straight):
        shutil.copytree(MONTH / "evidence", home.folder("evidence"), dirs_exist_ok=True)
    names = sorted(p for p in (MONTH / "inbox").iterdir())
    shuffled = random.Random(seed).sample(names, len(names))
    for home, order, stride in ((straight, names, len(names)), (settings, shuffled, 3)):
        for number in range(0, len(order), stride):
            for path in order[number : number + stride]:
                shutil.copy(path, home.folder("inbox") / path.name)
            steps.receive(home, as_of=DAY, now=FUTURE)
            steps.match(home, as_of=DAY)
            steps.propose(home, as_of=DAY)
    one, other = dump(straight, loosely=True), dump(settings, loosely=True)
    for name in one:
        if name == "mart_correction":  # superseded corrections apart
            one[name] = [r for r in one[name] if r["status"] != "superseded"]
            other[name] = [r for r in other[name] if r["status"] != "superseded"]
        assert other[name] == one[name], name


def test_nobody_approves_what_he_attested(tmp_path: Path) -> None:
    settings = new_home(tmp_path)
    toml = settings.home / "reclaim.toml"
    toml.write_text(toml.read_text().replace('reviewers = ["biller.b"]', "reviewers = []"))
    settings = steps.initialise(settings.home)
    fill(settings)
    steps.run(settings, as_of=DAY, now=NOW)
    warehouse = Warehouse(settings.url)
    try:
        item = next(i for i in waiting(warehouse, as_of=DAY) if i.status == "awaiting_approval")
        attester = rows(
            settings,
            "select attested_by from evidence join correction on evidence_id = evidence_ids "
            f"where denial_id = {item.review_id}",
        )[0]["attested_by"]
        with pytest.raises(ReviewError, match="attested"):
            approve(warehouse, settings, item.review_id, by=attester, as_of=DAY, now=NOW)
    finally:
        warehouse.close()
