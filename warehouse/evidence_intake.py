"""Evidence of the home folder into the warehouse: a line that does not read is set apart alone.

The files stay where they are; a line is known by its digest, so reading them again changes
nothing. A record with the same kind, document and subject supersedes the earlier one.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select, update

from edi.problem import Problem
from edi.source import SourceRef
from rules.evidence import KINDS, EvidenceRecord, Subject
from rules.evidence_field import BadEvidence
from rules.evidence_reading import merge_notes, parse_csv_row, parse_line, to_json
from warehouse import tables as t
from warehouse.database import Warehouse
from warehouse.inbox import stored_name
from warehouse.quarantine import set_apart
from warehouse.settings import Settings


class EvidenceReceived(NamedTuple):
    """Records loaded and lines set apart by one call."""

    loaded: int = 0
    quarantined: int = 0


class _Line(NamedTuple):
    """One line of a file: its record, or what is wrong with it."""

    digest: str
    record: EvidenceRecord | None
    problem: Problem | None


def subject_key(subject: Subject) -> str:
    """What a record is about, as the warehouse looks it up."""
    if subject.patient_control_number is not None:
        return f"pcn:{subject.patient_control_number}"
    payer = (subject.payer_id or "").strip().upper()
    if subject.npi is not None:
        return f"provider:{payer}:{subject.npi}"
    return f"member:{payer}:{subject.member_id}"


def receive_evidence(
    warehouse: Warehouse, settings: Settings, *, now: datetime
) -> EvidenceReceived:
    """Read ``evidence/*.jsonl`` and ``*.csv``; what was read before is passed over.

    Raises: Transient.
    """
    lines = [
        line._replace(
            problem=line.problem._replace(place=f"{stored_name(path.name)} {line.problem.place}")
        )
        if line.problem
        else line
        for path in _files(settings)
        for line in _read(path)
    ]
    with warehouse.write() as connection:
        known = _known(connection)
        new: dict[str, _Line] = {}
        for line in lines:
            if line.digest not in known:
                new.setdefault(line.digest, line)
        quarantined = 0
        for line in new.values():
            if line.problem is not None:
                set_apart(connection, line.problem, scope="evidence", now=now,
                          evidence_digest=line.digest)  # fmt: skip
                quarantined += 1
        loaded = _add(connection, new.values(), now)
        _close_mended(connection, {line.digest for line in lines if line.problem})
    return EvidenceReceived(loaded, quarantined)


def _files(settings: Settings) -> list[Path]:
    folder = settings.folder("evidence")
    return [
        path
        for path in sorted(folder.iterdir())
        if path.suffix in (".jsonl", ".csv") and path.is_file() and not path.is_symlink()
    ]


def _known(connection: Connection) -> set[str]:
    known = set(connection.execute(select(t.evidence.c.line_digest)).scalars())
    known |= set(
        connection.execute(
            select(t.quarantine_item.c.evidence_digest).where(
                t.quarantine_item.c.evidence_digest.is_not(None)
            )
        ).scalars()
    )
    return known


def _read(path: Path) -> Iterator[_Line]:
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
                yield _one(_digest(line.strip()), number, line)
    else:
        yield from _read_csv(path, text)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _bad(digest: str, error: BadEvidence, number: int) -> _Line:
    place = f"line {number} {error.place}".strip()
    problem = Problem(error.code, SourceRef(), place, "", error.expected)
    return _Line(digest, None, problem)


def _one(digest: str, number: int, line: str) -> _Line:
    try:
        return _Line(digest, parse_line(line), None)
    except BadEvidence as error:
        return _bad(digest, error, number)


def _read_csv(path: Path, text: str) -> Iterator[_Line]:
    """Rows of ``<kind>.csv`` or ``<kind>-*.csv``; rows of one procedure note are joined."""
    kind = re.split(r"[-.]", path.name)[0]
    if kind not in KINDS:
        error = BadEvidence("EVIDENCE_UNKNOWN_KIND", "file", "one of " + ", ".join(KINDS))
        yield _bad(_digest(text), error, 0)
        return
    good: list[EvidenceRecord] = []
    try:
        for number, row in enumerate(csv.DictReader(StringIO(text, newline="")), 2):
            try:
                good.append(parse_csv_row(kind, row))
            except BadEvidence as error:
                yield _bad(_digest(f"{kind}|{sorted(row.items(), key=str)}"), error, number)
    except csv.Error:
        yield _bad(_digest(text), BadEvidence("EVIDENCE_NOT_CSV", "file", "CSV"), 0)
        return
    for record in merge_notes(good):
        yield _Line(_digest(json.dumps(to_json(record), sort_keys=True)), record, None)


def _add(connection: Connection, lines: Iterable[_Line], now: datetime) -> int:
    """Keep new records; each is superseded by the next of its kind, document and subject."""
    rows = [
        {
            "line_digest": line.digest,
            "kind": line.record.kind,
            "document_id": line.record.document_id,
            "subject": subject_key(line.record.subject),
            "content": json.dumps(to_json(line.record), sort_keys=True),
            "attested_by": line.record.attested_by,
            "received_at": now,
        }
        for line in lines
        if line.record is not None
    ]
    if not rows:
        return 0
    connection.execute(insert(t.evidence), rows)
    old, newer = t.evidence, t.evidence.alias()
    following = (
        select(func.min(newer.c.evidence_id))
        .where(
            newer.c.subject == old.c.subject,
            newer.c.kind == old.c.kind,
            newer.c.document_id == old.c.document_id,
            newer.c.evidence_id > old.c.evidence_id,
        )
        .scalar_subquery()
    )
    connection.execute(
        update(old)
        .where(old.c.superseded_by.is_(None), following.is_not(None))
        .values(superseded_by=following)
    )
    return len(rows)


def _close_mended(connection: Connection, still_bad: set[str]) -> None:
    """A bad line that is gone from its file was mended: its item is closed."""
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
                .values(state="discarded", decided_reason="the line is no longer in its file")
            )
