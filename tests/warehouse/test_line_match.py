"""Each step from a reported service to the billed line it answers, and what each leaves open.

``told`` shows of each service the position of its line and the step that found it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.line_match import MOST_SPLITS, Billed, LineMatch, Reported, match_lines

DAY, NEXT = date(2026, 3, 2), date(2026, 3, 3)


def line(
    position: int = 1,
    code: str = "64483",
    charge: int = 900,
    *modifiers: str,
    units: float | None = 1,
    day: date | None = DAY,
    until: date | None = None,
    number: str | None = None,
    lx: str = "",
) -> Billed:
    return Billed(
        position, lx or str(position), number, code, modifiers, charge, units, day, until or day
    )


def service(
    position: int = 1,
    code: str = "64483",
    charge: int = 900,
    *modifiers: str,
    units: float | None = 1,
    day: date | None = DAY,
    number: str | None = None,
) -> Reported:
    return Reported(position, number, code, modifiers, charge, units, day)


def told(
    reported: Sequence[Reported],
    billed: Sequence[Billed],
    placed: Sequence[tuple[Reported, int]] = (),
) -> list[tuple[int | None, str]]:
    return [(m.line_position, m.method) for m in match_lines(reported, billed, placed)]


TWO = (line(1, "64483"), line(2, "64484", 500))


@pytest.mark.parametrize(
    ("reported", "billed", "found"),
    [
        # 6R as it was sent, whatever case and blanks it comes back in.
        ([service(number=" k7-2 ", code="X", charge=1)],
         [line(1, number="K7-1"), line(2, number="K7-2")], [(2, "line_item_control_number")]),
        # 6R is LX, with zeros in front or without; it takes code or charge to believe it.
        ([service(2, "64484", 500, number="02")], TWO, [(2, "line_number")]),
        ([service(2, "64484", 111, number="2", day=None)], TWO, [(2, "line_number")]),
        ([service(2, "99999", 500, number="2")], TWO, [(2, "line_number")]),
        ([service(2, "99999", 111, number="2")], TWO, [(None, "unmatched")]),
        ([service()], [line(), line(2, charge=901)], [(1, "exact")]),
        ([service(1, "64483", 900, "RT", "XS")],
         [line(1, "64483", 900, "XS", "RT"), line(2, "64483", 900, "LT")], 
         [(1, "modifiers_reordered")]),
        ([service(1, "64483", 900)], [line(1, "64483", 900, "RT"), line(2, "64484", 900)],
         [(1, "code_date_charge")]),
        ([service(1, "64483", 777)], [line(), line(2, units=2)], [(1, "code_date_units")]),
        ([service(1, "64483", 900, day=None)], [line(), line(2, charge=901)], [(1, "code_charge")]),
        ([service()], [line(day=None), line(2, charge=901, day=None)], [(1, "code_charge")]),
        ([service(1, "99999", 900)], [line(), line(2, "64484", 500)], [(1, "assignment")]),
        ([service(1, "64483", 333, units=9)], [line(), line(2, "64484", 500)], [(1, "assignment")]),
        ([service(1, "99999", 0)], [line(1, charge=0)], [(None, "unmatched")]),
        ([service(1, "99999", 123)], TWO, [(None, "unmatched")]),
        # Two lines alike, nothing tells which.
        ([service()], [line(1), line(2)], [(None, "ambiguous")]),
    ],
)  # fmt: skip
def test_each_step_finds_its_line_by_its_name(
    reported: list[Reported], billed: list[Billed], found: list[tuple[int | None, str]]
) -> None:
    assert told(reported, billed) == found


def test_two_services_and_two_lines_alike_are_a_persons_to_tell() -> None:
    assert told([service(1), service(2)], [line(1), line(2)]) == [(None, "ambiguous")] * 2


def test_never_across_dates() -> None:
    """Whatever else agrees, be it the very control number."""
    for one in (
        service(day=NEXT, number="K1"), service(day=NEXT), service(1, "99999", 900, day=NEXT)
    ):  # fmt: skip
        assert told([one], [line(number="K1")]) == [(None, "unmatched")]
    halves = [service(1, charge=400, day=NEXT, number="K1"), service(2, charge=500, number="K1")]
    assert (1, "split") not in told(halves, [line(number="K1")])


@pytest.mark.parametrize(
    ("day", "is_within"),
    [(date(2026, 3, 1), False), (DAY, True), (NEXT, True), (date(2026, 3, 4), False)],
)  # fmt: skip
def test_a_line_of_several_days_is_answered_on_each_of_them(day: date, is_within: bool) -> None:
    found = told([service(day=day)], [line(until=NEXT)])
    assert found == [(1, "exact") if is_within else (None, "unmatched")]


def test_a_control_number_is_not_believed_where_code_and_charge_say_another_line() -> None:
    """Some payers return LX where a practice's own numbers are numbers too."""
    billed = [line(1, "64483", 900, number="2"), line(2, "64484", 500, number="1")]
    assert told([service(2, "64484", 500, number="2")], billed) == [(2, "line_number")]
    # Of another day that line says nothing.
    other_day = [billed[0], line(2, "64484", 500, number="1", day=NEXT)]
    assert told([service(2, "64484", 500, number="2")], other_day) == [
        (1, "line_item_control_number")
    ]


