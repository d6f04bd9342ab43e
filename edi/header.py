r"""The ISA: its elements and delimiters in whatever shape it came, and where interchanges begin.

Between two interchanges nothing is passed over: a letter's greeting is text and only told, but
what looks like X12 and has no ISA that can be read is claims or money, and is set apart.
"""

from __future__ import annotations

import re
from typing import BinaryIO, NamedTuple

from edi.element import Delimiters
from edi.problem import NotX12, Problem, describe
from edi.source import SourceRef

BLANK = " \t\r\n\x00\x1a"
"""What senders put around segments. Not str.isspace(): X12 commends 0x1C to 0x1F as delimiters."""
LONGEST_ISA = 512
BOM = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff", b"I\0S\0", b"\0I\0S")
_PIECE = 1 << 18
_NO_SEPARATOR = " \r\n\x00\x1a"
_ISA = re.compile(rb"(?<![A-Za-z])ISA[^A-Za-z0-9 \r\n\x00\x1a]", re.IGNORECASE)
_LOOKS_LIKE_X12 = re.compile(
    rb"\bISA([^\w\s])..?\1|\bGS([^\w\s])\w\w\2|\bST([^\w\s])\d{3}\3|\bCL[MP][^\w\s]", re.IGNORECASE
)


class Header(NamedTuple):
    """An ISA.

    Attributes:
        elements: seventeen, "ISA" first, padded as the sender padded them.
        length: characters to the one after its terminator, as it was sent.
    """

    elements: tuple[str, ...]
    delimiters: Delimiters
    length: int


class Between(NamedTuple):
    """What stands in front of the next interchange.

    Attributes:
        start: its first byte.
        end: the next interchange's first byte, or the end of the file.
        text_bytes: how much of it is more than blanks.
        is_x12: whether segments were seen in it: an interchange whose ISA can't be read.
        is_last: whether no interchange follows.
    """

    start: int
    end: int
    text_bytes: int
    is_x12: bool
    is_last: bool


def read_header(text: str, source: SourceRef) -> Header:
    """The ISA at the start of ``text``.

    It is fixed at 106 characters; senders that trim its blanks are read all the same, by
    counting its sixteen separators, and so are those that break every line at some column.

    Raises: NotX12 where no ISA can be made out.
    """
    if text[:3].upper() != "ISA" or len(text) < 4 or text[3].isalnum() or text[3] in _NO_SEPARATOR:
        raise NotX12(
            Problem("NOT_X12", source, "ISA", describe(text[:3]), "an ISA segment at the start")
        )
    separator, at = text[3], 3
    for _ in range(15):
        at = text.find(separator, at + 1, 400)
        if at < 0:
            raise NotX12(
                Problem("INVALID_ISA", source, "ISA", "too few elements", "sixteen elements")
            )
    at = _past_line_end(text, at + 1)
    component = text[at : at + 1]
    end = _terminator(text, at + 1, separator + component)
    if not component or end >= len(text):
        raise NotX12(Problem("INVALID_ISA", source, "ISA16", "the end of the file", "ISA16"))
    terminator = text[end]
    sent = text[: at + 1].replace("\r", "").replace("\n", "")
    elements = ("ISA", *sent.split(separator)[1:])
    if terminator.isalnum() or component.isalnum() or len({separator, component, terminator}) < 3:
        raise NotX12(
            Problem("INVALID_ISA", source, "ISA16", "an alphanumeric or repeated delimiter",
                    "three delimiters that differ")
        )  # fmt: skip
    repetition = elements[11] if len(elements[11]) == 1 else "^"
    return Header(elements, Delimiters(separator, component, repetition, terminator), end + 1)


def _past_line_end(text: str, at: int) -> int:
    while text[at : at + 1] in ("\r", "\n"):
        at += 1
    return at


def _terminator(text: str, at: int, taken: str) -> int:
    """Where the terminator stands that should be at ``at``: blanks may come before it.

    A line end is the terminator where the next segment follows it, and else where the line was
    broken; of CR and LF together it is LF.
    """
    behind = at
    while behind < len(text) and text[behind] in BLANK:
        behind += 1
    if behind < len(text) and not text[behind].isalnum() and text[behind] not in taken:
        return behind
    while text[at : at + 1] == " " and at < behind:
        at += 1
    return at + (text[at : at + 2] == "\r\n")


def first_interchange(file: BinaryIO, source: SourceRef) -> int:
    """Where the first ISA of a file begins; a byte order mark and blanks may stand before it.

    Raises: NotX12.
    """
    file.seek(0)
    head = file.read(4096)
    if head.startswith(_UTF_16):
        raise NotX12(
            Problem("UNSUPPORTED_ENCODING", source, "file", "UTF-16", "ASCII, UTF-8 or Latin-1")
        )
    text = _without_boms(head).lstrip(BLANK.encode())
    if text[:3].upper() != b"ISA":
        raise NotX12(
            Problem("NOT_X12", source, "ISA", describe(text[:3].decode("latin-1")),
                    "an ISA segment at the start")
        )  # fmt: skip
    return len(head) - len(text)


def next_interchange(file: BinaryIO, start: int, terminator: str) -> Between:
    """What stands from ``start``, after an interchange or an ISA that is none, to the next one."""
    file.seek(start)
    at, text_bytes, is_x12 = start, 0, False
    blank = (BLANK + terminator).encode("latin-1")
    rest = b""
    while True:
        data = rest + file.read(_PIECE - len(rest))
        isa = _readable_isa(data)
        # An ISA, or what is looked for, may be cut in two by the end of the piece.
        rest = data[-LONGEST_ISA:] if isa is None and len(data) == _PIECE else b""
        between = data[:isa] if isa is not None else data[: len(data) - len(rest)]
        text_bytes += len(_without_boms(between).strip(blank))
        looked_at = data[:isa] if isa is not None else data
        is_x12 = is_x12 or _LOOKS_LIKE_X12.search(looked_at) is not None
        at += len(between)
        if isa is not None or not rest:
            return Between(start, at, text_bytes, is_x12 and text_bytes > 0, isa is None)


def _readable_isa(data: bytes) -> int | None:
    for match in _ISA.finditer(data):
        try:
            read_header(data[match.start() : match.start() + LONGEST_ISA].decode("latin-1"),
                        SourceRef())  # fmt: skip
        except NotX12:
            continue
        return match.start()
    return None


def _without_boms(data: bytes) -> bytes:
    data = data.lstrip(BLANK.encode())
    while data.startswith(BOM):
        data = data[len(BOM) :].lstrip(BLANK.encode())
    return data
