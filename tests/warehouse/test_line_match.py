"""Which billed line a service is joined to, by what the two show; what may be two is nobody's."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from cases.lines import DAY, line, service
from warehouse.line_agreement import Billed, Reported
from warehouse.line_match import match_lines
from warehouse.line_splits import MOST_SPLITS

NEXT = DAY + timedelta(days=1)
Found = dict[int, tuple[int | None, str]]


def match(
    services: Sequence[Reported],
    lines: Sequence[Billed],
    placed: Sequence[tuple[Reported, int]] = (),
) -> Found:
    """The line of each service; the order in which they are told makes no difference."""
    first: Found = {}
    for seed in range(4):
        some, others = list(services), list(lines)
        random.Random(seed).shuffle(some)
        random.Random(seed + 1).shuffle(others)
        answers = match_lines(some, others, placed)
        assert [m.service_position for m in answers] == [r.service_position for r in some]
        found = {m.service_position: (m.line_position, m.method) for m in answers}
        assert found == (first or found)
        first = found
    return first


@pytest.mark.parametrize(
    ("reported", "billed", "method"),
    [
        ({"line_item_control_number": " k7-1"}, {"line_item_control_number": "K7-1"},
         "line_item_control_number"),
        ({"line_item_control_number": "01"}, {}, "line_number"),
        ({"line_item_control_number": "01", "charge": 400}, {}, "line_number"),
        ({"line_item_control_number": "01", "code": "64999"}, {}, "line_number"),
        ({}, {}, "exact"),
        ({"modifiers": ("RT", "59")}, {"modifiers": ("59", "RT")}, "modifiers_reordered"),
        ({"line_item_control_number": "77"}, {}, "exact"),
        ({"units": None}, {}, "exact"),
        ({"units": None}, {"units": None}, "exact"),
        ({"units": None, "modifiers": ("RT", "59")}, {"modifiers": ("59", "RT")},
         "modifiers_reordered"),
        ({"units": 2.0}, {}, "code_date_charge"),
        ({"units": 0.0, "modifiers": ("RT",)}, {"modifiers": ("RT",)}, "code_date_charge"),
        ({"units": 0.0, "modifiers": ("RT", "59")}, {"modifiers": ("59", "RT")},
         "code_date_charge"),
        ({"modifiers": ("RT",)}, {}, "code_date_charge"),
        ({"charge": 400}, {}, "code_date_units"),
        ({"service_date": None}, {}, "code_charge"),
        ({}, {"service_date": None}, "code_charge"),
        ({"charge": 400, "units": 2.0}, {}, "assignment"),
        ({"charge": 400, "units": None}, {"units": None}, "assignment"),
        ({"charge": 400, "service_date": None}, {}, "assignment"),
        ({"code": "64999"}, {}, "assignment"),
        ({"service_date": NEXT}, {"service_date_end": NEXT}, "exact"),
        ({"service_date": NEXT}, {}, "unmatched"),
        ({"service_date": DAY - timedelta(days=1)}, {"service_date_end": NEXT}, "unmatched"),
        ({"code": "64999", "charge": 400}, {}, "unmatched"),
        ({"code": "64999", "charge": 0}, {"charge": 0}, "unmatched"),
        ({"line_item_control_number": "01", "code": "64999", "charge": 400}, {}, "unmatched"),
        ({"line_item_control_number": "01", "service_date": NEXT}, {}, "unmatched"),
    ],
)  # fmt: skip
def test_a_service_is_joined_by_the_first_of_the_ways_that_fits(
    reported: dict[str, Any], billed: dict[str, Any], method: str
) -> None:
    """Its number, its content, the only line that it can be of; never another day's."""
    lines = [line(1, **billed), line(2, "64484", 90)]
    expected = (None if method == "unmatched" else 1, method)
    assert match([service(1, **reported)], lines) == {1: expected}


@pytest.mark.parametrize("more", [{}, {"charge": 400}, {"service_date": None}, {"units": None}])
def test_of_two_lines_that_nothing_tells_apart_neither_is_taken(more: dict[str, Any]) -> None:
    twins = [line(1), line(2)]
    assert match([service(1, **more)], twins) == {1: (None, "ambiguous")}
    both = [service(1, **more), service(2, **more)]
    assert match(both, twins) == {1: (None, "ambiguous"), 2: (None, "ambiguous")}
    assert match(both, twins[:1]) == {1: (None, "ambiguous"), 2: (None, "ambiguous")}
    # Where one of them is another day's, or has been answered, one is left.
    assert match([service(1, **more)], [twins[0], line(2, service_date=NEXT)])[1][0] == (
        1 if more.get("service_date", DAY) else None
    )
    assert match([service(2, **more)], twins, [(service(1), 2)])[2][0] == 1


