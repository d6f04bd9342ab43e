"""A number whose units are limited goes by itself with one claim, and with others by a person."""

from __future__ import annotations

from pathlib import Path

import pytest

from cases.practice import Practice


@pytest.fixture
def practice(tmp_path: Path) -> Practice:
    return Practice(tmp_path)


def put(practice: Practice, *numbers: int, carries: str = "", payer: str = "87726") -> None:
    """Claims of one member, a day each, and their refusals."""
    for n in numbers:
        practice.bill(n, more=carries, payer=payer)
        practice.hear(n)


def sent(practice: Practice) -> int:
    """How many replacements carry the number."""
    return sum(text.count("REF*G1*A1") for text in practice.sent().values())


def denials(practice: Practice) -> list[tuple[str, str | None]]:
    found = practice.sql("select status, needs_person from denial order by submission_id")
    return [(row["status"], row["needs_person"]) for row in found]


def waits(practice: Practice) -> bool:
    """Whether exactly one went, and a person is told of the other why it did not."""
    [first, (status, why)] = sorted(denials(practice), key=lambda d: d[0] != "emitted")
    return (
        first == ("emitted", None)
        and status == "awaiting_approval"
        and why
        == "authorization AUTH-1 goes with another claim already; count what is left of its units"
        and sent(practice) == 1
    )


def test_of_two_claims_in_one_run_one_goes(practice: Practice) -> None:
    practice.know({})
    put(practice, 4, 5)
    practice.run()
    assert waits(practice)
    practice.run()
    assert waits(practice)


def test_of_two_claims_in_two_runs_one_goes(practice: Practice) -> None:
    practice.know({})
    put(practice, 5)
    practice.run()
    put(practice, 4)
    practice.run()
    assert waits(practice)


def test_what_was_let_go_before_the_number_was_used_is_held(practice: Practice) -> None:
    """The step that sends decides anew, and finds the number with another claim."""
    practice.know({})
    put(practice, 4, 5)
    practice.run()
    for table, before in (("denial", "awaiting_approval"), ("correction", "proposed")):
        practice.sql(f"update {table} set status = 'approved' where status = ?", before)
    found = practice.emit()
    assert found.emitted_claims == 0 and sent(practice) == 1
    assert found.refused[0].reason == (
        "nobody has approved its corrections as they are today, and they do not go by themselves: "
        "authorization AUTH-1 goes with another claim already; count what is left of its units"
    )


def test_a_number_without_a_limit_asks_only_what_it_leaves_open(practice: Practice) -> None:
    practice.know({"units": None})
    put(practice, 4, 5)
    practice.run()
    assert [why for _, why in denials(practice)] == ["authorization AUTH-1 leaves open: units"] * 2


def test_units_that_the_practice_billed_with_the_number_are_counted(practice: Practice) -> None:
    practice.know({})
    put(practice, 4, carries="REF*G1*A-1~")
    put(practice, 5)
    practice.run()
    assert sent(practice) == 0
    assert [why for _, why in denials(practice)][1] == (
        "authorization AUTH-1 goes with another claim already; count what is left of its units"
    )


def test_one_payer_counts_a_number_under_all_of_its_ids(practice: Practice) -> None:
    practice.know({})
    put(practice, 4)
    put(practice, 5, payer="ACME1")
    practice.run()
    assert waits(practice)


def test_a_number_is_one_however_it_is_written(practice: Practice) -> None:
    practice.know({"number": "A1/77"})
    put(practice, 4, 5)
    practice.run()
    assert waits(practice)
