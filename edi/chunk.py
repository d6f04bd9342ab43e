r"""A file's text in chunks of whole segments, with the byte that each segment begins at.

Nearly every file puts the same line end (or none) after every terminator and nothing else around
its segments. Whether a chunk is like that is asked once for the chunk, with a few searches at the
speed of memory; it is then split on terminator and line end together, and no segment is looked at
on its own. Only what is wrapped, indented, padded or in lower case is cleaned segment by segment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate
from typing import BinaryIO, NamedTuple

from edi.envelope import ByteRange, blocks, clean
from edi.header import BLANK

_NEVER_PLAIN = ("\t", "\x00", "\x1a")


class Chunk(NamedTuple):
    """Segments without terminators and blanks; none of them is empty.

    Segment ``i`` begins at byte ``starts[i] + i * step`` of the file.
    """

    texts: list[str]
    starts: list[int]
    step: int

    @property
    def end(self) -> int:
        """The byte after the last segment's terminator."""
        last = len(self.texts) - 1
        return self.starts[last] + last * self.step + len(self.texts[last]) + 1


@lru_cache(maxsize=64)
def _not_a_segment_id(mark: str) -> re.Pattern[str]:
    """What follows a terminator and is no upper-case segment id: a blank, another mark."""
    return re.compile(re.escape(mark) + "(?![A-Z][A-Z0-9][^a-z])")


def mark_of(text: str, terminator: str) -> str:
    r"""The terminator with the line end that goes with it, by the first segment of a text.

    >>> mark_of("ST*835*0001~\r\nBPR*I", "~")
    '~\r\n'
    """
    at = text.find(terminator)
    if at < 0:
        return terminator
    if terminator == "\n":
        return "\r\n" if text[at - 1 : at] == "\r" else "\n"
    after = text[at + 1 : at + 3]
    return terminator + (after if after == "\r\n" else after[:1] if after[:1] in "\r\n" else "")


def is_plain(text: str, mark: str, terminator: str) -> bool:
    """Whether marks are all that stands between the segments of a text.

    ``text`` begins with its first segment and ends with its last one's last character.
    """
    count = text.count(mark)
    return (
        text.count(terminator) == count
        and text.count("\n") == (count if "\n" in mark else 0)
        and text.count("\r") == (count if "\r" in mark else 0)
        and text[0].isalpha()
        and text[:3].isupper()
        and text[-1] not in BLANK
        and f" {mark}" not in text
        and not any(c in text for c in _NEVER_PLAIN)
        and not _not_a_segment_id(mark).search(text)
    )


def chunks(file: BinaryIO, bytes_: ByteRange, terminator: str) -> Iterator[Chunk]:
    """The segments of a byte range.

    Raises: NotX12, for a segment longer than any that is meant; OSError.
    """
    for offset, block in blocks(file, bytes_.start, bytes_.end, terminator):
        chunk = chunk_of(offset, block, terminator)
        if chunk.texts:
            yield chunk


class PlainText(NamedTuple):
    """A block whose segments have nothing but ``mark`` between them, the last one no mark."""

    start: int
    text: str
    mark: str


def plain_text(offset: int, block: str, terminator: str) -> PlainText | None:
    """A block that begins at byte ``offset``, where it needs no cleaning; else None."""
    text = block.lstrip(BLANK)
    start = offset + len(block) - len(text)
    text = text.removesuffix(terminator)
    if not text:
        return None
    mark = mark_of(text, terminator)
    return PlainText(start, text, mark) if is_plain(text, mark, terminator) else None


def chunk_of(offset: int, block: str, terminator: str) -> Chunk:
    """The segments of a block that begins at byte ``offset``."""
    plain = plain_text(offset, block, terminator)
    if plain is not None:
        texts = plain.text.split(plain.mark)
        starts = list(accumulate(map(len, texts), initial=plain.start))
        return Chunk(texts, starts, len(plain.mark))
    texts, starts = [], []
    for raw in block.split(terminator):
        if text := clean(raw):
            texts.append(text)
            starts.append(offset + len(raw) - len(raw.lstrip(BLANK)))
        offset += len(raw) + 1
    return Chunk(texts, starts, 0)
