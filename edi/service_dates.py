"""Dates that can't be in the order they were sent in; only where no reading of them is right.

A range ends on or after the day it begins. A claim is not written before its services begin
(that they end later is right for rented equipment), and no one is served before birth.
Sources: 005010X222A1, DTP with RD8, BHT04, 2400 DTP*472, DMG02; 005010X221A1, DTM 150/151 and
232/233.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from edi.claim import date_or_none
from edi.locate import Seen
from edi.problem import Problem
from edi.source import SourceRef

_ENDS = {"151": "150", "233": "232"}


class ClaimDateCheck:
    """The dates of one 837P transaction set."""

    tags: ClassVar = frozenset(("BHT", "HL", "DMG", "DTP"))

    def __init__(self, source: SourceRef, problems: list[Problem]) -> None:
        self._source, self._problems = source, problems
        self._written: date | None = None
        self._born: dict[str, date | None] = {}
        self._level = ""

    def see(self, segment: Seen) -> None:
        """One segment, in the file's order."""
        match segment.elements[0]:
            case "BHT":
                self._written = date_or_none(segment.element(4))
            case "HL":
                self._level = segment.loop
                if self._level != "2000C":
                    self._born.clear()
                self._born.pop("2000C", None)
            case "DMG":
                if segment.loop in ("2010BA", "2010CA"):
                    self._born[self._level] = date_or_none(segment.element(2))
            case "DTP":
                self._period(segment)

    def end(self) -> None:
        """Nothing is left to be said."""

    def _problem(self, code: str, at: Seen, found: str, expected: str) -> None:
        place = f"{at.loop}/DTP*{at.element(1)[:3]}" if at.loop else "DTP"
        self._problems.append(
            Problem(code, self._source.at_segment(at.position), place, found, expected)
        )

    def _period(self, segment: Seen) -> None:
        form, text = segment.element(2), segment.element(3)
        first, _, last = text.partition("-") if form == "RD8" else (text[:8], "", "")
        begin, end = date_or_none(first), date_or_none(last) if last else None
        if begin is None:
            return
        if end is not None and end < begin:
            self._problem("DATES_OUT_OF_ORDER", segment, f"an end {(begin - end).days} days before "
                          "the begin", "an end on or after it")  # fmt: skip
        if segment.element(1) != "472" or segment.loop != "2400":
            return
        if self._written is not None and begin > self._written:
            self._problem("SERVICE_AFTER_SUBMISSION", segment,
                          f"a day {(begin - self._written).days} days after BHT04",
                          "BHT04 or before")  # fmt: skip
        born = self._born.get("2000C" if self._level == "2000C" else "2000B")
        if born is not None and begin < born:
            self._problem("SERVICE_BEFORE_BIRTH", segment, "a day before DMG02",
                          "DMG02 or after")  # fmt: skip


class PaymentDateCheck:
    """The first and last days of claims and services in one 835."""

    tags: ClassVar = frozenset(("CLP", "SVC", "DTM"))

    def __init__(self, source: SourceRef, problems: list[Problem]) -> None:
        self._source, self._problems = source, problems
        self._begins: dict[str, date | None] = {}

    def see(self, segment: Seen) -> None:
        """One segment, in the file's order."""
        if segment.elements[0] != "DTM":
            self._begins.clear()
            return
        qualifier, day = segment.element(1), date_or_none(segment.element(2))
        begin = self._begins.get(_ENDS.get(qualifier, ""))
        if begin is not None and day is not None and day < begin:
            self._problems.append(
                Problem("DATES_OUT_OF_ORDER", self._source.at_segment(segment.position),
                        f"{segment.loop}/DTM*{qualifier}",
                        f"an end {(begin - day).days} days before the begin",
                        "an end on or after it")
            )  # fmt: skip
        self._begins[qualifier] = day

    def end(self) -> None:
        """Nothing is left to be said."""
