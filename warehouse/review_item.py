"""What the work queue is made of: items, details and decisions."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from warehouse.database import Terminal


class ReviewError(Terminal):
    """A decision that can't be taken; the message says why, in words."""


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """One denial that a person has to look at.

    ``review_id`` is its denial_id, or ``s<submission_id>`` for a rejected submission.
    ``days_left`` None: no window is known. ``policy_identifiers``: the coverage policies that the
    payer names (REF*0K), None where it names none.
    """

    review_id: str
    patient_control_number: str | None
    line_number: str | None
    payer_name: str | None
    denied_cents: int
    deadline: date | None
    days_left: int | None
    rule_code: str | None
    path: str
    decision: str | None
    explanation: str | None
    needs_person: str | None
    status: str
    policy_identifiers: str | None = None

    @property
    def to_do(self) -> str:
        """What a person does with it, in a word or two."""
        if self.status == "awaiting_approval":
            return "approve"
        if self.path == "review" or self.status == "rejected":
            return "look"
        if self.path == "hold":
            return "wait"
        return "evidence" if self.decision == "needs_evidence" else self.path.replace("_", " ")


@dataclass(frozen=True, slots=True)
class ReviewCorrection:
    """One change with what carries it. Identifiers of people by their last four characters."""

    place: str
    old_value: str | None
    new_value: str | None
    rule_code: str
    reason: str
    evidence: tuple[str, ...]
    status: str


@dataclass(frozen=True, slots=True)
class ReviewDetail:
    """A review item with its corrections, and the line as billed and as it would go out."""

    item: ReviewItem
    corrections: tuple[ReviewCorrection, ...]
    original_line: str | None
    proposed_line: str | None


@dataclass(frozen=True, slots=True)
class Approval:
    """What was decided: of which claim, how many corrections, by whom."""

    review_id: str
    submission_id: int
    patient_control_number: str
    decision: str
    corrections: int
    decided_by: str

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Closed:
    """A denial that a person has closed: of which claim, as what, by whom."""

    review_id: str
    patient_control_number: str
    resolution: str
    closed_by: str
