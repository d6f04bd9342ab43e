"""Evidence records as rows: each content once, and again when a file is set back to it.

:mod:`warehouse.evidence_standing` says which one stands; here that is written.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from edi.problem import Problem
from rules.evidence import EvidenceRecord, Subject
from rules.evidence_reading import to_json
from warehouse import tables as t
from warehouse.evidence_standing import Kept, Lying, standing
from warehouse.load import insert_many, update_many


class Line(NamedTuple):
    """One line of a file: its record, or what is wrong with it. ``number`` 0: of the file."""

    digest: str
    record: EvidenceRecord | None
    problem: Problem | None
    number: int = 0
    file: str = ""

    @property
    def place(self) -> str:
        """Where it lies, in words."""
        return f"{self.file} line {self.number}" if self.number else self.file


_Key = tuple[str, str, str]
"""Kind, document and subject of a record."""
_Rows = dict[_Key, dict[str, Kept]]
"""By digest the newest row of each content."""


def subject_key(subject: Subject) -> str:
    """What a record is about, as the warehouse looks it up."""
    if subject.patient_control_number is not None:
        return f"pcn:{subject.patient_control_number}"
    payer = (subject.payer_id or "").strip().upper()
    if subject.npi is not None:
        return f"provider:{payer}:{subject.npi}"
    return f"member:{payer}:{subject.member_id}"


def text_digest(text: str) -> str:
    """What a text is known by."""
    return hashlib.sha256(text.encode()).hexdigest()


def digest_of(record: EvidenceRecord) -> str:
    """Of what a record says, however it is written."""
    return text_digest(_content(record))


def _content(record: EvidenceRecord) -> str:
    return json.dumps(to_json(record), sort_keys=True)


def keep(
    connection: Connection, lines: Iterable[Line], read: set[str], *, now: datetime
) -> tuple[int, dict[str, Line | None]]:
    """Keeps new records, and says of each kind, document and subject which one stands.

    ``read`` are the files whose lines these are. Counts the new rows; and gives what is set aside,
    for another one contradicts it, by the digest of its item, with its line where it lies here.
    """
    order: dict[str, _Key] = {}
    found: dict[_Key, dict[str, Line]] = {}
    places: dict[str, dict[str, int]] = {}
    for at, line in enumerate(lines):
        if line.record is not None:
            key = (line.record.kind, line.record.document_id, subject_key(line.record.subject))
            order[line.digest] = key
            found.setdefault(key, {}).setdefault(line.digest, line)
            places.setdefault(line.digest, {})[line.file] = at
    rows = _rows(connection)
    first = _first(found, rows, places)
    new = [
        _row(key, found[key][content], now)
        for content, key in order.items()
        if key in first and _is_new(content, first[key], rows.get(key, {}))
    ]
    if new:
        insert_many(connection, t.evidence, new)
    after = _rows(connection) if new else rows
    _write(connection, "superseded_by", _superseded(first, rows, after))
    _write(connection, "lies_in", _moved(after, places, read))
    after = _rows(connection) if first else after
    return len(new), {
        text_digest(f"EVIDENCE_CONFLICT {row.digest}"): found.get(key, {}).get(row.digest)
        for key, kept in after.items()
        for row in kept.values()
        if row.superseded_by == row.evidence_id
    }


def _rows(connection: Connection) -> _Rows:
    e = t.evidence
    found: _Rows = {}
    for row in connection.execute(
        select(e.c.kind, e.c.document_id, e.c.subject, e.c.evidence_id, e.c.line_digest,
               e.c.attested_on, e.c.superseded_by, e.c.lies_in).order_by(e.c.evidence_id)
    ):  # fmt: skip
        kept = Kept(*row[3:])
        found.setdefault((row.kind, row.document_id, row.subject), {})[kept.digest] = kept
    return found


def _first(
    found: Mapping[_Key, Mapping[str, Line]],
    rows: _Rows,
    places: Mapping[str, Mapping[str, int]],
) -> dict[_Key, tuple[str, ...]]:
    """What comes first now, of each kind, document and subject where something is to be said."""
    changed = {}
    for key, contents in found.items():
        lying = [
            Lying(content, line.record.attested_on, places[content])
            for content, line in contents.items()
            if line.record is not None
        ]
        first = standing(list(rows.get(key, {}).values()), lying)
        if first is not None:
            changed[key] = first
    return changed


def _is_new(content: str, first: tuple[str, ...], kept: Mapping[str, Kept]) -> bool:
    """Whether it becomes a row: also where it was superseded, and stands again.

    What was decided on the old row is then decided anew.
    """
    return content not in kept or (content in first and not kept[content].is_incumbent)


def _row(key: _Key, line: Line, now: datetime) -> dict[str, Any]:
    assert line.record is not None
    return {
        "line_digest": line.digest,
        "kind": key[0],
        "document_id": key[1],
        "subject": key[2],
        "content": _content(line.record),
        "attested_by": line.record.attested_by,
        "attested_on": line.record.attested_on,
        "received_at": now,
    }


def _superseded(
    first: Mapping[_Key, tuple[str, ...]], before: _Rows, after: _Rows
) -> dict[int, int | None]:
    """By row what has come instead of it."""
    found: dict[int, int | None] = {}
    for key, contents in first.items():
        kept, now = before.get(key, {}), after[key]
        ids = {row.evidence_id for row in kept.values() if row.is_incumbent}
        ids |= {row.evidence_id for c, row in now.items() if row != kept.get(c)}
        aside = {row.evidence_id for row in now.values() if row.superseded_by == row.evidence_id}
        winners = [now[content].evidence_id for content in contents]
        for evidence_id in ids:
            if evidence_id not in winners:
                found[evidence_id] = winners[0]
            elif len(winners) > 1:
                found[evidence_id] = evidence_id
            elif evidence_id in aside:
                found[evidence_id] = None
    return found


def _moved(
    rows: _Rows, places: Mapping[str, Mapping[str, int]], read: set[str]
) -> dict[int, str | None]:
    """By row the file that has it now; one whose file is away may lie there still."""
    found: dict[int, str | None] = {}
    for kept in rows.values():
        for row in kept.values():
            file = next(iter(places.get(row.digest, ())), None)
            if file != row.lies_in and (file is not None or row.lies_in in read):
                found[row.evidence_id] = file
    return found


def _write(connection: Connection, column: str, values: Mapping[int, Any]) -> None:
    if values:
        rows = [{"evidence_id": key, column: value} for key, value in values.items()]
        update_many(connection, t.evidence, "evidence_id", rows)