def test_our_number_is_followed_unless_code_and_charge_say_another_line() -> None:
    lines = [line(1, line_item_control_number="2"),
             line(2, "64484", 90, line_item_control_number="1")]  # fmt: skip
    # As it stands: number and charge, or number and code; or nothing says otherwise.
    for more in ({"code": "64999"}, {"charge": 400}, {"code": "64999", "charge": 400},
                 {"code": "64999", "charge": 90}, {"code": "64484", "charge": 400}):  # fmt: skip
        found = match([service(1, line_item_control_number="2", **more)], lines)
        assert found == {1: (1, "line_item_control_number")}, more
    # Where code or charge are its line's as well, another line that has both says nothing.
    more_lines = [*lines, line(3, "64483", 90), line(4, "64484", 450)]
    for more in ({"charge": 90}, {"code": "64484"}):
        found = match([service(1, line_item_control_number="2", **more)], more_lines)
        assert found == {1: (1, "line_item_control_number")}, more
    # The payer returned LX.
    found = match([service(1, line_item_control_number="1")], lines)
    assert found == {1: (1, "line_number")}
    # Not where the line with that code and charge is another day's.
    elsewhere = [lines[0]._replace(service_date=NEXT, line_item_control_number=None), lines[1]]
    found = match([service(1, line_item_control_number="1")], elsewhere)
    assert found == {1: (2, "line_item_control_number")}


def test_no_number_is_no_line_number() -> None:
    lines = [line(1, charge=901, line_number="0"), line(2, "64484", 500)]
    assert match([service(1, service_date=None, units=None)], lines) == {1: (1, "assignment")}


def test_one_possible_assignment_is_taken_and_of_two_none() -> None:
    """By elimination: one service fits one line only, and so leaves the other to the other."""
    lines = [line(1, charge=450, units=1.0), line(2, charge=300, units=2.0, service_date_end=NEXT)]
    wide = service(1, charge=77, units=9.0)
    late = service(2, charge=78, units=8.0, service_date=NEXT)
    assert match([wide, late], lines) == {1: (1, "assignment"), 2: (2, "assignment")}
    assert match([wide], lines) == {1: (None, "ambiguous")}
    # What competes for other lines makes none of these unclear.
    others = [line(3, "77003", 90), line(4, "77003", 90)]
    twins = [service(3, "77003", 5, units=9.0), service(4, "77003", 5, units=9.0)]
    found = match([wide, late, *twins], [*lines, *others])
    assert found == {
        1: (1, "assignment"), 2: (2, "assignment"), 3: (None, "ambiguous"), 4: (None, "ambiguous"),
    }  # fmt: skip


@pytest.mark.parametrize("number", [None, "K7", "1", "X9"])
def test_services_whose_charges_add_up_to_a_line_are_its_parts(number: str | None) -> None:
    lines = [line(1, line_item_control_number="K7"), line(2, "64484", 90)]
    more = {"line_item_control_number": number, "units": None}
    parts = [service(1, charge=200, **more), service(2, charge=250, **more)]
    assert match(parts, lines) == {1: (1, "split"), 2: (1, "split")}
    # Under codes that were not billed, its number says so; its day must not speak against it.
    renamed = [r._replace(procedure_code=f"6499{r.service_position}") for r in parts]
    expected = (1, "split") if number in ("K7", "1") else (None, "unmatched")
    assert match(renamed, lines) == {1: expected, 2: expected}
    # Beside them one that only its code tells.
    three = [renamed[0], renamed[1]._replace(charge_cents=150), service(3, charge=100, units=None)]
    assert match(three, lines)[1] == match(three, lines)[2] == expected
    late = [parts[0], parts[1]._replace(service_date=NEXT)]
    assert (1, "split") not in match(late, lines).values()
    short = [parts[0], parts[1]._replace(charge_cents=249)]
    assert (1, "split") not in match(short, lines).values()


@pytest.mark.parametrize("numbers", [("K7", "K8"), ("1", "2")])
def test_parts_of_two_lines_that_are_alike_are_told_by_the_line_number(
    numbers: tuple[str, str],
) -> None:
    lines = [line(n, line_item_control_number=k) for n, k in ((1, "K7"), (2, "K8"))]
    parts = [
        service(2 * n + half, charge=charge, units=None, line_item_control_number=number)
        for n, number in enumerate(numbers)
        for half, charge in ((0, 200), (1, 250))
    ]
    expected = {0: (1, "split"), 1: (1, "split"), 2: (2, "split"), 3: (2, "split")}
    assert match(parts, lines) == expected


