"""Lines that a payer split: services whose charges add up to one billed line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from warehouse.line_agreement import (
    Billed,
    Reported,
    Test,
    folded,
    is_line_number,
    same_charge,
    same_code,
    same_control_number,
    same_day,
)

MOST_SPLITS = 12
"""Services of one claim among which a split is looked for; more would be guessing."""

Split = tuple[tuple[Reported, ...], Billed]


def numbered_splits(
    reported: Sequence[Reported], free: Iterable[Billed], billed: Iterable[Billed]
) -> list[Split]:
    """Services that share one line number and whose charges add up to that line's.

    As with a single service, the number is not followed where a code says another such line, nor
    one that several of the ``billed`` lines have.
    """
    groups: dict[str, list[Reported]] = {}
    for r in reported:
        if r.line_item_control_number:
            groups.setdefault(folded(r.line_item_control_number), []).append(r)
    if len(groups) == sum(map(len, groups.values())):
        return []
    lines = list(free)
    times = Counter(folded(b.line_item_control_number) for b in billed)
    whole_lines = _with_a_line(reported, lines)
    found = []
    for number, services in groups.items():
        whole = sum(r.charge_cents for r in services)
        fitting = [
            b
            for b in lines
            if b.charge_cents == whole > 0
            and all(same_day(r, b) for r in services)
            and all(same_code(r, b) or r not in whole_lines for r in services)
        ]
        coded = [b for b in fitting if any(same_code(r, b) for r in services)]
        own, by_line = (
            [b for b in fitting if test(services[0], b)]
            for test in (same_control_number, is_line_number)
        )
        own = own if times[number] == 1 else []
        mine = [b for b in own if b in coded] or [b for b in by_line if b in coded]
        mine = mine or ([] if coded else own or by_line)
        if len(services) > 1 and len(mine) == 1:
            found.append((tuple(services), mine[0]))
    meant = Counter(b.line_position for _, b in found)
    return [(services, b) for services, b in found if meant[b.line_position] == 1]


def _with_a_line(reported: Iterable[Reported], billed: Sequence[Billed]) -> set[Reported]:
    """Services whose code and charge are those of a line of their day."""
    return {
        r for r in reported
        if any(same_code(r, b) and same_charge(r, b) and same_day(r, b) for b in billed)
    }  # fmt: skip


class _Ways(NamedTuple):
    """In how many ways some services add up to a sum, and which have a part in any of them.

    ``members`` has a bit for each, in their order.
    """

    ways: int
    members: int


_NO_WAY = _Ways(0, 0)
_Sums = dict[int, _Ways]


class SplitFinder:
    """Looks for splits again while services and lines are taken; what was added up is kept."""

    def __init__(self) -> None:
        self._sums: dict[tuple[Reported, ...], _Sums] = {}

    def splits(
        self, reported: Iterable[Reported], billed: Iterable[Billed], alike: Test
    ) -> list[Split]:
        """Services of one code and day whose charges add up to a line.

        In one way only, to no other line that any of them may be a part of, and where none of them
        may be the whole of another line.
        """
        rs, bs = list(reported), list(billed)
        if len(rs) < 2 or not bs:
            return []
        with_a_line = _with_a_line(rs, bs)
        groups = {
            b.line_position: tuple(r for r in rs if _may_be_part(r, b, r in with_a_line, alike))
            for b in bs
        }
        self._sums = {
            group: self._sums.get(group) or _added_up(group)
            for group in set(groups.values())
            if 2 <= len(group) <= MOST_SPLITS
        }
        counts, parts = {}, {}
        for b in bs:
            group = groups[b.line_position]
            way = self._sums.get(group, {}).get(b.charge_cents, _NO_WAY)
            counts[b.line_position] = way.ways
            parts[b.line_position] = tuple(r for n, r in enumerate(group) if way.members >> n & 1)
        lines = Counter(r for some in parts.values() for r in some)
        wholes = {
            r for r in lines
            if any(same_code(r, b) and same_charge(r, b) and same_day(r, b) and alike(r, b)
                   for b in bs)
        }  # fmt: skip
        return [
            (parts[b.line_position], b)
            for b in bs
            if counts[b.line_position] == 1
            and all(lines[r] == 1 and r not in wholes for r in parts[b.line_position])
        ]


def _may_be_part(r: Reported, b: Billed, has_a_line: bool, alike: Test) -> bool:
    """By its code, or by its number where no line has its code and charge."""
    is_numbered = not has_a_line and (same_control_number(r, b) or is_line_number(r, b))
    return (
        0 < r.charge_cents < b.charge_cents
        and same_day(r, b)
        and (same_code(r, b) or is_numbered)
        and alike(r, b)
    )


def _added_up(services: Iterable[Reported]) -> _Sums:
    """All that two or more of these services come to; as many steps as there are sums."""
    sums: _Sums = {}
    of_several: _Sums = {}
    for n, r in enumerate(services):
        for total, way in list(sums.items()):
            longer = _Ways(way.ways, way.members | 1 << n)
            _add(sums, total + r.charge_cents, longer)
            _add(of_several, total + r.charge_cents, longer)
        _add(sums, r.charge_cents, _Ways(1, 1 << n))
    return of_several


def _add(sums: _Sums, total: int, way: _Ways) -> None:
    known = sums.get(total, _NO_WAY)
    sums[total] = _Ways(known.ways + way.ways, known.members | way.members)
