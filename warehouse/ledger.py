"""Money beside the claims (PLB): which claim an entry names, and where a carried balance went.

A reference is the payer's: often the CLP07 of the claim, or that after the CLP01 and before the
trace number, with or without the dashes that stand in them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, text, update

from rules.payer import PayerProfile, normal_id
from warehouse import tables as t
from warehouse.carried_balances import close_balances
from warehouse.database import sql_of

SHORTEST_NUMBER = 3
"""Characters of a number that is looked for at the beginning of a reference."""

_TABLE = """
create temporary table if not exists paying_payer (
    payer_ids text primary key, payer_key text not null
)
"""
_FILL = "insert into paying_payer (payer_ids, payer_key) values (:ids, :key)"


def close_ledger(connection: Connection, payers: Sequence[PayerProfile]) -> None:
    """Names claims and closes carried balances as far as what is here allows."""
    keys = _know_payers(connection, payers)
    for step in ("named_elsewhere", "named_claim"):
        connection.execute(text(sql_of("ledger", step)))
    _name_by_parts(connection, keys)
    close_balances(connection, keys)


def _know_payers(connection: Connection, payers: Sequence[PayerProfile]) -> dict[str, str]:
    """The payer of each set of ids that a remittance names it by; in ``paying_payer`` for SQL."""
    r = t.remittance
    first_of = {normal_id(i): normal_id(p.ids[0]) for p in reversed(payers) for i in p.ids}
    known: dict[str, str] = {}
    for payer_ids, payer_id in connection.execute(select(r.c.payer_ids, r.c.payer_id).distinct()):
        # Lines of business (SBR09) share an account: a remittance does not say which it pays.
        keys = (first_of.get(normal_id(i)) for i in payer_ids.split(","))
        known.setdefault(payer_ids, next(filter(None, keys), normal_id(payer_id or "")))
    connection.execute(text(_TABLE))
    connection.execute(text("delete from paying_payer"))
    if known:
        rows = [{"ids": payer_ids, "key": key} for payer_ids, key in known.items()]
        connection.execute(text(_FILL), rows)
    return known


def _name_by_parts(connection: Connection, keys: Mapping[str, str]) -> None:
    """Claims that a reference names otherwise than by the very CLP07 of an adjudication."""
    entries = [
        row
        for row in connection.execute(text(sql_of("ledger", "unnamed"))).all()
        if len(_plain(row.reference)) >= SHORTEST_NUMBER
    ]
    connection.execute(text(_BEGINNINGS))
    connection.execute(text("delete from plb_beginning"))
    beginnings = {start for row in entries for start in _beginnings(_plain(row.reference))}
    if beginnings:
        connection.execute(text(_BEGIN), [{"beginning": start} for start in sorted(beginnings)])
    told: dict[str, list[Any]] = {}
    for payment in connection.execute(text(sql_of("ledger", "told_under"))) if beginnings else ():
        for number in {
            _plain(payment.reported_patient_control_number),
            _plain(payment.payer_claim_control_number),
        }:
            told.setdefault(number, []).append(payment)
    changes = [
        {"key": row.provider_adjustment_id, "claim": named}
        for row in entries
        if (named := _named(row, told, keys)) != row.claim_payment_id
    ]
    if changes:
        connection.execute(_NAME, changes)


_BEGINNINGS = "create temporary table if not exists plb_beginning (beginning text primary key)"
_BEGIN = "insert into plb_beginning (beginning) values (:beginning)"
_BEFORE_NUMBER = "00"
"""Medicare writes two noughts, the CLP07 and the member id."""


def _beginnings(reference: str) -> set[str]:
    """What a plain reference may begin with that is a number of a claim."""
    wholes = {reference, reference.removeprefix(_BEFORE_NUMBER)}
    return {whole[:length] for whole in wholes for length in range(SHORTEST_NUMBER, len(whole) + 1)}


def _named(entry: Row[Any], told: dict[str, list[Any]], keys: Mapping[str, str]) -> int | None:
    """The newest adjudication that an entry's reference names; None where none or several.

    By both numbers, or the payer's with the trace number or the member id; else by one of them. A
    number that claims share names none of them.
    """
    reference = _plain(entry.reference)
    by_both, by_one = [], []
    for payment in {p for start in _beginnings(reference) for p in told.get(start, ())}:
        if keys[payment.payer_ids] != keys[entry.payer_ids]:
            continue
        own = _plain(payment.reported_patient_control_number)
        payers = _plain(payment.payer_claim_control_number)
        traces = ("", _plain(payment.trace_number), _plain(entry.trace_number))
        member = _plain(payment.member_id)
        both = {own + payers + trace for trace in traces} | {payers + own}
        both |= {payers + trace for trace in traces[1:] if trace}
        both |= {payers + member, _BEFORE_NUMBER + payers + member} if member else set()
        if payers and own and reference in both - {own, payers}:
            by_both.append(payment)
        elif reference in (own, payers):
            by_one.append(payment)
    found = by_both or by_one
    if len({(p.member_id, p.service_date) for p in found}) != 1:
        return None
    return int(min(found, key=lambda p: p.nth).claim_payment_id)


def _plain(number: str | None) -> str:
    return "".join(c for c in (number or "").upper() if c.isalnum())


_NAME = (
    update(t.provider_adjustment)
    .where(t.provider_adjustment.c.provider_adjustment_id == bindparam("key"))
    .values(claim_payment_id=bindparam("claim"))
)
