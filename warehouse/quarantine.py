"""What was refused: files in ``quarantine/`` with their reason beside them, and the list of all.

A file, a part of a file, a claim or an evidence line is set apart with a code, a place, what was
found and what was expected. A person may discard it with a reason, or accept a file whose counts
are wrong but whose content is good.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select, update

from edi.envelope import ByteRange, digest_of
from edi.problem import Problem
from warehouse import tables as t
from warehouse.archive import put_down
from warehouse.database import Terminal, Warehouse
from warehouse.settings import Settings

ACCEPTABLE = frozenset((
    "SEGMENT_COUNT_MISMATCH", "TRANSACTION_SET_CONTROL_NUMBER_MISMATCH",
    "TRANSACTION_SET_COUNT_MISMATCH", "GROUP_CONTROL_NUMBER_MISMATCH",
    "GROUP_COUNT_MISMATCH", "INTERCHANGE_CONTROL_NUMBER_MISMATCH", "REUSED_INTERCHANGE",
))  # fmt: skip
"""What a person may judge harmless: numbers in the envelope. Nothing that loses content."""


_LONGEST_NAME = 180


class Item(NamedTuple):
    """One thing that was set apart."""

    quarantine_id: int
    file_id: int | None
    scope: str
    code: str
    place: str
    found: str
    expected: str
    claim_count: int
    state: str
    decided_by: str | None
    decided_reason: str | None
    noted_at: datetime


_COLUMNS = [t.quarantine_item.c[name] for name in Item._fields]


def items(warehouse: Warehouse, *, every: bool = False) -> list[Item]:
    """What is still set apart (``every``: what was decided, too), oldest first."""
    statement = select(*_COLUMNS).order_by(t.quarantine_item.c.quarantine_id)
    if not every:
        statement = statement.where(t.quarantine_item.c.state == "open")
    with warehouse.read() as connection:
        return [Item(*row) for row in connection.execute(statement)]


def item(warehouse: Warehouse, quarantine_id: int) -> Item:
    """One of them.

    Raises: Terminal, where there is none of this id.
    """
    with warehouse.read() as connection:
        row = connection.execute(
            select(*_COLUMNS).where(t.quarantine_item.c.quarantine_id == quarantine_id)
        ).first()
    if row is None:
        raise Terminal(f"nothing in quarantine has the id {quarantine_id}")
    return Item(*row)


def set_apart(
    connection: Connection,
    problem: Problem,
    *,
    scope: str,
    now: datetime,
    file_id: int | None = None,
    bytes_: ByteRange | None = None,
    claim_count: int = 0,
    evidence_digest: str | None = None,
) -> None:
    """Notes one thing that is not loaded."""
    source = problem.source
    place = problem.place
    if source.transaction or source.segment:
        place = f"{source.interchange}.{source.transaction}#{source.segment} {place}"
    connection.execute(
        insert(t.quarantine_item).values(
            file_id=file_id,
            scope=scope,
            code=problem.code,
            place=place,
            found=problem.found,
            expected=problem.expected,
            byte_start=bytes_.start if bytes_ else None,
            byte_end=bytes_.end if bytes_ else None,
            claim_count=claim_count,
            evidence_digest=evidence_digest,
            noted_at=now,
        )
    )


def kept_as(settings: Settings, file_id: int, name: str) -> Iterator[Path]:
    """Where a refused file of this name may lie, the plainest first.

    A name is shortened where there would be no room to put ``.json`` after it.
    """
    folder = settings.folder("quarantine")
    plain = Path(name).name
    if len(os.fsencode(plain)) > _LONGEST_NAME or plain.endswith(".json"):
        plain = f"{file_id}.refused"
    yield folder / plain
    yield folder / f"{file_id}-{plain}"
    yield from (folder / f"{file_id}.{n}-{plain}" for n in count(2))


def keep_refused_file(
    settings: Settings,
    path: Path,
    name: str,
    digest: str,
    file_id: int,
    problem: Problem,
    now: datetime,
) -> None:
    """The file itself into quarantine/, with ``<name>.json`` that says why. Safe to repeat."""
    target = next(
        p for p in kept_as(settings, file_id, name) if not p.exists() or digest_of(p)[0] == digest
    )
    with path.open("rb") as source:
        put_down(source, target)
    reason: dict[str, Any] = {
        "file_id": file_id,
        "sha256": digest,
        "code": problem.code,
        "place": f"{problem.source} {problem.place}",
        "found": problem.found,
        "expected": problem.expected,
        "refused_at": now.isoformat(timespec="seconds"),
    }
    target.with_name(target.name + ".json").write_text(
        json.dumps(reason, indent=2) + "\n", encoding="utf-8"
    )


def decide(
    connection: Connection, quarantine_id: int, state: str, *, by: str, reason: str | None
) -> None:
    """Closes an open item.

    Raises: Terminal, where it is not open.
    """
    changed = connection.execute(
        update(t.quarantine_item)
        .where(
            t.quarantine_item.c.quarantine_id == quarantine_id,
            t.quarantine_item.c.state == "open",
        )
        .values(state=state, decided_by=by, decided_reason=reason)
    ).rowcount
    if not changed:
        raise Terminal(f"nothing open in quarantine has the id {quarantine_id}")


def discard(warehouse: Warehouse, quarantine_id: int, *, by: str, reason: str) -> None:
    """A person says that it is not needed. Nothing is deleted: the bytes stay.

    Raises: Terminal.
    """
    if not reason.strip():
        raise Terminal("say why it is discarded: --reason TEXT")
    with warehouse.write() as connection:
        decide(connection, quarantine_id, "discarded", by=by, reason=reason.strip())
