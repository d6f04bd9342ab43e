"""What neither number nor content has told: the one possible way, found in bounded time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.lines import DAY, line, service
from warehouse.line_agreement import Billed, Reported
from warehouse.line_match import match_lines

MOST_SECONDS = 10.0
"""Of processor time; trying one by one takes years."""


def lines_of(services: Sequence[Reported], lines: Sequence[Billed]) -> dict[int, int | None]:
    return {m.service_position: m.line_position for m in match_lines(services, lines)}


@pytest.mark.parametrize("count", [2, 13, 60])
def test_however_many_are_left_one_possible_assignment_is_taken(count: int) -> None:
    """Each may be of its own day's line and the one before: one chain that has one solution."""
    days = [DAY + timedelta(days=n) for n in range(count)]
    lines = [
        line(n + 1, charge=1000 + n, service_date=day, service_date_end=day + timedelta(days=1))
        for n, day in enumerate(days)
    ]
    services = [service(n + 1, charge=n, units=9.0, service_date=d) for n, d in enumerate(days)]
    found = match_lines(services, lines)
    assert {(m.service_position, m.line_position, m.method) for m in found} == {
        (n, n, "assignment") for n in range(1, count + 1)
    }


SPANS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2)), max_size=5)


@given(SPANS, st.lists(st.integers(0, 6), max_size=5))
def test_an_assignment_is_taken_where_trying_all_finds_one(
    spans: list[tuple[int, int]], days: list[int]
) -> None:
    lines = [
        line(n, charge=1000, service_date=DAY + timedelta(first),
             service_date_end=DAY + timedelta(first + length))
        for n, (first, length) in enumerate(spans, 1)
    ]  # fmt: skip
    services = [
        service(n, charge=n, units=9.0, service_date=DAY + timedelta(day))
        for n, day in enumerate(days, 1)
    ]

    def fits(r: Reported, b: Billed) -> bool:
        return b.service_date <= r.service_date <= b.service_date_end  # type: ignore[operator]

    found = lines_of(services, lines)
    may_be = [r for r in services if any(fits(r, b) for b in lines)]
    ways = [
        some
        for some in permutations(lines, len(may_be))
        if all(fits(r, b) for r, b in zip(may_be, some, strict=True))
    ]
    taken = {key: position for key, position in found.items() if position is not None}
    for way in ways:
        told = {r.service_position: b.line_position for r, b in zip(may_be, way, strict=True)}
        assert taken.items() <= told.items()
    if len(ways) == 1:
        assert len(taken) == len(may_be)


def alike(count: int) -> list[Billed]:
    return [line(n, charge=1000) for n in range(1, count + 1)]


def shapes() -> dict[str, tuple[list[Reported], list[Billed]]]:
    """Claims that are dear to anybody who tries all ways."""
    days = [DAY + timedelta(days=n) for n in range(60)]
    halves = [service(n, charge=500, units=None) for n in range(1, 121)]
    return {
        "one more than lines": ([service(n, charge=7) for n in range(1, 13)], alike(11)),
        "as many as lines": ([service(n, charge=7) for n in range(1, 51)], alike(50)),
        "all of the same charge": ([service(n, charge=1000) for n in range(1, 51)], alike(50)),
        "a thousand services": ([service(n, charge=n % 9) for n in range(1, 1000)], alike(50)),
        "halves of all": (halves[:100], alike(50)),
        "twelve equal parts": ([service(n, charge=100) for n in range(1, 13)],
                               [line(n, charge=600 + n % 2) for n in range(1, 51)]),
        "twelve parts of any sum": ([service(n, charge=2**n) for n in range(12)],
                                    [line(n, charge=4000 - n) for n in range(50)]),
        "a few parts each day": (
            [service(12 * n + m, charge=2**m, service_date=day)
             for n, day in enumerate(days) for m in range(12)],
            [line(n, charge=4095 - n, service_date=day) for n, day in enumerate(days)]),
        "one number on all": (
            [service(n, f"9{n % 2}", 500, line_item_control_number="1") for n in range(400)],
            [line(n, f"9{n % 3}", 500 + n % 2, line_item_control_number="1") for n in range(99)]),
        "nothing charged": ([service(n, f"9{n}", 0) for n in range(999)], alike(50)),
    }  # fmt: skip


@pytest.mark.parametrize("shape", shapes())
def test_no_claim_takes_long(shape: str) -> None:
    services, lines = shapes()[shape]
    began = time.process_time()
    assert len(match_lines(services, lines)) == len(services)
    assert time.process_time() - began < MOST_SECONDS


PANEL = [line(1, "99213", 80), line(2, "80053", 100)]
PARTS = [service(1, "99213", 80), service(2, "82040", 100), service(3, "84075", 0),
         service(4, "84450", 0)]  # fmt: skip


def test_parts_without_a_charge_belong_to_the_line_that_came_back_under_another_code() -> None:
    """The first part carries the charge of the panel; the visit beside it is no panel."""
    told = {1: 1, 2: 2, 3: 2, 4: 2}
    assert lines_of(PARTS, PANEL) == told
    assert lines_of(PARTS[::-1], PANEL[::-1]) == told
    drawn = line(3, "36415", 10)
    assert lines_of([*PARTS, service(5, "36415", 10)], [*PANEL, drawn]) == told | {5: 3}
    assert lines_of(PARTS, [*PANEL, drawn]) == told
    # With its number, or by SVC06, the charge says the same.
    numbered = [r._replace(line_item_control_number="2") for r in PARTS[1:2]]
    assert lines_of([PARTS[0], *numbered, *PARTS[2:]], PANEL) == told


def test_parts_without_a_charge_of_who_knows_which_line_are_nobody_s() -> None:
    # Two panels came back under other codes.
    two = [*PANEL, line(3, "80061", 60)]
    found = lines_of([*PARTS, service(5, "82465", 60)], two)
    assert found == {1: 1, 2: 2, 3: None, 4: None, 5: 3}
    # What carries the charge is known of no line: in halves, or of two lines alike.
    halves = [PARTS[0], service(2, "82040", 50), service(5, "82565", 50), *PARTS[2:]]
    assert lines_of(halves, PANEL) == {1: 1, 2: None, 3: None, 4: None, 5: None}
    twins = [*PANEL, line(3, "80069", 100)]
    assert lines_of(PARTS, twins) == {1: 1, 2: None, 3: None, 4: None}
    # One of another day has nothing to do with it.
    elsewhere = service(5, "99999", 7, service_date=DAY + timedelta(days=1))
    assert lines_of([*PARTS, elsewhere], PANEL) == {1: 1, 2: 2, 3: 2, 4: 2, 5: None}
