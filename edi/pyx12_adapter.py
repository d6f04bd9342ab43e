"""The 005010 guides' full check, by pyx12: the only module that knows pyx12.

pyx12 is driven segment by segment, as its own ``x12n_document`` does, but its findings are taken
as values and never as log lines, which hold what patients sent in. Its maps are parsed once.
Text is handed over segment by segment and whole, because pyx12 4.0.0 stops without a word at an
empty segment, at one without terminator, and at the end of a chunk that holds none.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import Any, ClassVar, NamedTuple

import pyx12.errors
import pyx12.map_if
import pyx12.map_index
import pyx12.map_walker
import pyx12.params
import pyx12.x12file

_LOGGER = logging.getLogger("pyx12")
_LOGGER.addHandler(logging.NullHandler())
_LOGGER.propagate = False
_LOGGER.setLevel(logging.CRITICAL + 1)

CHECKED_AS = {
    "005010X222": "005010X222A1",
    "005010X222A2": "005010X222A1",
    "005010X221": "005010X221A1",
}
"""Guides that pyx12 has no map of, and the one whose claims or payments are the same."""

_SOUND_KEPT = 50_000
"""Texts of sound segments that one check remembers."""
_INTERCHANGE_VERSIONS = ("00401", "00501")
"""ISA12 that pyx12 knows."""

SEGMENT_CODES = {
    "1": "UNRECOGNIZED_SEGMENT_ID",
    "2": "UNEXPECTED_SEGMENT",
    "3": "REQUIRED_SEGMENT_MISSING",
    "4": "LOOP_OCCURS_OVER_MAXIMUM_TIMES",
    "5": "SEGMENT_EXCEEDS_MAXIMUM_USE",
    "6": "SEGMENT_NOT_IN_DEFINED_TRANSACTION_SET",
    "7": "SEGMENT_NOT_IN_PROPER_SEQUENCE",
    "8": "SEGMENT_HAS_DATA_ELEMENT_ERRORS",
    "HL1": "HIERARCHICAL_ID_NUMBER_OUT_OF_SEQUENCE",
    "HL2": "HIERARCHICAL_PARENT_ID_NUMBER_INVALID",
    "LX": "ASSIGNED_NUMBER_OUT_OF_SEQUENCE",
    "SEG1": "TRAILING_ELEMENT_SEPARATORS",
}
"""IK304 of the 999, and pyx12's own four."""
ELEMENT_CODES = {
    "1": "REQUIRED_DATA_ELEMENT_MISSING",
    "2": "CONDITIONAL_REQUIRED_DATA_ELEMENT_MISSING",
    "3": "TOO_MANY_DATA_ELEMENTS",
    "4": "DATA_ELEMENT_TOO_SHORT",
    "5": "DATA_ELEMENT_TOO_LONG",
    "6": "INVALID_CHARACTER_IN_DATA_ELEMENT",
    "7": "INVALID_CODE_VALUE",
    "8": "INVALID_DATE",
    "9": "INVALID_TIME",
    "10": "EXCLUSION_CONDITION_VIOLATED",
}
"""IK403 of the 999."""
ENVELOPE_CODES = {
    ("isa", "001"): "INTERCHANGE_CONTROL_NUMBER_MISMATCH",
    ("isa", "021"): "GROUP_COUNT_MISMATCH",
    ("isa", "023"): "INTERCHANGE_TRUNCATED",
    ("isa", "024"): "FUNCTIONAL_GROUP_TRAILER_MISSING",
    ("isa", "025"): "DUPLICATE_INTERCHANGE_CONTROL_NUMBER",
    ("gs", "3"): "FUNCTIONAL_GROUP_TRAILER_MISSING",
    ("gs", "4"): "GROUP_CONTROL_NUMBER_MISMATCH",
    ("gs", "5"): "TRANSACTION_SET_COUNT_MISMATCH",
    ("gs", "6"): "DUPLICATE_GROUP_CONTROL_NUMBER",
    ("st", "2"): "TRANSACTION_SET_TRAILER_MISSING",
    ("st", "3"): "TRANSACTION_SET_CONTROL_NUMBER_MISMATCH",
    ("st", "4"): "SEGMENT_COUNT_MISMATCH",
    ("st", "23"): "DUPLICATE_TRANSACTION_SET_CONTROL_NUMBER",
}
"""TA105, AK905 and IK502, in the words that :mod:`edi.survey` uses."""


