"""Files damaged in every way: each comes to one final state, and no dollar is ever wrong.

The seed is printed; ``RECLAIM_SEED`` sets it. `make test` tries a thousand files of one seed,
`make soak` ten thousand of a new one.
"""

from __future__ import annotations

import os
import random
import shutil
import time
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from damage import mutators, splitter
from simulator.volume import Volume
from warehouse.database import Warehouse
from warehouse.inbox import register
from warehouse.receive import receive_file
from warehouse.settings import FOLDERS, IntakeSettings, Settings

NOW = datetime(2026, 11, 1, 8)
FILES_A_HOME = 500
FILES_A_DROP = 25
SECONDS_A_FILE = 1.0

_UNTOLD = """
select file_id from file
where status = 'waiting' or (status = 'quarantined' and reason_code is null)
"""
_LOST = """
select file_id, claim_count, quarantined_claim_count, duplicate_claim_count
from file
where status = 'loaded' and kind in ('837P', '835') and file_id > :after
    and claim_count <> quarantined_claim_count + duplicate_claim_count
    + (select count(*) from submission where submission.file_id = file.file_id)
    + (select count(*) from claim_payment where claim_payment.file_id = file.file_id)
"""


class Campaign:
    """Mutated files through one home."""

    def __init__(self, home: Path, migrated: Path) -> None:
        for folder in FOLDERS:
            (home / folder).mkdir(parents=True)
        intake = IntakeSettings(settle_seconds=0, max_file_bytes=8 << 20)
        self.settings = Settings(home=home, intake=intake)
        self.warehouse = Warehouse(f"sqlite:///{shutil.copy(migrated, home / 'warehouse.db')}")
        self.dropped = self.loaded = self.last = 0

    def drop(self, files: dict[str, bytes]) -> None:
        """Files into inbox/, received, and what became of them looked at."""
        inbox = self.settings.folder("inbox")
        for name, data in files.items():
            (inbox / name).write_bytes(data)
        for file_id in register(self.warehouse, self.settings, now=NOW)[0]:
            began = time.process_time()
            received = receive_file(self.warehouse, self.settings, file_id, now=NOW)
            assert time.process_time() - began < SECONDS_A_FILE, f"file {file_id} took too long"
            self.loaded += received.status == "loaded"
        self.dropped += len(files)
        assert not list(inbox.iterdir())
        self._check()

    def _check(self) -> None:
        with self.warehouse.read() as connection:
            assert connection.execute(text(_UNTOLD)).all() == []
            assert connection.execute(text(_LOST), {"after": self.last}).all() == []
            archive = self.settings.folder("archive")
            assert splitter.differences(connection, archive, self.last) == []
            ids = connection.execute(text("select max(file_id) from file")).scalar_one()
            tops = "select count(*) from file where part = 1"
            assert connection.execute(text(tops)).scalar_one() == self.dropped
        self.last = int(ids)


def run(count: int, folder: Path, migrated: Path, seed: int) -> None:
    """So many mutated files, a new home every few hundred; RECLAIM_SEED goes before ``seed``."""
    seed = int(os.environ.get("RECLAIM_SEED") or seed)
    print(f"RECLAIM_SEED={seed}")
    rng = random.Random(seed)
    Volume(claims=4, lines=2, seed=seed % 1000).write(folder / "good")
    good = [p.read_bytes() for p in sorted((folder / "good").iterdir()) if p.suffix != ".json"]
    loaded = 0
    for first in range(0, count, FILES_A_HOME):
        campaign = Campaign(folder / f"home{first}", migrated)
        for drop in range(first, min(first + FILES_A_HOME, count), FILES_A_DROP):
            campaign.drop({
                mutators.odd_name(rng, n): mutators.mutate(rng, rng.choice(good))
                for n in range(drop, min(drop + FILES_A_DROP, count))
            })  # fmt: skip
        campaign.warehouse.close()
        loaded += campaign.loaded
        shutil.rmtree(campaign.settings.home)
    # Damage that nothing survives would prove nothing.
    assert loaded > count / 20


def test_a_thousand_damaged_files(tmp_path: Path, migrated: Path) -> None:
    # A seed that once found three decimals in a CLP04 which nobody had looked at.
    run(1_000, tmp_path, migrated, seed=2_536_295_524)


@pytest.mark.soak
def test_ten_thousand_damaged_files(tmp_path: Path, migrated: Path) -> None:
    run(10_000, tmp_path, migrated, seed=random.SystemRandom().randrange(1 << 32))
