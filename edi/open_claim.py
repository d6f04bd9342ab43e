"""A claim, a line and a level while they are being read."""

from __future__ import annotations

from typing import Any

from edi.claim import (
    Claim,
    ClaimBytes,
    DrugLoop,
    LineAdjudicationLoop,
    OtherPayerLoop,
    ServiceLine,
)
from edi.claim_text import CLAIM_PARTIES, HEADER_PARTIES, LEVEL_PARTIES
from edi.envelope import ByteRange
from edi.party import BillingLoop, KeptSegment, PartyLoop, PatientLoop, SubscriberLoop
from edi.problem import Problem, UnreadableClaim
from edi.source import SourceRef

PARTY_LOOPS = {
    "header": HEADER_PARTIES,
    "billing": LEVEL_PARTIES["2000A"],
    "subscriber": LEVEL_PARTIES["2000B"],
    "patient": LEVEL_PARTIES["2000C"],
    "claim": CLAIM_PARTIES["2300"],
    "other": CLAIM_PARTIES["2320"],
    "line": CLAIM_PARTIES["2400"],
}
"""Where an NM1 stands and NM101 → the loop it opens."""

OpenParty = tuple[str, Any, list[Any]]
"""An NM1 loop while it is being read: its number, the name, the segments that follow."""

# A NamedTuple's own constructor is a Python function; a tuple's is not.
_new: Any = tuple.__new__


class OpenLine:
    """A service line while it is being read."""

    __slots__ = ("adjudications", "begin", "drugs", "forms", "number", "parties", "position",
                 "segments", "service", "source")  # fmt: skip

    def __init__(self, number: str, position: int, source: SourceRef, begin: int) -> None:
        self.number, self.position, self.source, self.begin = number, position, source, begin
        self.service: Any = None
        self.segments: list[Any] = []
        # Most lines have none of these: a list is made for the first.
        self.parties: list[OpenParty] | None = None
        self.drugs: list[tuple[Any, list[Any]]] | None = None
        self.adjudications: list[tuple[Any, list[Any]]] | None = None
        self.forms: list[Any] | None = None

    def done(self, end: int) -> ServiceLine:
        """The finished line.

        Raises: UnreadableClaim, where it has no SV1.
        """
        if self.service is None:
            raise UnreadableClaim(
                Problem("REQUIRED_SEGMENT_MISSING", self.source, "2400/SV1", "no SV1", "one SV1")
            )
        adjudications = self.adjudications
        line: ServiceLine = _new(ServiceLine, (
            self.position,
            self.number,
            self.service,
            tuple(self.segments),
            tuple(DrugLoop(i, tuple(s)) for i, s in self.drugs) if self.drugs else (),
            parties_of(self.parties) if self.parties else (),
            tuple(LineAdjudicationLoop(i, tuple(s)) for i, s in adjudications)
            if adjudications else (),
            tuple(self.forms) if self.forms else (),
            self.source,
            _new(ByteRange, (self.begin, end)),
        ))  # fmt: skip
        return line


def parties_of(found: list[OpenParty]) -> tuple[PartyLoop, ...]:
    """The finished NM1 loops, in order."""
    return tuple([_new(PartyLoop, (loop, name, tuple(segs))) for loop, name, segs in found])


class OpenLevel:
    """An HL level while it is being read."""

    __slots__ = ("begin", "end", "information", "kind", "loop", "parties", "problem", "segments")

    def __init__(self, kind: str, begin: int) -> None:
        self.kind, self.begin = kind, begin
        self.end = 0
        self.information: Any = None
        self.segments: list[Any] = []
        self.parties: list[OpenParty] = []
        self.problem: Problem | None = None
        self.loop: Any = None
        """The finished loop, made when the first claim needs it."""

    def done(self) -> Any:
        """The finished loop; one object for all claims under it."""
        if self.loop is None:
            bytes_ = ByteRange(self.begin, self.end)
            segments, parties = tuple(self.segments), parties_of(self.parties)
            if self.kind == "billing":
                self.loop = BillingLoop(segments, parties, bytes_)
            elif self.kind == "subscriber":
                self.loop = _new(SubscriberLoop, (self.information, segments, parties, bytes_))
            else:
                self.loop = _new(PatientLoop, (self.information, segments, parties, bytes_))
        return self.loop


class OpenClaim:
    """A claim while it is being read."""

    __slots__ = ("begin", "information", "kept", "line", "line_count", "lines", "others",
                 "parties", "problem", "segments", "source")  # fmt: skip

    def __init__(self, begin: int, source: SourceRef) -> None:
        self.begin, self.source = begin, source
        self.information: Any = None
        self.segments: list[Any] = []
        self.parties: list[OpenParty] = []
        self.others: list[tuple[Any, list[Any], list[OpenParty]]] = []
        self.lines: list[ServiceLine] = []
        self.line: OpenLine | None = None
        self.line_count = 0
        self.kept: list[KeptSegment] = []
        self.problem: Problem | None = None

    def done(self, levels: dict[str, OpenLevel], end: int) -> Claim:
        """The finished claim, with the levels it stands under."""
        billing, subscriber = levels["billing"].done(), levels["subscriber"].done()
        patient = levels["patient"].done() if "patient" in levels else None
        claim: Claim = _new(Claim, (
            self.information,
            billing,
            subscriber,
            patient,
            tuple(self.segments),
            parties_of(self.parties) if self.parties else (),
            tuple(OtherPayerLoop(i, tuple(s), parties_of(p)) for i, s, p in self.others)
            if self.others else (),
            tuple(self.lines),
            tuple(self.kept),
            self.source,
            _new(ClaimBytes, (
                billing.bytes,
                subscriber.bytes,
                patient.bytes if patient else None,
                _new(ByteRange, (self.begin, end)),
            )),
        ))  # fmt: skip
        return claim
