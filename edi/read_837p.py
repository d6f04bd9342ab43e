"""Reads the claims of one 837P transaction set, one at a time, in one walk and flat memory.

A claim that cannot be read comes out as :class:`edi.claim.UnreadClaim`; its neighbours are not
touched. Nothing is dropped: a segment is mapped to a record or kept as text with the claim, and
the tally at the end says how many of each there were.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from edi.chunk import Chunk, chunks
from edi.claim import (
    Claim,
    ClaimBytes,
    SegmentTally,
    TransactionHeader,
    UnreadClaim,
    date_or_none,
)
from edi.element import Delimiters
from edi.envelope import ByteRange, TransactionSet
from edi.loop import known_for, segment_readers, unreadable
from edi.open_claim import PARTY_LOOPS, OpenClaim, OpenLevel, OpenLine, OpenParty, parties_of
from edi.party import KeptSegment, days_of
from edi.problem import BadElement, Problem, UnreadableClaim
from edi.record import Elements, readers_for
from edi.segment import DateTimePeriod, DrugIdentification, LineAdjudication
from edi.source import SourceRef
from edi.survey import survey

Event = TransactionHeader | Claim | UnreadClaim | SegmentTally

GUIDES = ("005010X222", "005010X222A1", "005010X222A2")
"""GS08 of the 837P: the same claim in all three (A2 renames, A1 corrects the first)."""

_HANDLERS = {
    "NM1": "_party", "LX": "_line_begins", "SV1": "_service", "HL": "_level_begins",
    "CLM": "_claim_begins", "SBR": "_subscriber", "SVD": "_line_loop", "LIN": "_line_loop",
    "LQ": "_line_loop", "PAT": "_patient", "BHT": "_hierarchical_transaction",
    "ST": "_passed_over", "SE": "_passed_over",
}  # fmt: skip
"""What is done with a segment that opens a loop: (its record, its first byte)."""
_ENDS_CLAIM = frozenset(("HL", "CLM", "SE"))
_UNREAD = frozenset(("BHT", "CLM", "ST", "SE"))
_LEVELS = {"20": "billing", "22": "subscriber", "23": "patient"}
_LEVEL_LOOPS = {"billing": "2000A", "subscriber": "2000B", "patient": "2000C"}

# A NamedTuple's own constructor is a Python function; a tuple's is not.
_new: Any = tuple.__new__


class ClaimReader:
    """The walk over one transaction set."""

    def __init__(
        self,
        file: BinaryIO,
        ranges: tuple[ByteRange, ...],
        delimiters: Delimiters,
        source: SourceRef,
    ) -> None:
        self._file, self._ranges, self._delimiters = file, ranges, delimiters
        self._place = source[:3]
        self._readers = segment_readers(delimiters)
        self._known = known_for(delimiters, "837P")
        self._levels: dict[str, OpenLevel] = {}
        self._level: OpenLevel | None = None
        self._claim: OpenClaim | None = None
        self._header_given = False
        self._bht: Elements = []
        self._header_parties: list[OpenParty] = []
        self._header_kept: list[KeptSegment] = []
        self._current: list[Any] = []
        self._context = "header"
        self._position = 0
        self._kept_count = 0

    def __iter__(self) -> Iterator[Event]:
        # Every segment of a file passes here: names are local, and a segment that was seen
        # before costs one look-up.
        plain, structural = self._known.plain, self._known.structural
        append, begin, first = self._current.append, 0, 1
        handlers = {tag: getattr(self, name) for tag, name in _HANDLERS.items()}
        for chunk in self._chunks():
            texts, starts, step = chunk
            for index, text in enumerate(texts):
                if (record := plain.get(text)) is not None:
                    append(record)
                    continue
                self._position = first + index
                try:
                    if (known := structural.get(text)) is not None:
                        tag, record = known
                    else:
                        tag, record = self._read(text)
                        if not tag:
                            continue
                    begin = starts[index] + index * step
                    if tag in _ENDS_CLAIM:
                        if self._claim is not None:
                            yield self._claim_done(begin)
                        if not self._header_given:
                            yield self._header_done()
                    handlers[tag](record, begin)
                    append = self._current.append
                except UnreadableClaim as error:
                    self._spoiled(error)
                    append = self._current.append
            first += len(texts)
            begin = chunk.end
        self._position = first - 1
        if self._claim is not None:
            yield self._claim_done(begin)
        if not self._header_given:
            yield self._header_done()
        yield SegmentTally(self._position, self._position - self._kept_count, self._kept_count)

    def _chunks(self) -> Iterator[Chunk]:
        terminator = self._delimiters.segment
        return chain.from_iterable(chunks(self._file, r, terminator) for r in self._ranges)

    def _read(self, text: str) -> tuple[str, Any]:
        """Id and record of a segment that opens a loop; ("", None) for one that was put away.

        Raises: UnreadableClaim.
        """
        e = text.split(self._delimiters.element)
        tag = e[0]
        if tag in _UNREAD:
            return tag, e
        read = self._readers.get(tag)
        if read is None:
            self._keep(e)
            return "", None
        try:
            record = read(e)
        except BadElement as error:
            raise self._unreadable(e, error) from None
        if tag in _HANDLERS:
            self._known.keep_structural(text, tag, record)
            return tag, record
        if tag == "DTP" and record.date_time_qualifier == "472":
            self._check_service_date(record)
        self._known.keep(text, record)
        self._current.append(record)
        return "", None

    def _unreadable(self, e: Elements, error: BadElement) -> UnreadableClaim:
        readers = readers_for(self._delimiters)
        return unreadable(readers, e, error, self._here(), self._loop_name())

    def _check_service_date(self, period: DateTimePeriod) -> None:
        try:
            days_of(period)
        except BadElement as error:
            raise UnreadableClaim(
                Problem("INVALID_DATE", self._here(), "2400/DTP*472/DTP03", error.found,
                        error.expected)
            ) from None  # fmt: skip

    def _here(self) -> SourceRef:
        here: SourceRef = _new(SourceRef, (*self._place, self._position))
        return here

    def _loop_name(self) -> str:
        if self._claim is not None:
            return "2400" if self._claim.line is not None else "2300"
        return _LEVEL_LOOPS.get(self._context, "")

    def _keep(self, e: Elements) -> None:
        self._kept_count += 1
        kept = KeptSegment(self._loop_name(), self._position, self._delimiters.element.join(e))
        (self._claim.kept if self._claim is not None else self._header_kept).append(kept)

    def _spoiled(self, error: UnreadableClaim) -> None:
        """Marks the claim, or the level whose claims can then not be read."""
        if self._claim is not None:
            self._claim.problem = self._claim.problem or error.problem
        elif self._level is not None:
            self._level.problem = self._level.problem or error.problem

    def _party(self, name: Any, _: int) -> None:
        loop = PARTY_LOOPS[self._context].get(name[0], "NM1")
        self._current = []
        self._party_list().append((loop, name, self._current))

    def _service(self, service: Any, _: int) -> None:
        claim = self._claim
        if claim is None or claim.line is None or claim.line.service is not None:
            raise UnreadableClaim(
                Problem("SEGMENT_NOT_IN_PROPER_SEQUENCE", self._here(), "2400/SV1",
                        "SV1 without an LX of its own", "LX before each SV1")
            )  # fmt: skip
        claim.line.service = service

    def _patient(self, information: Any, _: int) -> None:
        if self._level is not None:
            if self._level.kind == "patient":
                self._level.information = information
            else:
                self._level.segments.append(information)

    def _hierarchical_transaction(self, e: Elements, _: int) -> None:
        self._bht = e

    def _passed_over(self, e: Elements, _: int) -> None:
        """ST and SE: the survey has judged them."""

    def _party_list(self) -> list[OpenParty]:
        claim = self._claim
        if claim is None:
            return self._header_parties if self._level is None else self._level.parties
        if (line := claim.line) is not None:
            if line.parties is None:
                line.parties = []
            return line.parties
        return claim.others[-1][2] if claim.others else claim.parties

    def _line_begins(self, lx: Any, begin: int) -> None:
        claim = self._claim
        if claim is None:
            raise UnreadableClaim(
                Problem("SEGMENT_NOT_IN_PROPER_SEQUENCE", self._here(), "2400/LX",
                        "LX outside of a claim", "CLM before LX")
            )  # fmt: skip
        line = claim.line
        claim.line_count += 1
        claim.line = OpenLine(lx.assigned_number, claim.line_count, self._here(), begin)
        self._current, self._context = claim.line.segments, "line"
        if line is not None:
            claim.lines.append(line.done(begin))

    def _line_loop(self, record: Any, _: int) -> None:
        """SVD, LIN and LQ open loops of their own under a line."""
        claim = self._claim
        if claim is None or claim.line is None:
            self._current.append(record)
            return
        line, self._current = claim.line, []
        if type(record) is LineAdjudication:
            line.adjudications = line.adjudications or []
            line.adjudications.append((record, self._current))
        elif type(record) is DrugIdentification:
            line.drugs = line.drugs or []
            line.drugs.append((record, self._current))
        else:
            if line.forms is None:
                line.forms = []
            line.forms.append(record)
            self._current = line.forms

    def _level_begins(self, hl: Any, begin: int) -> None:
        code = hl.hierarchical_level_code
        kind = _LEVELS.get(code)
        if kind is None:
            raise UnreadableClaim(
                Problem("INVALID_CODE_VALUE", self._here(), "HL03", code or "nothing",
                        "20, 22 or 23")
            )  # fmt: skip
        if self._level is not None:
            self._level.end = self._level.end or begin
        level = OpenLevel(kind, begin)
        self._levels[kind] = level
        if kind == "billing":
            self._levels.pop("subscriber", None)
        if kind != "patient":
            self._levels.pop("patient", None)
        self._level, self._current, self._context = level, level.segments, kind

    def _subscriber(self, information: Any, _: int) -> None:
        claim = self._claim
        if claim is None:
            if self._level is not None:
                self._level.information = information
                self._current = self._level.segments
            return
        self._current = []
        claim.others.append((information, self._current, []))
        self._context = "other"

    def _claim_begins(self, e: Elements, begin: int) -> None:
        if self._level is not None and not self._level.end:
            self._level.end = begin
        claim = OpenClaim(begin, self._here())
        self._claim, self._current, self._context = claim, claim.segments, "claim"
        claim.problem = self._inherited_problem()
        try:
            claim.information = self._readers["CLM"](e)
        except BadElement as error:
            raise self._unreadable(e, error) from None
        if not claim.information.patient_control_number.strip():
            raise UnreadableClaim(
                Problem("REQUIRED_DATA_ELEMENT_MISSING", self._here(), "2300/CLM01", "nothing",
                        "a patient control number")
            )  # fmt: skip

    def _inherited_problem(self) -> Problem | None:
        for kind in ("billing", "subscriber"):
            if kind not in self._levels:
                return Problem("LOOP_MISSING", self._here(), _LEVEL_LOOPS[kind],
                               f"no {kind} level above the claim", "HL 20 and HL 22")  # fmt: skip
        for level in self._levels.values():
            if level.problem is not None:
                return level.problem
        return None

    def _claim_done(self, end: int) -> Claim | UnreadClaim:
        claim = self._claim
        assert claim is not None
        self._claim, self._current = None, []
        try:
            if claim.line is not None and claim.problem is None:
                claim.lines.append(claim.line.done(end))
        except UnreadableClaim as error:
            claim.problem = error.problem
        if claim.problem is None:
            return claim.done(self._levels, end)
        information = claim.information
        return UnreadClaim(
            claim.problem,
            claim.source,
            ByteRange(claim.begin, end),
            claim.line_count,
            information.total_claim_charge_amount if information else None,
        )

    def _header_done(self) -> TransactionHeader:
        self._header_given = True
        e = self._bht + [""] * 7
        parties = parties_of(self._header_parties)
        by_loop = {p.loop: p for p in parties}
        return TransactionHeader(
            e[1], e[2], e[3], date_or_none(e[4]), e[6], by_loop.get("1000A"),
            by_loop.get("1000B"), tuple(self._header_kept),
        )  # fmt: skip


def read_transaction(
    file: BinaryIO, transaction: TransactionSet, delimiters: Delimiters
) -> Iterator[Event]:
    """The header, every claim in order, and the tally of one 837P transaction set."""
    return iter(ClaimReader(file, (transaction.bytes,), delimiters, transaction.source))


def read_claim(
    file: BinaryIO, claim_bytes: ClaimBytes, delimiters: Delimiters, source: SourceRef
) -> Claim:
    """One claim out of its archived file, with the levels above it.

    ``source`` is where its CLM stands.

    Raises: UnreadableClaim, where the bytes are no claim.
    """
    above = (claim_bytes.billing, claim_bytes.subscriber, claim_bytes.patient)
    ranges = (*(r for r in above if r is not None), claim_bytes.own)
    for event in ClaimReader(file, ranges, delimiters, source):
        if isinstance(event, Claim):
            return event._replace(source=source, bytes=claim_bytes)
        if isinstance(event, UnreadClaim):
            raise UnreadableClaim(event.problem)
    raise UnreadableClaim(Problem("NO_CLAIMS", source, "CLM", "0", "one"))


def read_837p(path: Path) -> Iterator[Event]:
    """Every event of every whole 837P transaction set of a file, in order.

    Transaction sets that are not whole (see :class:`edi.envelope.TransactionSet`) or of another
    guide are passed over: ask :func:`edi.survey.survey` what became of them.

    Raises: NotX12; OSError.
    """
    found = survey(path)
    with path.open("rb") as file:
        for interchange, _, transaction in found.transactions():
            if transaction.version in GUIDES and not transaction.problems:
                yield from read_transaction(file, transaction, interchange.delimiters)
