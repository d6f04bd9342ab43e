"""The step ``receive``: one file of the inbox to what became of it, in one transaction."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import delete, select

from edi.envelope import digest_of
from edi.problem import EdiError
from warehouse import tables as t
from warehouse.archive import archive
from warehouse.database import Terminal, Warehouse
from warehouse.inbox import find, forget_mark, leave, mark_of
from warehouse.incoming import IncomingFile, Received
from warehouse.settings import Settings
from warehouse.unpack import kind_of_package, unpack

__all__ = ["IncomingFile", "Received", "receive_file"]


def receive_file(
    warehouse: Warehouse, settings: Settings, file_id: int, *, now: datetime
) -> Received:
    """Read one waiting file of the inbox. Safe to repeat: a file is dealt with once.

    Raises: Transient; Terminal; OSError.
    """
    with warehouse.read() as connection:
        row = connection.execute(select(t.file).where(t.file.c.file_id == file_id)).first()
    if row is None:
        raise Terminal(f"no file has the id {file_id}")
    if row.status != "waiting":
        return Received(file_id, row.status, row.kind, row.reason_code)
    path = find(settings, row.inbox_name)
    try:
        mark = mark_of(path)
        digest, size = digest_of(path)
    except FileNotFoundError:
        with warehouse.write() as connection:
            connection.execute(
                delete(t.file).where(t.file.c.file_id == file_id, t.file.c.status == "waiting")
            )
        return Received(file_id, "waiting", reason_code="GONE")
    incoming = IncomingFile(warehouse, settings, file_id, path, digest, size, mark, now)
    if size <= settings.intake.max_file_bytes and kind_of_package(path):
        received = _receive_package(incoming)
    else:
        received = incoming.receive()
    leave(settings, row.inbox_name, mark)
    with warehouse.write() as connection:
        forget_mark(connection, file_id)
    return received


def _receive_package(package: IncomingFile) -> Received:
    """The members of a gzip or zip file, each its own row, all in one transaction."""
    with TemporaryDirectory(dir=package.settings.folder("archive"), prefix=".unpacked-") as folder:
        try:
            found = list(
                unpack(package.path, package.digest, Path(folder),
                       max_file_bytes=package.settings.intake.max_file_bytes)
            )  # fmt: skip
        except EdiError as error:
            return package.refuse(error.problem)
        archive(package.settings, package.path, package.digest)
        members = [package.member(m) for m in found]
        for member in members:
            member.prepare()
        return package.store_members(members)
