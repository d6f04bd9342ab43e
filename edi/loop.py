"""What the two readers share: segments of one transaction as elements, with their places."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, BinaryIO

from edi import payment_segment as p
from edi import segment as s
from edi.chunk import chunks
from edi.element import Delimiters, to_decimal
from edi.envelope import ByteRange
from edi.problem import BadElement, Problem, UnreadableClaim
from edi.record import Codes, Elements, Read, Readers, readers_for
from edi.source import SourceRef

RECORDS: dict[str, type] = {
    "NM1": s.Name, "N1": p.Party, "N3": s.StreetAddress, "N4": s.City, "PER": s.Contact,
    "REF": s.Reference, "PRV": s.ProviderInformation, "CUR": s.Currency,
    "DTP": s.DateTimePeriod, "DTM": p.DateTime, "AMT": s.Amount, "QTY": s.Quantity,
    "SBR": s.Subscriber, "PAT": s.PatientInformation, "DMG": s.Demographics,
    "HL": s.Hierarchy, "CLM": s.ClaimInformation, "PWK": s.Paperwork, "CN1": s.Contract,
    "K3": s.FileInformation, "NTE": s.Note, "CR1": s.AmbulanceTransport,
    "CR2": s.SpinalManipulation, "CR3": s.EquipmentCertification, "CRC": s.Condition,
    "HCP": s.Pricing, "OI": s.OtherInsurance, "MOA": s.OutpatientAdjudication,
    "MIA": p.InpatientAdjudication, "LX": s.LineNumber, "SV1": s.ProfessionalService,
    "SV5": s.DurableEquipment, "MEA": s.Measurement, "PS1": s.PurchasedService,
    "LIN": s.DrugIdentification, "CTP": s.DrugQuantity, "SVD": s.LineAdjudication,
    "LQ": s.FormIdentification, "FRM": s.FormAnswer, "BPR": p.FinancialInformation,
    "TRN": p.Trace, "RDM": p.RemittanceDelivery, "TS3": p.ProviderSummary,
    "TS2": p.ProviderSupplementalSummary, "CLP": p.ClaimPaymentInformation,
    "SVC": p.ServicePaymentInformation,
}  # fmt: skip

_KNOWN_SEGMENTS = 8192
_UNLIKE = frozenset(("CLM", "CLP", "HL"))


def _adjustment(e: Elements) -> s.ClaimAdjustment:
    """CAS: group, then up to six of reason, amount, quantity; codes without what pads them."""
    group, triples = e[1].strip() if len(e) > 1 else "", []
    for i in range(2, len(e), 3):
        reason = e[i].strip()
        if not reason:
            if any(e[i + 1 : i + 3]):  # an amount must not be lost for want of its reason
                raise BadElement("nothing", "a reason code")
            continue
        triples.append(
            s.Adjustment(
                group,
                reason,
                to_decimal(e[i + 1] if len(e) > i + 1 else ""),
                to_decimal(e[i + 2]) if len(e) > i + 2 and e[i + 2] else None,
            )
        )
    return s.ClaimAdjustment(tuple(triples))


def _health_care_codes(component: str) -> Read:
    def read(e: Elements) -> s.HealthCareCodes:
        return s.HealthCareCodes(tuple(Codes(c.split(component)) for c in e[1:] if c))

    return read


@lru_cache(maxsize=16)
def segment_readers(delimiters: Delimiters) -> Mapping[str, Read]:
    """Segment id → reader, for one set of delimiters, made once: a file may have many sets.

    Anything not in it is kept as text.
    """
    readers = readers_for(delimiters)
    found: dict[str, Read] = {name: readers.reader(record) for name, record in RECORDS.items()}
    found["CAS"] = _adjustment
    found["HI"] = _health_care_codes(delimiters.component)
    return found


class Known:
    """Records of segments that a file repeats: addresses, codes, dates, service lines.

    A record is made of its segment's text alone and never changes, so one will do for all of
    them. Each of the two stores is emptied when it is full.

    Attributes:
        plain: text → record of segments that only follow others in a loop.
        structural: text → (segment id, record) of those that open a loop.
    """

    __slots__ = ("plain", "structural")

    def __init__(self) -> None:
        self.plain: dict[str, Any] = {}
        self.structural: dict[str, tuple[str, Any]] = {}

    def keep(self, text: str, record: Any) -> None:
        """Remembers a plain segment, unless it is of a kind that hardly repeats."""
        if text[:3] != "REF":
            if len(self.plain) >= _KNOWN_SEGMENTS:
                self.plain.clear()
            self.plain[text] = record

    def keep_structural(self, text: str, tag: str, record: Any) -> None:
        """Remembers a segment that opens a loop, unless it is of a kind that hardly repeats."""
        if tag not in _UNLIKE:
            if len(self.structural) >= _KNOWN_SEGMENTS:
                self.structural.clear()
            self.structural[text] = tag, record


@lru_cache(maxsize=8)
def known_for(_: Delimiters, reader: str) -> Known:
    """What a reader remembers of segments with these delimiters, over all transaction sets.

    Each has its own: what opens a loop in an 837P may be nothing to an 835, and a set that was
    sent as the wrong one must not spoil the right one's reading.
    """
    return Known()


def elements_of(
    file: BinaryIO, bytes_: ByteRange, delimiters: Delimiters
) -> Iterator[tuple[Elements, int, int]]:
    """Elements of every segment in a byte range, with where it begins and ends."""
    for texts, starts, step in chunks(file, bytes_, delimiters.segment):
        for i, text in enumerate(texts):
            begin = starts[i] + i * step
            yield text.split(delimiters.element), begin, begin + len(text) + 1


def unreadable(
    readers: Readers, e: Elements, error: BadElement, source: SourceRef, loop: str
) -> UnreadableClaim:
    """The exception for a segment that could not be read, with the element's place."""
    place = e[0]
    record = RECORDS.get(e[0])
    if record is not None:
        named, first = readers.place_of_error(record, e)
        if named:
            place, error = named, first
    elif e[0] == "CAS":
        place = next(
            (f"CAS{i + 1:02d}" for i in range(2, len(e), 3) if e[i] and not _amount(e, i + 1)),
            place,
        )
    return UnreadableClaim(
        Problem("INVALID_ELEMENT", source, f"{loop}/{place}" if loop else place,
                error.found, error.expected)
    )  # fmt: skip


def _amount(e: Elements, index: int) -> bool:
    try:
        to_decimal(e[index] if len(e) > index else "")
    except BadElement:
        return False
    return True


ReadSegment = Callable[[Elements], Any]
