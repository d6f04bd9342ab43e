"""Money beside the claims (PLB): which claim an entry names, and where a carried balance went.

A reference is the payer's: often the CLP07 of the claim, or that after the CLP01 and before the
trace number. A balance carried forward (FB, negative) is applied by an entry of the same payer to
the same provider in a later payment, of the same amount the other way round.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, text, update

from warehouse import tables as t
from warehouse.database import sql_of


def close_ledger(connection: Connection) -> None:
    """Names claims and closes carried balances as far as what is here allows."""
    connection.execute(text(sql_of("ledger", "named_claim")))
    closed = _closed(connection.execute(text(sql_of("ledger", "carried_forward"))).all())
    if closed:
        connection.execute(_CLOSE, closed)


_CLOSE = (
    update(t.provider_adjustment)
    .where(t.provider_adjustment.c.provider_adjustment_id == bindparam("key"))
    .values(closed_by_id=bindparam("by"))
)


def _closed(rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """Entries whose end is another one than what stands there; rows come in order of payment."""
    applied = [row for row in rows if row.amount_cents > 0]
    used: set[int] = set()
    changes = []
    for carried in (row for row in rows if row.amount_cents < 0):
        fitting = [
            row
            for row in applied
            if row.provider_adjustment_id not in used
            and row.account == carried.account
            and row.amount_cents == -carried.amount_cents
            and row.nth > carried.nth
        ]
        same = [row for row in fitting if row.reference == carried.reference]
        by = next((row.provider_adjustment_id for row in same or fitting), None)
        if by is not None:
            used.add(by)
        if by != carried.closed_by_id:
            changes.append({"key": carried.provider_adjustment_id, "by": by})
    return changes
