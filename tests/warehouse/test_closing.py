"""A person closes a denial: it leaves the queue, stays closed, and the payer's word reopens it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from warehouse import closing, review, steps
from warehouse import tables as t
from warehouse.database import Warehouse
from warehouse.outcome import settle_outcomes
from warehouse.review_item import ReviewError
from warehouse.settings import Settings
from warehouse.timeline import timeline
from warehouse.touched import begin, touch

DAY = date(2026, 10, 6)
NOW = datetime(2026, 10, 6, 9)


def close(opened: Warehouse, home: Settings, review_id: str, **changed: Any) -> Any:
    given = {"resolution": "accepted", "by": "biller.b", "reason": "as the plan says"}
    return closing.close(opened, home, review_id, **(given | changed), as_of=DAY, now=NOW)


def to_look_at(opened: Warehouse) -> list[review.ReviewItem]:
    return [i for i in review.waiting(opened, as_of=DAY) if i.status == "open"]


def state(opened: Warehouse, review_id: str) -> tuple[Any, ...]:
    with opened.read() as connection:
        row = connection.exec_driver_sql(
            "select status, resolution, resolved_on, decision, path from mart_denial "
            f"where denial_id = {review_id}"
        ).one()
    return tuple(row)


def test_a_closed_denial_leaves_the_queue_and_no_run_brings_it_back(home: Settings) -> None:
    with steps.opened(home) as opened:
        item = next(i for i in to_look_at(opened) if i.rule_code)
        before = state(opened, item.review_id)
        done = close(opened, home, item.review_id)
        assert (done.closed_by, done.resolution) == ("biller.b", "accepted as decided")
        closed = state(opened, item.review_id)
        assert closed == ("closed", "accepted as decided", "2026-10-06", *before[3:])
        assert item.review_id not in {i.review_id for i in review.waiting(opened, as_of=DAY)}
        with pytest.raises(ReviewError, match="not open"):
            close(opened, home, item.review_id)
    steps.run(home, as_of=DAY)
    with steps.opened(home) as opened:
        assert state(opened, item.review_id) == closed
        told = [e.detail for e in timeline(opened, item.patient_control_number or "")]
        words = (
            f"denial {item.review_id}: accepted as decided, closed by biller.b: as the plan says"
        )
        assert words in told


def test_what_is_nobodys_claim_can_be_closed_too(home: Settings) -> None:
    with steps.opened(home) as opened:
        item = next(i for i in to_look_at(opened) if "none of our 837Ps" in (i.explanation or ""))
        close(opened, home, item.review_id, resolution="not-ours")
        assert state(opened, item.review_id)[:2] == ("closed", "not a claim of ours")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"by": "a.stranger"}, "not among the reviewers"),
        ({"by": " "}, "say who decides"),
        ({"reason": " "}, "say why"),
        ({"resolution": "lost"}, "written-off, patient"),
        ({"resolution": "patient"}, "may not be billed"),
    ],
)
def test_a_closing_that_is_refused_changes_nothing(
    home: Settings, changed: dict[str, str], words: str
) -> None:
    with steps.opened(home) as opened:
        item = next(i for i in to_look_at(opened) if i.rule_code)
        before = state(opened, item.review_id)
        with pytest.raises(ReviewError, match=words):
            close(opened, home, item.review_id, **changed)
        assert state(opened, item.review_id) == before


def test_a_rejected_claim_is_put_away_otherwise(home: Settings) -> None:
    with steps.opened(home) as opened, pytest.raises(ReviewError, match="put it away with"):
        close(opened, home, "s1")


@pytest.mark.usefixtures("small_claim")
def test_a_correction_that_waits_has_to_be_rejected_first(
    warehouse: Warehouse, home: Settings
) -> None:
    with warehouse.write() as connection:
        connection.execute(t.denial.update().values(status="awaiting_approval"))
    with pytest.raises(ReviewError, match="reject it first"):
        close(warehouse, home, "1")


@pytest.mark.usefixtures("small_claim")
def test_a_later_payment_has_the_last_word(warehouse: Warehouse, home: Settings, keep: Any) -> None:
    with warehouse.write() as connection:
        connection.execute(t.correction.delete())
        connection.execute(t.outbound_claim.update().values(state="rejected"))
        connection.execute(t.denial.update().values(status="open"))
    close(warehouse, home, "1")
    keep(t.remittance, remittance_id=2, trace_number="TRACE2", payment_date=date(2026, 10, 20))
    keep(t.claim_payment, claim_payment_id=2, remittance_id=2, submission_id=1, claim_position=2)
    keep(t.service_payment, claim_payment_id=2, service_position=1, line_position=1,
         charge_cents=45000, payment_cents=39000)  # fmt: skip
    with warehouse.write() as connection:
        begin(connection)
        touch(connection, [1])
        settle_outcomes(connection, home.payers)
    assert state(warehouse, "1")[:2] == ("recovered", "paid in a later adjudication")
    with warehouse.read() as connection:
        assert connection.execute(t.denial.select()).one().closing_id is None
