"""Reads one 835 transaction set: its header, every claim payment, its PLBs, in one walk.

A claim payment that cannot be read comes out as :class:`edi.remittance.UnreadClaimPayment`;
its neighbours are not touched. Nothing is dropped: what no record models is kept as text.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from edi.chunk import chunks
from edi.claim import SegmentTally, date_or_none
from edi.element import Delimiters, to_decimal
from edi.envelope import ByteRange, TransactionSet
from edi.loop import known_for, segment_readers, unreadable
from edi.party import KeptSegment, PartyLoop
from edi.payment_segment import ProviderLevelAdjustment
from edi.problem import BadElement, Problem, UnreadableClaim
from edi.record import Elements, readers_for
from edi.remittance import (
    ClaimPayment,
    OrganizationLoop,
    Remittance,
    ServicePayment,
    UnreadClaimPayment,
)
from edi.source import SourceRef
from edi.survey import survey

Event = Remittance | ClaimPayment | UnreadClaimPayment | ProviderLevelAdjustment | SegmentTally

GUIDES = ("005010X221", "005010X221A1")
"""GS08 of the 835."""

_STRUCTURE = frozenset(("CLP", "SVC", "NM1", "N1", "LX", "BPR", "TRN"))
_UNREAD = frozenset(("CLP", "PLB", "ST", "SE"))
_ENDS_PAYMENT = frozenset(("CLP", "LX", "PLB", "SE"))

# A NamedTuple's own constructor is a Python function; a tuple's is not.
_new: Any = tuple.__new__


class UnreadableRemittance(UnreadableClaim):
    """The header (BPR, TRN) or a PLB cannot be read: the transaction's money is not known."""


class _Service:
    """A service payment while it is being read."""

    __slots__ = ("information", "position", "segments", "source")

    def __init__(self, information: Any, position: int, source: SourceRef) -> None:
        self.information, self.position, self.source = information, position, source
        self.segments: list[Any] = []


class _Payment:
    """A claim payment while it is being read."""

    __slots__ = ("begin", "information", "kept", "parties", "position", "problem", "segments",
                 "service_count", "services", "source")  # fmt: skip

    def __init__(self, begin: int, position: int, source: SourceRef) -> None:
        self.begin, self.position, self.source = begin, position, source
        self.information: Any = None
        self.segments: list[Any] = []
        self.parties: list[tuple[Any, list[Any]]] = []
        self.services: list[_Service] = []
        self.service_count = 0
        self.kept: list[KeptSegment] = []
        self.problem: Problem | None = None


