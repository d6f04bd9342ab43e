"""The levels of an 837P: each under the right one, and each saying whether others follow below.

Source: 005010X222A1, HL02 and HL04 of loops 2000A, 2000B and 2000C. That HL01 counts from 1 and
that HL02 names a level at all is pyx12's to see.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from edi.locate import Seen
from edi.problem import Problem
from edi.source import SourceRef

_ABOVE = {"22": "20", "23": "22"}
_CHILD_CODES = ("0", "1")


class _Level(NamedTuple):
    kind: str
    child_code: str
    segment: Seen


class HierarchyCheck:
    """The HLs of one transaction set."""

    tags: ClassVar = frozenset(("HL",))

    def __init__(self, source: SourceRef, problems: list[Problem]) -> None:
        self._source, self._problems = source, problems
        self._levels: dict[str, _Level] = {}
        self._parents: set[str] = set()

    def see(self, segment: Seen) -> None:
        """One HL, in the file's order."""
        number, parent, kind = segment.element(1), segment.element(2), segment.element(3)
        self._levels[number] = _Level(kind, segment.element(4), segment)
        if not parent:
            return
        above = self._levels.get(parent)
        if above is None:
            return
        self._parents.add(parent)
        expected = _ABOVE.get(kind)
        if expected is not None and above.kind != expected:
            self._problems.append(
                Problem("HIERARCHICAL_PARENT_ID_NUMBER_INVALID",
                        self._source.at_segment(segment.position), segment.place(2),
                        f"a level {above.kind[:2]}", f"a level {expected}")
            )  # fmt: skip

    def end(self) -> None:
        """The transaction set is at its end: now every child is known."""
        for number, level in self._levels.items():
            expected = "1" if number in self._parents else "0"
            if level.child_code in _CHILD_CODES and level.child_code != expected:
                below = "levels below it" if expected == "1" else "no level below it"
                self._problems.append(
                    Problem("HIERARCHICAL_CHILD_CODE_INVALID",
                            self._source.at_segment(level.segment.position),
                            level.segment.place(4), repr(level.child_code),
                            f"{expected!r}, there are {below}" if expected == "1"
                            else f"{expected!r}, there is {below}")
                )  # fmt: skip
