"""Which billed line a reported service answers, where its number and its content do not say so.

The deterministic steps after REF*6R and the exact join (domain: line matching order). Every step
takes a pair only where it is the only one; what stays open has one more chance, a single possible
assignment, and is otherwise ``ambiguous``: a person sees it. Never across dates, never two
reported services on one line unless their charges add up to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from itertools import combinations
from typing import NamedTuple

MOST_SPLITS = 12
"""Services of one claim among which a split is looked for; more would be guessing."""


class Billed(NamedTuple):
    """A service line as submitted. ``line_number`` is LX01."""

    line_position: int
    line_number: str
    line_item_control_number: str | None
    procedure_code: str
    modifiers: tuple[str, ...]
    charge_cents: int
    units: float | None
    service_date: date | None
    service_date_end: date | None


class Reported(NamedTuple):
    """A service as an 835 reports it; amounts without the sign of a reversal."""

    service_position: int
    line_item_control_number: str | None
    procedure_code: str
    modifiers: tuple[str, ...]
    charge_cents: int
    units: float | None
    service_date: date | None


class LineMatch(NamedTuple):
    """``line_position`` None: ambiguous or unmatched."""

    service_position: int
    line_position: int | None
    method: str


Test = Callable[[Reported, Billed], bool]


def _same_day(r: Reported, b: Billed) -> bool:
    """A date that was not sent contradicts nothing."""
    if r.service_date is None or b.service_date is None:
        return True
    return b.service_date <= r.service_date <= (b.service_date_end or b.service_date)


def _stated_day(r: Reported, b: Billed) -> bool:
    return r.service_date is not None and b.service_date is not None and _same_day(r, b)


def _code(r: Reported, b: Billed) -> bool:
    return r.procedure_code == b.procedure_code


def _charge(r: Reported, b: Billed) -> bool:
    return r.charge_cents == b.charge_cents


def _units(r: Reported, b: Billed) -> bool:
    return r.units is not None and b.units is not None and r.units == b.units


STEPS: tuple[tuple[str, Test], ...] = (
    (
        "line_item_control_number",
        lambda r, b: (
            bool(r.line_item_control_number)
            and r.line_item_control_number == b.line_item_control_number
        ),
    ),
    (
        "line_number",
        lambda r, b: (
            bool(r.line_item_control_number)
            and r.line_item_control_number == b.line_number
            and (_code(r, b) or _charge(r, b))
        ),
    ),
    (
        "exact",
        lambda r, b: (
            _code(r, b)
            and r.modifiers == b.modifiers
            and _charge(r, b)
            and _stated_day(r, b)
            and _units(r, b)
        ),
    ),
    (
        "modifiers_reordered",
        lambda r, b: (
            _code(r, b)
            and sorted(r.modifiers) == sorted(b.modifiers)
            and _charge(r, b)
            and _stated_day(r, b)
        ),
    ),
    ("code_date_charge", lambda r, b: _code(r, b) and _charge(r, b) and _stated_day(r, b)),
    ("code_date_units", lambda r, b: _code(r, b) and _units(r, b) and _stated_day(r, b)),
    ("code_charge", lambda r, b: _code(r, b) and _charge(r, b)),
)


def match_lines(reported: Sequence[Reported], billed: Sequence[Billed]) -> list[LineMatch]:
    """One answer for each reported service, in their order.

    ``billed`` are the lines that no reported service has taken yet.
    """
    free = {b.line_position: b for b in billed}
    left = {r.service_position: r for r in reported}
    found: dict[int, LineMatch] = {}
    for method, test in STEPS:
        for r, b in _only_pairs(left.values(), free.values(), test):
            found[r.service_position] = LineMatch(r.service_position, b.line_position, method)
            del left[r.service_position], free[b.line_position]
    for services, b in _splits(list(left.values()), list(free.values())):
        for r in services:
            found[r.service_position] = LineMatch(r.service_position, b.line_position, "split")
            del left[r.service_position]
        del free[b.line_position]
    found |= _assign(list(left.values()), list(free.values()))
    return [found[r.service_position] for r in reported]


def _only_pairs(
    reported: Iterable[Reported], billed: Iterable[Billed], test: Test
) -> list[tuple[Reported, Billed]]:
    """Pairs that agree where neither side agrees with anything else."""
    rs, bs = list(reported), list(billed)
    partners = {r.service_position: [b for b in bs if _same_day(r, b) and test(r, b)] for r in rs}
    taken: dict[int, int] = {}
    for candidates in partners.values():
        for b in candidates:
            taken[b.line_position] = taken.get(b.line_position, 0) + 1
    return [
        (r, partners[r.service_position][0])
        for r in rs
        if len(partners[r.service_position]) == 1
        and taken[partners[r.service_position][0].line_position] == 1
    ]


def _splits(
    reported: list[Reported], billed: list[Billed]
) -> list[tuple[tuple[Reported, ...], Billed]]:
    """Lines that the payer split: services of one code and day whose charges add up to a line."""
    found: list[tuple[tuple[Reported, ...], Billed]] = []
    used: set[int] = set()
    for b in billed:
        group = [
            r
            for r in reported
            if r.service_position not in used
            and _same_day(r, b)
            and (
                _code(r, b)
                or (r.line_item_control_number or "")
                in (b.line_item_control_number or "\0", b.line_number)
            )
        ]
        sums = [
            some
            for size in range(2, len(group) + 1)
            for some in combinations(group, size)
            if sum(r.charge_cents for r in some) == b.charge_cents
        ] if 2 <= len(group) <= MOST_SPLITS else []  # fmt: skip
        if len(sums) == 1:
            found.append((sums[0], b))
            used |= {r.service_position for r in sums[0]}
    return found


def _assign(reported: list[Reported], billed: list[Billed]) -> dict[int, LineMatch]:
    """The one assignment that is possible, where there is exactly one; else ambiguous.

    A service with no line it could belong to at all is ``unmatched``.
    """
    possible = {
        r.service_position: [
            b.line_position for b in billed if _same_day(r, b) and (_code(r, b) or _charge(r, b))
        ]
        for r in reported
    }
    answers = {
        position: LineMatch(position, None, "unmatched")
        for position, lines in possible.items()
        if not lines
    }
    open_ = [position for position, lines in possible.items() if lines]
    assignments = _assignments(open_, possible, {}, []) if len(open_) <= MOST_SPLITS else []
    if len(assignments) == 1:
        for position, line in assignments[0].items():
            answers[position] = LineMatch(position, line, "assignment")
    else:
        answers |= {p: LineMatch(p, None, "ambiguous") for p in open_}
    return answers


def _assignments(
    open_: list[int],
    possible: dict[int, list[int]],
    so_far: dict[int, int],
    found: list[dict[int, int]],
) -> list[dict[int, int]]:
    """Complete assignments, at most two: a second one already makes it ambiguous."""
    if len(found) > 1:
        return found
    if len(so_far) == len(open_):
        found.append(dict(so_far))
        return found
    position = open_[len(so_far)]
    for line in possible[position]:
        if line not in so_far.values():
            so_far[position] = line
            _assignments(open_, possible, so_far, found)
            del so_far[position]
    return found
