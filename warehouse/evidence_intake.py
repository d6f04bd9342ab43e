"""Evidence of the home folder into the warehouse: a line that does not read is set apart alone.

The files stay where they are; a record is known by what it says, so reading them again changes
nothing. Of the same kind, document and subject one stands (:mod:`warehouse.evidence_standing`);
what was superseded is kept, and is a row of its own again when a file is set back to it.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, select, update

from edi.problem import Problem
from edi.source import SourceRef
from rules.evidence import KINDS, EvidenceRecord, ProcedureNote
from rules.evidence_field import BadEvidence
from rules.evidence_reading import merge_notes, parse_csv_row, parse_line
from warehouse import tables as t
from warehouse.database import Warehouse
from warehouse.evidence_rows import Line, digest_of, keep, text_digest
from warehouse.inbox import stored_name
from warehouse.quarantine import set_apart
from warehouse.settings import Settings


class EvidenceReceived(NamedTuple):
    """Records loaded and lines set apart by one call."""

    loaded: int = 0
    quarantined: int = 0


def receive_evidence(
    warehouse: Warehouse, settings: Settings, *, now: datetime
) -> EvidenceReceived:
    """Read ``evidence/*.jsonl`` and ``*.csv``; what was read before is passed over.

    Raises: Transient.
    """
    lines: list[Line] = []
    unread: set[str] = set()
    """Files that cannot be read as they are now, so that nobody knows what lies in them."""
    files = _files(settings)
    for path in files:
        name = stored_name(path.name)
        found = [line._replace(file=name) for line in _read(path)]
        lines += found
        unread |= {name for line in found if line.problem is not None and not line.number}
    read = {stored_name(path.name) for path in files} - unread
    wrong: dict[str, Line] = {}
    for line in lines:
        if line.problem is not None:
            wrong.setdefault(line.digest, line)
    quarantined = 0
    with warehouse.write() as connection:
        loaded, aside = keep(connection, lines, read, now=now)
        for digest, line in wrong.items():
            assert line.problem is not None
            problem = line.problem._replace(place=f"{line.file} {line.problem.place}")
            quarantined += _set_apart(connection, digest, problem, now)
        for digest, other in aside.items():
            if other is not None:
                quarantined += _set_apart(connection, digest, _contradicted(other), now)
        _close_mended(connection, {*wrong, *aside})
    return EvidenceReceived(loaded, quarantined)


def _set_apart(connection: Connection, digest: str, problem: Problem, now: datetime) -> bool:
    """Notes a line, unless it is noted or a person has decided on it; whether it is new."""
    q = t.quarantine_item
    item = connection.execute(
        select(q.c.state, q.c.decided_by).where(q.c.evidence_digest == digest)
    ).first()
    if item is None:
        set_apart(connection, problem, scope="evidence", now=now, evidence_digest=digest)
        return True
    if item.state == "open" or item.decided_by is not None:
        return False
    # It was mended meanwhile, and is wrong again.
    connection.execute(
        update(q)
        .where(q.c.evidence_digest == digest)
        .values(state="open", decided_reason=None, place=problem.place, noted_at=now)
    )
    return True


def _files(settings: Settings) -> list[Path]:
    folder = settings.folder("evidence")
    return [
        path
        for path in sorted(folder.iterdir())
        if path.suffix in (".jsonl", ".csv") and path.is_file() and not path.is_symlink()
    ]


def _read(path: Path) -> Iterator[Line]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        yield _bad(digest, BadEvidence("EVIDENCE_NOT_UTF8", "file", "UTF-8 text"), 0)
        return
    if path.suffix == ".jsonl":
        # Not splitlines(): a text in JSON may hold what Unicode too calls the end of a line.
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                yield _one(text_digest(line.strip()), number, line)
    else:
        yield from _read_csv(path, text)


def _bad(digest: str, error: BadEvidence, number: int) -> Line:
    place = f"line {number} {error.place}".strip()
    problem = Problem(error.code, SourceRef(), place, "", error.expected)
    return Line(digest, None, problem, number)


def _one(digest: str, number: int, line: str) -> Line:
    try:
        record = parse_line(line)
        return Line(digest_of(record), record, None, number)
    except BadEvidence as error:
        return _bad(digest, error, number)


def _read_csv(path: Path, text: str) -> Iterator[Line]:
    """Rows of ``<kind>.csv`` or ``<kind>-*.csv``; rows of one procedure note are joined."""
    kind = re.split(r"[-.]", path.name)[0]
    if kind not in KINDS:
        error = BadEvidence("EVIDENCE_UNKNOWN_KIND", "file", "one of " + ", ".join(KINDS))
        yield _bad(text_digest(text), error, 0)
        return
    good: dict[int, EvidenceRecord] = {}
    try:
        for number, row in enumerate(csv.DictReader(StringIO(text, newline="")), 2):
            try:
                good[number] = parse_csv_row(kind, row)
            except BadEvidence as error:
                yield _bad(text_digest(f"{kind}|{sorted(row.items(), key=str)}"), error, number)
    except csv.Error:
        yield _bad(text_digest(text), BadEvidence("EVIDENCE_NOT_CSV", "file", "CSV"), 0)
        return
    if kind == ProcedureNote.kind:
        yield from (Line(digest_of(note), note, None) for note in merge_notes(good.values()))
    else:
        yield from (Line(digest_of(r), r, None, number) for number, r in good.items())


def _contradicted(line: Line) -> Problem:
    return Problem(
        "EVIDENCE_CONFLICT", SourceRef(), line.place, "another record of the same day",
        "one record of this kind, document and subject; the later one attested later",
    )  # fmt: skip


def _close_mended(connection: Connection, still_bad: set[str]) -> None:
    """A bad line that is gone from its file was mended, as one that nothing contradicts now."""
    q = t.quarantine_item
    rows = connection.execute(
        select(q.c.quarantine_id, q.c.evidence_digest).where(
            q.c.scope == "evidence", q.c.state == "open"
        )
    ).all()
    for row in rows:
        if row.evidence_digest not in still_bad:
            connection.execute(
                update(q)
                .where(q.c.quarantine_id == row.quarantine_id)
                .values(state="discarded", decided_reason="mended in its file")
            )
