"""Bytes to interchanges: delimiters, control numbers, counts, and what is whole.

One cheap pass (:func:`survey`) over a file finds every interchange, functional group and
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
from edi.header import BLANK, LONGEST_ISA, Between, first_interchange, next_interchange, read_header
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
        charge_amount: ΣCLM02 or ΣCLP03, of those that are amounts. ``payment_amount``: BPR02.
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


_NO_HEADER = ("ISA", *[""] * 16)


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
        return self.isa != _NO_HEADER


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
    if not text[:3].isupper() and text[:3].isascii():  # ß in capitals is two letters
        text = text[:3].upper() + text[3:]
    return text


def digest_of(path: Path) -> tuple[str, int]:
    """SHA-256 in hex and size of a file, read in pieces."""
    sha, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while data := file.read(CHUNK):
            sha.update(data)
            size += len(data)
    return sha.hexdigest(), size


def survey(path: Path) -> Survey:
    """Every interchange of a file with what does not hold of it.

    Raises: NotX12 for an empty file or one that does not begin with an ISA; OSError.
    """
    digest, size = digest_of(path)
    with path.open("rb") as file:
        return survey_file(file, digest, size)


def survey_file(file: BinaryIO, digest: str, size: int) -> Survey:
    """The same of an open file, or of bytes that are in none yet (``digest`` "" then).

    Raises: NotX12.
    """
    from edi.survey import Surveyor  # the walk itself; here only what it walks over

    source = SourceRef(digest)
    if not size:
        raise NotX12(Problem("EMPTY_FILE", source, "file", "0 bytes", "an interchange"))
    interchanges: list[Interchange] = []
    problems: list[Problem] = []
    at, terminator, sets = first_interchange(file, source), "~", 0
    unread = _unreadable_header(file, at, source._replace(interchange=1))
    while True:
        if unread is None:
            surveyor = Surveyor(file, at, source._replace(interchange=len(interchanges) + 1), sets)
            interchanges.append(surveyor.walk())
            terminator = surveyor.delimiters.segment
            sets += sum(len(g.transactions) for g in interchanges[-1].groups)
            at = interchanges[-1].bytes.end
        between = next_interchange(file, at, terminator)
        if unread is not None and between.is_last:
            raise unread
        unread = None
        if between.is_x12:
            here = source._replace(interchange=len(interchanges) + 1)
            interchanges.append(_without_header(here, between))
        elif between.text_bytes:
            problems.append(
                Problem("TRAILING_TEXT", source.at_segment(0), "IEA",
                        f"{between.text_bytes} bytes after it", "the end or another ISA")
            )  # fmt: skip
        if between.is_last:
            return Survey(digest, size, tuple(interchanges), tuple(problems))
        at = between.end


def _unreadable_header(file: BinaryIO, at: int, source: SourceRef) -> NotX12 | None:
    file.seek(at)
    try:
        read_header(file.read(LONGEST_ISA).decode("latin-1"), source)
    except NotX12 as error:
        return error
    return None


def _without_header(source: SourceRef, between: Between) -> Interchange:
    problem = Problem("INVALID_ISA", source, "ISA", f"{between.text_bytes} bytes of segments",
                      "an ISA before them")  # fmt: skip
    bytes_ = ByteRange(between.start, between.end)
    return Interchange(source, _NO_HEADER, Delimiters(), bytes_, (), (problem,))
