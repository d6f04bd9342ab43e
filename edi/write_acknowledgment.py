"""Our own answer to an 837P or 835 that was checked: TA1 and 999 (005010X231A1).

pyx12's writer fails on every valid 835 and answers several interchanges with one 999. Codes are
the 999's and TA1's own (IK304, IK403, IK502, AK905, TA105); what its vocabulary has no word for –
arithmetic that does not add up – is noted by accepting "with errors" (E). No value of the file is
copied (IK404), because it may be a patient's.

Sources: 005010X231A1; ASC X12 005010 for TA1 (which is sent when ISA14 asks for it, or when
something is wrong with the interchange itself).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import BinaryIO, NamedTuple

from edi.element import Delimiters
from edi.envelope import FunctionalGroup, Interchange, Segments, Survey, TransactionSet, clean
from edi.problem import NotX12, Problem
from edi.pyx12_adapter import ELEMENT_CODES, SEGMENT_CODES
from edi.survey import survey, survey_file

GUIDE = "005010X231A1"

_IK304 = {words: code for code, words in SEGMENT_CODES.items() if code.isdigit()}
_IK403 = {words: code for code, words in ELEMENT_CODES.items()}
_OF_ELEMENT = {
    "HIERARCHICAL_ID_NUMBER_OUT_OF_SEQUENCE": (1, "7"),
    "HIERARCHICAL_PARENT_ID_NUMBER_INVALID": (2, "7"),
    "ASSIGNED_NUMBER_OUT_OF_SEQUENCE": (1, "7"),
    "TRAILING_ELEMENT_SEPARATORS": (1, "3"),
    "INVALID_ELEMENT": (1, "6"),
}
"""What the 999 can only say as an element's error: which element, IK403."""
_IK502 = {
    "TRANSACTION_SET_TRAILER_MISSING": "2",
    "TRANSACTION_SET_CONTROL_NUMBER_MISMATCH": "3",
    "SEGMENT_COUNT_MISMATCH": "4",
    "DUPLICATE_TRANSACTION_SET_CONTROL_NUMBER": "23",
    "CHECK_FAILED": "5",
}
_SEGMENTS_IN_ERROR = "5"
_AK905 = {
    "UNSUPPORTED_VERSION": "2",
    "FUNCTIONAL_GROUP_TRAILER_MISSING": "3",
    "GROUP_CONTROL_NUMBER_MISMATCH": "4",
    "TRANSACTION_SET_COUNT_MISMATCH": "5",
    "DUPLICATE_GROUP_CONTROL_NUMBER": "19",
}
_TA105 = {
    "INTERCHANGE_CONTROL_NUMBER_MISMATCH": "001",
    "GROUP_COUNT_MISMATCH": "021",
    "INTERCHANGE_TRUNCATED": "023",
    "FUNCTIONAL_GROUP_MISSING": "022",
    "DUPLICATE_INTERCHANGE_CONTROL_NUMBER": "025",
    "UNSUPPORTED_VERSION": "003",
    "INVALID_ISA": "022",
    "SEGMENT_TERMINATOR_MISSING": "004",
    "TRAILING_TEXT": "024",
}
_HARMLESS = ("INVALID_ISA", "SEGMENT_TERMINATOR_MISSING", "TRAILING_TEXT")
"""The interchange can be read all the same: TA104 is E, not R."""
_ELEMENT = re.compile(r"(\d{2})(?:-(\d+))?\Z")
_INVALID_CONTENT = "024"
_GROUP_IDS = frozenset(("BE", "HB", "HC", "HI", "HN", "HP", "HR", "HS", "RA"))
_SET_IDS = frozenset(("270", "271", "276", "277", "278", "820", "834", "835", "837"))
"""What AK101 and AK201 may say."""
_GROUP_NUMBER = re.compile(r"[0-9]{1,9}\Z")
_SET_NUMBER = re.compile(r"[A-Za-z0-9]{4,9}\Z")
_GUIDE_NUMBER = re.compile(r"[A-Za-z0-9]{1,12}\Z")
_PARTNER = re.compile(r"[ -~]{2,15}\Z")
_SEGMENT_ID = re.compile(r"[A-Z0-9]{2,3}\Z")
_NO_SEGMENT_ID = "ZZZ"
"""IK301 where what stands there can't be one; IK302 tells the place."""
_LAST_NUMBER = 999_999_999
_LONGEST_LOOP = 4
"""IK303 (element 447) has four characters at most: 2010 for 2010AA."""


