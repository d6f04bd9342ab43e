"""Money beside the claims (PLB): which claim an entry names, and where a carried balance went.

A reference is the payer's: often the CLP07 of the claim, or that after the CLP01 and before the
trace number. A balance carried forward (FB, negative) is applied by an entry of the same payer to
the same provider in a later payment, of the same amount the other way round, or in parts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, text, update

from rules.payer import PayerProfile, normal_id
from warehouse import tables as t
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
    closed = _closed(connection.execute(text(sql_of("ledger", "carried_forward"))).all(), keys)
    if closed:
        connection.execute(_CLOSE, closed)


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

_CLOSE = (
    update(t.provider_adjustment)
    .where(t.provider_adjustment.c.provider_adjustment_id == bindparam("key"))
    .values(closed_by_id=bindparam("by"))
)


def _closed(rows: Sequence[Row[Any]], keys: Mapping[str, str]) -> list[dict[str, Any]]:
    """Entries whose end is another one than what stands there; rows come in order of payment.

    An account is a payer, under whichever of its ids, and a provider.
    """
    accounts: dict[tuple[str, str | None], list[Row[Any]]] = {}
    for row in rows:
        accounts.setdefault((keys[row.payer_ids], row.provider_identifier), []).append(row)
    ends: dict[int, int] = {}
    for entries in accounts.values():
        ends |= _ends(entries)
    return [
        {"key": row.provider_adjustment_id, "by": by}
        for row in rows
        if row.amount_cents < 0 and (by := ends.get(row.provider_adjustment_id)) != row.closed_by_id
    ]


def _ends(entries: Sequence[Row[Any]]) -> dict[int, int]:
    """The entry that closes each balance of one account.

    Of equal balances each closes once: first those that are taken under their own reference, at
    once or in parts, so that an older one does not take another's end.
    """
    open_ = [row for row in entries if row.amount_cents < 0]
    left = [row for row in entries if row.amount_cents > 0]
    ends: dict[int, int] = {}
    for find in (_under_its_reference, _in_parts, _of_its_amount):
        for row in list(open_):
            later = [taken for taken in left if _may_settle(taken, row)]
            alike = [other for other in open_ if other.reference == row.reference]
            if taken := find(row, later, len(alike) == 1):
                ends[row.provider_adjustment_id] = taken[-1].provider_adjustment_id
                open_.remove(row)
                left = [entry for entry in left if entry not in taken]
    for reference in {row.reference for row in open_} - {None}:
        run = [entry for entry in (*open_, *left) if entry.reference == reference]
        ends |= _run_out(sorted(run, key=_payment))
    return ends


def _run_out(run: Sequence[Row[Any]]) -> dict[int, int]:
    """Balances under one reference that come to nothing together, carried on and taken in parts."""
    ends: dict[int, int] = {}
    open_: list[int] = []
    cents = 0
    for entry in run:
        cents += entry.amount_cents
        if entry.amount_cents < 0:
            open_.append(entry.provider_adjustment_id)
        if cents > 0:
            return ends  # more was taken than is here: nothing says of what
        if cents == 0 and entry.amount_cents > 0:
            ends |= dict.fromkeys(open_, entry.provider_adjustment_id)
            open_ = []
    return ends


def _may_settle(taken: Row[Any], row: Row[Any]) -> bool:
    """Whether an entry can be of a balance by when it stands: of one day, under its reference."""
    is_same = row.reference is not None and taken.reference == row.reference
    if is_same and taken.payment_date == row.payment_date:
        return bool(taken.remittance_id != row.remittance_id)
    return _payment(taken) > _payment(row)


def _payment(entry: Row[Any]) -> tuple[str, str]:
    """What orders the payments of an account."""
    return str(entry.payment_date or ""), entry.trace_number


def _of_its_amount(row: Row[Any], later: list[Row[Any]], _: bool) -> list[Row[Any]]:
    return [taken for taken in later if taken.amount_cents == -row.amount_cents][:1]


def _under_its_reference(row: Row[Any], later: list[Row[Any]], _: bool) -> list[Row[Any]]:
    named = [taken for taken in later if taken.reference == row.reference]
    return _of_its_amount(row, named, _)


def _in_parts(row: Row[Any], later: list[Row[Any]], is_alone: bool) -> list[Row[Any]]:
    """Entries under its reference that come to it to the cent, in their order.

    Where several balances are open under one reference, nothing tells whose the parts are.
    """
    if row.reference is None or not is_alone:
        return []
    named = [taken for taken in later if taken.reference == row.reference]
    sums = accumulate(taken.amount_cents for taken in named)
    found = next((n for n, cents in enumerate(sums, 1) if cents == -row.amount_cents), 0)
    return named[:found]