def test_parts_that_fit_two_lines_are_told_by_the_modifiers_or_are_nobody_s() -> None:
    """What the payer split may be the right side or the left one; the first line is no guess."""
    lines = [line(1, modifiers=("RT",)), line(2, modifiers=("LT",))]
    for side, position in (("RT", 1), ("LT", 2)):
        parts = [
            service(n, charge=c, units=None, modifiers=(side,)) for n, c in ((1, 200), (2, 250))
        ]
        assert match(parts, lines) == {1: (position, "split"), 2: (position, "split")}
    sides = [
        service(n, charge=c, units=None, modifiers=(side,))
        for n, side, c in ((1, "RT", 200), (2, "RT", 250), (3, "LT", 200), (4, "LT", 250))
    ]
    found = match(sides, lines)
    assert [found[key][0] for key in range(1, 5)] == [1, 1, 2, 2]
    bare = [service(n, charge=c, units=None) for n, c in ((1, 200), (2, 250))]
    for either in (lines, [line(1), line(2)]):
        assert {position for position, _ in match(bare, either).values()} == {None}
    # One of the two that is answered, or another day's, leaves the other.
    assert match(bare, lines, [(service(9), 1)]) == {1: (2, "split"), 2: (2, "split")}
    assert match(bare, [lines[0], lines[1]._replace(service_date=NEXT)]) == {
        1: (1, "split"), 2: (1, "split"),
    }  # fmt: skip


def test_a_number_of_parts_is_not_followed_past_their_code() -> None:
    """The payer returned LX, and the practice's own numbers are numbers, too."""
    lines = [line(1, "20610", 400, line_item_control_number="2"),
             line(2, "64483", 400, line_item_control_number="3")]  # fmt: skip
    one, two = (
        [service(2 * n + half, code, 200, line_item_control_number=str(n), units=None)
         for half in (0, 1)]
        for n, code in ((1, "20610"), (2, "64483"))
    )  # fmt: skip
    assert match([*one, *two], lines) == {
        2: (1, "split"), 3: (1, "split"), 4: (2, "split"), 5: (2, "split"),
    }  # fmt: skip
    assert match(two, lines) == {4: (2, "split"), 5: (2, "split")}
    # Where LX says one line and the code another, a person does.
    lettered = [b._replace(line_item_control_number=k) for b, k in zip(lines, "AB", strict=True)]
    strays = [r._replace(line_item_control_number="1") for r in two]
    assert match(strays, lettered) == dict.fromkeys((4, 5), (None, "ambiguous"))
    # Two groups for one line are not both right.
    twice = [service(n, "99999", 200, line_item_control_number=k, units=None)
             for n, k in ((1, "K7"), (2, "K7"), (3, "1"), (4, "1"))]  # fmt: skip
    found = match(twice, [line(1, "20610", 400, line_item_control_number="K7")])
    assert set(found.values()) != {(1, "split")} and len(found) == 4


def test_a_single_number_that_is_another_line_s_lx_gives_way_to_code_and_charge() -> None:
    lines = [line(1, "20610", 400, line_item_control_number="2"),
             line(2, "64483", 400, line_item_control_number="3")]  # fmt: skip
    found = match([service(1, "64483", 400, line_item_control_number="2")], lines)
    assert found == {1: (2, "line_number")}
    # A number of our own that is nobody's LX stays with its line.
    named = [
        b._replace(line_item_control_number=k) for b, k in zip(lines, ("K1", "K2"), strict=True)
    ]
    found = match([service(1, "64483", 400, line_item_control_number="K1")], named)
    assert found == {1: (1, "line_item_control_number")}


@pytest.mark.parametrize("sides", [((), (), ()), (("RT",), ("LT",), ("59",))])
def test_what_may_be_whole_lines_is_no_split_of_a_third(sides: tuple[tuple[str, ...], ...]) -> None:
    lines = [line(n, "20610", c, modifiers=m)
             for n, c, m in zip((1, 2, 3), (200, 200, 400), sides, strict=True)]  # fmt: skip
    both = [service(1, "20610", 200), service(2, "20610", 200)]
    assert {position for position, _ in match(both, lines).values()} == {None}


def test_modifiers_tell_a_split_before_units_or_charge_tell_a_line() -> None:
    lines = [line(1, "J1100", 300, modifiers=("RT",), units=3.0),
             line(2, "J1100", 200, modifiers=("LT",), units=2.0)]  # fmt: skip
    parts = [
        service(n, "J1100", charge, modifiers=(side,), units=units)
        for n, charge, side, units in (
            (1, 200, "RT", 2.0), (2, 100, "RT", 1.0), (3, 150, "LT", 1.0), (4, 50, "LT", 1.0),
        )
    ]  # fmt: skip
    found = match(parts, lines)
    assert [found[n] for n in (1, 2)] == [(1, "split")] * 2
    assert [found[n] for n in (3, 4)] == [(2, "split")] * 2


