"""The inbox: which files lie there, which of them have settled, and what leaves it.

A file is registered as ``waiting`` when it is first seen and leaves when what became of it is
committed; the mark (size, time, inode) tells a file that a killed run had already dealt with
from a new one of the same name.
"""

from __future__ import annotations

import os
import stat
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from warehouse.database import Warehouse, allocate
from warehouse.settings import Settings
from warehouse.tables import file

TAIL = 4096
UNFINISHED_FACTOR = 10
"""A file without an IEA at its end is read (and refused) after this many settling times: until
then it may still be on its way."""


class Seen(NamedTuple):
    """A regular file in the inbox."""

    name: str
    mark: str
    modified: float
    complete: bool


def look(settings: Settings) -> tuple[list[Seen], list[str]]:
    """Regular files of the inbox by name, and names of what is left where it is.

    Links, FIFOs and folders are never opened.
    """
    seen, left = [], []
    for path in sorted(settings.folder("inbox").iterdir()):
        if path.name.startswith(".") and path.name.endswith(".part"):
            continue
        name = stored_name(path.name)
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            left.append(name)
            continue
        mark = f"{status.st_size}:{status.st_mtime_ns}:{status.st_ino}"
        seen.append(Seen(name, mark, status.st_mtime, _has_end(path, status.st_size)))
    return seen, left


def stored_name(name: str) -> str:
    r"""A file's name as the warehouse keeps it: bytes that are no UTF-8 as ``\\xff``."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def find(settings: Settings, name: str) -> Path:
    """The file of the inbox with this stored name; a path to nothing where it is gone."""
    folder = settings.folder("inbox")
    path = folder / name
    if "\\" in name and not path.exists():
        return next((p for p in folder.iterdir() if stored_name(p.name) == name), path)
    return path


def _has_end(path: Path, size: int) -> bool:
    """The last bytes hold an IEA – or the file is no X12, and then waits for no trailer."""
    with path.open("rb") as f:
        if b"ISA" not in f.read(16):
            return True
        f.seek(max(0, size - TAIL))
        return b"IEA" in f.read()


def has_settled(seen: Seen, settings: Settings, now: datetime) -> bool:
    """Unchanged long enough; a file without an IEA has to stay unchanged longer."""
    unchanged = now.timestamp() - seen.modified
    wait = settings.intake.settle_seconds
    if not wait:
        return True  # also for a file that a clock elsewhere has dated into the future
    return unchanged >= (wait if seen.complete else wait * UNFINISHED_FACTOR)


def register(
    warehouse: Warehouse, settings: Settings, *, now: datetime
) -> tuple[list[int], list[str]]:
    """Rows for what lies in the inbox; the ids of what may be read now, and what was left.

    A file that a killed run had already dealt with is taken out of the inbox here.
    """
    seen, left = look(settings)
    settled: list[int] = []
    with warehouse.write() as connection:
        _forget_gone(connection, {s.name for s in seen})
        for s in seen:
            file_id = _register_one(connection, settings, s, now)
            if file_id is not None and has_settled(s, settings, now):
                settled.append(file_id)
    return settled, left


def _register_one(
    connection: Connection, settings: Settings, seen: Seen, now: datetime
) -> int | None:
    rows = connection.execute(
        select(file.c.file_id, file.c.status, file.c.inbox_mark).where(
            file.c.inbox_name == seen.name
        )
    ).all()
    for row in rows:
        if row.status == "waiting":
            return int(row.file_id)
    if any(row.inbox_mark == seen.mark for row in rows):
        leave(settings, seen.name, seen.mark)
        return None
    return _add(connection, seen.name, now)


def _add(connection: Connection, name: str, now: datetime) -> int:
    file_id = allocate(connection, "file", 1)
    connection.execute(
        insert(file).values(
            file_id=file_id,
            file_name=name,
            inbox_name=name,
            status="waiting",
            received_at=now.replace(tzinfo=None),
        )
    )
    return file_id


def register_name(warehouse: Warehouse, name: str, now: datetime) -> int:
    """The id of a file that was put into the inbox by hand, to be read at once."""
    with warehouse.write() as connection:
        row = connection.execute(
            select(file.c.file_id).where(file.c.inbox_name == name, file.c.status == "waiting")
        ).first()
        return int(row.file_id) if row else _add(connection, name, now)


def _forget_gone(connection: Connection, present: set[str]) -> None:
    """Waiting rows of files that somebody took away again."""
    waiting = connection.execute(
        select(file.c.file_id, file.c.inbox_name).where(file.c.status == "waiting")
    ).all()
    gone = [row.file_id for row in waiting if row.inbox_name not in present]
    if gone:
        connection.execute(delete(file).where(file.c.file_id.in_(gone)))


def mark_of(path: Path) -> str:
    """Size, time of change and inode of a file."""
    status = path.lstat()
    return f"{status.st_size}:{status.st_mtime_ns}:{status.st_ino}"


def leave(settings: Settings, name: str, mark: str) -> None:
    """Take a file out of the inbox, unless it was replaced in the meantime."""
    path = find(settings, name)
    if path.exists() and mark_of(path) == mark:
        path.unlink()


def forget_mark(connection: Connection, file_id: int) -> None:
    """The file has left the inbox: its name there is free again."""
    connection.execute(
        update(file).where(file.c.file_id == file_id).values(inbox_name=None, inbox_mark=None)
    )
