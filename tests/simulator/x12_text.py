"""X12 text, made and taken apart by hand.

Nothing of the product is used here: what the simulator writes and reads must be able to
prove the product wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The four separators of an interchange, and what follows each segment on disk."""

    element: str = "*"
    component: str = ":"
    repetition: str = "^"
    segment: str = "~"
    line_end: str = "\n"

    @property
    def terminator(self) -> str:
        """What ends a segment in the file."""
        return self.segment + self.line_end


STANDARD = Delimiters()


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Who sends to whom, under which control number, and when."""

    sender: str
    receiver: str
    control_number: int
    written_at: datetime
    functional_id: str
    version: str
    delimiters: Delimiters = STANDARD


def money(cents: int) -> str:
    """Cents as X12 writes them: no trailing zeros, no bare point.

    >>> money(15000), money(15050), money(-5), money(0)
    ('150', '150.5', '-0.05', '0')
    """
    sign = "-" if cents < 0 else ""
    dollars, rest = divmod(abs(cents), 100)
    if not rest:
        return f"{sign}{dollars}"
    return f"{sign}{dollars}.{rest:02d}".rstrip("0")


def cents(text: str) -> int:
    """Read an X12 amount without going through float.

    >>> cents("150"), cents("150.5"), cents("-.05"), cents("")
    (15000, 15050, -5, 0)
    """
    if not text:
        return 0
    sign = -1 if text.startswith("-") else 1
    dollars, _, rest = text.lstrip("+-").partition(".")
    return sign * (int(dollars or "0") * 100 + int((rest + "00")[:2]))


def npi(first_nine: str) -> str:
    """Nine digits and their check digit (Luhn over 80840 + NPI).

    >>> npi("123456789"), npi("199999998")
    ('1234567893', '1999999984')
    """
    total = 0
    for place, digit in enumerate(reversed("80840" + first_nine)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled // 10 + doubled % 10
    return first_nine + str(-total % 10)


def segment(*elements: str, delimiters: Delimiters = STANDARD) -> str:
    """One segment without its terminator; empty elements at the end are left out.

    Components are given joined by ":" and are written with the file's own separator.
    """
    kept = list(elements)
    while kept and not kept[-1]:
        kept.pop()
    if any(delimiters.element in element for element in kept):
        raise ValueError(f"{kept[0]}: a value holds the element separator")
    text = delimiters.element.join(kept)
    if delimiters.component != ":":
        text = text.replace(":", delimiters.component)
    if delimiters.segment in text:
        raise ValueError(f"{kept[0]}: a value holds the segment terminator")
    return text


def interchange(envelope: Envelope, transactions: Sequence[tuple[str, Iterable[str]]]) -> bytes:
    """ISA to IEA around transactions, each an ST01 and its segments between ST and SE."""
    d = envelope.delimiters
    when, number = envelope.written_at, envelope.control_number
    out = [
        isa(envelope),
        segment(
            "GS",
            envelope.functional_id,
            envelope.sender,
            envelope.receiver,
            f"{when:%Y%m%d}",
            f"{when:%H%M}",
            str(number),
            "X",
            envelope.version,
            delimiters=d,
        ),
    ]
    for nth, (kind, body) in enumerate(transactions, start=1):
        start = ["ST", kind, f"{nth:04d}"]
        # ST03 exists in the claim transaction; the 835 guide does not use it.
        if kind == "837":
            start.append(envelope.version)
        segments = [segment(*start, delimiters=d), *body]
        segments.append(segment("SE", str(len(segments) + 1), f"{nth:04d}", delimiters=d))
        out += segments
    out.append(segment("GE", str(len(transactions)), str(number), delimiters=d))
    out.append(segment("IEA", "1", f"{number:09d}", delimiters=d))
    return "".join(text + d.terminator for text in out).encode("ascii")


def isa(envelope: Envelope) -> str:
    """The fixed-width header, without its terminator."""
    d = envelope.delimiters
    fields = (
        "ISA",
        "00",
        " " * 10,
        "00",
        " " * 10,
        "ZZ",
        f"{envelope.sender:<15}",
        "ZZ",
        f"{envelope.receiver:<15}",
        f"{envelope.written_at:%y%m%d}",
        f"{envelope.written_at:%H%M}",
        d.repetition,
        "00501",
        f"{envelope.control_number:09d}",
        "0",
        "P",
        d.component,
    )
    return d.element.join(fields)


def under_another_envelope(
    data: bytes, control_number: int, written_at: datetime, payer_id: str = ""
) -> bytes:
    """The same transaction with other ISA, GS and ST numbers and times.

    ``payer_id`` is a clearinghouse's own for the payer (N104); "" leaves the payer's.
    """
    parsed = split(data)
    d = parsed.delimiters
    number, transaction = str(control_number), "0777"
    when = written_at
    places: dict[str, dict[int, str]] = {
        "ISA": {9: f"{when:%y%m%d}", 10: f"{when:%H%M}", 13: f"{control_number:09d}"},
        "GS": {4: f"{when:%Y%m%d}", 5: f"{when:%H%M}", 6: number},
        "ST": {2: transaction},
        "SE": {2: transaction},
        "GE": {2: number},
        "IEA": {2: f"{control_number:09d}"},
    }
    for elements in parsed.segments:
        for place, value in places.get(elements[0], {}).items():
            elements[place] = value
        if payer_id and elements[:2] == ["N1", "PR"]:
            elements[3:] = ["XV", payer_id]
    line_end = "\n" if data.rstrip().endswith(d.segment.encode()) and b"\n" in data else ""
    return "".join(
        d.element.join(elements) + d.segment + line_end for elements in parsed.segments
    ).encode("latin-1")


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A file taken apart: its separators and its segments as lists of elements."""

    delimiters: Delimiters
    segments: list[list[str]]


def split(data: bytes) -> ParsedFile:
    """Take an X12 file apart; the separators are read from its ISA."""
    text = data.decode("latin-1").lstrip()
    if not text.startswith("ISA"):
        raise ValueError("the file does not begin with ISA")
    found = Delimiters(element=text[3], component=text[104], repetition=text[82], segment=text[105])
    pieces = (piece.strip("\r\n") for piece in text.split(found.segment))
    return ParsedFile(found, [piece.split(found.element) for piece in pieces if piece.strip()])
