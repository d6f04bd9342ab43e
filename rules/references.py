"""What the user's own code-set files say of one claim, as values.

Three files of Medicare's National Correct Coding Initiative, each valid for a quarter: code pairs
(PTP), unit limits (MUE) and add-on codes (AOC). A rule asks for a day, and whether any file covers
that day at all: without one there is no answer, and "no pair" must not be read out of that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import permutations
from typing import NamedTuple

from edi.claim import Claim, ServiceLine

PTP, MUE, AOC = "ptp", "mue", "aoc"
NO_MODIFIER, WITH_MODIFIER = "0", "1"
LINE_EDIT, DAY_POLICY, DAY_CLINICAL = "1", "2", "3"
"""How a unit limit is held: per line, per day for good, per day but open to an appeal."""

CONTRACTOR_DEFINED = "CCCCC"
"""Stands for a primary code where each Medicare contractor has a list of its own."""

_TITLES = {PTP: "code pairs (NCCI PTP)", MUE: "unit limits (MUE)", AOC: "add-on codes (AOC)"}


class Coverage(NamedTuple):
    """The service dates that an imported file answers for."""

    kind: str
    first: date
    last: date


class PairEdit(NamedTuple):
    """Column 1 is paid, column 2 denied. ``first`` and ``last``: on which days, within the file's.

    ``modifier_indicator`` 0: no modifier passes it; 1: one may, where the services were distinct.
    """

    column_1: str
    column_2: str
    modifier_indicator: str
    first: date
    last: date
    dataset: str = ""


class UnitLimit(NamedTuple):
    """Most units of a code that one patient has in a day (or line, by its indicator)."""

    procedure_code: str
    units: int
    adjudication_indicator: str
    first: date
    last: date
    dataset: str = ""


class AddOn(NamedTuple):
    """An add-on code with one code that it may be added to, and on which days.

    ``type_code`` 1: the list of primaries is closed; 2: contractors have lists of their own;
    3: some are listed, and contractors may have more.
    """

    add_on: str
    primary: str
    type_code: str
    first: date
    last: date
    dataset: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """The rows that concern one claim's codes. ``coverage`` is of all that was imported."""

    coverage: tuple[Coverage, ...] = ()
    pairs: tuple[PairEdit, ...] = ()
    unit_limits: tuple[UnitLimit, ...] = ()
    add_ons: tuple[AddOn, ...] = ()

    def covers(self, kind: str, day: date) -> bool:
        """Whether a file of this kind answers for the day."""
        return any(c.kind == kind and c.first <= day <= c.last for c in self.coverage)

    def pair(self, column_1: str, column_2: str, day: date) -> PairEdit | None:
        """The edit in force on a day; of several, the one that no modifier passes."""
        found = [
            p
            for p in self.pairs
            if (p.column_1, p.column_2) == (column_1, column_2) and p.first <= day <= p.last
        ]
        return min(found, key=lambda p: p.modifier_indicator, default=None)

    def unit_limit(self, procedure_code: str, day: date) -> UnitLimit | None:
        """The limit on a day. None: none is published, and some are kept confidential."""
        found = [
            u
            for u in self.unit_limits
            if u.procedure_code == procedure_code and u.first <= day <= u.last
        ]
        return min(found, key=lambda u: u.units, default=None)

    def primaries(self, add_on: str, day: date) -> tuple[AddOn, ...]:
        """What a code may be added to on a day; empty for a code that is no add-on."""
        return tuple(a for a in self.add_ons if a.add_on == add_on and a.first <= day <= a.last)


NOTHING_IMPORTED = References()


def missing_file(kind: str, day: date) -> str:
    """In words: which file has to be imported before a rule can answer for the day."""
    return (
        f"No file of {_TITLES[kind]} covers {day.year} Q{(day.month + 2) // 3}, the quarter of "
        f"this service. Import it (reclaim reference import {kind} FILE --from DATE --to DATE)"
    )


def shared_day(one: ServiceLine, other: ServiceLine) -> date | None:
    """The first day that both lines are of; None where there is none.

    A line without a date may be of any day, so it counts as of the other's.
    """
    a, b = one.service_dates or other.service_dates, other.service_dates or one.service_dates
    if a is None or b is None or a[0] > b[1] or b[0] > a[1]:
        return None
    return max(a[0], b[0])


def edit_between(
    claim: Claim,
    references: References,
    column_1: ServiceLine,
    column_2: ServiceLine,
    *,
    of_one: bool = True,
) -> PairEdit | None:
    """The edit that pays one line instead of the other: same patient, day and practitioner.

    ``of_one`` False: by two practitioners of the claim, whom the payer may have counted as one.
    """
    codes = (column_1.procedure_code, column_2.procedure_code)
    # Few pairs of codes have an edit at all; only for those it matters when and by whom.
    if not any((p.column_1, p.column_2) == codes for p in references.pairs):
        return None
    day = shared_day(column_1, column_2)
    is_one = claim.rendering_npi_of(column_1) == claim.rendering_npi_of(column_2)
    if day is None or is_one != of_one:
        return None
    return references.pair(*codes, day)


def column_1_lines(
    claim: Claim, references: References, line: ServiceLine, *, of_one: bool = True
) -> tuple[tuple[ServiceLine, PairEdit], ...]:
    """Lines that an edit pays instead of ``line``, each with its edit, in the claim's order."""
    return tuple(
        (other, edit)
        for other in claim.service_lines
        if other.position != line.position
        and (edit := edit_between(claim, references, other, line, of_one=of_one)) is not None
    )


def indicator_0_pairs(claim: Claim, references: References) -> frozenset[tuple[str, str]]:
    """(column 1, column 2) among the claim's lines that no modifier passes."""
    return frozenset(
        (one.procedure_code, other.procedure_code)
        for one, other in permutations(claim.service_lines, 2)
        if (edit := edit_between(claim, references, one, other)) is not None
        and edit.modifier_indicator == NO_MODIFIER
    )