class Finding(NamedTuple):
    """One thing pyx12 objects to.

    Attributes:
        transaction: nth ST of the text, from 1; 0 outside of one.
        segment: position in the transaction set, ST = 1; outside of one, in the interchange.
        place: loop and element in the guide's words.
        value: the text of the element, None where there is none. It may be a patient's.
        is_code: whether the guide lists codes for the element, so that it can be shown.
    """

    code: str
    transaction: int
    segment: int
    place: str
    value: str | None
    is_code: bool


class CheckFailed(Exception):
    """pyx12 gave up; ``kind`` is the exception's class, its words may hold patient data."""

    def __init__(self, kind: str, transaction: int, segment: int) -> None:
        super().__init__(kind)
        self.kind, self.transaction, self.segment = kind, transaction, segment


@lru_cache(maxsize=1)
def _parameters() -> Any:
    return pyx12.params.ParamsBase()


@lru_cache(maxsize=1)
def _index() -> Any:
    return pyx12.map_index.map_index()


@lru_cache(maxsize=16)
def load_map(file_name: str) -> Any:
    """A guide's map; its nodes hold no counters, so one serves every file."""
    return pyx12.map_if.load_map_file(file_name, _parameters())


class _Text:
    """What pyx12 reads from: whole segments at a time, the 106 characters of the ISA first."""

    closed = False

    def __init__(self, isa: str, segments: Iterator[str]) -> None:
        self._segments = chain((isa,), segments)
        self.given: deque[str] = deque()
        """Segments that were read and that pyx12 has not come back with."""

    def read(self, size: int = 0) -> str:
        """The next segment whatever its length; "" at the end."""
        text = next(self._segments, "")
        if text:
            self.given.append(text)
        return text