def test_nothing_charged_is_no_split() -> None:
    """Nothing and nothing come to nothing; and nothing beside two halves is no third part."""
    two = [line(1, "G8427", 0), line(2, "G8427", 0, modifiers=("59",))]
    both = [service(1, "G8427", 0), service(2, "G8427", 0)]
    assert "split" not in {m for _, m in match(both, two).values()}
    numbered = [r._replace(line_item_control_number="1") for r in both]
    assert "split" not in {m for _, m in match(numbered, two).values()}
    halves = [service(1, charge=150, units=None), service(2, charge=150, units=None),
              service(3, charge=0, units=None)]  # fmt: skip
    found = match(halves, [line(1, charge=300)])
    assert found[1] == found[2] == (1, "split")


def test_parts_that_add_up_in_two_ways_are_nobody_s() -> None:
    lines = [line(1)]
    three = [service(n, charge=c, units=None) for n, c in ((1, 200), (2, 250), (3, 250))]
    assert {position for position, _ in match(three, lines).values()} == {None}
    twice = [service(n, charge=c, units=None) for n, c in ((1, 200), (2, 250), (3, 190), (4, 260))]
    assert {position for position, _ in match(twice, lines).values()} == {None}
    # One that has nothing to do with it stays out.
    three[2] = service(3, charge=17, units=None)
    found = match(three, lines)
    assert found[1] == found[2] == (1, "split") and found[3][0] is None


@pytest.mark.parametrize(("count", "method"), [(MOST_SPLITS, "split"), (13, "ambiguous")])
def test_among_too_many_services_no_split_is_looked_for(count: int, method: str) -> None:
    parts = [service(n, charge=2**n, units=None) for n in range(1, count + 1)]
    whole = sum(r.charge_cents for r in parts)
    assert {m for _, m in match(parts, [line(1, charge=whole)]).values()} == {method}


def test_what_was_unbundled_without_a_charge_belongs_to_the_line_with_the_whole_charge() -> None:
    free = service(2, "77003", 0)
    assert match([service(1), free], [line(1)]) == {1: (1, "exact"), 2: (1, "split")}
    # Wherever that one was placed already; not on another day, nor where the charge was cut.
    placed = [(service(1), 1)]
    assert match([free], [line(1)], placed) == {2: (1, "split")}
    assert match([free._replace(service_date=NEXT)], [line(1)], placed) == {2: (None, "unmatched")}
    cut = [(service(1, charge=400), 1)]
    assert match([free], [line(1)], cut) == {2: (None, "unmatched")}
    nothing = [(service(1, charge=0), 1)]
    assert match([free], [line(1, charge=0)], nothing) == {2: (None, "unmatched")}
    # One that has a charge is no such part, and of two wholes nobody can tell.
    assert match([free._replace(charge_cents=5)], [line(1)], placed) == {2: (None, "unmatched")}
    two = [(service(1), 1), (service(3, "64484"), 3)]
    assert match([free], [line(1), line(3, "64484")], two) == {2: (None, "unmatched")}


def test_a_service_without_a_charge_goes_to_the_line_of_its_own_code() -> None:
    """One of that code which waits for its answer goes before; then modifiers tell."""
    own = line(2, "77003", 90)
    free = service(2, "77003", 0, units=9.0)
    assert match([service(1), free], [line(1), own])[2] == (2, "assignment")
    lines = [line(1, modifiers=("RT",)), line(2, modifiers=("LT",))]
    placed = [(service(1, modifiers=("RT",)), 1), (service(2, modifiers=("LT",)), 2)]
    for side, position in (("RT", 1), ("LT", 2)):
        found = match([service(3, charge=0, modifiers=(side,))], lines, placed)
        assert found == {3: (position, "split")}
    assert match([service(3, charge=0)], lines, placed) == {3: (None, "unmatched")}
    # Nor does a modifier say which line another code was unbundled from.
    other = service(3, "77003", 0, modifiers=("RT",))
    assert match([other], lines, placed) == {3: (None, "unmatched")}
    # A line of its code that waits for its answer may be its own, unless it is another day's.
    for code, day, found in (
        ("64483", DAY, (2, "assignment")), ("64484", DAY, (1, "split")),
        ("64483", NEXT, (1, "split")),
    ):  # fmt: skip
        waiting = [line(1), line(2, code, 90, service_date=day)]
        assert match([service(3, charge=0, units=9.0)], waiting, [(service(1), 1)]) == {3: found}
    # A code that was billed is not another's part.
    billed = [line(1), line(2, "64484", 90)]
    whole = [(service(1), 1), (service(2, "64484", 70), 2)]
    assert match([service(3, "64484", 0)], billed, whole) == {3: (None, "unmatched")}
