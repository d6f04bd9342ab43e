"""The demo's biller at work: approves, one at a time, what waits and may be approved."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from warehouse import review
from warehouse.database import Warehouse
from warehouse.demo import BILLER
from warehouse.settings import Settings


def approve_all(warehouse: Warehouse, settings: Settings, *, as_of: date) -> list[dict[str, Any]]:
    """What was looked at: each with why a person was needed, and what became of it.

    Approving one line of a claim approves the claim's correction, so its other lines are no
    longer waiting when their turn comes.
    """
    looked_at: dict[str, dict[str, Any]] = {}
    while (item := _next(warehouse, looked_at, as_of)) is not None:
        entry = {
            "review_id": item.review_id,
            "patient_control_number": item.patient_control_number,
            "line_number": item.line_number,
            "rule_code": item.rule_code,
            "needs_person": item.needs_person,
            "corrections": 0,
            "approved_by": None,
            "refused": None,
        }
        try:
            done = review.approve(
                warehouse, settings, item.review_id, by=BILLER, as_of=as_of, now=datetime.now()
            )
            entry |= {"corrections": done.corrections, "approved_by": done.decided_by}
        except review.ReviewError as error:
            entry["refused"] = str(error)
        looked_at[item.review_id] = entry
    return list(looked_at.values())


def _next(
    warehouse: Warehouse, looked_at: dict[str, dict[str, Any]], as_of: date
) -> review.ReviewItem | None:
    """The next that waits for an approval; None where nothing does."""
    for item in review.waiting(warehouse, as_of=as_of):
        if item.status == "awaiting_approval" and item.review_id not in looked_at:
            return item
    return None
