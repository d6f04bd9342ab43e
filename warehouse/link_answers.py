"""Which 837P an acknowledgment answers: interchange, group, transaction set, claim.

Control numbers are short and used again, so a number alone links nothing: a TA1 also has the
date and time of the interchange, a 999 has to go between the same partners (or name a number of
our own, which count up and never repeat), a 277CA has to agree on charge, day or member. What
finds no partner stays, and is looked at again when another 837P has come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, text, update

from warehouse import tables as t
from warehouse.envelope_rows import number_of, partner_ids
from warehouse.load import batches

_SKEW = timedelta(days=1)
"""Clocks and time zones: an answer may seem to come before what it answers."""
_PROFESSIONAL = "HC"

_ANSWERED_BY_NEW = (
    """
    select distinct a.acknowledgment_id from submission as s
    join x12_transaction as x on x.transaction_id = s.transaction_id
    join acknowledgment as a on a.control_number in
        (x.group_control_number, x.interchange_control_number)
    where s.is_new and s.origin <> 'shadow'
    """,
    """
    select c.claim_status_id from submission as s
    join claim_status as c on c.reported_patient_control_number = s.patient_control_number
    where s.is_new and s.origin <> 'shadow'
    union
    select c.claim_status_id from submission as s
    join x12_transaction as x on x.transaction_id = s.transaction_id
    join claim_status as c on c.batch_reference = x.batch_reference and c.level <> 'claim'
    where s.is_new and s.origin <> 'shadow'
    """,
)


class Touched:
    """Transaction sets and submissions whose answers changed in this call."""

    def __init__(self) -> None:
        self.transactions: set[int] = set()
        self.submissions: set[int] = set()


def reopen_answers(connection: Connection) -> Touched:
    """Answers that a submission may have which came after them are linked anew.

    To be called before the submissions count as seen. Order of arrival then does not matter.
    """
    touched = Touched()
    for sql, table, links, found in (
        (_ANSWERED_BY_NEW[0], t.acknowledgment, t.acknowledged_transaction, touched.transactions),
        (_ANSWERED_BY_NEW[1], t.claim_status, t.answered_submission, touched.submissions),
    ):
        [key] = table.primary_key.columns
        answer, answered = links.primary_key.columns
        for some in batches(connection.execute(text(sql)).scalars().all(), 500):
            found |= set(
                connection.execute(select(answered).where(answer.in_(some))).scalars().all()
            )
            connection.execute(delete(links).where(answer.in_(some)))
            connection.execute(update(table).where(key.in_(some)).values(is_new=True))
    return touched


def link_answers(connection: Connection, touched: Touched) -> None:
    """Links what no call has linked yet; adds to ``touched`` what that answers."""
    a, c = t.acknowledgment, t.claim_status
    for table, link, links, found in (
        (a, _transactions, t.acknowledged_transaction, touched.transactions),
        (c, _submissions, t.answered_submission, touched.submissions),
    ):
        answer, answered = links.primary_key.columns
        new = connection.execute(select(table).where(table.c.is_new)).all()
        for some in batches(new, 500):
            pairs = [
                {answer.name: row[0], answered.name: key}
                for row, keys in link(connection, some)
                for key in keys
            ]
            if pairs:
                connection.execute(insert(links), pairs)
                found |= {pair[answered.name] for pair in pairs}
        if new:
            connection.execute(update(table).where(table.c.is_new).values(is_new=False))


def _transactions(
    connection: Connection, answers: Sequence[Row[Any]]
) -> Iterator[tuple[Row[Any], list[int]]]:
    """The transaction sets that TA1s and 999s answer."""
    x = t.x12_transaction
    numbers = {row.control_number for row in answers}
    by_group = _sent(connection, x.c.group_control_number, numbers)
    by_interchange = _sent(connection, x.c.interchange_control_number, numbers)
    for row in answers:
        if row.scope == "interchange":
            sets = by_interchange.get(row.control_number, [])
            yield row, _newest(s for s in sets if _time_of(s) == row.interchange_time)
            continue
        if row.functional_identifier_code not in (None, "", _PROFESSIONAL):
            continue
        sets = [
            s
            for s in by_group.get(row.control_number, [])
            if _is_before(s.sent_at, row.answered_at)
        ]
        if row.scope == "set":
            sets = [s for s in sets if s.set_control_number == row.set_control_number]
        yield row, _newest(_between_the_same(sets, row))


def _sent(connection: Connection, column: Any, numbers: Iterable[str]) -> dict[str, list[Row[Any]]]:
    """837P transaction sets that were sent, ours or the practice's, by a control number."""
    x, f = t.x12_transaction, t.file
    found: dict[str, list[Row[Any]]] = {}
    for some in batches(numbers, 500):
        for row in connection.execute(
            select(x, f.c.origin)
            .join(f, f.c.file_id == x.c.file_id)
            .where(column.in_(some), x.c.kind == "837P", f.c.origin != "shadow")
        ):
            found.setdefault(getattr(row, column.name), []).append(row)
    return found


