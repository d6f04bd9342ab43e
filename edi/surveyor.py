"""The walk over one interchange: what is in it, and which counts and numbers disagree.

Source of the checks: 005010 envelope (SE01 segments of the set, ST and SE included; GE01 sets
of the group; IEA01 groups of the interchange; control numbers repeated in the trailer).
Codes are the 999's and TA1's words.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import BinaryIO, NamedTuple

from edi.chunk import Chunk, PlainText, chunk_of, plain_text
from edi.element import Delimiters, to_decimal
from edi.envelope import (
    ByteRange,
    FunctionalGroup,
    Interchange,
    TransactionSet,
    blocks,
)
from edi.header import BLANK, BOM, LONGEST_ISA, read_header
from edi.payment_segment import DEBIT
from edi.problem import BadElement, Problem
from edi.source import SourceRef

_CLAIM = {"CLM", "CLP"}
_LINE = {"SV1", "SVC"}
_OTHER_LINE = {"SV2", "SV3"}
_CONTROL = {"ST", "SE", "GS", "GE"}
_ENVELOPE = {"ISA", "IEA"}
_JOINED = re.compile(r"(I[\r\n]*E[\r\n]*A.*?)ISA[^A-Za-z0-9]", re.IGNORECASE | re.DOTALL)


def _count(text: str) -> int:
    """A stated count, -1 for what is none; superscripts and the like are digits to isdigit()."""
    return int(text) if text.isascii() and text.isdigit() else -1


def _amount(elements: list[str], index: int) -> Decimal:
    """An amount that is only added up; 0 where it is none (the reader says so with its place)."""
    try:
        return to_decimal(elements[index])
    except (BadElement, IndexError):
        return Decimal(0)


def _amount_of(text: str) -> Decimal:
    return _amount([text], 0)


def _paid(amount: str, credit_or_debit: str) -> Decimal:
    """BPR02 with its sign: a debit (BPR03) is taken."""
    found = _amount_of(amount)
    return -abs(found) if credit_or_debit == DEBIT else found


class _Searches(NamedTuple):
    """What is searched for in a plain text; every segment there follows a mark.

    ``control`` finds the segments of the envelope, ``charges`` CLM02 and CLP03, ``payment``
    BPR02 and BPR03. The others are counted as they stand.
    """

    mark: str
    control: re.Pattern[str]
    claim: str
    claim_payment: str
    lines: tuple[str, ...]
    other_lines: tuple[str, ...]
    charges: tuple[re.Pattern[str], ...]
    payment: re.Pattern[str]


@lru_cache(maxsize=64)
def _searches(mark: str, separator: str) -> _Searches:
    m, s = re.escape(mark), re.escape(separator)
    element = f"[^{s}{m}]*"
    return _Searches(
        mark,
        re.compile(f"{m}(?:(?:S[TE]|G[SE]|ISA){s}|IEA(?={s}|{m}|\\Z))"),
        mark + "CLM",
        mark + "CLP",
        tuple(mark + tag for tag in sorted(_LINE)),
        tuple(mark + tag for tag in sorted(_OTHER_LINE)),
        tuple(re.compile(f"{m}{head}{s}({element})") for head in
              (f"CLM{s}{element}", f"CLP{s}{element}{s}{element}")),
        re.compile(f"{m}BPR{s}{element}{s}({element})(?:{s}({element}))?"),
    )  # fmt: skip


class Surveyor:
    """Walks one interchange from its ISA to its IEA or to the end of the file."""

    def __init__(
        self, file: BinaryIO, start: int, source: SourceRef, transactions_before: int = 0
    ) -> None:
        self._file = file
        self._start = start
        self._source = source
        file.seek(start)
        self._isa, self._delimiters, self._length = read_header(
            file.read(LONGEST_ISA).decode("latin-1"), source
        )
        self._problems: list[Problem] = []
        self._groups: list[FunctionalGroup] = []
        self._group: tuple[str, ...] | None = None
        self._group_start = 0
        self._group_problems: list[Problem] = []
        self._sets: list[TransactionSet] = []
        self._set: list[str] | None = None
        self._charge = self._payment = Decimal(0)
        self._set_start = 0
        self._set_position = 0
        self._claims = self._lines = self._other_lines = 0
        self._transactions_before = transactions_before
        self._set_count = 0
        self._position = 1  # of the segment in the interchange, ISA = 1
        self._end: int | None = None
        self._closed = False

    @property
    def delimiters(self) -> Delimiters:
        """As the ISA declares them."""
        return self._delimiters

    def walk(self) -> Interchange:
        """The interchange with everything that does not hold of it."""
        terminator = self._delimiters.segment
        for offset, block in blocks(self._file, self._start + self._length, None, terminator):
            plain = plain_text(offset, block, terminator)
            if plain is not None:
                self._search(plain)
            else:
                self._look_at_each(chunk_of(offset, block, terminator))
            if self._end is not None:
                break
        if self._end is None or not self._closed:
            self._unclosed()
        finish = self._end if self._end is not None else self._size()
        if self._set is not None or self._group is not None:
            self._close_open_parts(finish, self._position)
        return Interchange(
            self._source,
            self._isa,
            self._delimiters,
            ByteRange(self._start, min(finish, self._size())),
            tuple(self._groups),
            tuple(self._problems),
        )

    def _look_at_each(self, chunk: Chunk) -> None:
        """Segments one by one, where they had to be cleaned."""
        separator = self._delimiters.element
        for index, text in enumerate(chunk.texts):
            self._position += 1
            tag = text[:3]
            if tag in _CLAIM:
                self._claims += 1
                self._charge += _amount(text.split(separator, 4), 2 if tag == "CLM" else 3)
            elif tag == "BPR":
                e = text.split(separator, 4)
                self._payment += _paid(e[2], e[3] if len(e) > 3 else "") if len(e) > 2 else 0
            elif tag in _LINE:
                self._lines += 1
            elif tag in _OTHER_LINE:
                self._other_lines += 1
            elif tag[:2] in _CONTROL or tag in _ENVELOPE:
                begin = chunk.starts[index] + index * chunk.step
                if not self._control(text, begin, self._after(begin, text)):
                    return

    def _after(self, begin: int, text: str) -> int:
        """The byte after a segment's terminator: a segment that was wrapped is longer there."""
        self._file.seek(begin)
        seen = self._file.read(2 * len(text) + 512).decode("latin-1")
        at = seen.find(self._delimiters.segment)
        return begin + at + 1 if at >= 0 else begin + len(text) + 1

    def _search(self, plain: PlainText) -> None:
        """The same by a few searches: only segments of the envelope are looked at."""
        start, text, mark = plain.start - len(plain.mark), plain.mark + plain.text, plain.mark
        found = _searches(mark, self._delimiters.element)
        begin = 0
        for match in found.control.finditer(text):
            at = match.start()
            self._add(found, text, begin, at)
            begin = at
            end = text.find(mark, at + len(mark))
            end = end if end >= 0 else len(text)
            segment = text[at + len(mark) : end]
            # The segment itself is counted with those that follow it.
            self._position += 1
            if not self._control(segment, start + at + len(mark), start + end + 1):
                return
            self._position -= 1
        self._add(found, text, begin, len(text))

    def _add(self, found: _Searches, text: str, begin: int, end: int) -> None:
        """Counts what stands in a piece of a text, which begins with a mark."""
        if begin == end:
            return
        self._position += text.count(found.mark, begin, end)
        self._claims += text.count(found.claim, begin, end)
        self._claims += text.count(found.claim_payment, begin, end)
        self._lines += sum(text.count(tag, begin, end) for tag in found.lines)
        self._other_lines += sum(text.count(tag, begin, end) for tag in found.other_lines)
        for amounts in found.charges:
            self._charge += sum(map(_amount_of, amounts.findall(text, begin, end)), Decimal(0))
        for paid, credit_or_debit in found.payment.findall(text, begin, end):
            self._payment += _paid(paid, credit_or_debit)

    def _size(self) -> int:
        self._file.seek(0, 2)
        return self._file.tell()

    def _unclosed(self) -> None:
        self._problems.append(
            Problem("INTERCHANGE_TRUNCATED", self._source, "IEA", "no IEA", "IEA at the end")
        )

    def _set_source(self, segment: int = 0) -> SourceRef:
        return self._source._replace(
            transaction=self._transactions_before + self._set_count, segment=segment
        )

    def _control(self, text: str, begin: int, end: int) -> bool:
        """One segment of the envelope; False where it ends the interchange."""
        e = text.split(self._delimiters.element)
        tag = e[0]
        if self._set is None:
            self._tell_strays()
        if tag == "IEA":
            e, self._end = self._trailer_alone(text, begin, end)
            self._interchange_trailer(e)
            return False
        if tag == "ISA":
            self._end = begin  # the next interchange began before this one ended
            self._position -= 1
            return False
        if tag == "ST":
            if self._set is not None:
                self._end_set(begin, self._position - 1, None)
            self._set, self._set_start, self._set_position = e, begin, self._position
            self._set_count += 1
            self._clear_counts()
        elif tag == "SE":
            if self._set is not None:
                self._end_set(end, self._position, e)
        elif tag == "GS":
            if self._group is not None:
                self._end_group(begin, None)
            self._group, self._group_start, self._group_problems = tuple(e), begin, []
            self._sets = []
        elif tag == "GE" and self._group is not None:
            self._end_group(end, e)
        return True

    def _tell_strays(self) -> None:
        """Claims and lines before ST or after SE are in no set: nobody would read them."""
        if self._claims or self._lines or self._other_lines:
            problems = self._problems if self._group is None else self._group_problems
            problems.append(
                Problem("SEGMENT_NOT_IN_PROPER_SEQUENCE", self._source, "ST",
                        f"{self._claims} claims outside of a transaction set", "none")
            )  # fmt: skip
        self._clear_counts()

    def _clear_counts(self) -> None:
        self._claims = self._lines = self._other_lines = 0
        self._charge = self._payment = Decimal(0)

    def _end_set(self, end: int, position: int, trailer: list[str] | None) -> None:
        """Closes the open set; ``trailer`` is its SE, None where another part began instead."""
        header = self._set or ["ST"]
        count = position - self._set_position + 1
        source = self._set_source()
        problems: list[Problem] = []
        number = header[2].strip() if len(header) > 2 else ""
        if trailer is None:
            problems.append(
                Problem("TRANSACTION_SET_TRAILER_MISSING", source, "SE", "no SE", "SE after ST")
            )
        else:
            stated = trailer[1].strip() if len(trailer) > 1 else ""
            if _count(stated) != count:
                problems.append(
                    Problem("SEGMENT_COUNT_MISMATCH", source.at_segment(count), "SE01",
                            stated or "nothing", str(count))
                )  # fmt: skip
            repeated = trailer[2].strip() if len(trailer) > 2 else ""
            if repeated != number:
                problems.append(
                    Problem("TRANSACTION_SET_CONTROL_NUMBER_MISMATCH", source.at_segment(count),
                            "SE02", repeated or "nothing", number or "nothing")
                )  # fmt: skip
        version = header[3].strip(" ~") if len(header) > 3 and header[3].strip() else ""
        if not version and self._group and len(self._group) > 8:
            version = self._group[8].strip(" ~")
        self._sets.append(
            TransactionSet(
                source,
                header[1].strip() if len(header) > 1 else "",
                number,
                version,
                ByteRange(self._set_start, end),
                count,
                self._claims,
                self._lines,
                self._other_lines,
                self._charge,
                self._payment,
                tuple(problems),
            )
        )
        self._set = None
        self._clear_counts()
        if self._group is None:
            self._problems.append(
                Problem("FUNCTIONAL_GROUP_MISSING", source, "GS", "ST outside of a group", "GS")
            )
            self._group, self._group_start = ("GS",), self._set_start

    def _end_group(self, end: int, trailer: list[str] | None) -> None:
        group = self._group or ("GS",)
        if self._set is not None:
            self._end_set(end, self._set_position, None)
        number = group[6].strip() if len(group) > 6 else ""
        if trailer is None:
            self._group_problems.append(
                Problem("FUNCTIONAL_GROUP_TRAILER_MISSING", self._source, "GE", "no GE", "GE")
            )
        else:
            stated = trailer[1].strip() if len(trailer) > 1 else ""
            if _count(stated) != len(self._sets):
                self._group_problems.append(
                    Problem("TRANSACTION_SET_COUNT_MISMATCH", self._source, "GE01",
                            stated or "nothing", str(len(self._sets)))
                )  # fmt: skip
            repeated = trailer[2].strip() if len(trailer) > 2 else ""
            if repeated != number:
                self._group_problems.append(
                    Problem("GROUP_CONTROL_NUMBER_MISMATCH", self._source, "GE02",
                            repeated or "nothing", number or "nothing")
                )  # fmt: skip
        self._groups.append(
            FunctionalGroup(
                group,
                ByteRange(self._group_start, end),
                tuple(self._sets),
                tuple(self._group_problems),
            )
        )
        self._group, self._sets, self._group_problems = None, [], []

    def _trailer_alone(self, text: str, begin: int, end: int) -> tuple[list[str], int]:
        """IEA's elements and its end: without a terminator the next ISA stands right behind it."""
        joined = _JOINED.match(text)
        if joined is not None:
            text = joined[1]
            self._file.seek(begin)
            sent = _JOINED.match(
                self._file.read(2 * len(joined[0]) + LONGEST_ISA).decode("latin-1")
            )
            end = begin + sent.end(1) if sent else end
        text = text.removesuffix(BOM.decode("latin-1")).rstrip(BLANK)
        return text.split(self._delimiters.element), end

    def _interchange_trailer(self, e: list[str]) -> None:
        self._closed = True
        groups = len(self._groups) + (self._group is not None)
        stated = e[1].strip() if len(e) > 1 else ""
        if _count(stated) != groups:
            self._problems.append(
                Problem("GROUP_COUNT_MISMATCH", self._source, "IEA01", stated or "nothing",
                        str(groups))
            )  # fmt: skip
        repeated = e[2].strip() if len(e) > 2 else ""
        if repeated != self._isa[13].strip():
            self._problems.append(
                Problem("INTERCHANGE_CONTROL_NUMBER_MISMATCH", self._source, "IEA02",
                        repeated or "nothing", self._isa[13].strip() or "nothing")
            )  # fmt: skip

    def _close_open_parts(self, end: int, position: int) -> None:
        if self._set is not None:
            self._end_set(end, position, None)
        if self._group is not None:
            self._end_group(end, None)
