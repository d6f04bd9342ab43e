"""Evidence damaged in every way: no line takes another with it, and none is read twice."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from warehouse import tables as t
from warehouse.database import Warehouse
from warehouse.evidence_intake import EvidenceReceived, receive_evidence
from warehouse.settings import FOLDERS, Settings

NOW = datetime(2026, 11, 1, 8)
MONTH = Path(__file__).parents[2] / "warehouse" / "demo" / "month" / "evidence"
ROWS = b"""document_id,attested_by,attested_on,payer_id,member_id,number,procedure_codes,\
valid_from,valid_to
AUTH-1,auth.desk,2026-03-02,87726,W123456789,A1,64483;64484,2026-03-01,2026-05-30
AUTH-2,auth.desk,2026-03-02,87726,W123456780,A2,62323,2026-03-01,2026-05-30
"""
EVALUATION = {
    "kind": "evaluation", "document_id": "EM-1", "attested_by": "coder.a",
    "attested_on": "2026-03-20", "patient_control_number": "PCN1", "service_date": "2026-03-14",
    "separately_identifiable": True, "summary": "a plan of its own",
}  # fmt: skip
ODD_BYTES = (
    b"\xe2\x80\xa8", b"\xc2\x85", b"\x0b", b"\x1c", b"\r", b"\n", b"\x00", b"\\ud800", b'"', b",",
    b"\\u0000", b"{" * 3000, b"[" * 100_000, b"1" * 5000, b"1e999999", b"NaN", b"\xff", b";",
    b"\xef\xbb\xbf", b"A" * (1 << 20), b"\xed\xa0\x80",
)  # fmt: skip
ODD_VALUES = (
    b'"\\ud800"', b'"\\u0000"', b"1e99999", b"[]", b"{}", b'"\xe2\x80\xa8x"', b"-1", b"true",
    b"null", b"9" * 5000, b'"9999-99-99"', b"[[[[1]]]]", b'""', b'" "',
)  # fmt: skip
ENCODINGS = ("utf-16", "utf-8-sig", "latin-1", "utf-32")


def damaged(rng: random.Random, data: bytes) -> bytes:
    at, kind = rng.randrange(len(data)), rng.randrange(7)
    if kind == 0:
        return data[:at]
    if kind == 1:
        return data[:at] + data[at + rng.randrange(1, 60) :]
    if kind == 2:
        return data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]
    if kind == 3:
        return data[:at] + rng.choice(ODD_BYTES) + data[at:]
    if kind == 4:
        lines = data.split(b"\n")
        rng.shuffle(lines)
        return b"\n".join([*lines, lines[0]])
    if kind == 5:
        return data.decode("utf-8").encode(rng.choice(ENCODINGS), "replace")
    values = list(re.finditer(rb'[:,]("[^"]*"|[\d.]+|\[[^\]]*\]|null|true)', data))
    if not values:
        return data
    one = rng.choice(values)
    return data[: one.start(1)] + rng.choice(ODD_VALUES) + data[one.end(1) :]


def odd_name(rng: random.Random, name: str) -> str:
    kind, suffix = name.split(".")
    return rng.choice((
        name, os.fsdecode(b"\xff" + name.encode()), f"a\n{name}", f"{kind}-\u202e.{suffix}",
        f"-rf.{suffix}", f"{kind}-{'n' * 200}.{suffix}",
    ))  # fmt: skip


def received(home: Path, migrated: Path, files: dict[str, bytes]) -> tuple[Any, Any, set[str]]:
    """What two receipts in a row came to, and the documents that are here."""
    for folder in FOLDERS:
        (home / folder).mkdir(parents=True)
    for name, data in files.items():
        (home / "evidence" / name).write_bytes(data)
    settings = Settings(home=home)
    warehouse = Warehouse(f"sqlite:///{shutil.copy(migrated, home / 'warehouse.db')}")
    try:
        first = receive_evidence(warehouse, settings, now=NOW)
        second = receive_evidence(warehouse, settings, now=NOW)
        with warehouse.read() as connection:
            documents = set(connection.execute(select(t.evidence.c.document_id)).scalars())
            items = select(func.count()).select_from(t.quarantine_item)
            assert connection.execute(items).scalar_one() == first.quarantined
    finally:
        warehouse.close()
        shutil.rmtree(home)
    return first, second, documents


def run(count: int, folder: Path, migrated: Path, seed: int) -> None:
    seed = int(os.environ.get("RECLAIM_SEED") or seed)
    print(f"RECLAIM_SEED={seed}")
    rng = random.Random(seed)
    good = {p.name: p.read_bytes() for p in sorted(MONTH.iterdir())} | {"authorization.csv": ROWS}
    untouched = json.dumps(EVALUATION).encode()
    refused = 0
    for _ in range(count):
        files = {
            odd_name(rng, name): damaged(rng, good[name])
            for name in rng.sample(sorted(good), rng.randrange(1, 4))
        }
        files["whole.jsonl"] = untouched
        first, second, documents = received(folder / "home", migrated, files)
        assert second == EvidenceReceived(0, 0)
        assert "EM-1" in documents
        refused += first.quarantined
    assert refused > count / 4


def test_a_hundred_damaged_files_of_evidence(tmp_path: Path, migrated: Path) -> None:
    run(100, tmp_path, migrated, seed=4)


@pytest.mark.soak
def test_two_thousand_of_them(tmp_path: Path, migrated: Path) -> None:
    run(2_000, tmp_path, migrated, seed=random.SystemRandom().randrange(1 << 32))


def test_a_line_ends_where_json_and_csv_say(tmp_path: Path, migrated: Path) -> None:
    """What Unicode calls a line's end too may stand in a text."""
    line = json.dumps(EVALUATION | {"summary": "one\u2028two\u2029three"}, ensure_ascii=False)
    first, _, documents = received(tmp_path / "a", migrated, {"a.jsonl": line.encode()})
    assert (first, documents) == (EvidenceReceived(1, 0), {"EM-1"})
    row = ROWS.replace(b"AUTH-1", '"AUTH\u20281"'.encode())
    first, _, documents = received(tmp_path / "b", migrated, {"authorization.csv": row})
    assert (first, documents) == (EvidenceReceived(2, 0), {"AUTH\u20281", "AUTH-2"})


def test_a_name_in_no_encoding_is_named_all_the_same(tmp_path: Path, migrated: Path) -> None:
    first, second, _ = received(tmp_path / "a", migrated, {"\udcff.jsonl": b"{"})
    assert (first.quarantined, second.quarantined) == (1, 0)
