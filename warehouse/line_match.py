"""Which billed line a reported service answers, where its number and its content do not say so.

The deterministic steps after REF*6R and the exact join (domain: line matching order). Every step
takes a pair only where it is the only one; what stays open has one more chance, a single possible
assignment, and is otherwise ``ambiguous``: a person sees it. Never across dates, never two
reported services on one line unless their charges add up to it.
"""

from __future__ import annotations

from collections import Counter
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
    return r.units is not None and r.units == b.units


def _modifiers(r: Reported, b: Billed) -> bool:
    return sorted(r.modifiers) == sorted(b.modifiers)


def _control_number(r: Reported, b: Billed) -> bool:
    number = r.line_item_control_number
    return bool(number) and _folded(number) == _folded(b.line_item_control_number)


def _line_number(r: Reported, b: Billed) -> bool:
    number = r.line_item_control_number
    return bool(number) and _folded(number).lstrip("0") == b.line_number.lstrip("0")


def _folded(number: str | None) -> str:
    return (number or "").strip().upper()


def _control_number_test(billed: Sequence[Billed]) -> Test:
    """REF*6R, unless code and charge both say another line: LX was returned for it.

    Where the charge is that of both, it takes the other's LX to say so.
    """
    return lambda r, b: (
        _control_number(r, b)
        and (
            _code(r, b)
            or not any(
                _code(r, o)
                and _charge(r, o)
                and _same_day(r, o)
                and (not _charge(r, b) or _line_number(r, o))
                for o in billed
            )
        )
    )


STEPS: tuple[tuple[str, Test], ...] = (
    ("line_number", lambda r, b: _line_number(r, b) and (_code(r, b) or _charge(r, b))),
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
        lambda r, b: _code(r, b) and _modifiers(r, b) and _charge(r, b) and _stated_day(r, b),
    ),
    ("code_date_charge", lambda r, b: _code(r, b) and _charge(r, b) and _stated_day(r, b)),
    ("code_date_units", lambda r, b: _code(r, b) and _units(r, b) and _stated_day(r, b)),
    ("code_charge", lambda r, b: _code(r, b) and _charge(r, b)),
)

FIRST_WITHOUT_MODIFIERS = "code_date_charge"
"""Before it, splits are looked for that the modifiers tell."""


def match_lines(
    reported: Sequence[Reported],
    billed: Sequence[Billed],
    placed: Sequence[tuple[Reported, int]] = (),
) -> list[LineMatch]:
    """One answer for each reported service, in their order.

    ``billed`` are all lines of the claim; ``placed`` the services that have one already.
    """
    state = _State(reported, billed, placed)
    state.take_splits(_numbered_splits(state.left.values(), state.free.values()))
    first = ("line_item_control_number", _control_number_test(billed))
    for method, test in (first, *STEPS):
        if not state.left:
            break
        if method == FIRST_WITHOUT_MODIFIERS:
            state.take_all_splits(_modifiers)
        for r, b in _only_pairs(state.left.values(), state.free.values(), test):
            state.take(r, b, method)
    state.take_all_splits(_same_day)
    state.take_nothing_charged()
    state.found |= _assign(list(state.left.values()), list(state.free.values()))
    return [state.found[r.service_position] for r in reported]


class _State:
    """What is matched so far, and what is left."""

    def __init__(
        self,
        reported: Sequence[Reported],
        billed: Sequence[Billed],
        placed: Sequence[tuple[Reported, int]],
    ) -> None:
        taken = {position for _, position in placed}
        lines = {b.line_position: b for b in billed}
        self.codes = {b.procedure_code for b in billed}
        self.free = {p: b for p, b in lines.items() if p not in taken}
        self.left = {r.service_position: r for r in reported}
        self.found: dict[int, LineMatch] = {}
        self.pairs = [(r, lines[p]) for r, p in placed if p in lines]

    def take(self, r: Reported, b: Billed, method: str) -> None:
        self.found[r.service_position] = LineMatch(r.service_position, b.line_position, method)
        self.pairs.append((r, b))
        del self.left[r.service_position]
        self.free.pop(b.line_position, None)

    def take_all_splits(self, alike: Test) -> None:
        while splits := _splits(self.left.values(), self.free.values(), alike):
            self.take_splits(splits)

    def take_splits(self, splits: list[tuple[tuple[Reported, ...], Billed]]) -> None:
        for services, b in splits:
            for r in services:
                self.take(r, b, "split")

    def take_nothing_charged(self) -> None:
        """What a payer unbundled: beside the service with the whole charge, others with none.

        They may have codes that nobody billed; then the claim must leave no choice.
        """
        for r in [r for r in self.left.values() if r.charge_cents == 0]:
            whole = [
                b
                for other, b in self.pairs
                if (_code(r, b) or r.procedure_code not in self.codes)
                and _same_day(r, b)
                and other.charge_cents == b.charge_cents > 0
            ]
            same = [b for b in whole if _code(r, b) and b.modifiers == r.modifiers]
            lines = {b.line_position: b for b in same or whole}
            own = [b for b in self.free.values() if _code(r, b) and _same_day(r, b)]
            if len(lines) == 1 and not own:
                self.take(r, next(iter(lines.values())), "split")


