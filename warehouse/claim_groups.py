"""Claim payments that one exact join could not settle, a number at a time and in batches.

A number is thought about as a whole: all that was sent under it and all that payers said of it,
whether that was matched before or not. So what arrived first makes no difference.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, or_, select, text, update

from rules.payer import PayerProfile
from warehouse import tables as t
from warehouse.claim_by_patient import by_patient
from warehouse.claim_match import Answer, resolve
from warehouse.claim_parts import open_again, open_what_is_left
from warehouse.claim_record import Payment, Submission
from warehouse.claim_rows import payments_where, submissions_where
from warehouse.frequency_habit import repeating_payers
from warehouse.load import batches
from warehouse.touched import touch

BATCH = 300
"""Numbers, or payments, that are thought about at a time."""

_EXACT = """
select distinct payment.reported_patient_control_number
from claim_payment as payment
where payment.match_state <> 'done' and payment.submission_id is null
  and exists (
      select 1 from submission
      where submission.patient_control_number = payment.reported_patient_control_number
        and submission.origin <> 'shadow'
  )
"""

_WITH_REVERSAL = """
select distinct mine.patient_control_number
from touched_claim
cross join submission as mine
cross join claim_payment as reversal
where mine.claim_id = touched_claim.claim_id
  and reversal.submission_id = mine.submission_id
  and reversal.is_reversal
"""

_OF_FRESH = """
select payment.claim_payment_id, payment.remittance_id, other.submission_id,
    other.patient_control_number, other.claim_id
from submission as fresh
cross join {tables}
where fresh.is_new and fresh.origin <> 'shadow'
  and {condition}
  and payment.submission_id = other.submission_id
  and payment.match_state = 'done'
  and other.patient_control_number <> fresh.patient_control_number
  and payment.reported_patient_control_number <> other.patient_control_number
"""
_BY_SUBMISSION = "submission as other cross join claim_payment as payment"
_FOUND_BY_PATIENT = "union".join(
    _OF_FRESH.format(tables=tables, condition=condition)
    for tables, condition in (
        (_BY_SUBMISSION, "other.member_id = fresh.member_id"),
        (_BY_SUBMISSION, "(other.patient_name, other.first_service_date) "
                         "= (fresh.patient_name, fresh.first_service_date)"),
        ("claim_payment as payment cross join submission as other",
         "payment.reported_patient_control_number = fresh.patient_control_number"),
    )
)  # fmt: skip
"""Payments that are joined by patient, where a fresh submission is of that patient, too, or has the
very number that was reported."""

_ANYTHING_DONE = "select 1 from claim_payment where match_state = 'done' limit 1"

_SENT_AGAIN = """
select distinct fresh.patient_control_number
from submission as fresh
where fresh.is_new and fresh.origin <> 'shadow'
  and (
      exists (
          select 1
          from submission as other
          cross join claim_payment as payment
          where other.patient_control_number = fresh.patient_control_number
            and payment.submission_id = other.submission_id
            and payment.match_state = 'done'
      )
      or exists (
          select 1 from claim_payment as payment
          where payment.reported_patient_control_number = fresh.patient_control_number
            and payment.match_state = 'done'
      )
  )
