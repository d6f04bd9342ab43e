"""Money beside the claims (PLB): which claim an entry names, and where a carried balance went.

A reference is the payer's: often the CLP07 of the claim, or that after the CLP01 and before the
trace number. A balance carried forward (FB, negative) is applied by an entry of the same payer to
the same provider in a later payment, of the same amount the other way round.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, text, update

from warehouse import tables as t
from warehouse.database import sql_of
from warehouse.load import batches

SHORTEST_NUMBER, LONGEST_NUMBER = 4, 20
"""Characters of a CLP01 that is looked for at the beginning of a reference."""


def close_ledger(connection: Connection) -> None:
    """Names claims and closes carried balances as far as what is here allows."""
    connection.execute(text(sql_of("ledger", "named_claim")))
    _name_by_parts(connection)
    closed = _closed(connection.execute(text(sql_of("ledger", "carried_forward"))).all())
    if closed:
        connection.execute(_CLOSE, closed)


def _name_by_parts(connection: Connection) -> None:
    """Claims that a reference names by CLP01, or CLP01 and CLP07 (and the trace number)."""
    entries = connection.execute(text(sql_of("ledger", "unnamed"))).all()
    cp, r = t.claim_payment, t.remittance
    for some in batches(entries, 200):
        beginnings = {
            row.reference[:length]
            for row in some
            for length in range(SHORTEST_NUMBER, min(len(row.reference), LONGEST_NUMBER) + 1)
        }
        told: dict[str, list[Any]] = {}
        for payment in connection.execute(
            select(
                cp.c.claim_payment_id, cp.c.reported_patient_control_number,
                cp.c.payer_claim_control_number, cp.c.member_id, cp.c.service_date,
                r.c.payer_id, r.c.trace_number,
            )
            .join(r, r.c.remittance_id == cp.c.remittance_id)
            .where(cp.c.reported_patient_control_number.in_(beginnings))
            .order_by(cp.c.is_reversal, r.c.payment_date.desc(), r.c.trace_number.desc(),
                      cp.c.claim_position.desc(), cp.c.claim_payment_id)
        ):  # fmt: skip
            told.setdefault(payment.reported_patient_control_number, []).append(payment)
        changes = [
            {"key": row.provider_adjustment_id, "claim": named}
            for row in some
            if (named := _named(row, told)) != row.claim_payment_id
        ]
        if changes:
            connection.execute(_NAME, changes)


def _named(entry: Row[Any], told: dict[str, list[Any]]) -> int | None:
    """The newest adjudication that an entry's reference names; None where none or several."""
    reference = _plain(entry.reference)
    by_number, by_both = [], []
    for number, payments in told.items():
        for p in payments:
            if p.payer_id != entry.payer_id or not entry.reference.startswith(number):
                continue
            both = _plain(number) + _plain(p.payer_claim_control_number)
            if p.payer_claim_control_number and reference.startswith(both):
                by_both.append(p)
            elif _plain(number) == reference:
                by_number.append(p)
    if by_both:
        return int(by_both[0].claim_payment_id)
    # A number that claims share names none of them.
    if len({(p.member_id, p.service_date) for p in by_number}) == 1:
        return int(by_number[0].claim_payment_id)
    return None


def _plain(number: str | None) -> str:
    return "".join(c for c in (number or "").upper() if c.isalnum())


_NAME = (
    update(t.provider_adjustment)
    .where(t.provider_adjustment.c.provider_adjustment_id == bindparam("key"))
    .values(claim_payment_id=bindparam("claim"))
)

_CLOSE = (
    update(t.provider_adjustment)
    .where(t.provider_adjustment.c.provider_adjustment_id == bindparam("key"))
    .values(closed_by_id=bindparam("by"))
)


def _closed(rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """Entries whose end is another one than what stands there; rows come in order of payment.

    Of equal balances each closes once: first those that are taken under their own reference, so
    that an older one does not take another's end.
    """
    carried = [row for row in rows if row.amount_cents < 0]
    left = [row for row in rows if row.amount_cents > 0]
    ends: dict[int, int] = {}
    for by_reference in (True, False):
        for row in carried:
            fitting = (
                taken
                for taken in left
                if taken.account == row.account
                and taken.amount_cents == -row.amount_cents
                and taken.nth > row.nth
                and (taken.reference == row.reference or not by_reference)
            )
            if row.provider_adjustment_id not in ends and (end := next(fitting, None)) is not None:
                ends[row.provider_adjustment_id] = end.provider_adjustment_id
                left.remove(end)
    return [
        {"key": row.provider_adjustment_id, "by": by}
        for row in carried
        if (by := ends.get(row.provider_adjustment_id)) != row.closed_by_id
    ]
