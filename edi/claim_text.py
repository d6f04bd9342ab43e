"""A claim as its own segments, cut out of the archived file as they were sent.

A replacement is made from these texts, never from what the records understood of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from edi.claim import ClaimBytes
from edi.element import Delimiters
from edi.envelope import ByteRange, Interchange, Segments

HEADER_PARTIES = {"41": "1000A", "40": "1000B"}
LEVEL_PARTIES = {
    "2000A": {"85": "2010AA", "87": "2010AB", "PE": "2010AC"},
    "2000B": {"IL": "2010BA", "PR": "2010BB"},
    "2000C": {"QC": "2010CA"},
}
CLAIM_PARTIES = {
    "2300": {"DN": "2310A", "P3": "2310A", "82": "2310B", "77": "2310C", "DQ": "2310D",
             "PW": "2310E", "45": "2310F"},
    "2320": {"IL": "2330A", "PR": "2330B", "DN": "2330C", "P3": "2330C", "82": "2330D",
             "77": "2330E", "DQ": "2330F", "85": "2330G"},
    "2400": {"82": "2420A", "QB": "2420B", "77": "2420C", "DQ": "2420D", "DK": "2420E",
             "DN": "2420F", "P3": "2420F", "PW": "2420G", "45": "2420H"},
}  # fmt: skip
LINE_LOOPS = {"LIN": "2410", "SVD": "2430", "LQ": "2440"}
"""NM101 → the loop it opens, by the loop it stands in; segments that open one under a line."""


class ClaimTexts(NamedTuple):
    """The segments of a claim and of the levels above it, without terminators.

    The levels begin with their HL, ``own`` with its CLM. ``patient`` is None where the patient is
    the subscriber.
    """

    billing: tuple[str, ...]
    subscriber: tuple[str, ...]
    patient: tuple[str, ...] | None
    own: tuple[str, ...]


class Located(NamedTuple):
    """A segment with the loop it stands in; ``nth`` as in a place (line or other payer)."""

    loop: str
    nth: int
    elements: list[str]


def cut(file: BinaryIO, bytes_: ByteRange, delimiters: Delimiters) -> tuple[str, ...]:
    """Segments of a byte range; line ends around and in them, and blanks before, taken off."""
    return tuple(
        text
        for _, texts in Segments(file, bytes_.start, bytes_.end, delimiters.segment)
        for raw in texts
        if (text := raw.replace("\r", "").replace("\n", "").lstrip(" \t\x00\x1a"))
    )


def cut_claim(file: BinaryIO, claim_bytes: ClaimBytes, delimiters: Delimiters) -> ClaimTexts:
    """The segments of one claim out of the archived original."""
    patient = claim_bytes.patient
    return ClaimTexts(
        cut(file, claim_bytes.billing, delimiters),
        cut(file, claim_bytes.subscriber, delimiters),
        cut(file, patient, delimiters) if patient else None,
        cut(file, claim_bytes.own, delimiters),
    )


def cut_header(file: BinaryIO, bytes_: ByteRange, delimiters: Delimiters) -> tuple[str, ...]:
    """BHT and loops 1000A, 1000B of a transaction set: what stands between ST and the first HL.

    ``bytes_`` are those of the transaction set.
    """
    found: list[str] = []
    begin, end = bytes_
    for _, texts in Segments(file, begin, end, delimiters.segment):
        for raw in texts:
            text = raw.replace("\r", "").replace("\n", "").lstrip(" \t\x00\x1a")
            tag = text.split(delimiters.element, 1)[0]
            if tag in ("HL", "SE"):
                return tuple(found)
            if text and tag != "ST":
                found.append(text)
    return tuple(found)


def line_end_of(file: BinaryIO, interchange: Interchange) -> str:
    r"""What the sender put after each terminator: "", "\\n" or "\\r\\n"."""
    file.seek(interchange.bytes.start)
    head = file.read(512).decode("latin-1")
    at = head.find(interchange.delimiters.segment, len(interchange.delimiters.element.join(
        interchange.isa)))  # fmt: skip
    after = head[at + 1 : at + 3] if at >= 0 else ""
    return after if after == "\r\n" else "\n" if after[:1] == "\n" else ""


def locate_level(texts: tuple[str, ...], loop: str, element: str) -> Iterator[Located]:
    """Segments of an HL level (2000A, 2000B, 2000C) with their loops."""
    current = loop
    for text in texts:
        elements = text.split(element)
        if elements[0] == "NM1" and len(elements) > 1:
            current = LEVEL_PARTIES[loop].get(elements[1], loop[:3] + "10")
        yield Located(current, 0, elements)


def locate_claim(texts: tuple[str, ...], element: str) -> Iterator[Located]:
    """Segments of a claim, CLM to its last line, with their loops."""
    context, loop, line, payer = "2300", "2300", 0, 0
    for text in texts:
        elements = text.split(element)
        tag = elements[0]
        if tag == "LX":
            context = loop = "2400"
            line += 1
        elif tag == "SBR" and not line:
            context = loop = "2320"
            payer += 1
        elif tag == "NM1" and len(elements) > 1:
            loop = CLAIM_PARTIES[context].get(elements[1], context[:3] + "9")
        elif line and tag in LINE_LOOPS:
            loop = LINE_LOOPS[tag]
        yield Located(loop, line or payer, elements)