"""


def settle_groups(
    connection: Connection, payers: Sequence[PayerProfile], turned: Collection[int] = ()
) -> None:
    """Every open payment to the submission it answers, where that can be known.

    Numbers with several submissions or with reversals are gone through from the beginning.
    ``turned`` are submissions that acknowledgments have turned back, or do so no longer: what was
    joined to another one of their claim is thought about again.
    """
    numbers = _reopen(connection)
    for statement in (_EXACT, _WITH_REVERSAL, _SENT_AGAIN):
        numbers.update(connection.execute(text(statement)).scalars())
    numbers.update(_answered_numbers(connection, turned))
    repeating, again = repeating_payers(connection, payers)
    numbers.update(again)
    for some in batches(sorted(numbers), BATCH):
        _settle(connection, payers, some, {}, repeating)
    # What is joined now may tell by the payer's number whose the rest is.
    looked_at: set[int] = set()
    while found := {k: n for k, n in by_patient(connection) if k not in looked_at}:
        looked_at |= found.keys()
        for some in batches(sorted(set(found.values())), BATCH):
            others = {key: number for key, number in found.items() if number in some}
            _settle(connection, payers, some, others, repeating)


def _reopen(connection: Connection) -> set[str]:
    """Undoes joins by patient where another claim that may be meant has come.

    One of that patient under another number, or one of the very number that the payer reports. It
    may fit as well as the first one, and then nobody knows which is meant. The numbers that were
    joined to are given back: what else was said of them is thought about again.
    """
    if connection.execute(text(_ANYTHING_DONE)).first() is None:
        return set()
    rows = connection.execute(text(_FOUND_BY_PATIENT)).all()
    keys = [{"key": key} for key in sorted({row.claim_payment_id for row in rows})]
    if keys:
        connection.execute(_DETACH, keys)
        open_again(connection, (row.claim_payment_id for row in rows))
        open_what_is_left(connection, {(row.remittance_id, row.submission_id) for row in rows})
        touch(connection, {row.claim_id for row in rows})
    return {row.patient_control_number for row in rows}


def _answered_numbers(connection: Connection, submission_ids: Collection[int]) -> Iterator[str]:
    """Numbers of submissions whose claims payers have said anything of."""
    s, other, cp = t.submission, t.submission.alias("other"), t.claim_payment
    for some in batches(sorted(submission_ids), BATCH):
        yield from connection.execute(
            select(s.c.patient_control_number)
            .join(other, other.c.patient_control_number == s.c.patient_control_number)
            .join(cp, cp.c.submission_id == other.c.submission_id)
            .where(s.c.submission_id.in_(some))
            .distinct()
        ).scalars()


def _settle(
    connection: Connection,
    payers: Sequence[PayerProfile],
    numbers: list[str],
    others: dict[int, str],
    repeating: Collection[str],
) -> None:
    """Some numbers. ``others`` report another number; ``repeating`` are ids of payers."""
    submissions: dict[str, list[Submission]] = {}
    number_of: dict[int, str] = {}
    for s in submissions_where(connection, t.submission.c.patient_control_number.in_(numbers)):
        submissions.setdefault(s.patient_control_number, []).append(s)
        number_of[s.submission_id] = s.patient_control_number
    cp = t.claim_payment
    asked: dict[str, list[Payment]] = {}
    before: dict[int, Row[Any]] = {}
    place = or_(
        cp.c.reported_patient_control_number.in_(numbers),
        cp.c.submission_id.in_(
            select(t.submission.c.submission_id).where(
                t.submission.c.patient_control_number.in_(numbers)
            )
        ),
        cp.c.claim_payment_id.in_(list(others)),
    )
    for payment, row in payments_where(connection, place, repeating):
        number = others.get(payment.claim_payment_id) or number_of.get(
            row.submission_id, payment.patient_control_number
        )
        # What is joined to a claim of another number is thought about with that one.
        is_elsewhere = row.submission_id is not None and row.submission_id not in number_of
        if number in submissions and not (is_elsewhere and payment.claim_payment_id not in others):
            asked.setdefault(number, []).append(payment)
            before[payment.claim_payment_id] = row
    answers = [
        answer
        for number, payments in asked.items()
        for answer in resolve(payments, submissions[number], payers)
    ]
    claim_of = {s.submission_id: s.claim_id for found in submissions.values() for s in found}
    claim_of |= _claims_of(connection, {row.submission_id for row in before.values()} - {*claim_of})
    _write(connection, answers, before, claim_of)


def _claims_of(connection: Connection, keys: Collection[int | None]) -> dict[int, int]:
    """Claims of submissions under other numbers that payments were joined to before."""
    s = t.submission
    found: dict[int, int] = {}
    for some in batches(keys, BATCH):
        rows = connection.execute(
            select(s.c.submission_id, s.c.claim_id).where(s.c.submission_id.in_(some))
        )
        found |= {row.submission_id: row.claim_id for row in rows}
    return found


def _write(
    connection: Connection,
    answers: Iterable[Answer],
    before: dict[int, Row[Any]],
    claim_of: dict[int, int],
) -> None:
    """What came out otherwise than it stands; its lines are matched again."""
    moved, changed, touched, left = [], [], set(), set()
    for answer in answers:
        row = before[answer.claim_payment_id]
        submission_id = answer.submission.submission_id if answer.submission else None
        new = (submission_id, answer.is_other_payer, answer.reverses_id, answer.corrects_id)
        old = (row.submission_id, row.is_other_payer, row.reverses_id, row.corrects_id)
        if new == old:
            continue
        touched |= {claim_of[key] for key in (new[0], old[0]) if key in claim_of}
        changed.append(
            {
                "key": answer.claim_payment_id,
                "submission": new[0],
                "other": new[1],
                "back": new[2],
                "stands_in": new[3],
            }
        )
        if new[0] != old[0]:
            moved.append(answer.claim_payment_id)
            left |= {(row.remittance_id, key) for key in old[:1] if key is not None}
    if changed:
        connection.execute(_SET_ANSWER, changed)
    open_again(connection, moved)
    open_what_is_left(connection, left)
    touch(connection, touched)


_KEY = t.claim_payment.c.claim_payment_id == bindparam("key")
_SET_ANSWER = (
    update(t.claim_payment)
    .where(_KEY)
    .values(
        submission_id=bindparam("submission"),
        is_other_payer=bindparam("other"),
        reverses_id=bindparam("back"),
        corrects_id=bindparam("stands_in"),
        # Whose denial it is decides what is to be done about it.
        is_derived=False,
    )
)
_DETACH = (
    update(t.claim_payment)
    .where(_KEY)
    .values(
        submission_id=None, is_other_payer=False, reverses_id=None, corrects_id=None,
        match_state="open", is_derived=False,
    )
)  # fmt: skip