class Acknowledgment(NamedTuple):
    """One interchange that answers one of the file.

    Attributes:
        control_number: ISA13 of the answer.
        kind: "TA1", which answers the interchange, or "999", which answers its groups.
        code: A, E or R; P where some of what a 999 answers was refused.
    """

    control_number: str
    kind: str
    code: str
    content: bytes


class _Set(NamedTuple):
    """What becomes of one transaction set."""

    code: str
    segments: list[tuple[str, ...]]


def acknowledge(
    path: Path, problems: Sequence[Problem], *, control_number: int, created_at: datetime
) -> list[Acknowledgment]:
    """The answers to each interchange of a file, by what :func:`edi.validate.validate` found.

    ISA13 counts up from ``control_number``, which has to be one that was never used before. A
    file without any interchange gets none, nor does what has no ISA that could be read.

    Raises: OSError; OverflowError, where the control numbers are used up.
    """
    try:
        found = survey(path)
    except NotX12:
        return []
    with path.open("rb") as file:
        return _acknowledge(file, found, problems, control_number, created_at)


def acknowledge_text(
    text: bytes, problems: Sequence[Problem], *, control_number: int, created_at: datetime
) -> list[Acknowledgment]:
    """The same for bytes that are in no file yet.

    Raises: OverflowError.
    """
    file = BytesIO(text)
    try:
        found = survey_file(file, "", len(text))
    except NotX12:
        return []
    return _acknowledge(file, found, problems, control_number, created_at)


def _acknowledge(
    file: BinaryIO, found: Survey, problems: Sequence[Problem], first: int, created_at: datetime
) -> list[Acknowledgment]:
    numbers = count(first)
    return [
        answer
        for interchange in found.interchanges
        if interchange.has_header
        for answer in _Answer(file, interchange, problems, numbers, created_at).write()
    ]


