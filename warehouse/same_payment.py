"""Whether a payment that was just loaded is here already, or another one with its trace number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from edi.envelope import TransactionSet
from edi.problem import Problem
from rules.payer import PayerProfile, find_payer, normal_id
from warehouse import tables as t
from warehouse.claim_identity import NO_NUMBER
from warehouse.load import Loaded


class SamePayment(Exception):
    """A payment that the warehouse has already; its savepoint is rolled back."""


def compare_payment(
    connection: Connection,
    loaded: Loaded,
    transaction: TransactionSet,
    payers: Sequence[PayerProfile],
) -> None:
    """A payment that is here already is not posted twice; with other content it is marked.

    Clearinghouses put ids of their own in the payer's place (N104), so it is known by any of its
    ids, the tax id that belongs to the trace number (TRN03) among them.

    Raises: SamePayment.
    """
    r = t.remittance
    own = connection.execute(select(r).where(r.c.remittance_id == loaded.remittance_id)).one()
    others = connection.execute(
        select(r.c.remittance_id, r.c.claims_digest, r.c.payer_ids).where(
            r.c.remittance_id != own.remittance_id,
            r.c.trace_number == own.trace_number,
            r.c.payment_date.is_not_distinct_from(own.payment_date),
            r.c.payment_cents == own.payment_cents,
        )
    ).all()
    others = [other for other in others if _one_payer(own.payer_ids, other.payer_ids, payers)]
    if any(other.claims_digest == own.claims_digest for other in others):
        raise SamePayment
    if others and (own.payment_cents or _tell_of_one_claim(connection, own, others)):
        loaded.problems.append(
            Problem("PAYMENT_WITH_OTHER_CONTENT", transaction.source, "TRN02",
                    "the trace number of a payment that is here already",
                    "the same claims and adjustments as then")
        )  # fmt: skip


def _one_payer(one: str, other: str, payers: Sequence[PayerProfile]) -> bool:
    """Whether two lists of ids are one payer's: they share one, or a profile has one of each.

    Two profiles are two payers, though a clearinghouse's id be the same.
    """
    ids = [[i for i in text.split(",") if i] for text in (one, other)]
    mine, theirs = (find_payer(payers, some) for some in ids)
    if mine.known and theirs.known:
        return mine == theirs
    shared = set(map(normal_id, ids[0])) & set(map(normal_id, ids[1]))
    return bool(shared) or not all(ids)


def _tell_of_one_claim(connection: Connection, own: Row[Any], others: Sequence[Any]) -> bool:
    """Whether payments of one trace number tell of the same claim.

    A payer that pays nothing gives all its remittances of a day one trace number; that says
    nothing as long as their claims are others.
    """
    mine, theirs = t.claim_payment, t.claim_payment.alias("theirs")
    return (
        connection.execute(
            select(mine.c.claim_payment_id)
            .join(theirs, theirs.c.reported_patient_control_number
                  == mine.c.reported_patient_control_number)
            .where(
                mine.c.remittance_id == own.remittance_id,
                mine.c.reported_patient_control_number.not_in(NO_NUMBER),
                mine.c.member_id.is_not_distinct_from(theirs.c.member_id),
                theirs.c.remittance_id.in_([other.remittance_id for other in others]),
            )
            .limit(1)
        ).first()
        is not None
    )  # fmt: skip
