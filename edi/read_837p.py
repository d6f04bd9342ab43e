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

from edi.claim import (
    Claim,
    ClaimBytes,
    OtherPayerLoop,
    SegmentTally,
    TransactionHeader,
    UnreadClaim,
    date_or_none,
)
from edi.element import Delimiters
from edi.envelope import ByteRange, TransactionSet, survey
from edi.loop import elements_of, segment_readers, unreadable
from edi.open_claim import OpenClaim, OpenLevel, OpenLine, parties_of
from edi.party import BillingLoop, KeptSegment, PatientLoop, SubscriberLoop
from edi.problem import BadElement, Problem, UnreadableClaim
from edi.record import Elements, readers_for
from edi.source import SourceRef

Event = TransactionHeader | Claim | UnreadClaim | SegmentTally

GUIDES = ("005010X222", "005010X222A1", "005010X222A2")
"""GS08 of the 837P: the same claim in all three (A2 renames, A1 corrects the first)."""

_STRUCTURE = frozenset(
    ("NM1", "LX", "SV1", "HL", "CLM", "SBR", "SVD", "LIN", "LQ", "PAT", "BHT", "ST", "SE")
)
_LOOPS = {
    "billing": {"85": "2010AA", "87": "2010AB", "PE": "2010AC"},
    "subscriber": {"IL": "2010BA", "PR": "2010BB"},
    "patient": {"QC": "2010CA"},
    "claim": {"DN": "2310A", "P3": "2310A", "82": "2310B", "77": "2310C", "DQ": "2310D",
              "PW": "2310E", "45": "2310F"},
    "other": {"IL": "2330A", "PR": "2330B", "DN": "2330C", "P3": "2330C", "82": "2330D",
              "77": "2330E", "DQ": "2330F", "85": "2330G"},
    "line": {"82": "2420A", "QB": "2420B", "77": "2420C", "DQ": "2420D", "DK": "2420E",
             "DN": "2420F", "P3": "2420F", "PW": "2420G", "45": "2420H"},
    "header": {"41": "1000A", "40": "1000B"},
}  # fmt: skip


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
        self._source = source
        self._readers = segment_readers(delimiters)
        self._compiled = readers_for(delimiters)
        self._levels: dict[str, OpenLevel] = {}
        self._level: OpenLevel | None = None
        self._claim: OpenClaim | None = None
        self._header: TransactionHeader | None = None
        self._header_given = False
        self._bht: Elements = []
        self._header_parties: list[tuple[str, Any, list[Any]]] = []
        self._header_kept: list[KeptSegment] = []
        self._current: list[Any] = []
        self._context = "header"
        self._position = 0
        self._kept_count = 0
        self._seen: dict[str, str] = {}

    def __iter__(self) -> Iterator[Event]:
        readers, end = self._readers, 0
        for e, begin, after in self._segments():
            end = after
            self._position += 1
            tag = e[0]
            try:
                if tag in _STRUCTURE:
                    if tag in ("HL", "CLM", "SE"):
                        if self._claim is not None:
                            yield self._claim_done(begin)
                        if not self._header_given:
                            yield self._header_done()
                    self._structure(tag, e, begin)
                elif tag in readers:
                    self._current.append(readers[tag](e))
                else:
                    self._keep(e)
            except BadElement as error:
                self._spoiled(unreadable(self._compiled, e, error, self._here(), self._loop_name()))
            except UnreadableClaim as error:
                self._spoiled(error)
        if self._claim is not None:
            yield self._claim_done(end)
        if not self._header_given:
            yield self._header_done()
        yield SegmentTally(self._position, self._position - self._kept_count, self._kept_count)

    def _segments(self) -> Iterator[tuple[Elements, int, int]]:
        return chain.from_iterable(
            elements_of(self._file, range_, self._delimiters) for range_ in self._ranges
        )

    def _here(self) -> SourceRef:
        digest, interchange, transaction, _ = self._source
        return SourceRef(digest, interchange, transaction, self._position)

    def _loop_name(self) -> str:
        if self._claim is not None:
            return "2400" if self._claim.line is not None else "2300"
        return {"billing": "2000A", "subscriber": "2000B", "patient": "2000C"}.get(
            self._context, ""
        )

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

    def _structure(self, tag: str, e: Elements, begin: int) -> None:
        claim = self._claim
        if tag == "NM1":
            name = self._readers["NM1"](e)
            loop = _LOOPS[self._context].get(name.entity_identifier_code, "NM1")
            self._current = []
            self._party_list().append((loop, name, self._current))
        elif tag == "LX":
            self._line_begins(e, begin)
        elif tag == "SV1":
            service = self._readers["SV1"](e)
            if claim is None or claim.line is None or claim.line.service is not None:
                raise UnreadableClaim(
                    Problem("SEGMENT_NOT_IN_PROPER_SEQUENCE", self._here(), "2400/SV1",
                            "SV1 without an LX of its own", "LX before each SV1")
                )  # fmt: skip
            claim.line.service = service
        elif tag == "HL":
            self._level_begins(self._readers["HL"](e).hierarchical_level_code, begin)
        elif tag == "CLM":
            self._claim_begins(e, begin)
        elif tag == "SBR":
            self._subscriber(e)
        elif tag == "PAT":
            information = self._readers["PAT"](e)
            if self._level is not None:
                if self._level.kind == "patient":
                    self._level.information = information
                else:
                    self._level.segments.append(information)
        elif tag in ("SVD", "LIN", "LQ"):
            self._line_loop(tag, e)
        elif tag == "BHT":
            self._bht = e

    def _party_list(self) -> list[tuple[str, Any, list[Any]]]:
        claim = self._claim
        if claim is None:
            return self._header_parties if self._level is None else self._level.parties
        if claim.line is not None:
            return claim.line.parties
        return claim.others[-1][2] if claim.others else claim.parties

    def _line_begins(self, e: Elements, begin: int) -> None:
        claim = self._claim
        if claim is None:
            raise UnreadableClaim(
                Problem("SEGMENT_NOT_IN_PROPER_SEQUENCE", self._here(), "2400/LX",
                        "LX outside of a claim", "CLM before LX")
            )  # fmt: skip
        if claim.line is not None:
            claim.lines.append(claim.line.done(begin))
        claim.line_count += 1
        number = self._readers["LX"](e).assigned_number
        claim.line = OpenLine(number, claim.line_count, self._here(), begin)
        self._current, self._context = claim.line.segments, "line"

    def _line_loop(self, tag: str, e: Elements) -> None:
        """SVD, LIN and LQ open loops of their own under a line."""
        claim = self._claim
        record = self._readers[tag](e)
        if claim is None or claim.line is None:
            self._current.append(record)
            return
        self._current = []
        if tag == "SVD":
            claim.line.adjudications.append((record, self._current))
        elif tag == "LIN":
            claim.line.drugs.append((record, self._current))
        else:
            claim.line.forms.append(record)
            self._current = claim.line.forms

    def _level_begins(self, code: str, begin: int) -> None:
        kind = {"20": "billing", "22": "subscriber", "23": "patient"}.get(code)
        if kind is None:
            raise UnreadableClaim(
                Problem("INVALID_CODE_VALUE", self._here(), "HL03", code or "nothing",
                        "20, 22 or 23")
            )  # fmt: skip
        if self._level is not None:
            self._level.end = self._level.end or begin
        level = OpenLevel(kind, begin)
        level.end = 0
        self._levels[kind] = level
        if kind == "billing":
            self._levels.pop("subscriber", None)
        if kind != "patient":
            self._levels.pop("patient", None)
        self._level, self._current, self._context = level, level.segments, kind

    def _subscriber(self, e: Elements) -> None:
        information = self._readers["SBR"](e)
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
        claim.information = self._readers["CLM"](e)
        if not claim.information.patient_control_number.strip():
            raise UnreadableClaim(
                Problem("REQUIRED_DATA_ELEMENT_MISSING", self._here(), "2300/CLM01", "nothing",
                        "a patient control number")
            )  # fmt: skip

    def _inherited_problem(self) -> Problem | None:
        for kind in ("billing", "subscriber"):
            if kind not in self._levels:
                return Problem("LOOP_MISSING", self._here(),
                               "2000A" if kind == "billing" else "2000B",
                               f"no {kind} level above the claim", "HL 20 and HL 22")  # fmt: skip
        return next((lv.problem for lv in self._levels.values() if lv.problem), None)

    def _claim_done(self, end: int) -> Claim | UnreadClaim:
        claim = self._claim
        assert claim is not None
        self._claim, self._current = None, []
        try:
            if claim.line is not None and claim.problem is None:
                claim.lines.append(claim.line.done(end))
        except UnreadableClaim as error:
            claim.problem = error.problem
        if claim.problem is not None:
            information = claim.information
            return UnreadClaim(
                claim.problem,
                claim.source,
                ByteRange(claim.begin, end),
                claim.line_count,
                information.total_claim_charge_amount if information else None,
            )
        billing, subscriber = self._loop("billing"), self._loop("subscriber")
        patient = self._loop("patient") if "patient" in self._levels else None
        return Claim(
            claim.information,
            billing,
            subscriber,
            patient,
            tuple(claim.segments),
            parties_of(claim.parties) if claim.parties else (),
            tuple(OtherPayerLoop(i, tuple(s), parties_of(p)) for i, s, p in claim.others)
            if claim.others
            else (),
            tuple(claim.lines),
            tuple(claim.kept),
            claim.source,
            ClaimBytes(
                billing.bytes,
                subscriber.bytes,
                patient.bytes if patient else None,
                ByteRange(claim.begin, end),
            ),
        )

    def _loop(self, kind: str) -> Any:
        """The finished level; one object for all claims under it."""
        level = self._levels[kind]
        if level.loop is None:
            bytes_ = ByteRange(level.begin, level.end)
            segments, parties = tuple(level.segments), parties_of(level.parties)
            if kind == "billing":
                level.loop = BillingLoop(segments, parties, bytes_)
            elif kind == "subscriber":
                level.loop = SubscriberLoop(level.information, segments, parties, bytes_)
            else:
                level.loop = PatientLoop(level.information, segments, parties, bytes_)
        return level.loop

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
    guide are passed over: ask :func:`edi.envelope.survey` what became of them.

    Raises: NotX12; OSError.
    """
    found = survey(path)
    with path.open("rb") as file:
        for interchange, _, transaction in found.transactions():
            if transaction.version in GUIDES and not transaction.problems:
                yield from read_transaction(file, transaction, interchange.delimiters)
