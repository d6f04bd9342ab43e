"""What a returned line number says, and where it gives way to what the service says itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from warehouse.line_agreement import Billed, Reported
from warehouse.line_match import match_lines

DAY = date(2026, 3, 2)
Found = dict[int, tuple[int | None, str]]


def line(position: int, code: str, charge: int, number: str | None = None, **more: Any) -> Billed:
    values: dict[str, Any] = {
        "line_position": position, "line_number": str(position),
        "line_item_control_number": number, "procedure_code": code, "modifiers": (),
        "charge_cents": charge, "units": 1.0, "service_date": DAY, "service_date_end": None,
    }  # fmt: skip
    return Billed(**(values | more))


def service(position: int, number: str | None, code: str, charge: int, **more: Any) -> Reported:
    values: dict[str, Any] = {
        "service_position": position, "line_item_control_number": number, "procedure_code": code,
        "modifiers": (), "charge_cents": charge, "units": 1.0, "service_date": DAY,
    }  # fmt: skip
    return Reported(**(values | more))


def match(services: Sequence[Reported], lines: Sequence[Billed]) -> Found:
    found = match_lines(services, lines)
    back = match_lines(services[::-1], lines[::-1])
    assert sorted(found) == sorted(back)
    return {m.service_position: (m.line_position, m.method) for m in found}


SIDES = [
    line(1, "J1030", 40, modifiers=("RT",)),
    line(2, "J1030", 80, modifiers=("LT",), units=2.0),
]


def test_a_number_of_the_payer_s_own_order_gives_way_to_charge_and_units() -> None:
    """It dropped the modifiers, and numbered what it reports from one."""
    told = [service(1, "1", "J1030", 80, units=2.0), service(2, "2", "J1030", 40)]
    assert match(told, SIDES) == {1: (2, "code_date_charge"), 2: (1, "code_date_charge")}
    # Of the same charge the units tell; and where nothing else does, the number.
    even = [b._replace(charge_cents=80) for b in SIDES]
    twice = [told[0], told[1]._replace(charge_cents=80)]
    assert match(twice, even) == {1: (2, "code_date_charge"), 2: (1, "code_date_charge")}
    alike = [b._replace(units=2.0) for b in even]
    twice = [r._replace(units=2.0) for r in twice]
    assert match(twice, alike) == {1: (1, "line_number"), 2: (2, "line_number")}
    # A modifier that was kept speaks for the number's line, units for the other: the number holds.
    kept = service(1, "1", "J1030", 80, units=2.0, modifiers=("RT",))
    assert match([kept], even) == {1: (1, "line_number")}
    # It speaks for the other one by itself.
    crossed = [r._replace(modifiers=m) for r, m in zip(twice, (("LT",), ("RT",)), strict=True)]
    assert match(crossed, alike) == {1: (2, "exact"), 2: (1, "exact")}


def test_a_number_that_several_lines_have_names_none_of_them() -> None:
    lines = [line(1, "20553", 100, "X"), line(2, "20610", 200, "X"), line(3, "77002", 300, "X")]
    told = [service(1, "X", "20553", 100), service(2, "X", "20610", 200)]
    found = match(told, lines)
    assert {key: position for key, (position, _) in found.items()} == {1: 1, 2: 2}
    # Nor what adds up to the third under its own code.
    same = [b._replace(procedure_code="20553") for b in lines]
    found = match([r._replace(procedure_code="20553") for r in told], same)
    assert found == {1: (1, "exact"), 2: (2, "exact")}
    # Nor is it followed where the codes and charges say other lines.
    own = [b._replace(line_item_control_number=k) for b, k in zip(lines, "ABX", strict=True)]
    assert match(told, own) == {1: (1, "exact"), 2: (2, "exact")}
    sides = [b._replace(modifiers=m) for b, m in zip(own, (("RT",), ("LT",), ()), strict=True)]
    assert match(told, sides) == {1: (1, "code_date_charge"), 2: (2, "code_date_charge")}


@pytest.mark.parametrize(
    ("ours", "returned"),
    [
        (("000123401", "000123402"), ("123401", "123402")),
        (("K7Q2-03-L01", "K7Q2-03-L02"), ("K7Q203L01", "k7q203l02")),
        (("123401", "123402"), ("000123401", "0000123402")),
    ],
)
def test_a_number_without_its_zeros_and_dashes_tells_lines_that_nothing_else_does(
    ours: tuple[str, str], returned: tuple[str, str]
) -> None:
    twins = [line(n, "20553", 100, number) for n, number in enumerate(ours, 1)]
    one, two = (service(n, number, "20553", 100) for n, number in enumerate(returned, 1))
    found = match([one, two], twins)
    assert found == {1: (1, "line_item_control_number"), 2: (2, "line_item_control_number")}
    assert match([two], twins) == {2: (2, "line_item_control_number")}
    # The one that is left is the other's.
    assert match([one, two._replace(line_item_control_number=None)], twins)[2] == (2, "exact")
    # Code and charge, or all of its content, say another line.
    other = [*twins, line(3, "20610", 200)]
    assert match([service(1, returned[0], "20610", 200)], other) == {1: (3, "exact")}


def test_a_number_that_may_be_two_things_is_neither() -> None:
    # Without zeros the two are one.
    twins = [line(1, "20553", 100, "0077"), line(2, "20553", 100, "00077")]
    assert match([service(1, "77", "20553", 100)], twins) == {1: (None, "ambiguous")}
    # The second line's own number, or the first one's LX.
    twins = [line(1, "20553", 100, "002"), line(2, "20553", 100, "001")]
    assert match([service(1, "1", "20553", 100)], twins) == {1: (None, "ambiguous")}
    # Both say the same.
    twins = [line(1, "20553", 100, "001"), line(2, "20553", 100, "002")]
    assert match([service(1, "1", "20553", 100)], twins) == {1: (1, "line_number")}
    # Code and charge tell which it is.
    lines = [line(1, "20553", 100, "002"), line(2, "20610", 200, "001")]
    assert match([service(1, "1", "20553", 100)], lines) == {1: (1, "line_number")}
    assert match([service(1, "1", "20610", 200)], lines)[1][0] == 2


def test_our_number_gives_way_to_the_lx_of_the_line_that_code_and_charge_say() -> None:
    """The practice has numbers like 1 and 2 of its own, and the payer returned LX."""
    lines = [b._replace(line_item_control_number=k) for b, k in zip(SIDES, "21", strict=True)]
    told = [service(1, "1", "J1030", 40), service(2, "2", "J1030", 80, units=2.0)]
    assert match(told, lines) == {1: (1, "line_number"), 2: (2, "line_number")}
    # With another charge than any line has, our number stands.
    assert match([service(1, "1", "J1030", 70)], lines)[1] == (2, "line_item_control_number")
