"""Claims that a payment is found for by its patient, where its number finds none."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from sqlalchemy import Connection, select, tuple_

from warehouse import tables as t
from warehouse.claim_identity import agrees, parts_of, payer_numbers, same_number
from warehouse.claim_record import Parts, Payment, Submission
from warehouse.claim_rows import payments_where, submissions_where
from warehouse.load import batches

BATCH = 300
"""Payments that are looked at at a time."""


def by_patient(connection: Connection) -> Iterator[tuple[int, str]]:
    """Open payments with the number that patient, date and charge find, where it is one.

    None of ours, or several: it stays open.
    """
    cp, r = t.claim_payment, t.remittance
    rows = connection.execute(
        select(cp.c.claim_payment_id, cp.c.member_id, cp.c.patient_name)
        .join(r, r.c.remittance_id == cp.c.remittance_id)
        .where(cp.c.match_state != "done", cp.c.submission_id.is_(None))
        .order_by(cp.c.member_id, cp.c.patient_name, r.c.payment_date, cp.c.claim_payment_id)
    ).all()
    keys: list[int] = []
    # A patient is not cut in two: the parts of a claim are added up.
    for _, some in groupby(rows, key=lambda row: row.member_id or row.patient_name):
        keys += [row.claim_payment_id for row in some]
        if len(keys) >= BATCH:
            yield from _numbers_by_patient(connection, keys)
            keys = []
    if keys:
        yield from _numbers_by_patient(connection, keys)


def _numbers_by_patient(connection: Connection, keys: list[int]) -> Iterator[tuple[int, str]]:
    cp = t.claim_payment
    payments = [
        p
        for some in batches(keys, BATCH)
        for p, _ in payments_where(connection, cp.c.claim_payment_id.in_(some))
    ]
    of_patient = _of_patients(connection, payments)
    parts = _Parts(payments)
    known: dict[int, set[tuple[str, str]]] = {}

    def agreeing(some: list[Payment]) -> dict[Payment, list[Submission]]:
        return {
            p: fitting
            for p in some
            if (
                fitting := [
                    s for s in of_patient[p.claim_payment_id] if _agrees(p, s, parts, known)
                ]
            )
        }

    found = agreeing(payments)
    left = [p for p in payments if p not in found and payer_numbers(p)]
    known |= _numbers_known(connection, [s for p in left for s in of_patient[p.claim_payment_id]])
    found |= agreeing(left)
    for p, submissions in found.items():
        numbers = {s.patient_control_number for s in submissions}
        if p.patient_control_number in numbers:
            yield p.claim_payment_id, p.patient_control_number
        elif len(numbers) == 1:
            yield p.claim_payment_id, numbers.pop()


class _Parts:
    """The parts that payments are of a claim of ours, which few of them are asked for."""

    def __init__(self, payments: list[Payment]) -> None:
        self._payments = payments
        self._found: dict[str | None, dict[int, Parts]] = {None: parts_of(payments)}

    def of(self, p: Payment, s: Submission) -> Parts | None:
        number = s.patient_control_number
        is_less = abs(p.charge_cents) < s.charge_cents
        if not is_less or not same_number(p.patient_control_number, number):
            return self._found[None].get(p.claim_payment_id)
        if number not in self._found:
            self._found[number] = parts_of(self._payments, number)
        return self._found[number].get(p.claim_payment_id)


def _agrees(
    p: Payment, s: Submission, parts: _Parts, known: dict[int, set[tuple[str, str]]]
) -> bool:
    is_tied = bool(payer_numbers(p) & known.get(s.claim_id, set()))
    some = parts.of(p, s)
    return bool(agrees(p, s, some) or (is_tied and agrees(p, s, some, is_tied=True)))


def _of_patients(connection: Connection, payments: list[Payment]) -> dict[int, set[Submission]]:
    """Claims under the member id of each payment, and those of its patient's name and day."""
    s = t.submission
    found: dict[object, set[Submission]] = {}
    for members in batches({p.member_id for p in payments if p.member_id}, BATCH):
        for submission in submissions_where(connection, s.c.member_id.in_(members)):
            found.setdefault(submission.member_id, set()).add(submission)
    days = {(p.patient_name, p.service_date) for p in payments if p.patient_name and p.service_date}
    for some in batches(days, BATCH):
        place = tuple_(s.c.patient_name, s.c.first_service_date).in_(some)
        for submission in submissions_where(connection, place):
            key = submission.patient_name, submission.first_service_date
            found.setdefault(key, set()).add(submission)
    return {
        p.claim_payment_id: found.get(p.member_id, set())
        | found.get((p.patient_name, p.service_date), set())
        for p in payments
    }


def _numbers_known(
    connection: Connection, submissions: list[Submission]
) -> dict[int, set[tuple[str, str]]]:
    """The payer's numbers that claims are known for, by the payments that are joined to them."""
    cp = t.claim_payment
    claim_of = {s.submission_id: s.claim_id for s in submissions}
    found: dict[int, set[tuple[str, str]]] = {}
    for some in batches(sorted(claim_of), BATCH):
        for p, row in payments_where(connection, cp.c.submission_id.in_(some)):
            found.setdefault(claim_of[row.submission_id], set()).update(payer_numbers(p))
    return found
