"""Reads TA1, 999 and 277CA in one walk each: answers as they end, nothing held but one of them.

What cannot be read comes out as a :class:`edi.problem.Problem` with its place and is kept as
text; only a status (STC) that cannot be read spoils its claim, which is then an
:class:`edi.claim_status.UnreadStatus`. What no record models is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, BinaryIO

from edi import acknowledgment as a
from edi import claim_status as c
from edi import payment_segment as p
from edi import segment as s
from edi.claim import SegmentTally
from edi.element import Delimiters
from edi.envelope import ByteRange, Interchange, Segments, TransactionSet, clean
from edi.party import KeptSegment
from edi.problem import BadElement, Problem
from edi.record import Elements, Read, readers_for
from edi.source import SourceRef

GUIDES_999 = ("005010X231", "005010X231A1")
GUIDES_277CA = ("005010X214",)
"""GS08 of each."""

SetEvent = a.SetAcknowledgment | a.GroupAcknowledgment | Problem | SegmentTally
StatusEvent = c.StatusLevel | c.ClaimStatus | c.UnreadStatus | Problem | SegmentTally
Event = SetEvent | StatusEvent

_RECORDS: dict[str, type] = {
    "TA1": a.InterchangeAcknowledgment, "AK1": a.GroupResponseHeader, "AK2": a.SetResponseHeader,
    "IK3": a.SegmentError, "IK4": a.ElementError, "CTX": a.Context, "IK5": a.SetResponseTrailer,
    "AK9": a.GroupResponseTrailer, "HL": s.Hierarchy, "NM1": s.Name, "TRN": p.Trace,
    "STC": c.StatusInformation, "REF": s.Reference, "DTP": s.DateTimePeriod, "QTY": s.Quantity,
    "AMT": s.Amount, "SVC": p.ServicePaymentInformation,
}  # fmt: skip
_ENVELOPE = frozenset(("ST", "SE", "BHT"))
_CLAIM_LEVEL = "PT"


@lru_cache(maxsize=16)
def _segment_readers(delimiters: Delimiters) -> Mapping[str, Read]:
    readers = readers_for(delimiters)
    return {name: readers.reader(record) for name, record in _RECORDS.items()}


class _Walk:
    """What the three walks share: segments as records with their places, and what is kept."""

    def __init__(
        self, file: BinaryIO, bytes_: ByteRange, delimiters: Delimiters, source: SourceRef
    ) -> None:
        self._file, self._bytes, self._delimiters = file, bytes_, delimiters
        self._source = source
        self._readers = _segment_readers(delimiters)
        self._position = self._kept_count = 0

    def _segments(self) -> Iterator[Elements]:
        begin, end = self._bytes
        for _, texts in Segments(self._file, begin, end, self._delimiters.segment):
            for text in texts:
                if text := clean(text):
                    self._position += 1
                    yield text.split(self._delimiters.element)

    def _here(self) -> SourceRef:
        return self._source.at_segment(self._position)

    def _record(self, e: Elements) -> Any:
        """The segment's record; None where no record models it.

        Raises: BadElement.
        """
        reader = self._readers.get(e[0])
        return reader(e) if reader else None

    def _problem(self, e: Elements, error: BadElement, loop: str = "") -> Problem:
        place, first = readers_for(self._delimiters).place_of_error(_RECORDS[e[0]], e)
        if place:
            error = first
        place = place or e[0]
        return Problem("INVALID_ELEMENT", self._here(), f"{loop}/{place}" if loop else place,
                       error.found, error.expected)  # fmt: skip

    def _kept(self, e: Elements, loop: str) -> KeptSegment:
        self._kept_count += 1
        return KeptSegment(loop, self._position, self._delimiters.element.join(e))

    def _tally(self) -> SegmentTally:
        return SegmentTally(self._position, self._position - self._kept_count, self._kept_count)


def read_interchange_acknowledgments(
    file: BinaryIO, interchange: Interchange
) -> Iterator[tuple[SourceRef, a.InterchangeAcknowledgment] | Problem | SegmentTally]:
    """Every TA1 of an interchange with its place; they stand between ISA and the first GS.

    The tally counts the segments in between, ISA and IEA not.
    """
    return iter(_InterchangeWalk(file, interchange))


class _InterchangeWalk(_Walk):
    def __init__(self, file: BinaryIO, interchange: Interchange) -> None:
        end = interchange.groups[0].bytes.start if interchange.groups else interchange.bytes.end
        super().__init__(file, ByteRange(interchange.bytes.start, end), interchange.delimiters,
                         interchange.source)  # fmt: skip

    def __iter__(self) -> Iterator[Any]:
        envelope = 0
        for e in self._segments():
            if e[0] in ("ISA", "IEA"):
                envelope += 1
                continue
            if e[0] != "TA1":
                self._kept_count += 1
                continue
            try:
                found = self._record(e)
            except BadElement as error:
                self._kept_count += 1
                yield self._problem(e, error)
                continue
            yield self._here(), found
        read = self._position - envelope
        yield SegmentTally(read, read - self._kept_count, self._kept_count)


def read_transaction(
    file: BinaryIO, transaction: TransactionSet, delimiters: Delimiters
) -> Iterator[Event]:
    """Every answer of a 999 or 277CA, in order, the tally of its segments last.

    Nothing is raised for what the set holds; the kind is told by ST01.
    """
    walk = StatusReader if transaction.identifier_code == "277" else SetReader
    yield from walk(file, transaction.bytes, delimiters, transaction.source)


class SetReader(_Walk):
    """The walk over one 999: each AK2 loop as it ends, then the group's AK1 and AK9."""

    def __iter__(self) -> Iterator[SetEvent]:
        self._group: Any = None
        self._group_source = self._source
        self._group_trailer: Any = None
        self._group_kept: list[KeptSegment] = []
        self._set: Any = None
        for e in self._segments():
            tag = e[0]
            if tag in _ENVELOPE:
                continue
            if tag in ("AK2", "AK9"):
                yield from self._set_done()
            try:
                record = self._record(e)
            except BadElement as error:
                yield self._problem(e, error)
                record = None
            if not self._place(tag, record):
                kept = self._kept(e, "2000" if self._set else "")
                (self._set[4] if self._set else self._group_kept).append(kept)
                if tag in ("AK2", "IK5", "AK9") and record is not None:
                    yield Problem("SEGMENT_NOT_IN_PROPER_SEQUENCE", self._here(), tag,
                                  f"{tag} alone", "AK1 and AK2 before it")  # fmt: skip
        yield from self._set_done()
        if self._group is None:
            yield Problem("REQUIRED_SEGMENT_MISSING", self._source, "AK1", "none", "one")
        else:
            yield a.GroupAcknowledgment(self._group, self._group_trailer, tuple(self._group_kept),
                                        self._group_source)  # fmt: skip
        yield self._tally()

    def _place(self, tag: str, record: Any) -> bool:
        """Puts a record where it belongs; False where it belongs nowhere."""
        if record is None:
            return False
        if tag == "AK1" and self._group is None:
            self._group, self._group_source = record, self._here()
        elif tag == "AK2" and self._group is not None:
            # Header, place, errors, trailer, what is kept.
            self._set = [record, self._here(), [], None, []]
        elif tag in ("IK3", "IK4", "CTX") and self._set is not None:
            self._set[2].append(record)
        elif tag == "IK5" and self._set is not None:
            self._set[3] = record
        elif tag == "AK9" and self._group is not None:
            self._group_trailer = record
        else:
            return False
        return True

    def _set_done(self) -> Iterator[a.SetAcknowledgment]:
        if self._set is not None:
            header, source, errors, trailer, kept = self._set
            self._set = None
            yield a.SetAcknowledgment(self._group, header, trailer, tuple(errors), tuple(kept),
                                      source)  # fmt: skip