class _Answer:
    """The answer to one interchange."""

    def __init__(
        self,
        file: BinaryIO,
        interchange: Interchange,
        problems: Iterable[Problem],
        numbers: Iterator[int],
        created_at: datetime,
    ) -> None:
        self._file, self._interchange, self._numbers = file, interchange, numbers
        self._number = ""
        self._created_at = created_at
        own = interchange.delimiters
        free = (c for c in own.repetition + "^!`;" if not c.isalnum())
        repetition = next(c for c in free if c not in (own.element, own.component, own.segment))
        self._delimiters: Delimiters = own._replace(repetition=repetition)
        self._of_set: dict[int, list[Problem]] = {}
        self._of_group: list[Problem] = []
        self._of_interchange: list[Problem] = []
        for problem in problems:
            if problem.source.interchange not in (0, interchange.source.interchange):
                continue
            if problem.source.transaction:
                self._of_set.setdefault(problem.source.transaction, []).append(problem)
            elif problem.code in _AK905 and not problem.place.startswith(("ISA", "IEA")):
                self._of_group.append(problem)
            elif problem.code in _TA105:
                self._of_interchange.append(problem)

    def write(self) -> Iterator[Acknowledgment]:
        """A TA1 where one is due, then a 999 for each functional group.

        They go in interchanges of their own: receivers differ on where a TA1 stands beside a 999.
        """
        refused = [_TA105[p.code] for p in self._of_interchange if p.code not in _HARMLESS]
        groups = self._interchange.groups
        if not all(self._can_be_named(group) for group in groups):
            refused.append(_INVALID_CONTENT)
        noted = [_TA105[p.code] for p in self._of_interchange]
        if refused or noted or self._interchange.isa[14].strip() == "1":
            code = "R" if refused else ("E" if noted else "A")
            note = (refused or noted or ["000"])[0]
            yield self._enclose("TA1", code, lambda: [self._ta1(code, note)], 0)
        if groups and not refused:
            yield self._enclose_groups(groups)

    def _can_be_named(self, group: FunctionalGroup) -> bool:
        """Whether a 999 can say which group it answers, and to whom."""
        gs = [*(e.strip() for e in group.elements), *[""] * 9]
        return (
            gs[1] in _GROUP_IDS
            and all(_PARTNER.match(e) and not set(e) & set(self._delimiters) for e in gs[2:4])
            and _GROUP_NUMBER.match(gs[6]) is not None
            and _GUIDE_NUMBER.match(gs[8]) is not None
        )

    def _enclose_groups(self, groups: Sequence[FunctionalGroup]) -> Acknowledgment:
        codes: list[str] = []

        def body() -> Iterator[str]:
            for number, group in enumerate(groups, 1):
                lines, code = self._group(group, number)
                codes.append(code)
                yield from lines

        answer = self._enclose("999", "A", body, len(groups))
        worst = next(c for c in "RPEA" if c in codes)
        return answer._replace(code="P" if worst == "R" and set(codes) != {"R"} else worst)

    def _enclose(
        self, kind: str, code: str, body: Callable[[], Iterable[str]], groups: int
    ) -> Acknowledgment:
        number = next(self._numbers)
        if number > _LAST_NUMBER:
            raise OverflowError("the interchange control numbers are used up")
        self._number = f"{number:09d}"
        text = "".join((self._isa(), *body(), self._line("IEA", str(groups), self._number)))
        return Acknowledgment(self._number, kind, code, text.encode("latin-1"))

    def _line(self, *elements: str) -> str:
        separator = self._delimiters.element
        return separator.join(elements).rstrip(separator) + self._delimiters.segment + "\n"

    def _isa(self) -> str:
        isa, at, d = self._interchange.isa, self._created_at, self._delimiters
        elements = (
            "ISA", "00", " " * 10, "00", " " * 10, f"{isa[7]:<2.2}", f"{isa[8]:<15.15}",
            f"{isa[5]:<2.2}", f"{isa[6]:<15.15}", f"{at:%y%m%d}", f"{at:%H%M}", d.repetition,
            "00501", self._number, "0", isa[15] if isa[15] in ("P", "T") else "P", d.component,
        )  # fmt: skip
        return d.element.join(elements) + d.segment + "\n"

    def _ta1(self, code: str, note: str) -> str:
        isa = self._interchange.isa
        return self._line("TA1", isa[13].strip(), isa[9].strip(), isa[10].strip(), code, note)

    def _group(self, group: FunctionalGroup, number: int) -> tuple[list[str], str]:
        gs = [*(e.strip() for e in group.elements), *[""] * 9]
        at, control = self._created_at, str(int(self._number) + number - 1)
        body: list[tuple[str, ...]] = [("AK1", gs[1], gs[6], gs[8])]
        reasons = self._group_reasons(group)
        codes = []
        for transaction in group.transactions:
            answer = self._set(transaction)
            codes.append("R" if reasons else answer.code)
            if not reasons:
                body += answer.segments
        accepted = sum(code in "AE" for code in codes)
        code = self._group_code(codes, reasons)
        included = str(len(codes))
        body.append(("AK9", code, included, included, str(accepted), *reasons[:5]))
        return [
            self._line("GS", "FA", gs[3], gs[2], f"{at:%Y%m%d}", f"{at:%H%M%S}", control, "X",
                       GUIDE),
            self._line("ST", "999", f"{number:04d}", GUIDE),
            *(self._line(*segment) for segment in body),
            self._line("SE", str(len(body) + 2), f"{number:04d}"),
            self._line("GE", "1", control),
        ], code  # fmt: skip

    def _group_reasons(self, group: FunctionalGroup) -> list[str]:
        """AK905 and following: of this group alone, or of the one whose guide is not known."""
        own = {p.code for p in group.problems}
        if len(self._interchange.groups) == 1:
            own |= {p.code for p in self._of_group}
        elif any(p.code == "UNSUPPORTED_VERSION" and p.found == repr(group.version)
                 for p in self._of_group):  # fmt: skip
            own.add("UNSUPPORTED_VERSION")
        return sorted(_AK905[code] for code in own if code in _AK905)

    @staticmethod
    def _group_code(codes: Sequence[str], reasons: Sequence[str]) -> str:
        if reasons or all(code == "R" for code in codes):
            return "R"
        if "R" in codes:
            return "P"
        return "E" if "E" in codes else "A"

    def _set(self, transaction: TransactionSet) -> _Set:
        """AK2 to IK5; a set whose ST names none is counted and refused without."""
        if not (
            transaction.identifier_code in _SET_IDS
            and _SET_NUMBER.match(transaction.control_number)
            and _GUIDE_NUMBER.match(transaction.version or "0")
        ):
            return _Set("R", [])
        problems = self._of_set.get(transaction.source.transaction, [])
        tags = self._tags(transaction, {p.source.segment for p in problems})
        errors: dict[tuple[int, str, str], tuple[str, list[tuple[str, ...]]]] = {}
        reasons: dict[str, None] = {}
        for problem in problems:
            if problem.code in _IK502:
                reasons[_IK502[problem.code]] = None
            elif _is_guides(problem):
                self._add(errors, problem, tags.get(problem.source.segment, ""))
        if errors:
            reasons[_SEGMENTS_IN_ERROR] = None
        code = "R" if reasons else ("E" if problems else "A")
        st = ("AK2", transaction.identifier_code, transaction.control_number)
        version = (transaction.version,) if transaction.version else ()
        segments: list[tuple[str, ...]] = [(*st, *version)]
        for (position, tag, wrong), (loop, elements) in sorted(errors.items()):
            segments.append(("IK3", tag, str(position), loop, wrong))
            segments += elements
        segments.append(("IK5", code, *list(reasons)[:5]))
        return _Set(code, segments)

    def _tags(self, transaction: TransactionSet, positions: set[int]) -> dict[int, str]:
        """Ids of the segments at some positions; a problem names its place, not always its id."""
        found: dict[int, str] = {}
        if not positions:
            return found
        begin, end = transaction.bytes
        position = 0
        for _, texts in Segments(self._file, begin, end, self._interchange.delimiters.segment):
            for text in texts:
                if not (text := clean(text)):
                    continue
                position += 1
                if position in positions:
                    found[position] = text.split(self._interchange.delimiters.element, 1)[0]
        return found

    def _add(
        self,
        errors: dict[tuple[int, str, str], tuple[str, list[tuple[str, ...]]]],
        problem: Problem,
        tag: str,
    ) -> None:
        loop, _, place = problem.place.rpartition("/")
        loop = loop[:_LONGEST_LOOP] if loop[:1].isdigit() else ""
        position = max(problem.source.segment, 1)
        element = _IK403.get(problem.code)
        at = _ELEMENT.search(place.removeprefix(tag)) if tag and place.startswith(tag) else None
        where = self._position(at.group(1), at.group(2)) if at else ""
        if problem.code in _OF_ELEMENT:
            number, element = _OF_ELEMENT[problem.code]
            where = where or str(number)
        if element is not None:
            key = (
                position,
                _segment_id(tag or place[:3]),
                _IK304["SEGMENT_HAS_DATA_ELEMENT_ERRORS"],
            )
            found = errors.setdefault(key, (loop, []))
            # Too many elements, and such that need each other, are of the segment as a whole.
            ik4 = ("IK4", where or "1", "", element)
            if ik4 not in found[1]:
                found[1].append(ik4)
            return
        # A segment that is missing is named by its place; where that is a loop, by what stood
        # there instead.
        named = place if 2 <= len(place) <= 3 and place[:1].isalpha() else tag
        errors.setdefault((position, _segment_id(named or "ST"), _IK304[problem.code]), (loop, []))

    def _position(self, element: str, component: str | None) -> str:
        parts = [str(int(element)), *([str(int(component))] if component else [])]
        return self._delimiters.component.join(parts)


def _segment_id(tag: str) -> str:
    return tag if _SEGMENT_ID.match(tag) else _NO_SEGMENT_ID


def _is_guides(problem: Problem) -> bool:
    """Whether the guide forbids it, and not only our arithmetic."""
    return problem.code in _IK304 or problem.code in _IK403 or problem.code in _OF_ELEMENT
