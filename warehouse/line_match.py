"""Which billed line a reported service answers, where its number and its content do not say so.

The deterministic steps after REF*6R and the exact join (domain: line matching order). Every step
takes a pair only where it is the only one; what stays open has one more chance, a single possible
assignment, and is otherwise ``ambiguous``: a person sees it. Never across dates, never two
reported services on one line unless their charges add up to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from warehouse.line_agreement import (
    Billed,
    Reported,
    Test,
    same_charge,
    same_code,
    same_day,
    same_modifiers,
    same_units,
    stated_day,
)
from warehouse.line_numbers import LineNumbers
from warehouse.line_splits import Split, SplitFinder, numbered_splits


class LineMatch(NamedTuple):
    """``line_position`` None: ambiguous or unmatched."""

    service_position: int
    line_position: int | None
    method: str


def _unstated_units(r: Reported, b: Billed) -> bool:
    return r.units is None


def _same_order(r: Reported, b: Billed) -> bool:
    return r.modifiers == b.modifiers


def _alike(*more: Test) -> Test:
    """Code, charge and a stated day, and more."""
    return lambda r, b: (
        same_code(r, b) and same_charge(r, b) and stated_day(r, b) and all(t(r, b) for t in more)
    )


Step = tuple[str, Test]

EXACT: tuple[Step, ...] = (
    # Units that are not stated are one, or whatever they were: stated ones go before.
    ("exact", _alike(_same_order, same_units)),
    ("exact", _alike(_same_order, _unstated_units)),
)
BY_MODIFIERS: tuple[Step, ...] = (
    ("modifiers_reordered", _alike(same_modifiers, same_units)),
    ("modifiers_reordered", _alike(same_modifiers, _unstated_units)),
    ("code_date_charge", _alike(same_modifiers)),
)
WITHOUT_MODIFIERS: tuple[Step, ...] = (
    ("code_date_charge", _alike()),
    ("code_date_units", lambda r, b: same_code(r, b) and same_units(r, b) and stated_day(r, b)),
    ("code_charge", lambda r, b: same_code(r, b) and same_charge(r, b)),
)


def match_lines(
    reported: Sequence[Reported],
    billed: Sequence[Billed],
    placed: Sequence[tuple[Reported, int]] = (),
) -> list[LineMatch]:
    """One answer for each reported service, in their order.

    ``billed`` are all lines of the claim; ``placed`` the services that have one already.
    """
    numbers = LineNumbers(billed)
    state = _State(reported, billed, placed)
    state.take_splits(numbered_splits(reported, state.free.values(), billed))
    state.take_pairs(numbers.is_own, "line_item_control_number")
    state.take_pairs(numbers.is_line, "line_number")
    state.take_by_content(EXACT)
    # A number that lost its zeros says less than one that was returned as it was.
    state.take_pairs(numbers.is_bare, "line_item_control_number")
    state.take_by_content(BY_MODIFIERS)
    state.take_all_splits(same_modifiers)
    state.take_by_content(WITHOUT_MODIFIERS)
    state.take_all_splits(same_day)
    state.assign()
    state.take_unbundled()
    return [state.found[r.service_position] for r in reported]


def _method(r: Reported, b: Billed) -> str:
    """The first way in which the contents agree, though others may have agreed in it as well."""
    return next(
        method for method, test in (*EXACT, *BY_MODIFIERS, *WITHOUT_MODIFIERS) if test(r, b)
    )


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
        self.finder = SplitFinder()
        self.pairs = [(r, lines[p]) for r, p in placed if p in lines]

    def take(self, r: Reported, b: Billed, method: str) -> None:
        self.found[r.service_position] = LineMatch(r.service_position, b.line_position, method)
        self.pairs.append((r, b))
        del self.left[r.service_position]
        self.free.pop(b.line_position, None)

    def take_pairs(self, test: Test, method: str) -> None:
        for r, b in _only_pairs(self.left.values(), self.free.values(), test):
            self.take(r, b, method)

    def take_by_content(self, steps: Iterable[Step]) -> None:
        for _, test in steps:
            for r, b in _only_pairs(self.left.values(), self.free.values(), test):
                self.take(r, b, _method(r, b))

    def take_all_splits(self, alike: Test) -> None:
        while splits := self.finder.splits(self.left.values(), self.free.values(), alike):
            self.take_splits(splits)

    def take_splits(self, splits: list[Split]) -> None:
        for services, b in splits:
            for r in services:
                self.take(r, b, "split")

    def assign(self) -> None:
        """Where all that is left can be in one way only, that is how it is."""
        for answer in _assign(self.left.values(), self.free.values()):
            if answer.line_position is None:
                self.found[answer.service_position] = answer
            else:
                r, b = self.left[answer.service_position], self.free[answer.line_position]
                self.take(r, b, answer.method)

    def take_unbundled(self) -> None:
        """Beside the part of a line that carries its whole charge, those that carry none.

        They may have codes that nobody billed; then the claim must leave no choice: of the lines
        with their whole charge it is the only one, or the only one under another code. It leaves
        one where what carries a charge has no line.
        """
        for r in [r for r in self.left.values() if r.charge_cents == 0]:
            whole = [
                (other, b)
                for other, b in self.pairs
                if (same_code(r, b) or self.is_unknown(r))
                and same_day(r, b)
                and other.charge_cents == b.charge_cents > 0
            ]
            if self.is_unknown(r):
                alike = [(other, b) for other, b in whole if not same_code(other, b)]
            else:
                alike = [(other, b) for other, b in whole if b.modifiers == r.modifiers]
            lines = {b.line_position: b for _, b in alike or whole}
            own = [b for b in self.free.values() if same_code(r, b) and same_day(r, b)]
            if len(lines) == 1 and not own and not (self.is_unknown(r) and self.waits_beside(r)):
                self.take(r, next(iter(lines.values())), "split")

    def is_unknown(self, r: Reported) -> bool:
        """Under a code that the claim does not have."""
        return r.procedure_code not in self.codes

    def waits_beside(self, r: Reported) -> bool:
        """Whether a service of its day has a charge and no line."""
        return any(
            other.charge_cents > 0
            and (other.service_date == r.service_date
                 or None in (other.service_date, r.service_date))
            for other in self.left.values()
        )  # fmt: skip


def _only_pairs(
    reported: Iterable[Reported], billed: Iterable[Billed], test: Test
) -> list[tuple[Reported, Billed]]:
    """Pairs that agree where neither side agrees with anything else."""
    rs, bs = list(reported), list(billed)
    if not (rs and bs):
        return []
    partners = {r.service_position: [b for b in bs if same_day(r, b) and test(r, b)] for r in rs}
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


def _assign(reported: Iterable[Reported], billed: Iterable[Billed]) -> list[LineMatch]:
    """The one assignment that is possible, where there is exactly one; else ambiguous.

    What does not compete for the same lines is looked at apart. A service with no line it could
    belong to at all is ``unmatched``.
    """
    lines = list(billed)
    possible = {
        r.service_position: {b.line_position for b in lines if _may_be(r, b)} for r in reported
    }
    answers = [LineMatch(p, None, "unmatched") for p, some in possible.items() if not some]
    for open_ in _competing({p: some for p, some in possible.items() if some}):
        only = _only_assignment({p: possible[p] for p in open_})
        answers += [
            LineMatch(p, only[p], "assignment") if only else LineMatch(p, None, "ambiguous")
            for p in open_
        ]
    return answers


def _only_assignment(possible: Mapping[int, set[int]]) -> dict[int, int] | None:
    """A line for each service, where that can be done in one way only.

    Where it can, one of the services has a single line left, and so on without it: had each of
    them two, they could change lines in a ring. So nothing has to be tried.
    """
    taken: dict[int, int] = {}
    lines = {position: set(some) for position, some in possible.items()}
    forced = [position for position, some in lines.items() if len(some) == 1]
    while forced:
        position = forced.pop()
        if len(lines[position]) != 1:
            return None
        taken[position] = line = lines.pop(position).pop()
        for other, some in lines.items():
            if line in some:
                some.remove(line)
                if len(some) == 1:
                    forced.append(other)
    return None if lines else taken


def _may_be(r: Reported, b: Billed) -> bool:
    """A charge of nothing tells no line from another."""
    return same_day(r, b) and (same_code(r, b) or (same_charge(r, b) and r.charge_cents > 0))


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
