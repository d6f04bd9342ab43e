"""A claim, a line and a level while they are being read."""

from __future__ import annotations

from typing import Any

from edi.claim import DrugLoop, LineAdjudicationLoop, ServiceLine
from edi.envelope import ByteRange
from edi.party import KeptSegment, PartyLoop, days_of
from edi.problem import BadElement, Problem, UnreadableClaim
from edi.segment import DateTimePeriod
from edi.source import SourceRef


class OpenLine:
    """A service line while it is being read."""

    __slots__ = ("adjudications", "begin", "drugs", "forms", "number", "parties", "position",
                 "segments", "service", "source")  # fmt: skip

    def __init__(self, number: str, position: int, source: SourceRef, begin: int) -> None:
        self.number, self.position, self.source, self.begin = number, position, source, begin
        self.service: Any = None
        self.segments: list[Any] = []
        self.parties: list[tuple[str, Any, list[Any]]] = []
        self.drugs: list[tuple[Any, list[Any]]] = []
        self.adjudications: list[tuple[Any, list[Any]]] = []
        self.forms: list[Any] = []

    def done(self, end: int) -> ServiceLine:
        """The finished line.

        Raises: UnreadableClaim, where it has no SV1 or a service date is none.
        """
        if self.service is None:
            raise UnreadableClaim(
                Problem("REQUIRED_SEGMENT_MISSING", self.source, "2400/SV1", "no SV1", "one SV1")
            )
        for segment in self.segments:
            if type(segment) is DateTimePeriod and segment.date_time_qualifier == "472":
                try:
                    days_of(segment)
                except BadElement as error:
                    raise UnreadableClaim(
                        Problem("INVALID_DATE", self.source, "2400/DTP*472/DTP03", error.found,
                                error.expected)
                    ) from None  # fmt: skip
        return ServiceLine(
            self.position,
            self.number,
            self.service,
            tuple(self.segments),
            tuple(DrugLoop(i, tuple(s)) for i, s in self.drugs) if self.drugs else (),
            parties_of(self.parties) if self.parties else (),
            tuple(LineAdjudicationLoop(i, tuple(s)) for i, s in self.adjudications)
            if self.adjudications
            else (),
            tuple(self.forms),
            self.source,
            ByteRange(self.begin, end),
        )


def parties_of(found: list[tuple[str, Any, list[Any]]]) -> tuple[PartyLoop, ...]:
    """The finished NM1 loops, in order."""
    return tuple(PartyLoop(loop, name, tuple(segments)) for loop, name, segments in found)


class OpenLevel:
    """An HL level while it is being read."""

    def __init__(self, kind: str, begin: int) -> None:
        self.kind, self.begin, self.end = kind, begin, begin
        self.information: Any = None
        self.segments: list[Any] = []
        self.parties: list[tuple[str, Any, list[Any]]] = []
        self.problem: Problem | None = None
        self.loop: Any = None
        """The finished loop, made when the first claim needs it."""


class OpenClaim:
    """A claim while it is being read."""

    def __init__(self, begin: int, source: SourceRef) -> None:
        self.begin, self.source = begin, source
        self.information: Any = None
        self.segments: list[Any] = []
        self.parties: list[tuple[str, Any, list[Any]]] = []
        self.others: list[tuple[Any, list[Any], list[tuple[str, Any, list[Any]]]]] = []
        self.lines: list[ServiceLine] = []
        self.line: OpenLine | None = None
        self.line_count = 0
        self.kept: list[KeptSegment] = []
        self.problem: Problem | None = None
