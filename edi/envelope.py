"""Bytes to interchanges: delimiters, control numbers, counts, and what is whole.

One cheap pass (:func:`edi.survey.survey`) over a file finds every interchange, functional group and
transaction set with its byte range and says what of it does not hold. The readers then take one
whole transaction at a time, so a broken part never spoils its neighbours.

Text is decoded as Latin-1: one byte is one character, so places in the text are places in the
file and what is written again is the same bytes, whatever encoding the sender used for names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO, NamedTuple

from edi.element import Delimiters
from edi.header import BLANK
from edi.problem import NotX12, Problem
from edi.source import SourceRef

CHUNK = 1 << 18
LONGEST_SEGMENT = 1 << 22
"""No segment of a guide that is read comes near; a file without terminators does."""


class ByteRange(NamedTuple):
    """Half-open range of bytes in a file."""

    start: int
    end: int


class TransactionSet(NamedTuple):
    """ST to SE.

    Attributes:
        source: its place; ``source.transaction`` counts the STs of the file.
        version: ST03, or GS08 where ST03 was not sent.
        claim_count: CLM or CLP segments in it. ``line_count``: SV1 or SVC segments.
        other_line_count: SV2 or SV3, the lines of an institutional or dental claim.
        charge_amount: ΣCLM02 or ΣCLP03, of those that are amounts. ``payment_amount``: BPR02,
            less what is taken (BPR03 D).
        problems: why it is not whole; empty where it is.
    """

    source: SourceRef
    identifier_code: str
    control_number: str
    version: str
    bytes: ByteRange
    segment_count: int
    claim_count: int
    line_count: int
    other_line_count: int
    charge_amount: Decimal
    payment_amount: Decimal
    problems: tuple[Problem, ...]


class FunctionalGroup(NamedTuple):
    """GS to GE."""

    elements: tuple[str, ...]
    bytes: ByteRange
    transactions: tuple[TransactionSet, ...]
    problems: tuple[Problem, ...]

    @property
    def version(self) -> str:
        """GS08, the implementation guide; stray terminators and spaces taken off."""
        return self.elements[8].strip(" ~") if len(self.elements) > 8 else ""


NO_HEADER = ("ISA", *[""] * 16)
"""The ISA of an interchange whose own could not be read."""


class Interchange(NamedTuple):
    """ISA to IEA. ``isa`` are its 17 elements ("ISA" first), padded as the sender padded them.

    Segments whose ISA can't be read are an interchange too, with a problem and without groups.
    """

    source: SourceRef
    isa: tuple[str, ...]
    delimiters: Delimiters
    bytes: ByteRange
    groups: tuple[FunctionalGroup, ...]
    problems: tuple[Problem, ...]

    @property
    def control_number(self) -> str:
        """ISA13."""
        return self.isa[13].strip()

    @property
    def has_header(self) -> bool:
        """Whether its ISA could be read: nothing can be checked or answered without."""
        return self.isa != NO_HEADER


class Survey(NamedTuple):
    """What a file is made of. ``problems`` are those of the file as a whole."""

    digest: str
    size: int
    interchanges: tuple[Interchange, ...]
    problems: tuple[Problem, ...]

    def transactions(self) -> Iterator[tuple[Interchange, FunctionalGroup, TransactionSet]]:
        """Every transaction set with what it stands in, in the file's order."""
        for interchange in self.interchanges:
            for group in interchange.groups:
                for transaction in group.transactions:
                    yield interchange, group, transaction


def blocks(
    file: BinaryIO, start: int, end: int | None, terminator: str
) -> Iterator[tuple[int, str]]:
    """Text of a byte range in blocks that end with a terminator, each with its first byte.

    What follows the last terminator comes last, where it is more than blanks.

    Raises: NotX12, for a segment longer than any that is meant: such a file is none of ours, and
    must not fill the memory.
    """
    offset = position = start
    rest = ""
    file.seek(start)
    while True:
        want = CHUNK if end is None else min(CHUNK, end - position)
        data = file.read(want) if want > 0 else b""
        if not data:
            break
        position += len(data)
        text = rest + data.decode("latin-1")
        cut = text.rfind(terminator, len(rest)) + 1
        rest = text[cut:]
        if cut:
            yield offset, text[:cut]
            offset += cut
        if len(rest) > LONGEST_SEGMENT:
            raise NotX12(
                Problem("SEGMENT_TOO_LONG", SourceRef(), "file", f"over {LONGEST_SEGMENT} bytes",
                        "a segment terminator")
            )  # fmt: skip
        # Another read may have moved the file while the caller worked on the block.
        file.seek(position)
    if rest.strip(BLANK):
        yield offset, rest


class Segments:
    """Segments of a byte range, in chunks, as they were sent.

    Iterating gives ``(offset, texts)`` lists; ``offset`` is the byte at which the first text
    begins, and every text is followed by one terminator, so places can be counted on.
    """

    def __init__(self, file: BinaryIO, start: int, end: int | None, terminator: str) -> None:
        self._range = (file, start, end, terminator)
        self._terminator = terminator

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        for offset, block in blocks(*self._range):
            yield offset, block.removesuffix(self._terminator).split(self._terminator)


def clean(text: str) -> str:
    r"""A segment without the line ends and blanks that senders put around or wrap it with.

    Its id is put into capitals: an X12 id is two or three of them.

    >>> clean("\r\n  se*3*0001")
    'SE*3*0001'
    """
    text = text.strip(BLANK)
    if "\n" in text or "\r" in text:
        text = text.replace("\r", "").replace("\n", "")
    if not text[:3].isupper():  # letter by letter: ß in capitals is two
        text = "".join(c.upper() if c.isascii() else c for c in text[:3]) + text[3:]
    return text


def digest_of(path: Path) -> tuple[str, int]:
    """SHA-256 in hex and size of a file, read in pieces."""
    sha, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while data := file.read(CHUNK):
            sha.update(data)
            size += len(data)
    return sha.hexdigest(), size
