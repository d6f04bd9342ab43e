"""What is filed under a member id goes by itself only where no one else of the family has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cases.practice import Practice
from cases.reading import MEMBER


@pytest.fixture
def practice(tmp_path: Path) -> Practice:
    return Practice(tmp_path)


def outcome(practice: Practice) -> tuple[str, str | None]:
    practice.run()
    [found] = practice.sql("select status, needs_person from denial")
    assert bool(practice.sent()) == (found["status"] == "emitted")
    return found["status"], found["needs_person"]


WAITS = (
    "awaiting_approval",
    "authorization AUTH-1 names the member id, which others of the family share; a person has to "
    "see that it is this patient's",
)


def test_a_dependents_claim_waits(practice: Practice) -> None:
    practice.know({})
    practice.bill(1, child=True)
    practice.hear(1)
    assert outcome(practice) == WAITS


def test_a_dependents_claim_goes_with_a_record_of_its_own(practice: Practice) -> None:
    practice.know({**dict.fromkeys(MEMBER), "patient_control_number": "PCN1"})
    practice.bill(1, child=True)
    practice.hear(1)
    assert outcome(practice) == ("emitted", None)


@pytest.mark.parametrize(
    ("payer", "expected"),
    [("87726", WAITS), ("ACME1", WAITS), ("60054", ("emitted", None))],
    ids=["at the payer", "under another id of it", "at another payer"],
)
def test_a_subscribers_claim_waits_where_a_dependent_is_known(
    payer: str, expected: tuple[str, str | None], practice: Practice
) -> None:
    practice.know({})
    practice.bill(1)
    practice.hear(1)
    practice.bill(2, child=True, payer=payer)
    assert outcome(practice) == expected


def test_a_dependent_that_comes_later_counts_too(practice: Practice) -> None:
    """What is open is decided anew on each run, so the order of arrival does not matter."""
    practice.bill(1)
    practice.hear(1)
    assert outcome(practice)[0] == "open"
    practice.bill(2, child=True)
    practice.know({})
    assert outcome(practice) == WAITS


def test_a_subscriber_alone_needs_nobody(practice: Practice) -> None:
    practice.know({})
    practice.bill(1)
    practice.hear(1)
    assert outcome(practice) == ("emitted", None)
