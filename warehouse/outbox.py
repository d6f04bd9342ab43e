"""The ledger of what goes out: one name, one ISA13, one set of bytes, sent exactly once.

Numbers, times and bytes are written in one transaction (``approved``); then ``delivering`` is
made durable; then the file is linked into place atomically; then ``emitted``. The window between
cannot be closed, only named: a run that was killed in it is found at the next one. The link count
of the part file tells whether it got into place; where that cannot be told the file is
``unconfirmed`` and waits for an acknowledgment or a person.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select, update

from warehouse import tables as t
from warehouse.archive import sync_folder
from warehouse.database import Warehouse
from warehouse.last_look import Held, look
from warehouse.outcome import settle_submissions_of
from warehouse.settings import Settings
from warehouse.withdraw import withdraw


def deliver(
    warehouse: Warehouse,
    settings: Settings,
    *,
    as_of: date,
    now: datetime,
    held: list[Held] | None = None,
    decided: Collection[str] = (),
) -> list[str]:
    """Puts every approved file into its folder, those of a killed run first; their names.

    A file that does not stand a last look stays where it is, and one whose claims would not go
    today is withdrawn; ``held`` is told why. ``decided``: names of files that were just decided.

    Raises: Transient; OSError, when the folder can't be written (nothing is lost: run it again).
    """
    _recover(warehouse, settings, now)
    o = t.outbound_file
    with warehouse.read() as connection:
        waiting = connection.execute(
            select(o).where(o.c.state == "approved").order_by(o.c.outbound_file_id)
        ).all()
    delivered = []
    for row in waiting:
        with warehouse.write() as connection:
            seen = look(connection, settings, row, as_of=as_of, is_decided=row.file_name in decided)
            if seen.outdated and not seen.held:
                withdraw(connection, settings, row, seen.outdated, now=now)
        if seen.held or seen.outdated:
            if held is not None:
                held += seen.held or seen.outdated
            continue
        folder = settings.folder(row.folder)
        part = _part(folder, row)
        _write_part(part, row.content)
        with warehouse.write() as connection:
            _mark(connection, row, "delivering", delivering_at=now)
            # From here on it may be at the payer, and what it replaces is replaced.
            settle_submissions_of(connection, settings.payers, _claims(connection, row))
        _link(part, folder / row.file_name, row)
        _set(warehouse, row, "shadow" if row.folder == "shadow" else "emitted", emitted_at=now)
        part.unlink(missing_ok=True)
        delivered.append(row.file_name)
    return delivered


def _part(folder: Path, row: Row[Any]) -> Path:
    return folder / f".{row.file_name}.part"


def _write_part(part: Path, content: bytes) -> None:
    part.parent.mkdir(parents=True, exist_ok=True)
    part.unlink(missing_ok=True)
    with part.open("xb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    sync_folder(part.parent)


def _link(part: Path, target: Path, row: Row[Any]) -> None:
    """The file into place: whole or not at all, and never over another one."""
    try:
        target.hardlink_to(part)
    except FileExistsError:
        if hashlib.sha256(target.read_bytes()).hexdigest() != row.sha256:
            raise
    sync_folder(target.parent)


def _set(warehouse: Warehouse, row: Row[Any], state: str, **times: Any) -> None:
    with warehouse.write() as connection:
        _mark(connection, row, state, **times)


def _mark(connection: Connection, row: Row[Any], state: str, **times: Any) -> None:
    o, c = t.outbound_file, t.outbound_claim
    connection.execute(
        update(o).where(o.c.outbound_file_id == row.outbound_file_id).values(state=state, **times)
    )
    connection.execute(
        update(c)
        .where(
            c.c.outbound_file_id == row.outbound_file_id,
            c.c.state.in_(("approved", "delivering", "unconfirmed", "emitted", "shadow")),
        )
        .values(state=state)
    )


def _claims(connection: Connection, row: Row[Any]) -> Sequence[int]:
    c = t.outbound_claim
    return (
        connection.execute(select(c.c.claim_id).where(c.c.outbound_file_id == row.outbound_file_id))
        .scalars()
        .all()
    )


def _recover(warehouse: Warehouse, settings: Settings, now: datetime) -> None:
    """Files that a killed run left between ``delivering`` and ``emitted``."""
    o = t.outbound_file
    with warehouse.read() as connection:
        rows = connection.execute(select(o).where(o.c.state == "delivering")).all()
    for row in rows:
        folder = settings.folder(row.folder)
        part, target = _part(folder, row), folder / row.file_name
        linked = part.exists() and part.stat().st_nlink > 1
        there = target.exists() and hashlib.sha256(target.read_bytes()).hexdigest() == row.sha256
        if linked or there:
            _set(warehouse, row, "shadow" if row.folder == "shadow" else "emitted", emitted_at=now)
        elif row.folder == "shadow":
            _set(warehouse, row, "approved")  # nobody picks shadows up: it was never linked
            continue
        else:
            # Never linked, or linked and taken away by the partner already: nobody can tell.
            _set(warehouse, row, "unconfirmed")
        part.unlink(missing_ok=True)