class RemittanceReader:
    """The walk over one transaction set.

    Raises (while iterating): UnreadableRemittance, when the header or a PLB cannot be read.
    """

    def __init__(
        self, file: BinaryIO, bytes_: ByteRange, delimiters: Delimiters, source: SourceRef
    ) -> None:
        self._file, self._bytes, self._delimiters = file, bytes_, delimiters
        self._source = source
        self._readers = segment_readers(delimiters)
        self._known = known_for(delimiters, "835")
        self._financial: Any = None
        self._trace: Any = None
        self._segments: list[Any] = []
        self._organizations: list[tuple[Any, list[Any]]] = []
        self._kept: list[KeptSegment] = []
        self._given = False
        self._payment: _Payment | None = None
        self._payments = 0
        self._current = self._segments
        self._position = 0
        self._kept_count = 0

    def __iter__(self) -> Iterator[Event]:
        # Every segment of a file passes here: names are local, and a segment that was seen
        # before costs one look-up.
        plain, structural = self._known.plain, self._known.structural
        append, begin, first = self._current.append, 0, 1
        for chunk in chunks(self._file, self._bytes, self._delimiters.segment):
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
                    if tag in _ENDS_PAYMENT:
                        begin = starts[index] + index * step
                        if self._payment is not None:
                            yield self._payment_done(begin)
                        if not self._given:
                            yield self._header_done()
                    if tag == "PLB":
                        yield from self._provider_adjustments(record)
                    else:
                        self._structure(tag, record, begin)
                except UnreadableRemittance:
                    raise
                except UnreadableClaim as error:
                    self._spoiled(error)
                append = self._current.append
            first += len(texts)
            begin = chunk.end
        self._position = first - 1
        if self._payment is not None:
            yield self._payment_done(begin)
        if not self._given:
            yield self._header_done()
        yield SegmentTally(self._position, self._position - self._kept_count, self._kept_count)

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
            if tag == "SVC" and self._payment is not None:
                self._payment.service_count += 1
            raise self._unreadable(e, error) from None
        if tag in _STRUCTURE:
            self._known.keep_structural(text, tag, record)
            return tag, record
        self._known.keep(text, record)
        self._current.append(record)
        return "", None

    def _unreadable(self, e: Elements, error: BadElement) -> UnreadableClaim:
        loop = "2110" if self._current is not self._segments else ""
        return unreadable(readers_for(self._delimiters), e, error, self._here(), loop)

    def _here(self) -> SourceRef:
        here: SourceRef = _new(SourceRef, (*self._source[:3], self._position))
        return here

    def _keep(self, e: Elements) -> None:
        self._kept_count += 1
        payment = self._payment
        loop = "" if payment is None else ("2110" if payment.services else "2100")
        kept = KeptSegment(loop, self._position, self._delimiters.element.join(e))
        (self._kept if payment is None else payment.kept).append(kept)

    def _spoiled(self, error: UnreadableClaim) -> None:
        if self._payment is None:
            raise UnreadableRemittance(error.problem) from None
        self._payment.problem = self._payment.problem or error.problem

    def _structure(self, tag: str, record: Any, begin: int) -> None:
        """One segment that opens a loop, as a record (CLP: its elements)."""
        payment = self._payment
        if tag == "SVC":
            if payment is None:
                raise UnreadableClaim(
                    Problem("SEGMENT_NOT_IN_PROPER_SEQUENCE", self._here(), "2110/SVC",
                            "SVC outside of a claim payment", "CLP before SVC")
                )  # fmt: skip
            payment.service_count += 1
            service = _Service(record, payment.service_count, self._here())
            payment.services.append(service)
            self._current = service.segments
        elif tag == "CLP":
            self._payments += 1
            payment = self._payment = _Payment(begin, self._payments, self._here())
            self._current = payment.segments
            try:
                payment.information = self._readers["CLP"](record)
            except BadElement as error:
                raise self._unreadable(record, error) from None
        elif tag == "NM1":
            self._current = []
            if payment is not None:
                payment.parties.append((record, self._current))
                # What follows an NM1 in 2100 (REF, DTM, AMT …) belongs to the claim payment.
                self._current = payment.segments
        elif tag == "N1":
            if payment is not None:  # what follows would leave the claim, its amounts too
                raise UnreadableClaim(
                    Problem("SEGMENT_NOT_IN_PROPER_SEQUENCE", self._here(), "2100/N1",
                            "N1 in a claim payment", "N1 before LX")
                )  # fmt: skip
            self._current = []
            self._organizations.append((record, self._current))
        elif tag == "LX":
            self._current = []
        elif tag == "BPR":
            self._financial = record
        elif tag == "TRN":
            self._trace = record

    def _payment_done(self, end: int) -> ClaimPayment | UnreadClaimPayment:
        payment = self._payment
        assert payment is not None
        self._payment, self._current = None, []
        information = payment.information
        if payment.problem is not None:
            return UnreadClaimPayment(
                payment.problem,
                payment.source,
                ByteRange(payment.begin, end),
                payment.position,
                payment.service_count,
                information.total_claim_charge_amount if information else None,
                information.claim_payment_amount if information else None,
            )
        done: ClaimPayment = _new(ClaimPayment, (
            payment.position,
            information,
            tuple(payment.segments),
            tuple([_new(PartyLoop, ("2100", name, tuple(s))) for name, s in payment.parties]),
            tuple([
                _new(ServicePayment, (s.position, s.information, tuple(s.segments), s.source))
                for s in payment.services
            ]),
            tuple(payment.kept),
            payment.source,
            _new(ByteRange, (payment.begin, end)),
        ))  # fmt: skip
        return done

    def _header_done(self) -> Remittance:
        self._given = True
        if self._financial is None:
            raise UnreadableRemittance(
                Problem("REQUIRED_SEGMENT_MISSING", self._here(), "BPR", "no BPR", "one BPR")
            )
        return Remittance(
            self._financial,
            self._trace,
            tuple(self._segments),
            tuple(OrganizationLoop(party, tuple(s)) for party, s in self._organizations),
            tuple(self._kept),
            self._source,
        )

    def _provider_adjustments(self, e: Elements) -> Iterator[ProviderLevelAdjustment]:
        """PLB: provider, fiscal period, then up to six pairs of (reason:reference, amount)."""
        e = e + [""] * 4
        try:
            period = date_or_none(e[2])  # no money rests on it
            for i in range(3, len(e) - 1, 2):
                if not e[i] and not e[i + 1]:
                    continue
                reason, _, reference = e[i].partition(self._delimiters.component)
                yield ProviderLevelAdjustment(
                    e[1], period, reason, reference or None, to_decimal(e[i + 1])
                )
        except BadElement as error:
            raise UnreadableRemittance(
                Problem("INVALID_ELEMENT", self._here(), "PLB", error.found, error.expected)
            ) from None


def read_transaction(
    file: BinaryIO, transaction: TransactionSet, delimiters: Delimiters
) -> Iterator[Event]:
    """Header, claim payments, provider adjustments in order, and the tally of one 835 set."""
    return iter(RemittanceReader(file, transaction.bytes, delimiters, transaction.source))


def read_835(path: Path) -> Iterator[Event]:
    """Every event of every whole 835 transaction set of a file, in order.

    Transaction sets that are not whole or of another guide are passed over: ask
    :func:`edi.survey.survey` what became of them.

    Raises: NotX12; UnreadableRemittance; OSError.
    """
    found = survey(path)
    with path.open("rb") as file:
        for interchange, _, transaction in found.transactions():
            if transaction.version in GUIDES and not transaction.problems:
                yield from read_transaction(file, transaction, interchange.delimiters)
