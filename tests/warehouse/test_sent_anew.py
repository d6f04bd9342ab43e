"""Which claim a submission is one more of, where it went out again under another member id."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

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