def _is_before(sent: datetime | None, answered: datetime) -> bool:
    return sent is None or sent - answered <= _SKEW


def _time_of(sent: Row[Any]) -> str:
    """ISA09 and ISA10, which a TA1 repeats."""
    isa = sent.isa.split(sent.delimiters[0])
    return str(isa[9].strip() + isa[10].strip()[:4])


def _between_the_same(sets: list[Any], answer: Row[Any]) -> list[Any]:
    """Sets that went between the partners of an answer; else those that have our own number."""
    ids = set(answer.partner_ids.split(","))
    same = []
    for sent in sets:
        separator = sent.delimiters[0]
        known = partner_ids(sent.isa.split(separator), sent.gs.split(separator))
        if ids & set(known.split(",")):
            same.append(sent)
    return same or [s for s in sets if s.origin == "emitted"]


def _newest(sets: Iterable[Any]) -> list[int]:
    """Sets of the newest interchange among several that used the number; none where two tie."""
    found = list(sets)
    if not found:
        return []

    def order(sent: Any) -> tuple[datetime, str]:
        return sent.sent_at or datetime.min, sent.interchange_control_number or ""

    last = max(map(order, found))
    newest = [s for s in found if order(s) == last]
    if len({s.file_id for s in newest}) > 1:
        return []
    return [s.transaction_id for s in newest]


def _submissions(
    connection: Connection, answers: Sequence[Row[Any]]
) -> Iterator[tuple[Row[Any], list[int]]]:
    """The submissions that statuses of a 277CA answer."""
    numbers = {row.reported_patient_control_number for row in answers} - {None}
    by_number = _billed(connection, t.submission.c.patient_control_number, numbers)
    batches_turned_back = {row.batch_reference for row in answers if row.level != "claim"} - {None}
    by_batch = _billed(connection, t.x12_transaction.c.batch_reference, batches_turned_back)
    for row in answers:
        if row.level == "claim":
            found = by_number.get(row.reported_patient_control_number, [])
            yield row, _answered_claim(row, found)
            continue
        sent = [
            s
            for s in by_batch.get(row.batch_reference, [])
            if _is_before(s.sent_at, row.answered_at)
            and (row.level == "batch" or s.billing_npi == row.billing_npi)
        ]
        transactions = set(_newest(_between_the_same(sent, row)))
        yield row, [s.submission_id for s in sent if s.transaction_id in transactions]


def _billed(connection: Connection, column: Any, values: Iterable[Any]) -> dict[Any, list[Any]]:
    s, x = t.submission, t.x12_transaction
    found: dict[Any, list[Any]] = {}
    for some in batches(values, 500):
        for row in connection.execute(
            select(
                s.c.submission_id, s.c.patient_control_number, s.c.member_id, s.c.submitted_on,
                s.c.first_service_date, s.c.charge_cents, s.c.billing_npi, s.c.origin,
                x.c.transaction_id, x.c.file_id, x.c.batch_reference, x.c.sent_at,
                x.c.interchange_control_number, x.c.isa, x.c.gs, x.c.delimiters,
            )
            .join(x, x.c.transaction_id == s.c.transaction_id)
            .where(column.in_(some), s.c.origin != "shadow")
        ):  # fmt: skip
            found.setdefault(getattr(row, column.name), []).append(row)
    return found


def _answered_claim(status: Row[Any], found: list[Any]) -> list[int]:
    """The submission that a claim's status answers: of the batch it names, else the newest."""
    on = status.status_on or status.answered_at.date()
    fitting = [
        s
        for s in found
        if _agrees(status, s) and (s.submitted_on is None or s.submitted_on - on <= _SKEW)
    ]
    batch = number_of(status.batch_reference)
    named = [s for s in fitting if batch and number_of(s.batch_reference) == batch]
    candidates = named or fitting
    if not candidates:
        return []

    def order(s: Any) -> tuple[date, datetime, str]:
        return (s.submitted_on or date.min, s.sent_at or datetime.min,
                s.interchange_control_number or "")  # fmt: skip

    last = max(map(order, candidates))
    newest = [s.submission_id for s in candidates if order(s) == last]
    return newest if len(newest) == 1 else []


def _agrees(status: Row[Any], submission: Any) -> bool:
    """Charge, first day and member: two of the three agree, or all that were sent.

    Payers answer with the member id that they know, and split claims have charges of their own,
    so one of three may differ; the number alone is not enough.
    """
    pairs: list[tuple[Any, Any, Callable[[Any], Any]]] = [
        (status.charge_cents, submission.charge_cents, lambda v: v),
        (status.service_date, submission.first_service_date, lambda v: v),
        (status.member_id, submission.member_id, lambda v: number_of(v).upper()),
    ]
    sent = [same(a) == same(b) for a, b, same in pairs if a is not None and b is not None]
    return sum(sent) >= min(2, len(sent)) and any(sent)