def test_no_number_is_no_line_number() -> None:
    billed = [line(1, charge=901, lx="0"), line(2, "64484", 500)]
    assert told([service(day=None, units=None)], billed) == [(1, "assignment")]


def test_a_line_without_an_end_is_of_its_day() -> None:
    one = line()._replace(service_date_end=None)
    assert told([service()], [one]) == [(1, "exact")]
    assert told([service(day=NEXT)], [one]) == [(None, "unmatched")]


def test_units_that_neither_side_says_are_not_the_same() -> None:
    billed = [line(1, units=None), line(2, charge=700, units=None)]
    assert told([service(charge=1, units=None)], billed) == [(None, "ambiguous")]
    assert told([service(units=None)], billed) == [(1, "modifiers_reordered")]


def test_what_has_a_line_already_leaves_the_others() -> None:
    billed = [line(1), line(2)]
    assert told([service(2)], billed, [(service(1), 1)]) == [(2, "exact")]
    assert told([], billed, [(service(1), 1)]) == []


def test_a_line_that_is_gone_is_no_pair() -> None:
    assert told([service(2)], [line(1)], [(service(1), 7)]) == [(1, "exact")]


class TestSplits:
    def test_services_of_one_number_that_come_to_the_line(self) -> None:
        """The first has code and units of the whole line, and is a part of it all the same."""
        halves = [service(1, charge=400, number="K1"), service(2, "J1030", 500, number="k1")]
        assert told(halves, [line(number="K1")]) == [(1, "split")] * 2
        two = [line(lx="1", number="Z"), line(2, lx="2", number="K1")]
        assert told(halves, two) == [(2, "split")] * 2

    def test_or_of_one_line_number(self) -> None:
        halves = [service(1, "J1010", 400, number="01"), service(2, "J1030", 500, number="01")]
        assert told(halves, [line(), line(2, "64484", 900)]) == [(1, "split")] * 2

    def test_but_not_where_they_come_to_another_charge(self) -> None:
        """One of them is the line's then, and the number alone does not say which."""
        halves = [service(1, "J1010", 400, number="K1"), service(2, "J1030", 400, number="K1")]
        assert "split" not in [method for _, method in told(halves, [line(number="K1")])]

    def test_nor_where_the_number_is_of_two_lines(self) -> None:
        halves = [service(1, "A", 400, number="K1"), service(2, "B", 500, number="K1")]
        found = told(halves, [line(1, number="K1"), line(2, number="K1")])
        assert found == [(None, "unmatched")] * 2

    def test_a_number_that_is_missing_is_not_one_number(self) -> None:
        """Two services without a number are no group of their own."""
        halves = [service(1, "A", 400), service(2, "B", 500)]
        assert told(halves, [line(number="")]) == [(None, "unmatched")] * 2

    def test_services_of_one_code_and_day_that_come_to_the_line(self) -> None:
        parts = [service(1, charge=400, units=2), service(2, charge=500, units=3)]
        assert told(parts, [line(units=5)]) == [(1, "split")] * 2
        three = [*parts, service(3, charge=77, units=9)]
        assert told(three, [line(units=5)]) == [(1, "split"), (1, "split"), (None, "unmatched")]

    def test_not_where_several_sums_fit(self) -> None:
        parts = [service(n, charge=450, units=n + 5) for n in (1, 2, 3)]
        assert [m for _, m in told(parts, [line()])] == ["ambiguous"] * 3

    def test_nor_where_they_come_to_two_lines(self) -> None:
        billed = [line(1, charge=900, units=7), line(2, charge=900, units=8)]
        parts = [service(1, charge=400, units=2), service(2, charge=500, units=3)]
        assert told(parts, billed) == [(None, "ambiguous")] * 2

    @pytest.mark.parametrize(
        ("count", "method"), [(MOST_SPLITS, "split"), (MOST_SPLITS + 1, "ambiguous")]
    )
    def test_more_than_a_dozen_parts_would_be_guessing(self, count: int, method: str) -> None:
        parts = [service(n, charge=2**n, units=n + 50) for n in range(1, count + 1)]
        whole = sum(r.charge_cents for r in parts)
        assert [m for _, m in told(parts, [line(charge=whole)])] == [method] * count


