"""Last days: a file may carry any day that can be written, and none of them stops a run."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from rules.deadline import (
    appeal_deadline,
    days_after,
    deadline,
    original_claim_deadline,
    replacement_deadline,
    year_after,
)
from rules.payer import PayerProfile

LAST = date.max
PAYER = PayerProfile(
    name="A", ids=("1",), corrected_claim_days=180, appeal_days=120, original_claim_days=365
)
PART_B = PayerProfile(name="B", ids=("2",), kind="medicare_part_b", replacement_claims=False)


@pytest.mark.parametrize(
    ("day", "days", "last"),
    [
        (LAST, 0, LAST),
        (LAST, 1, LAST),
        (LAST - timedelta(days=180), 180, LAST),
        (LAST - timedelta(days=181), 180, LAST - timedelta(days=1)),
        (date(2026, 4, 1), 10**12, LAST),
        (date.min, 0, date.min),
    ],
)
def test_the_end_of_the_calendar_is_the_last_day_of_all(day: date, days: int, last: date) -> None:
    assert days_after(day, days) == last


def test_a_year_after_the_last_year() -> None:
    assert year_after(date(9998, 12, 31)) == LAST
    assert year_after(date(9999, 1, 1)) == year_after(LAST) == LAST


def test_every_window_of_the_last_day_ends_on_it() -> None:
    assert replacement_deadline(PAYER, LAST, None) == LAST
    assert appeal_deadline(PAYER, LAST) == appeal_deadline(PART_B, LAST) == LAST
    assert original_claim_deadline(PAYER, LAST) == original_claim_deadline(PART_B, LAST) == LAST
    for path in ("replacement", "new_claim", "appeal", "reopening", "review", "hold"):
        assert deadline(path, PAYER, LAST, LAST) == LAST
