"""Which billed line the number means that a payer returns with a service (REF*6R).

It is our own number of the line, or its LX, or our own without its zeros and dashes. No number is
followed where what the service says is another line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from warehouse.line_agreement import (
    Billed,
    Reported,
    bare,
    is_line_number,
    same_charge,
    same_code,
    same_control_number,
    same_day,
    same_units,
)


class LineNumbers:
    """What numbers say of the lines of one claim."""

    def __init__(self, billed: Sequence[Billed]) -> None:
        self.billed = billed
        self.agreeing: dict[int, list[Billed]] = {}

    @cached_property
    def bare(self) -> set[str]:
        """Numbers that are one line's only, without zeros and dashes."""
        numbers = Counter(bare(b.line_item_control_number) for b in self.billed)
        return {number for number, count in numbers.items() if number and count == 1}

    def is_own(self, r: Reported, b: Billed) -> bool:
        """Our number, unless code and charge both say another line: LX was returned for it.

        Where the line has one of the two as well, it takes the other's LX to say so.
        """
        return same_control_number(r, b) and not self._is_contradicted(r, b)

    def is_line(self, r: Reported, b: Billed) -> bool:
        """LX, with the line's code or charge, where no other line agrees in more.

        Some payers number the lines themselves, in an order of their own.
        """
        return (
            is_line_number(r, b)
            and (same_code(r, b) or same_charge(r, b))
            and not any(_agrees_in_more(r, o, b) for o in self._agreeing(r))
            and not any(
                self._is_bare(r, o) and (_has_both(r, o) or not _has_both(r, b))
                for o in self.billed
                if o.line_position != b.line_position
            )
        )

    def is_bare(self, r: Reported, b: Billed) -> bool:
        """Our number without its zeros and dashes, which is one line's only, and no other's LX."""
        return (
            self._is_bare(r, b)
            and not self._is_contradicted(r, b)
            and not any(
                is_line_number(r, o) and (same_code(r, o) or same_charge(r, o))
                for o in self.billed
                if o.line_position != b.line_position
            )
        )

    def _is_bare(self, r: Reported, b: Billed) -> bool:
        number = bare(r.line_item_control_number) if r.line_item_control_number else ""
        return bool(number) and number in self.bare and number == bare(b.line_item_control_number)

    def _is_contradicted(self, r: Reported, b: Billed) -> bool:
        has = same_code(r, b) + same_charge(r, b)
        return has < 2 and any(has == 0 or is_line_number(r, o) for o in self._agreeing(r))

    def _agreeing(self, r: Reported) -> list[Billed]:
        """Lines of the code, charge and day of a service."""
        found = self.agreeing.get(r.service_position)
        if found is None:
            found = self.agreeing[r.service_position] = [
                o for o in self.billed
                if _has_both(r, o) and same_day(r, o)
            ]  # fmt: skip
        return found


def _has_both(r: Reported, b: Billed) -> bool:
    """Code and charge."""
    return same_code(r, b) and same_charge(r, b)


def _agrees_in_more(r: Reported, o: Billed, b: Billed) -> bool:
    """Whether a line of the code and charge agrees in all that another one does, and in more."""
    if not _has_both(r, b):
        return True
    mine, theirs = ((same_units(r, x), r.modifiers == x.modifiers) for x in (b, o))
    return mine != theirs and all(t >= m for m, t in zip(mine, theirs, strict=True))
