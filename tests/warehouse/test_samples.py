"""Every public sample in a home of its own: what becomes of it is what samples.tsv says.

edi/README.md says the same by groups.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from warehouse import tables as t
from warehouse.database import Warehouse
from warehouse.inbox import register
from warehouse.receive import receive_file
from warehouse.settings import FOLDERS, IntakeSettings, Settings

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT.parent / "shared" / "samples"
ROW = re.compile(r"\| (\S+) \| (\d+) \| (\S+) \| (loaded|quarantined|duplicate) \| (\S+) \| .* \|")

TABLE = Path(__file__).with_name("samples.tsv")

Outcome = tuple[str, str, str, str]


def table() -> list[Outcome]:
    """File, kind, state and reason of each row of samples.tsv."""
    rows = TABLE.read_text(encoding="utf-8").splitlines()[1:]
    return [(file, kind, state, reason) for file, kind, state, reason in
            (row.split("\t") for row in rows)]  # fmt: skip


def readme() -> Counter[Outcome]:
    """Group, kind, state and reason of the table in edi/README.md."""
    text = (ROOT / "edi" / "README.md").read_text(encoding="utf-8")
    return Counter(
        {(group, kind, state, reason): int(count)
         for group, count, kind, state, reason in ROW.findall(text)}
    )  # fmt: skip


def outcome(sample: Path, home: Path, migrated: Path) -> list[Outcome]:
    """Rows of mart_file after one sample was received in a new home."""
    for folder in FOLDERS:
        (home / folder).mkdir(parents=True)
    settings = Settings(home=home, intake=IntakeSettings(settle_seconds=0))
    warehouse = Warehouse(f"sqlite:///{shutil.copy(migrated, home / 'warehouse.db')}")
    shutil.copy(sample, home / "inbox" / sample.name)
    now = datetime(2026, 11, 1, 8)
    for file_id in register(warehouse, settings, now=now)[0]:
        receive_file(warehouse, settings, file_id, now=now)
    with warehouse.read() as connection:
        rows = connection.execute(select(t.file.c.kind, t.file.c.status, t.file.c.reason_code))
        found = [(f"{sample.parent.name}/{sample.name}", r.kind, r.status, r.reason_code or "–")
                 for r in rows]  # fmt: skip
    warehouse.close()
    shutil.rmtree(home)
    return found


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not beside the project")
def test_every_sample_comes_to_what_the_table_says(tmp_path: Path, migrated: Path) -> None:
    samples = sorted(p for p in SAMPLES.glob("*/*") if p.is_file())
    found = [o for sample in samples for o in outcome(sample, tmp_path / "home", migrated)]
    assert len(samples) == 202
    assert found == table()


def test_the_readme_says_the_same_by_groups() -> None:
    by_group = Counter(
        (file.partition("/")[0], kind, state, reason) for file, kind, state, reason in table()
    )
    assert by_group == readme()
    assert len({file for file, *_ in table()}) == 202
