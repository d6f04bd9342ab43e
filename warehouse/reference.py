"""Code-set files that users download themselves: imported per quarter, listed with what they cover.

A file is known by its digest: the same one again changes nothing, or makes it valid for more days.
Where several files answer for a day, the newest that knows a code (or pair) decides: the
publisher's files are cumulative, and name what was deleted with its day.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection, Table, func, insert, select

from rules.references import Coverage
from warehouse import tables as t
from warehouse.database import Warehouse, allocate
from warehouse.load import batches
from warehouse.reference_rows import READERS
from warehouse.reference_source import ReferenceRefused, digest_of, texts

PTP_PARTS = frozenset((1, 2, 3, 4))
"""CMS publishes the practitioner pairs in four files, whose names say which (…-f1 to …-f4)."""

BATCH = 20_000
Progress = Callable[[str, int, int], None]

_STRICTEST = {
    "reference_ptp": {"effective_to": "max", "modifier_indicator": "min"},
    "reference_mue": {"units": "min", "adjudication_indicator": "min"},
    "reference_aoc": {"effective_to": "min", "type_code": "min"},
    "reference_code": {},
}
"""Of two rows with one key in a file, the values that refuse more are kept."""

_TABLES: dict[str, Table] = {
    "ptp": t.reference_ptp,
    "mue": t.reference_mue,
    "aoc": t.reference_aoc,
    "carc": t.reference_code,
    "rarc": t.reference_code,
}


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """One file of an import. ``status``: imported, extended (more days), or unchanged."""

    kind: str
    file_name: str
    sha256: str
    row_count: int
    status: str


@dataclass(frozen=True, slots=True)
class ReferenceFile:
    """A file that is here, for the service dates that it was imported for.

    ``part``: of a table in several parts; None where the name does not say one.
    ``is_complete`` is False while parts are missing: nothing is read out of the quarter then.
    """

    kind: str
    file_name: str
    sha256: str
    valid_from: date
    valid_to: date
    row_count: int
    part: int | None
    imported_at: datetime
    is_complete: bool


def import_files(
    warehouse: Warehouse,
    kind: str,
    files: Sequence[Path],
    *,
    valid_from: date,
    valid_to: date,
    now: datetime,
    progress: Progress | None = None,
) -> tuple[ImportedFile, ...]:
    """Import all files, or none of them.

    Raises: ReferenceRefused; Transient; OSError.
    """
    if valid_to < valid_from:
        raise ReferenceRefused("--to", "a day before --from", "the last service date covered")
    with warehouse.write() as connection:
        return tuple(
            _import_one(connection, kind, path, f"FILE {number}", (valid_from, valid_to), now,
                        progress)
            for number, path in enumerate(files, 1)
        )  # fmt: skip


def _import_one(
    connection: Connection,
    kind: str,
    path: Path,
    place: str,
    validity: tuple[date, date],
    now: datetime,
    progress: Progress | None,
) -> ImportedFile:
    digest = digest_of(path)
    f, v = t.reference_file, t.reference_validity
    known = connection.execute(
        select(f).where(f.c.kind == kind, f.c.sha256 == digest)
    ).first()  # fmt: skip
    if known is not None:
        key, count, status = known.reference_file_id, known.row_count, "extended"
        there = connection.execute(
            select(v.c.valid_from, v.c.valid_to).where(v.c.reference_file_id == key)
        ).all()
        if any(first <= validity[0] and validity[1] <= last for first, last in there):
            return ImportedFile(kind, known.file_name, digest, count, "unchanged")
    else:
        if kind == "ptp" and re.search(r"ccioph|hospital", path.name, re.IGNORECASE):
            raise ReferenceRefused(place, "the pairs of hospitals", "those of practitioners")
        key, status = allocate(connection, "reference_file", 1), "imported"
        part = re.search(r"[-_ ]f(\d)(?!\d)", path.name, re.IGNORECASE) if kind == "ptp" else None
        connection.execute(
            insert(f).values(
                reference_file_id=key,
                kind=kind,
                file_name=path.name,
                sha256=digest,
                part=int(part[1]) if part else None,
                row_count=0,
                imported_at=now,
            )
        )
        count = _load(connection, kind, key, path, place, progress)
        connection.execute(
            f.update().where(f.c.reference_file_id == key).values(row_count=count)
        )  # fmt: skip
    connection.execute(
        insert(v).values(reference_file_id=key, valid_from=validity[0], valid_to=validity[1])
    )
    return ImportedFile(kind, path.name, digest, count, status)


def _load(
    connection: Connection,
    kind: str,
    key: int,
    path: Path,
    place: str,
    progress: Progress | None,
) -> int:
    """The rows of a file; how many stand in the table after it."""
    table = _TABLES[kind]
    statement = _insert(connection, table)
    read = 0
    for text in texts(path, place):
        for batch in batches(READERS[kind](text), BATCH):
            # In the order of the key: the table is kept in it, and appends are cheap.
            batch.sort()
            connection.exec_driver_sql(statement, [(key, *record) for record in batch])
            read += len(batch)
            if progress:
                progress(f"rows of {place}", read, read)
    if not read:
        raise ReferenceRefused(place, "no rows", "a table with rows")
    stored = select(func.count()).where(table.c.reference_file_id == key)
    return int(connection.execute(stored).scalar_one())


def _insert(connection: Connection, table: Table) -> str:
    """The driver's own statement: millions of rows pass it as they were read."""
    columns = [c.name for c in table.columns]
    keys = ", ".join(c.name for c in table.primary_key)
    is_sqlite = connection.dialect.name == "sqlite"
    larger = {"max": "greatest", "min": "least"}
    taken = ", ".join(
        f"{name} = {which if is_sqlite else larger[which]}({table.name}.{name}, excluded.{name})"
        for name, which in _STRICTEST[table.name].items()
    )
    marks = ", ".join(["?" if is_sqlite else "%s"] * len(columns))
    return (
        f"insert into {table.name} ({', '.join(columns)}) values ({marks}) "
        f"on conflict ({keys}) do {f'update set {taken}' if taken else 'nothing'}"
    )


def list_files(connection: Connection) -> tuple[ReferenceFile, ...]:
    """What is here: by kind, then by the days that it covers."""
    f, v = t.reference_file, t.reference_validity
    rows = connection.execute(
        select(f, v.c.valid_from, v.c.valid_to)
        .join(v, v.c.reference_file_id == f.c.reference_file_id)
        .order_by(f.c.kind, v.c.valid_from, v.c.valid_to, f.c.part, f.c.reference_file_id)
    ).all()
    parts: dict[tuple[str, date, date], set[int | None]] = {}
    for row in rows:
        parts.setdefault((row.kind, row.valid_from, row.valid_to), set()).add(row.part)
    return tuple(
        ReferenceFile(
            kind=row.kind,
            file_name=row.file_name,
            sha256=row.sha256,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            row_count=row.row_count,
            part=row.part,
            imported_at=row.imported_at,
            is_complete=_is_complete(parts[row.kind, row.valid_from, row.valid_to]),
        )
        for row in rows
    )


def _is_complete(parts: set[int | None]) -> bool:
    # A file whose name says no part (unzipped, renamed, put together) is taken for the whole.
    return None in parts or parts >= PTP_PARTS


def coverage(files: Sequence[ReferenceFile]) -> tuple[Coverage, ...]:
    """The service dates that each kind answers for."""
    found = (Coverage(f.kind, f.valid_from, f.valid_to) for f in files if f.is_complete)
    return tuple(dict.fromkeys(found))