class _Open:
    """A level or claim of a 277CA while it is being read."""

    __slots__ = ("current", "hierarchy", "kept", "lines", "name", "problem", "segments", "source")

    def __init__(self, hierarchy: s.Hierarchy, source: SourceRef) -> None:
        self.hierarchy, self.source = hierarchy, source
        self.name: s.Name | None = None
        self.segments: list[Any] = []
        self.lines: list[tuple[Any, list[Any], SourceRef]] = []
        self.kept: list[KeptSegment] = []
        self.current = self.segments
        self.problem: Problem | None = None

    @property
    def is_claim(self) -> bool:
        return self.hierarchy.hierarchical_level_code == _CLAIM_LEVEL

    @property
    def loop(self) -> str:
        loops = {"20": "2000A", "21": "2000B", "19": "2000C", _CLAIM_LEVEL: "2000D"}
        return loops.get(self.hierarchy.hierarchical_level_code, "")


class StatusReader(_Walk):
    """The walk over one 277CA: levels and claims as they end.

    Of the levels above the claims only those that claims may still hang from are held.
    """

    def __iter__(self) -> Iterator[StatusEvent]:
        self._levels: dict[str, c.StatusLevel] = {}
        self._open: _Open | None = None
        for e in self._segments():
            if e[0] in _ENVELOPE:
                continue
            if e[0] == "HL":
                yield from self._done()
            try:
                record = self._record(e)
            except BadElement as error:
                problem = self._problem(e, error, self._open.loop if self._open else "")
                if self._open and self._open.is_claim and e[0] == "STC":
                    # Its verdict can't be told: the claim is not answered by what is left.
                    self._open.problem = self._open.problem or problem
                else:
                    yield problem
                record = None
            if not self._place(record):
                kept = self._kept(e, self._open.loop if self._open else "")
                if self._open:
                    self._open.kept.append(kept)
        yield from self._done()
        yield self._tally()

    def _place(self, record: Any) -> bool:
        """Puts a record where it belongs; False where it belongs nowhere."""
        kind = type(record)
        if kind is s.Hierarchy:
            self._open = _Open(record, self._here())
        elif self._open is None or record is None:
            return False
        elif kind is s.Name and self._open.name is None and not self._open.lines:
            self._open.name = record
        elif kind is p.ServicePaymentInformation:
            segments: list[Any] = []
            self._open.lines.append((record, segments, self._here()))
            self._open.current = segments
        else:
            self._open.current.append(record)
        return True

    def _done(self) -> Iterator[c.StatusLevel | c.ClaimStatus | c.UnreadStatus]:
        done, self._open = self._open, None
        if done is None:
            return
        if done.problem is not None:
            yield c.UnreadStatus(done.problem, done.source)
            return
        hierarchy = done.hierarchy
        parent = self._levels.get(hierarchy.hierarchical_parent_id_number or "")
        if done.is_claim:
            lines = tuple(
                c.LineStatus(n, information, tuple(segments), source)
                for n, (information, segments, source) in enumerate(done.lines, 1)
            )
            yield c.ClaimStatus(hierarchy, parent, done.name, tuple(done.segments), lines,
                                tuple(done.kept), done.source)  # fmt: skip
            return
        level = c.StatusLevel(hierarchy, parent, done.name, tuple(done.segments),
                              tuple(done.kept), done.source)  # fmt: skip
        above = set()
        while parent is not None:
            above.add(parent.hierarchy.hierarchical_id_number)
            parent = parent.parent
        self._levels = {n: kept for n, kept in self._levels.items() if n in above}
        self._levels[hierarchy.hierarchical_id_number] = level
        yield level
