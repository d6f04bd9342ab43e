"""The linked set: twelve files, valid, balanced, repeatable, and linked as it says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from simulator.balance_check import imbalances
from simulator.orders import make_linked_set
from simulator.x12_text import cents, split

FILES = make_linked_set(5)


def elements(name: str, segment: str) -> list[list[str]]:
    return [e for e in split(dict(FILES)[name]).segments if e[0] == segment]


def test_it_is_twelve_files_and_the_same_every_time() -> None:
    assert len(FILES) == len(dict(FILES)) == 12
    assert make_linked_set(5) == FILES != make_linked_set(6)


@pytest.mark.parametrize("name", dict(FILES))
def test_each_is_valid_and_balances(
    name: str, guide_errors: Callable[[bytes], list[object]]
) -> None:
    data = dict(FILES)[name]
    assert guide_errors(data) == []
    assert not name.endswith(".835") or imbalances(data) == []


def test_they_tell_one_story() -> None:
    statuses = {name: [e[2] for e in elements(name, "CLP")] for name, _ in FILES}
    assert statuses["first.835"] == ["1"] * 5
    assert statuses["reversal.835"] == ["22"]
    assert statuses["correction.835"] == ["1"]
    assert statuses["replacement_answer.835"] == ["22", "1"]
    assert statuses["secondary_answer.835"] == ["2"]
    assert [e[2] for e in elements("resend_answer.835", "CAS")] == ["18", "18"]
    [carried], [closed] = elements("recovery.835", "PLB"), elements("resend_answer.835", "PLB")
    assert carried[3].startswith("WO:") and carried[5].startswith("FB:")
    assert cents(carried[6]) == -cents(closed[4]) < 0
    assert elements("first.835", "CLP") == elements("first_again.835", "CLP")
    assert elements("first.835", "ISA") != elements("first_again.835", "ISA")
