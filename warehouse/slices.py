"""Big changes, a slice at a time.

What a database keeps of a statement while it runs – joins in between, pages as they were before –
lies in memory and grows with the rows that the statement is about.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, func, select, text

SLICE = 20_000
_LAST = 2**31 - 1


def slices(connection: Connection, table: str, key: str, source: str) -> Iterator[None]:
    """Puts the keys of a source (a table and a condition) into a work table, a slice at a time."""
    connection.execute(
        text(f"create temporary table if not exists {table} ({key} integer primary key)")
    )
    # With the plus no index on the key itself is taken: the condition's is the shorter one.
    bounds = connection.execute(
        text(f"select {key} from (select {key}, row_number() over (order by +{key}) as nth "
             f"from {source}) as numbered where nth % {SLICE} = 0 order by nth")
    ).scalars().all()  # fmt: skip
    fill = text(f"insert into {table} ({key}) select {key} from {source} "
                f"and +{key} > :after and +{key} <= :last")  # fmt: skip
    after = 0
    for last in (*bounds, _LAST):
        connection.execute(text(f"delete from {table}"))
        if connection.execute(fill, {"after": after, "last": last}).rowcount:
            yield
        after = last


def open_payments(connection: Connection) -> Iterator[None]:
    """The claim payments that a call of ``match`` has open, in ``open_payment``."""
    return slices(
        connection, "open_payment", "claim_payment_id", "claim_payment where match_state <> 'done'"
    )


def ranges(
    connection: Connection, key: Column[Any], where: ColumnElement[bool]
) -> Iterator[ColumnElement[bool]]:
    """Conditions on a table's key that together take in all its rows that are so."""
    first, last = connection.execute(select(func.min(key), func.max(key)).where(where)).one()
    if first is not None:
        for start in range(first, last + 1, SLICE):
            yield key.between(start, start + SLICE - 1)
