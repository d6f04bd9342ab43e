"""One cheap pass over a file: every interchange in it, and what does not hold of the file."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from edi.element import Delimiters
from edi.envelope import NO_HEADER, ByteRange, Interchange, Survey, digest_of
from edi.header import LONGEST_ISA, Between, first_interchange, next_interchange, read_header
from edi.problem import NotX12, Problem
from edi.source import SourceRef
from edi.surveyor import Surveyor


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
    return Interchange(source, NO_HEADER, Delimiters(), bytes_, (), (problem,))