class _Counter:
    """How often each loop and segment came; stands in for pyx12's NodeCounter, answer for answer.

    That one writes out and hashes a path anew at every question, a fifth of the whole check.
    """

    _texts: ClassVar[dict[int, tuple[Any, str]]] = {}
    """Text of each path object of the loaded maps; the object is kept, so that its id is its."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def _text(self, path: Any) -> str:
        if isinstance(path, str):
            return path
        known = self._texts.get(id(path))
        if known is None:
            known = self._texts[id(path)] = (path, path.format())
        return known[1]

    def increment(self, path: Any) -> None:
        """One more."""
        text = self._text(path)
        self._counts[text] = self._counts.get(text, 0) + 1

    def get_count(self, path: Any) -> int:
        """So far."""
        return self._counts.get(self._text(path), 0)

    def reset_to_node(self, path: Any) -> None:
        """Forgets what is below a loop, not the loop."""
        below = self._text(path) + "/"
        for text in [t for t in self._counts if t.startswith(below)]:
            del self._counts[text]


class Check:
    """The check of one interchange; iterating it gives the findings.

    Raises (while iterating): CheckFailed.
    """

    def __init__(self, isa: str, segments: Iterable[str], terminator: str) -> None:
        self._version = isa[84:89]
        self._texts = _Text(isa + terminator, (s + terminator for s in segments))
        self.segment_count = 0
        """Segments that pyx12 has looked at, ISA included."""
        self._transaction = self._position = 0
        self._sound: set[tuple[int, str]] = set()

    def __iter__(self) -> Iterator[Finding]:
        try:
            yield from self._walk()
        except Exception as error:
            # IndexError, AttributeError, ValueError, EngineError, X12Error … on damaged text.
            raise CheckFailed(type(error).__name__, self._transaction, self._position) from None

    def _walk(self) -> Iterator[Finding]:
        if self._version not in _INTERCHANGE_VERSIONS:
            yield Finding("UNSUPPORTED_VERSION", 0, 1, "ISA12", self._version, True)
            return
        source: Any = pyx12.x12file.X12Reader(self._texts)
        control = load_map(f"x12.control.{self._version}.xml")
        walker: Any = pyx12.map_walker.walk_tree()
        walker.counter = _Counter()
        node: Any = control.getnodebypath("/ISA_LOOP/ISA")
        version = ""
        in_set = False
        for segment in source:
            self.segment_count += 1
            text = self._texts.given.popleft()
            tag = segment.get_seg_id()
            if tag == "ST":
                self._transaction += 1
                in_set, self._position = True, 0
            self._position = self._position + 1 if in_set or tag != "ISA" else 1
            before = node
            if tag == "ISA":
                node = control.getnodebypath("/ISA_LOOP/ISA")
                walker.forceWalkCounterToLoopStart("/ISA_LOOP", "/ISA_LOOP/ISA")
            elif tag == "GS":
                version = segment.get_value("GS08") or ""
                file_name = _index().get_filename(source.icvn, version, segment.get_value("GS01"))
                if file_name is None:
                    yield self._finding("UNSUPPORTED_VERSION", "GS08", version, True, in_set)
                    return
                guide = load_map(file_name)
                source.check_837_lx = guide.id == "837"
                node = guide.getnodebypath("/ISA_LOOP/GS_LOOP/GS")
                walker.forceWalkCounterToLoopStart("/ISA_LOOP/GS_LOOP", "/ISA_LOOP/GS_LOOP/GS")
            else:
                node, _, _, errors = walker.walk_errors(
                    node, segment, source.get_seg_count(), source.get_cur_line(), None
                )
                for error in errors:
                    if not _is_false(error, tag):
                        yield self._walked(error, before, tag, in_set)
            for kind, code, _, _, _ in source.pop_errors():
                yield self._from_reader(kind, code, tag, in_set)
            if node is None:
                node = before
            else:
                yield from self._elements(node, segment, text, in_set)
            if tag == "SE":
                in_set = False
        source.cleanup()
        for kind, code, _, _, _ in source.pop_errors():
            yield self._from_reader(kind, code, "", in_set)

    def _walked(self, error: Any, before: Any, tag: str, in_set: bool) -> Finding:
        """A segment or loop that is missing, too many, or has no place here."""
        code, where = SEGMENT_CODES[error.err_cde], error.map_node or before
        place = _place(where)
        if error.err_cde == "1":
            # pyx12 says so of every segment it finds no place for, starting from the last one.
            loop = _place(before).rpartition("/")[0]
            place = f"{loop}/{tag}" if loop else tag
            if tag in _segments_of(before.root):
                code = "UNEXPECTED_SEGMENT"
        return self._finding(code, place, None, False, in_set)

    def _finding(
        self, code: str, place: str, value: str | None, is_code: bool, in_set: bool
    ) -> Finding:
        transaction = self._transaction if in_set else 0
        return Finding(code, transaction, self._position, place, value, is_code)

    def _from_reader(self, kind: str, code: str, tag: str, in_set: bool) -> Finding:
        words = ENVELOPE_CODES.get((kind, code)) or SEGMENT_CODES.get(code, "SEGMENT_ERROR")
        place = {"isa": "ISA", "gs": "GS", "st": "ST"}.get(kind, tag)
        return self._finding(words, place, None, False, in_set)

    def _elements(self, node: Any, segment: Any, text: str, in_set: bool) -> Iterator[Finding]:
        # A verdict rests on the map's node and the text alone, and texts come again and again.
        known = (id(node), text)
        if known in self._sound:
            return
        _, errors = node.is_valid_errors(segment)
        if not errors:
            if len(self._sound) >= _SOUND_KEPT:
                self._sound.clear()
            self._sound.add(known)
        for error in errors:
            where = error.map_node
            if where is None:
                # Of the segment as a whole: too many elements, elements that need each other.
                place = f"{_place(node)}{error.refdes if str(error.refdes).isdigit() else ''}"
                yield self._finding(ELEMENT_CODES[error.err_cde], place, None, False, in_set)
                continue
            if where.refdes in ("ISA11", "ISA16") and error.err_cde == "6":
                # The guide commends control characters as delimiters; pyx12 takes them for text.
                continue
            loop = _place(node).rpartition("/")[0]
            place = f"{loop}/{_element(where)}" if loop else _element(where)
            is_code = bool(where.valid_codes) or where.data_type == "R"
            yield self._finding(ELEMENT_CODES[error.err_cde], place, error.err_val, is_code, in_set)


def _is_false(error: Any, tag: str) -> bool:
    """Errors that are none: two PLBs make pyx12 count the 835's loop FOOTER twice."""
    return error.err_cde == "4" and tag == "PLB" and getattr(error.map_node, "id", "") == "FOOTER"


@lru_cache(maxsize=16)
def _segments_of(guide: Any) -> frozenset[str]:
    """Ids of every segment that a guide knows."""
    found: set[str] = set()
    nodes = [guide]
    while nodes:
        for children in nodes.pop().pos_map.values():
            found.update(c.id for c in children if c.is_segment())
            nodes += [c for c in children if c.is_loop()]
    return frozenset(found)


def _element(node: Any) -> str:
    """``HI01-2`` of what the maps call HI01-02."""
    name, _, component = str(node.refdes).partition("-")
    return f"{name}-{int(component)}" if component.isdigit() else name


def _place(node: Any) -> str:
    """Loop and segment of a map node, ``2300/REF`` – the loop alone where it is one."""
    if node.is_segment():
        loop = node.parent.id
        return f"{loop}/{node.id}" if loop[:1].isdigit() else str(node.id)
    return str(node.id)
