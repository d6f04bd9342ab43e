"""Public X12 files, which are no part of this project: their money is kept as they say it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from warehouse import steps
from warehouse.database import Warehouse
from warehouse.verify import verify

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
DAY = date(2026, 10, 5)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not here")
def test_money_of_every_sample_is_kept_to_the_cent(tmp_path: Path) -> None:
    settings = steps.initialise(tmp_path / "home")
    files = [p for p in SAMPLES.rglob("*") if p.is_file() and p.name not in
             ("manifest.tsv", "sealed.bin")]  # fmt: skip
    for number, path in enumerate(sorted(files)):
        (settings.folder("inbox") / f"{number}{path.suffix}").write_bytes(path.read_bytes())
    steps.receive(settings, as_of=DAY, now=datetime(2030, 1, 1))
    matched = steps.match(settings, as_of=DAY)
    assert matched.lines_adjudicated > 0
    warehouse = Warehouse(settings.url)
    try:
        found = verify(warehouse, settings, as_of=DAY)
    finally:
        warehouse.close()
    for code in ("I4", "I5", "I6"):
        # Few samples come with the claims they answer; where none does, I6 has nothing to check.
        assert found.result(code).holds is not False, (code, found.result(code).violations[:5])