class TestNothingCharged:
    def test_what_stands_beside_the_whole_charge_is_part_of_that_line(self) -> None:
        found = told([service(1), service(2, charge=0, units=9)], [line()])
        assert found == [(1, "exact"), (1, "split")]

    def test_also_under_a_code_that_nobody_billed(self) -> None:
        found = told([service(1), service(2, "99999", 0)], [line()])
        assert found == [(1, "exact"), (1, "split")]

    def test_but_not_where_two_lines_can_be_meant(self) -> None:
        reported = [service(1), service(2, "64484", 500), service(3, "99999", 0)]
        assert told(reported, TWO)[2] == (None, "unmatched")

    def test_modifiers_tell_two_lines_of_one_code_apart(self) -> None:
        billed = [line(1, "64483", 900, "RT"), line(2, "64483", 900, "LT")]
        reported = [
            service(1, "64483", 900, "RT"), service(2, "64483", 900, "LT"),
            service(3, "64483", 0, "LT", units=9),
        ]  # fmt: skip
        assert told(reported, billed)[2] == (2, "split")

    def test_a_line_of_its_own_comes_first(self) -> None:
        billed = [line(1), line(2, charge=100, units=4)]
        assert told([service(1), service(2, charge=0, units=9)], billed)[1] == (2, "assignment")

    def test_nothing_beside_a_line_that_charged_nothing(self) -> None:
        """Nothing beside nothing is no part of it."""
        billed = [line(1, charge=0)]
        assert told([service(1, charge=0), service(2, charge=0, units=9)], billed)[1] == (
            None, "unmatched",
        )  # fmt: skip

    def test_nor_on_another_day(self) -> None:
        found = told([service(1), service(2, "99999", 0, day=NEXT)], [line()])
        assert found[1] == (None, "unmatched")


