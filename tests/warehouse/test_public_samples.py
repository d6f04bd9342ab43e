"""Public X12 files, which are no part of this project: their money is kept as they say it."""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from warehouse import steps
from warehouse.database import Warehouse
from warehouse.settings import Settings
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
    _amounts_are_the_files_own(settings, files)
    for code in ("I4", "I5", "I6"):
        # Few samples come with the claims they answer; where none does, I6 has nothing to check.
        assert found.result(code).holds is not False, (code, found.result(code).violations[:5])


_SUMS = """
select file_name, kind,
    (select sum(round(payment_amount * 100)) from mart_remittance as r
     where r.file_name = f.file_name) as paid,
    (select sum(round(amount * 100)) from mart_provider_adjustment as p
     where p.file_name = f.file_name) as beside,
    (select sum(abs(round(charge_amount * 100))) from mart_adjudicated_line as l
     where l.file_name = f.file_name and service_position > 0) as charged,
    (select sum(abs(round(payment_amount * 100))) from mart_adjudicated_line as l
     where l.file_name = f.file_name and service_position > 0) as paid_for_lines,
    (select sum(abs(round(amount * 100))) from mart_adjustment as a
     where a.file_name = f.file_name) as adjusted,
    (select sum(round(charge_amount * 100)) from mart_submission as s
     where s.file_name = f.file_name) as billed,
    (select sum(round(l.charge_amount * 100)) from mart_submitted_line as l
     join mart_submission as s using (submission_id)
     where s.file_name = f.file_name) as billed_lines
from mart_file as f
where kind in ('837P', '835') and status = 'loaded' and quarantined_claim_count = 0
"""


def _amounts_are_the_files_own(settings: Settings, files: list[Path]) -> None:
    """What the marts add up to is what a plain look at the bytes adds up to, file by file."""
    by_digest = {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in files}
    connection = sqlite3.connect(settings.home / "warehouse.db")
    try:
        digests = dict(connection.execute("select file_name, sha256 from mart_file"))
        found = connection.execute(_SUMS).fetchall()
    finally:
        connection.close()
    looked_at = Counter[str]()
    for name, kind, *sums in found:
        if digests[name] not in by_digest:
            continue  # a part of a file of several
        looked_at[kind] += 1
        assert [int(cents or 0) for cents in sums] == _sums(by_digest[digests[name]]), name
    assert looked_at["835"] > 10 and looked_at["837P"] > 20, looked_at


def _segments(data: bytes) -> Iterator[list[str]]:
    """Elements of every segment, whatever the delimiters and the damage to the ISA's spaces."""
    text = data.decode("latin-1")
    start = text.index("ISA")
    separator = text[start + 3]
    places = [at for at, c in enumerate(text) if at > start and c == separator][:16]
    for segment in text[start:].split(text[places[15] + 2]):
        yield segment.strip().split(separator)


def _sums(path: Path) -> list[int]:
    """Cents: BPR02, PLB, SVC02, SVC03, CAS, CLM02, SV102; what may be turned about by its size."""
    totals, is_payment = [Decimal(0)] * 7, False
    for e in _segments(path.read_bytes()):
        if e[0] == "BPR":
            is_payment = True
            totals[0] += Decimal(e[2])
        elif e[0] == "PLB":
            totals[1] += sum(map(Decimal, e[4::2]), Decimal(0))
        elif e[0] == "SVC":
            totals[2] += abs(Decimal(e[2]))
            totals[3] += abs(Decimal(e[3] or "0"))
        elif e[0] == "CAS" and is_payment:
            totals[4] += sum((abs(Decimal(amount)) for amount in e[3::3] if amount), Decimal(0))
        elif e[0] == "CLM":
            totals[5] += Decimal(e[2])
        elif e[0] == "SV1":
            totals[6] += Decimal(e[2])
    return [int(total * 100) for total in totals]
