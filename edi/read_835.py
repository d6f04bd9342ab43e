"""Reads one 835 transaction set: its header, every claim payment, its PLBs, in one walk.

A claim payment that cannot be read comes out as :class:`edi.remittance.UnreadClaimPayment`;
its neighbours are not touched. Nothing is dropped: what no record models is kept as text.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from edi.claim import SegmentTally
from edi.element import Delimiters, to_date, to_decimal
from edi.envelope import ByteRange, TransactionSet, survey
from edi.loop import elements_of, segment_readers, unreadable
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

Event = Remittance | ClaimPayment | UnreadClaimPayment | ProviderLevelAdjustment | SegmentTally

GUIDES = ("005010X221", "005010X221A1")
"""GS08 of the 835."""

_STRUCTURE = frozenset(("CLP", "SVC", "NM1", "N1", "LX", "PLB", "BPR", "TRN", "ST", "SE"))


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
        self._compiled = readers_for(delimiters)
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
        readers, end = self._readers, self._bytes.start
        for e, begin, after in elements_of(self._file, self._bytes, self._delimiters):
            end = after
            self._position += 1
            tag = e[0]
            try:
                if tag in _STRUCTURE:
                    if tag in ("CLP", "LX", "PLB", "SE"):
                        if self._payment is not None:
                            yield self._payment_done(begin)
                        if not self._given:
                            yield self._header_done()
                    if tag == "PLB":
                        yield from self._provider_adjustments(e)
                    else:
                        self._structure(tag, e, begin)
                elif tag in readers:
                    self._current.append(readers[tag](e))
                else:
                    self._keep(e)
            except BadElement as error:
                loop = "2110" if self._current is not self._segments else ""
                self._spoiled(unreadable(self._compiled, e, error, self._here(), loop))
            except UnreadableRemittance:
                raise
            except UnreadableClaim as error:
                self._spoiled(error)
        if self._payment is not None:
            yield self._payment_done(end)
        if not self._given:
            yield self._header_done()
        yield SegmentTally(self._position, self._position - self._kept_count, self._kept_count)

    def _here(self) -> SourceRef:
        digest, interchange, transaction, _ = self._source
        return SourceRef(digest, interchange, transaction, self._position)

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

    def _structure(self, tag: str, e: Elements, begin: int) -> None:
        payment = self._payment
        if tag == "CLP":
            self._payments += 1
            payment = self._payment = _Payment(begin, self._payments, self._here())
            self._current = payment.segments
            payment.information = self._readers["CLP"](e)
        elif tag == "SVC":
            if payment is None:
                raise UnreadableClaim(
                    Problem("SEGMENT_NOT_IN_PROPER_SEQUENCE", self._here(), "2110/SVC",
                            "SVC outside of a claim payment", "CLP before SVC")
                )  # fmt: skip
            payment.service_count += 1
            service = _Service(self._readers["SVC"](e), payment.service_count, self._here())
            payment.services.append(service)
            self._current = service.segments
        elif tag == "NM1":
            self._current = []
            name = self._readers["NM1"](e)
            if payment is not None:
                payment.parties.append((name, self._current))
                # What follows an NM1 in 2100 (REF, DTM, AMT …) belongs to the claim payment.
                self._current = payment.segments
        elif tag == "N1":
            self._current = []
            self._organizations.append((self._readers["N1"](e), self._current))
        elif tag == "LX":
            self._current = []
        elif tag == "BPR":
            self._financial = self._readers["BPR"](e)
        elif tag == "TRN":
            self._trace = self._readers["TRN"](e)

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
        return ClaimPayment(
            payment.position,
            information,
            tuple(payment.segments),
            tuple(PartyLoop("2100", name, tuple(s)) for name, s in payment.parties),
            tuple(
                ServicePayment(s.position, s.information, tuple(s.segments), s.source)
                for s in payment.services
            ),
            tuple(payment.kept),
            payment.source,
            ByteRange(payment.begin, end),
        )

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
            period = to_date(e[2]) if e[2] else None
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
    :func:`edi.envelope.survey` what became of them.

    Raises: NotX12; UnreadableRemittance; OSError.
    """
    found = survey(path)
    with path.open("rb") as file:
        for interchange, _, transaction in found.transactions():
            if transaction.version in GUIDES and not transaction.problems:
                yield from read_transaction(file, transaction, interchange.delimiters)
