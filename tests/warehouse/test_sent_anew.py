"""Which claim a submission is one more of, where it went out again under another member id."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from warehouse import tables as t
from warehouse import touched
from warehouse.database import Warehouse, sql_of
from warehouse.sent_anew import Sent, claims_of

DAY = date(2026, 3, 2)
BILLED = ("SAMPLE", "ANN", "19700101", ["64483"])


def sent(key: int, member: str, days: int = 0, **more: Any) -> Sent:
    """Its own claim is ten times its key, or the key that ``own_claim_id`` says."""
    values: dict[str, Any] = {
        "submission_id": key, "claim_id": 10 * key, "own_claim_id": 10 * key, "member_id": member,
        "submitted_on": DAY + timedelta(days=days), "content": BILLED, "is_ours": False,
        "is_refused": False, "net_cents": 0,
    }  # fmt: skip
    return Sent(**(values | more))


WRONG = sent(1, "W1", is_refused=True)
"""Refused, as the payer does not know the member."""


def test_what_is_sent_instead_of_a_refused_claim_is_one_more_of_it() -> None:
    assert claims_of([WRONG, sent(2, "W2", 9)]) == [10, 10]
    # Whatever follows under that member id as well, and what is sent instead of that again.
    again = sent(2, "W2", 9, is_refused=True)
    later = sent(3, "W2", 20, own_claim_id=20, is_refused=True)
    assert claims_of([WRONG, again, later, sent(4, "W3", 30)]) == [10, 10, 10, 10]
    # It is known by its own identity, wherever an earlier run has put it.
    assert claims_of([WRONG, sent(2, "W2", 9, claim_id=777)]) == [10, 10]
    assert claims_of([WRONG._replace(is_refused=False), sent(2, "W2", 9, claim_id=10)]) == [10, 20]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"is_refused": False}, {}),
        ({"net_cents": 1}, {}),
        ({"content": ("SAMPLE", "BOB", "19700101", ["64483"])}, {}),
        ({"content": None}, {"content": None}),
        ({"submitted_on": None}, {}),
        ({}, {"submitted_on": None}),
        ({}, {"submitted_on": DAY}),  # of two of one day nobody knows which came after
        ({}, {"is_ours": True}),
    ],
)
def test_what_is_not_sent_instead_of_it_is_a_claim_of_its_own(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    one, other = WRONG._replace(**first), sent(2, "W2", 9)._replace(**second)
    assert claims_of([one, other]) == [10, 20]


def test_it_is_the_last_word_on_a_member_s_submissions_that_counts() -> None:
    paid = [WRONG._replace(net_cents=500), sent(2, "W1", 5, own_claim_id=10, is_refused=True)]
    instead = sent(3, "W2", 9)
    assert claims_of([*paid, instead]) == [10, 10, 30]
    # What was paid and taken back was not paid.
    paid[1] = paid[1]._replace(net_cents=-500)
    assert claims_of([*paid, instead]) == [10, 10, 10]
    decided = [WRONG, sent(2, "W1", 5, own_claim_id=10)]
    assert claims_of([*decided, instead]) == [10, 10, 30]
    # Of two members whose claims were refused, the one that was sent last.
    other = sent(2, "W9", 5, is_refused=True, content=("SAMPLE", "ANN", "19700101", []))
    both = [WRONG, other, sent(4, "W8", 6, is_refused=True, content=other.content)]
    assert claims_of([*both, sent(5, "W2", 9, content=other.content)]) == [10, 20, 20, 20]
    assert claims_of([*both, sent(5, "W2", 9)]) == [10, 20, 20, 10]


def test_what_we_sent_for_a_claim_keeps_it_where_it_is() -> None:
    ours = sent(2, "W2", 9, is_ours=True, claim_id=77)
    assert claims_of([WRONG, ours]) == [10, 77]
    assert claims_of([WRONG, sent(2, "W2", 9, claim_id=77)]) == [10, 10]


PAYMENT = {"submission_id": 1, "claim_status_code": "4", "payment_cents": 0}


@pytest.mark.parametrize(
    ("submission", "payment", "category", "is_refused", "net_cents"),
    [
        ({}, None, None, False, 0),
        ({"is_turned_back": True}, None, None, True, 0),
        ({}, {}, None, True, 0),  # CLP02 = 4
        ({}, {"claim_status_code": "1"}, None, False, 0),
        ({}, {"claim_status_code": "1"}, "eligibility", True, 0),
        ({}, {"claim_status_code": "1"}, "bundling", False, 0),
        ({}, {"is_reversal": True}, "eligibility", False, 0),
        ({}, {"is_other_payer": True, "payment_cents": 5}, "eligibility", False, 0),
        ({}, {"claim_status_code": "1", "payment_cents": 5}, None, False, 5),
        ({}, {"submission_id": None, "payment_cents": 5}, "eligibility", False, 0),
    ],
)
def test_a_submission_is_refused_where_its_payer_does_not_know_the_member(
    warehouse: Warehouse,
    keep: Any,
    submission: dict[str, Any],
    payment: dict[str, Any] | None,
    category: str | None,
    is_refused: bool,
    net_cents: int,
) -> None:
    keep(t.file, file_id=1)
    keep(t.file, file_id=2, sha256="ef" * 32, kind="835")
    for n in (1, 2):
        keep(t.x12_transaction, transaction_id=n, file_id=n)
        keep(t.claim, claim_id=n, identity=str(n), member_id=f"W{n}", first_service_date=DAY)
        keep(t.submission, submission_id=n, claim_id=n, claim_position=n, member_id=f"W{n}",
             first_service_date=DAY, **(submission if n == 1 else {}))  # fmt: skip
    keep(t.remittance, remittance_id=1)
    if payment is not None:
        keep(t.claim_payment, claim_payment_id=1, **(PAYMENT | payment))
        if category:
            keep(t.denial, denial_id=1, submission_id=None, category=category)
    with warehouse.write() as connection:
        touched.begin(connection)
        touched.touch(connection, {1})
        rows = connection.execute(text(sql_of("match", "sent_anew"))).all()
    assert [row.submission_id for row in rows] == [1, 2]
    assert (bool(rows[0].is_refused), rows[0].net_cents) == (is_refused, net_cents)
    assert not rows[1].is_refused
