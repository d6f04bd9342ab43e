"""Who attests does not approve, nor who is no reviewer – up to the moment that it goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from cases.practice import DAY, NOW, SETTINGS, Practice
from warehouse import review, steps
from warehouse.review import ReviewError

REVIEWERS = '[review]\nreviewers = ["Biller B"]\n'


@pytest.fixture
def practice(tmp_path: Path) -> Practice:
    """A correction that needs a person: the authorization leaves units open."""
    found = Practice(tmp_path)
    found.bill()
    found.hear()
    found.know({"units": None})
    found.run()
    return found


def approve(practice: Practice, by: str) -> None:
    with steps.opened(practice.settings) as warehouse:
        review.approve(warehouse, practice.settings, "1", by=by, as_of=DAY, now=NOW)


@pytest.mark.parametrize(
    "by", ["coder.a", "CODER.A", " coder.a ", "coder.a\u200b", "\uff43oder.a", "coder\u2024a"]
)
def test_no_spelling_makes_the_attester_another_person(practice: Practice, by: str) -> None:
    with pytest.raises(ReviewError, match="attested the evidence"):
        approve(practice, by)


def test_another_person_is_another_person(practice: Practice) -> None:
    approve(practice, "coder.b")
    assert practice.emit().emitted_claims == 1
    assert practice.verify().holds


@pytest.mark.parametrize("by", ["biller b", "BILLER  B", " Biller\u00a0B"])
def test_a_reviewer_is_known_by_any_spelling(practice: Practice, by: str) -> None:
    practice.set(SETTINGS + REVIEWERS)
    approve(practice, by)
    assert practice.emit().emitted_claims == 1


def test_an_approval_that_names_the_attester_lets_nothing_go(practice: Practice) -> None:
    approve(practice, "biller.b")
    practice.sql("update approval set decided_by = 'Coder.A '")
    assert "does not count" in practice.verify().result("I8").reported[0]
    (refused,) = practice.emit().refused
    assert "attested the evidence" in refused.reason
    assert practice.sent() == {}
    # It waits for another person again, and is told why.
    practice.run()
    (denial,) = practice.sql("select status, needs_person from denial")
    assert denial["status"] == "awaiting_approval"
    assert "attested the evidence" in denial["needs_person"]
    approve(practice, "biller.b")
    assert practice.emit().emitted_claims == 1


def test_an_approval_of_somebody_who_is_no_reviewer_any_more_lets_nothing_go(
    practice: Practice,
) -> None:
    approve(practice, "gone.g")
    practice.set(SETTINGS + REVIEWERS)
    (refused,) = practice.emit().refused
    assert "gone.g is not among the reviewers" in refused.reason
    assert practice.sent() == {}
    assert practice.verify().holds
    practice.run()
    approve(practice, "biller b")
    assert practice.emit().emitted_claims == 1


def test_verify_finds_what_went_on_the_attesters_word(practice: Practice) -> None:
    approve(practice, "biller.b")
    practice.emit()
    assert practice.verify().holds
    practice.sql("update approval set decided_by = 'coder.a'")
    found = practice.verify().result("I8")
    assert found.holds is False and "approved by its attester" in found.violations[0]


def test_what_a_reviewer_let_go_who_has_left_since_is_only_named(practice: Practice) -> None:
    approve(practice, "gone.g")
    practice.emit()
    practice.set(SETTINGS + REVIEWERS)
    found = practice.verify().result("I8")
    assert found.holds and "does not count" in found.reported[0]
