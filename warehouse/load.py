"""What the two loaders share: the tally of a transaction set and rows on their way in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Date, DateTime, Table, bindparam, insert, update

from edi.claim import SegmentTally
from edi.element import to_cents
from edi.envelope import ByteRange
from edi.problem import BadElement, Problem

BATCH = 1000
"""Claims whose rows are held before they are written."""


@dataclass
class Loaded:
    """What one transaction set came to. Amounts in cents; problems are of receiving."""

    claim_count: int = 0
    service_line_count: int = 0
    quarantined_claim_count: int = 0
    charge_cents: int = 0
    payment_cents: int = 0
    segment_count: int = 0
    mapped_count: int = 0
    kept_count: int = 0
    problems: list[Problem] = field(default_factory=list)
    unread: list[tuple[Problem, ByteRange]] = field(default_factory=list)
    claims_digest: str = ""
    remittance_id: int | None = None

    def tally(self, tally: SegmentTally) -> None:
        """Adds the segments of a transaction."""
        self.segment_count += tally.read
        self.mapped_count += tally.mapped
        self.kept_count += tally.kept

    def add(self, other: Loaded) -> None:
        """Adds another transaction of the same file."""
        for name in (
            "claim_count", "service_line_count", "quarantined_claim_count", "charge_cents",
            "payment_cents", "segment_count", "mapped_count", "kept_count",
        ):  # fmt: skip
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.problems += other.problems
        self.unread += other.unread


class Rows:
    """Rows on their way into the tables, in the order of their foreign keys."""

    def __init__(self, connection: Connection, *tables: Table) -> None:
        self._connection = connection
        self._rows: dict[Table, list[dict[str, Any]]] = {table: [] for table in tables}

    def __getitem__(self, table: Table) -> list[dict[str, Any]]:
        return self._rows[table]

    def flush(self) -> None:
        """Write and forget them."""
        for table, rows in self._rows.items():
            if rows:
                insert_many(self._connection, table, rows)
                rows.clear()


def insert_many(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Many rows with the same keys, past SQLAlchemy's work on each row.

    The values are ready for the database already but for dates and times on SQLite, which has none.
    """
    if connection.dialect.name != "sqlite":
        connection.execute(insert(table), rows)
        return
    names = list(rows[0])
    _days_as_text(table, names, rows)
    marks = ", ".join("?" * len(names))
    values_of = itemgetter(*names)
    connection.exec_driver_sql(
        f"insert into {table.name} ({', '.join(names)}) values ({marks})",
        [values_of(row) for row in rows],
    )


def update_many(connection: Connection, table: Table, key: str, rows: list[dict[str, Any]]) -> None:
    """Many rows changed in the same columns, each found by its ``key``, which is among them.

    As :func:`insert_many` in what the values are.
    """
    names = [name for name in rows[0] if name != key]
    if connection.dialect.name != "sqlite":
        # A parameter of an UPDATE may not go by a column's own name.
        connection.execute(
            update(table)
            .where(table.c[key] == bindparam("the_key"))
            .values({name: bindparam(f"new_{name}") for name in names}),
            [{f"new_{name}": row[name] for name in names} | {"the_key": row[key]} for row in rows],
        )
        return
    _days_as_text(table, names, rows)
    values_of = itemgetter(*names, key)
    connection.exec_driver_sql(
        f"update {table.name} set {', '.join(f'{name} = ?' for name in names)} where {key} = ?",
        [values_of(row) for row in rows],
    )


def _days_as_text(table: Table, names: list[str], rows: list[dict[str, Any]]) -> None:
    """Dates and times as SQLite keeps them."""
    days = [name for name in names if isinstance(table.c[name].type, Date)]
    times = [name for name in names if isinstance(table.c[name].type, DateTime)]
    for row in rows:
        for name in days:
            if (day := row[name]) is not None:
                row[name] = day.isoformat()
        for name in times:
            if (time := row[name]) is not None:
                row[name] = time.isoformat(" ", "microseconds")


def batches(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Lists of at most ``size`` items."""
    batch: list[Any] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def units_of(count: Decimal | None) -> float | None:
    """Units as the database keeps them; exact for the three decimals that units may have."""
    return None if count is None else float(count)


def set_apart(loaded: Loaded, problem: Problem, bytes_: ByteRange) -> None:
    """Counts a claim that is not loaded, with its reason and place."""
    loaded.claim_count += 1
    loaded.quarantined_claim_count += 1
    loaded.unread.append((problem, bytes_))


def cents_or_zero(amount: Decimal) -> int:
    """Cents of an amount that only counts; 0 where it is no money."""
    try:
        return to_cents(amount)
    except BadElement:
        return 0