def _numbered_splits(
    reported: Iterable[Reported], billed: Iterable[Billed]
) -> list[tuple[tuple[Reported, ...], Billed]]:
    """Services that share one line number and whose charges add up to that line's.

    As with a single service, the number is not followed where a code says another such line.
    """
    groups: dict[str, list[Reported]] = {}
    for r in reported:
        if r.line_item_control_number:
            groups.setdefault(_folded(r.line_item_control_number), []).append(r)
    lines = list(billed)
    found = []
    for services in groups.values():
        whole = sum(r.charge_cents for r in services)
        fitting = [
            b
            for b in lines
            if b.charge_cents == whole > 0 and all(_same_day(r, b) for r in services)
        ]
        coded = [b for b in fitting if any(_code(r, b) for r in services)]
        own, by_line = (
            [b for b in fitting if test(services[0], b)] for test in (_control_number, _line_number)
        )
        mine = [b for b in own if b in coded] or [b for b in by_line if b in coded]
        mine = mine or ([] if coded else own or by_line)
        if len(services) > 1 and len(mine) == 1:
            found.append((tuple(services), mine[0]))
    meant = Counter(b.line_position for _, b in found)
    return [(services, b) for services, b in found if meant[b.line_position] == 1]


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
    reported: Iterable[Reported], billed: Iterable[Billed], alike: Test
) -> list[tuple[tuple[Reported, ...], Billed]]:
    """Lines that the payer split: services of one code and day whose charges add up to a line.

    In one way only, to no other line that any of them may be a part of, and where none of them may
    be the whole of another line.
    """
    rs, bs, found = list(reported), list(billed), []
    for b in bs:
        group = [
            r
            for r in rs
            if r.charge_cents > 0
            and _same_day(r, b)
            and (_code(r, b) or _control_number(r, b) or _line_number(r, b))
            and alike(r, b)
        ]
        sums = [
            some
            for size in range(2, len(group) + 1)
            for some in combinations(group, size)
            if sum(r.charge_cents for r in some) == b.charge_cents
        ] if 2 <= len(group) <= MOST_SPLITS else []  # fmt: skip
        found += [(some, b) for some in sums]
    lines = Counter(r.service_position for some, _ in found for r in some)
    ways = Counter(b.line_position for _, b in found)
    wholes = {
        r.service_position
        for r in rs
        if any(_code(r, b) and _charge(r, b) and _same_day(r, b) and alike(r, b) for b in bs)
    }
    return [
        (some, b)
        for some, b in found
        if ways[b.line_position] == 1
        and all(lines[r.service_position] == 1 and r.service_position not in wholes for r in some)
    ]


def _assign(reported: list[Reported], billed: list[Billed]) -> dict[int, LineMatch]:
    """The one assignment that is possible, where there is exactly one; else ambiguous.

    What does not compete for the same lines is looked at apart. A service with no line it could
    belong to at all is ``unmatched``.
    """
    possible = {
        r.service_position: [b.line_position for b in billed if _may_be(r, b)] for r in reported
    }
    answers = {
        position: LineMatch(position, None, "unmatched")
        for position, lines in possible.items()
        if not lines
    }
    for open_ in _competing({p: set(lines) for p, lines in possible.items() if lines}):
        assignments = _assignments(open_, possible, {}, []) if len(open_) <= MOST_SPLITS else []
        if len(assignments) == 1:
            for position, line in assignments[0].items():
                answers[position] = LineMatch(position, line, "assignment")
        else:
            answers |= {p: LineMatch(p, None, "ambiguous") for p in open_}
    return answers


def _may_be(r: Reported, b: Billed) -> bool:
    """A charge of nothing tells no line from another."""
    return _same_day(r, b) and (_code(r, b) or (_charge(r, b) and r.charge_cents > 0))


def _competing(possible: dict[int, set[int]]) -> list[list[int]]:
    """Services grouped by the lines they compete for."""
    groups: list[tuple[list[int], set[int]]] = []
    for position, lines in possible.items():
        members, wanted = [position], set(lines)
        apart = []
        for group in groups:
            if group[1] & wanted:
                members, wanted = group[0] + members, wanted | group[1]
            else:
                apart.append(group)
        groups = [*apart, (members, wanted)]
    return [members for members, _ in groups]


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