class TestAssignment:
    def test_the_only_one_that_is_possible_is_taken(self) -> None:
        """The first may be either line; the second only one of them."""
        billed = [line(1, "A", 100, units=None), line(2, "B", 100, units=None)]
        reported = [service(1, "C", 100, units=5), service(2, "B", 70, units=5)]
        assert told(reported, billed) == [(1, "assignment"), (2, "assignment")]

    def test_where_two_are_possible_none_is_taken(self) -> None:
        billed = [line(1, "A", 100), line(2, "B", 100)]
        assert told([service(1, "C", 100)], billed) == [(None, "ambiguous")]

    def test_what_competes_for_other_lines_does_not_matter(self) -> None:
        """One pair is clear, the other two lines are not."""
        billed = [line(1, "A", 100), line(2, "B", 100), line(3, "D", 300)]
        reported = [service(1, "C", 100), service(2, "E", 300)]
        assert told(reported, billed) == [(None, "ambiguous"), (3, "assignment")]

    def test_services_that_compete_are_looked_at_together(self) -> None:
        """A chain: 1 wants A, 2 wants A or B, 3 wants B or C, so each has one line only."""
        billed = [line(1, "A", 100), line(2, "B", 200), line(3, "C", 300)]
        reported = [
            service(1, "A", 11, units=9), service(2, "B", 100, units=9),
            service(3, "C", 200, units=9),
        ]  # fmt: skip
        assert [m for m, _ in told(reported, billed)] == [1, 2, 3]

    def test_three_for_two_lines_are_left_open(self) -> None:
        billed = [line(1, "A", 100), line(2, "B", 100)]
        reported = [service(n, "C", 100) for n in (1, 2, 3)]
        assert told(reported, billed) == [(None, "ambiguous")] * 3

    @pytest.mark.parametrize(
        ("count", "method"), [(MOST_SPLITS, "assignment"), (MOST_SPLITS + 1, "ambiguous")]
    )
    def test_more_than_a_dozen_that_compete_would_be_guessing(
        self, count: int, method: str
    ) -> None:
        """A chain again: each wants its own line or the one before, the first its own alone."""
        billed = [line(n, f"C{n}", 100 * n, units=None) for n in range(1, count + 1)]
        reported = [
            service(n, f"C{n}", 100 * (n - 1) if n > 1 else 1, units=7) for n in range(1, count + 1)
        ]
        assert [m for _, m in told(reported, billed)] == [method] * count


CODES, CHARGES, DAYS = (
    st.sampled_from("ABC"),
    st.sampled_from([0, 100, 200, 300]),
    st.sampled_from([DAY, NEXT, None]),
)
MODIFIERS = st.sampled_from([(), ("RT",), ("LT",), ("RT", "XS"), ("XS", "RT")])
NUMBERS = st.sampled_from([None, "1", "2", "K1", "k2"])
UNITS = st.sampled_from([1.0, 2.0, None])
ROWS = st.lists(st.tuples(NUMBERS, CODES, MODIFIERS, CHARGES, UNITS, DAYS), max_size=5)
BILLED = ROWS.map(lambda rows: [Billed(n, str(n), *r, r[-1]) for n, r in enumerate(rows, 1)])
REPORTED = ROWS.map(lambda rows: [Reported(n, *r) for n, r in enumerate(rows, 1)])


@given(REPORTED, BILLED)
def test_whatever_is_reported_no_line_is_answered_twice_nor_across_dates(
    reported: list[Reported], billed: list[Billed]
) -> None:
    found = match_lines(reported, billed)
    assert [m.service_position for m in found] == [r.service_position for r in reported]
    lines = {b.line_position: b for b in billed}
    by_line: dict[int, list[tuple[Reported, LineMatch]]] = {}
    for r, m in zip(reported, found, strict=True):
        assert (m.line_position is None) == (m.method in ("ambiguous", "unmatched"))
        if m.line_position is not None:
            b = lines[m.line_position]
            assert None in (r.service_date, b.service_date) or r.service_date == b.service_date
            by_line.setdefault(m.line_position, []).append((r, m))
    for position, parts in by_line.items():
        if len(parts) > 1:
            assert sum(r.charge_cents for r, _ in parts) == lines[position].charge_cents


@given(REPORTED, BILLED, st.randoms())
def test_the_order_in_which_they_stand_does_not_matter(
    reported: list[Reported], billed: list[Billed], random
) -> None:
    again, lines = list(reported), list(billed)
    random.shuffle(again)
    random.shuffle(lines)
    assert sorted(match_lines(again, lines)) == sorted(match_lines(reported, billed))
