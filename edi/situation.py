"""What one element of a claim asks of another (SNIP level 4), where the guide leaves no doubt.

Sources: 005010X222A1, REF*F8 in loop 2300 (required when CLM05-3 says replacement or void of a
claim that was adjudicated, else not to be sent), SV107 (points to one of the claim's diagnoses),
REF*6R in loop 2400 (unique within CLM01), CLM01 (the number that answers are told apart by),
CLM05-3 (code source 235).
"""

from __future__ import annotations

from typing import ClassVar

from edi.locate import Seen
from edi.problem import Problem
from edi.source import SourceRef

FREQUENCY_CODES = frozenset("0123456789ABCDEFGHIJKMNOPQXYZ")
"""Claim frequency type codes (code source 235)."""
_NEEDS_NUMBER = ("7", "8")
_MAY_NAME_NUMBER = frozenset("678XY")
"""Codes that mean a claim sent before: 6 and encounters' X and Y may carry its number."""
_DIAGNOSES = frozenset(("ABK", "ABF", "BK", "BF"))


class ClaimCheck:
    """The claims of one 837P transaction set, one after the other."""

    tags: ClassVar = frozenset(("CLM", "HI", "REF", "SV1", "LX", "HL", "SE"))

    def __init__(self, source: SourceRef, problems: list[Problem], component: str) -> None:
        self._source, self._problems, self._component = source, problems, component
        self._numbers: dict[str, int] = {}
        self._claim: Seen | None = None
        self._frequency = ""
        self._original: Seen | None = None
        self._diagnoses = 0
        self._lines: dict[str, int] = {}

    def see(self, segment: Seen) -> None:
        """One segment, in the file's order."""
        match segment.elements[0]:
            case "CLM":
                self._begin(segment)
            case "HI":
                self._diagnose(segment)
            case "SV1":
                self._point(segment)
            case "REF":
                self._refer(segment)
            case "LX" | "HL" | "SE":
                self._settle()

    def end(self) -> None:
        """The last claim is at its end."""
        self._settle()

    def _problem(self, code: str, at: Seen, place: str, found: str, expected: str) -> None:
        self._problems.append(
            Problem(code, self._source.at_segment(at.position), place, found, expected)
        )

    def _begin(self, segment: Seen) -> None:
        self._settle()
        self._claim, self._original, self._diagnoses, self._lines = segment, None, 0, {}
        facility = segment.element(5).split(self._component)
        self._frequency = facility[2] if len(facility) > 2 else ""
        if self._frequency and self._frequency not in FREQUENCY_CODES:
            self._problem("INVALID_CLAIM_FREQUENCY_CODE", segment, "2300/CLM05-3",
                          repr(self._frequency[:3]), "one of code source 235")  # fmt: skip
        number = segment.element(1).strip()
        first = self._numbers.setdefault(number, segment.position)
        if number and first != segment.position:
            self._problem("DUPLICATE_PATIENT_CONTROL_NUMBER", segment, "2300/CLM01",
                          f"the number of the claim at segment {first}",
                          "a number of its own")  # fmt: skip

    def _settle(self) -> None:
        """What stands before the lines is complete: frequency and original number fit, or not."""
        claim, original, self._claim = self._claim, self._original, None
        if claim is None:
            return
        if self._frequency in _NEEDS_NUMBER and original is None:
            self._problem("IMPLEMENTATION_DEPENDENT_SEGMENT_MISSING", claim, "2300/REF*F8",
                          f"none with frequency {self._frequency}",
                          "the payer's number of the claim before")  # fmt: skip
        elif original is not None and self._frequency not in _MAY_NAME_NUMBER:
            self._problem("IMPLEMENTATION_DEPENDENT_NOT_USED_SEGMENT_PRESENT", original,
                          "2300/REF*F8", f"one with frequency {self._frequency[:3] or 'nothing'}",
                          "none, but with frequency 7 or 8")  # fmt: skip

    def _diagnose(self, segment: Seen) -> None:
        if segment.loop == "2300":
            self._diagnoses += sum(
                code.partition(self._component)[0] in _DIAGNOSES for code in segment.elements[1:]
            )

    def _point(self, segment: Seen) -> None:
        for nth, pointer in enumerate(filter(None, segment.element(7).split(self._component)), 1):
            if not (pointer.isascii() and pointer.isdigit()) or len(pointer) > 2:
                continue  # no number at all: the guide's check says so
            if not 1 <= int(pointer) <= self._diagnoses:
                self._problem("DIAGNOSIS_POINTER_INVALID", segment, f"2400/SV107-{nth}", pointer,
                              f"1 to {self._diagnoses}" if self._diagnoses
                              else "a diagnosis to point to")  # fmt: skip

    def _refer(self, segment: Seen) -> None:
        qualifier = segment.element(1)
        if qualifier == "F8" and segment.loop == "2300":
            self._original = segment
        elif qualifier == "6R" and segment.loop == "2400":
            number = segment.element(2).strip()
            first = self._lines.setdefault(number, segment.position)
            if number and first != segment.position:
                self._problem("DUPLICATE_LINE_ITEM_CONTROL_NUMBER", segment, "2400/REF02",
                              f"the number of the line at segment {first}",
                              "a number of its own within the claim")  # fmt: skip
