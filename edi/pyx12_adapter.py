"""The 005010 guides' full check, by pyx12: the only module that knows pyx12.

pyx12 is driven segment by segment, as its own ``x12n_document`` does, but its findings are taken
as values and never as log lines, which hold what patients sent in. Its maps are parsed once.
Text is handed over segment by segment and whole, because pyx12 4.0.0 stops without a word at an
empty segment, at one without terminator, and at the end of a chunk that holds none.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

import pyx12.errors
import pyx12.map_if
import pyx12.map_index
import pyx12.map_walker
import pyx12.params
import pyx12.segment
import pyx12.x12file

from edi.walk import QUALIFIED_ELSEWHERE, Codes, Walker, Walks, codes_of, segments_of

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
"""Shapes of sound segments that one check remembers."""
_PLAIN = re.compile(r"[A-Z0-9](?:[A-Z0-9 ]*[A-Z0-9])?", re.ASCII)
_COUNTED = frozenset(("ISA", "IEA", "GS", "GE", "ST", "SE", "HL", "CLM", "LX"))
"""Segments that pyx12's reader holds against those before them."""
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
"""TA105, AK905 and IK502, in the words that :mod:`edi.surveyor` uses."""


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


@lru_cache(maxsize=16)
def _codes_of(guide: Any) -> Codes:
    return codes_of(guide)


_WALKS = Walks()


class _Slot:
    """What pyx12 reads from: one whole segment at a time, as it is put in."""

    closed = False

    def __init__(self) -> None:
        self._text = ""

    def put(self, text: str) -> None:
        """The text that is read next."""
        self._text = text

    def read(self, size: int = 0) -> str:
        """That text, whatever its length; then "" until another one is put in."""
        text, self._text = self._text, ""
        return text


class Check:
    """The check of one interchange; iterating it gives the findings.

    Raises (while iterating): CheckFailed.
    """

    def __init__(self, isa: str, segments: Iterable[str], terminator: str) -> None:
        self._isa, self._terminator = isa, terminator
        self._separator, self._component = isa[3:4], isa[-1:]
        self._version = isa[84:89]
        self._texts = chain((isa,), segments)
        self._slot = _Slot()
        self.segment_count = 0
        """Segments that pyx12 has looked at, ISA included."""
        self._transaction = self._position = 0
        self._in_set = False
        self._walker = Walker(pyx12.map_walker.walk_tree(), _WALKS, self._component)
        self._source: Any = None
        self._reading: Iterator[Any] = iter(())
        self._guide: Any = None
        self._node: Any = None
        self._sound: set[tuple[int, str]] = set()
        """Nodes with shapes of segments that they found nothing in."""

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
        self._slot.put(self._isa + self._terminator)
        self._source = pyx12.x12file.X12Reader(self._slot)
        self._reading = iter(self._source)
        self._guide = load_map(f"x12.control.{self._version}.xml")
        for text in self._texts:
            self.segment_count += 1
            yield from self._look(text)
            if self._guide is None:
                return
        self._source.cleanup()
        for kind, code, _, _, _ in self._source.pop_errors():
            yield self._from_reader(kind, code, "")

    def _look(self, text: str) -> Iterator[Finding]:
        """One segment: where the map has it, what the reader counts, then its elements."""
        elements = text.split(self._separator)
        tag = elements[0]
        segment, said = self._read(text, elements)
        if tag == "ST":
            self._transaction += 1
            self._in_set, self._position = True, 0
        self._position = self._position + 1 if self._in_set or tag != "ISA" else 1
        before = self._node
        errors: list[Any] = []
        if tag in ("ISA", "GS"):
            node = self._enter(tag, segment)
            if node is None:
                yield self._finding("UNSUPPORTED_VERSION", "GS08", segment.get_value("GS08"), True)
                return
        else:
            key, node = self._walker.known(before, elements, _codes_of(self._guide))
            if node is None:
                segment = self._segment(text) if segment is None else segment
                count, line = self._source.get_seg_count(), self._source.get_cur_line()
                node, errors = self._walker.walk(key, before, segment, count, line)
        for error in errors:
            if not _is_false(error, tag):
                yield self._walked(error, before, elements)
        for kind, code, _, _, _ in said:
            yield self._from_reader(kind, code, tag)
        if node is not None:
            self._node = node
            known = (id(node), self._shape(node, elements))
            if known not in self._sound:
                segment = self._segment(text) if segment is None else segment
                yield from self._elements(node, segment, known)
        if tag == "SE":
            self._in_set = False

    def _enter(self, tag: str, segment: Any) -> Any:
        """The node of an ISA or GS, which begins a loop; None for a GS08 that has no map."""
        if tag == "ISA":
            self._walker.force_start("/ISA_LOOP", "/ISA_LOOP/ISA")
            return self._guide.getnodebypath("/ISA_LOOP/ISA")
        version, kind = segment.get_value("GS08") or "", segment.get_value("GS01")
        file_name = _index().get_filename(self._source.icvn, version, kind)
        self._guide = load_map(file_name) if file_name is not None else None
        if self._guide is None:
            return None
        self._source.check_837_lx = self._guide.id == "837"
        self._walker.force_start("/ISA_LOOP/GS_LOOP", "/ISA_LOOP/GS_LOOP/GS")
        return self._guide.getnodebypath("/ISA_LOOP/GS_LOOP/GS")

    def _read(self, text: str, elements: list[str]) -> tuple[Any, list[Any]]:
        """pyx12's segment, and what its reader says of it; None for one it need not read.

        The reader counts some segments. Of the others it only looks whether the id could be one,
        whether there is anything in it and whether it ends with a separator.
        """
        tag, source = elements[0], self._source
        if tag in _COUNTED or tag not in _ids_of(self._guide) or self._looks_odd(elements):
            if self.segment_count > 1:  # the ISA was read when the reader was made
                self._slot.put(text + self._terminator)
            return next(self._reading), source.pop_errors()
        source.seg_count += 1
        source.cur_line += 1
        return None, []

    def _looks_odd(self, elements: list[str]) -> bool:
        return len(elements) < 2 or not elements[-1].strip(self._component)

    def _shape(self, node: Any, elements: list[str]) -> str:
        """The text, with nothing left of free text but its length.

        A verdict rests on the map's node and the text alone, and of letters, digits and blanks
        in free text on nothing but how many they are. So shapes come again and again.
        """
        shape = list(elements)
        for index in _free_text(node):
            if index < len(shape) and _PLAIN.fullmatch(shape[index]):
                shape[index] = "A" * len(shape[index])
        return self._separator.join(shape)

    def _segment(self, text: str) -> Any:
        return pyx12.segment.Segment(text, self._terminator, self._separator, self._component)

    def _walked(self, error: Any, before: Any, elements: list[str]) -> Finding:
        """A segment or loop that is missing, too many, or has no place here."""
        code, where = SEGMENT_CODES[error.err_cde], error.map_node or before
        place, tag, value = _place(where), elements[0], None
        if error.err_cde == "1":
            # pyx12 says so of every segment it finds no place for, starting from the last one.
            loop = _place(before).rpartition("/")[0]
            place = f"{loop}/{tag}" if loop else tag
            if tag in _ids_of(before.root):
                code = "UNEXPECTED_SEGMENT"
                if self._has_no_such_code(before.root, elements):
                    # No segment of this id begins with that code, here or anywhere.
                    code, value = "INVALID_CODE_VALUE", elements[1]
                    place += "01-1" if self._component in value else "01"
        return self._finding(code, place, value, False)

    def _has_no_such_code(self, guide: Any, elements: list[str]) -> bool:
        codes = _codes_of(guide).get(elements[0])
        if not codes or len(elements) < 2 or elements[0] in QUALIFIED_ELSEWHERE:
            return False
        return elements[1].partition(self._component)[0] not in codes

    def _finding(self, code: str, place: str, value: str | None, is_code: bool) -> Finding:
        transaction = self._transaction if self._in_set else 0
        return Finding(code, transaction, self._position, place, value, is_code)

    def _from_reader(self, kind: str, code: str, tag: str) -> Finding:
        words = ENVELOPE_CODES.get((kind, code)) or SEGMENT_CODES.get(code, "SEGMENT_ERROR")
        place = {"isa": "ISA", "gs": "GS", "st": "ST"}.get(kind, tag)
        return self._finding(words, place, None, False)

    def _elements(self, node: Any, segment: Any, known: tuple[int, str]) -> Iterator[Finding]:
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
                yield self._finding(ELEMENT_CODES[error.err_cde], place, None, False)
                continue
            if where.refdes in ("ISA11", "ISA16") and error.err_cde == "6":
                # The guide commends control characters as delimiters; pyx12 takes them for text.
                continue
            loop = _place(node).rpartition("/")[0]
            place = f"{loop}/{_element(where)}" if loop else _element(where)
            is_code = bool(where.valid_codes) or where.data_type == "R"
            yield self._finding(ELEMENT_CODES[error.err_cde], place, error.err_val, is_code)


def _is_false(error: Any, tag: str) -> bool:
    """Errors that are none: two PLBs make pyx12 count the 835's loop FOOTER twice."""
    return error.err_cde == "4" and tag == "PLB" and getattr(error.map_node, "id", "") == "FOOTER"


@lru_cache(maxsize=16)
def _ids_of(guide: Any) -> frozenset[str]:
    """Ids of every segment that a guide knows."""
    return frozenset(segment.id for segment in segments_of(guide))


@lru_cache(maxsize=8192)
def _free_text(node: Any) -> tuple[int, ...]:
    """Elements of a segment of which the guide says no more than how long they may be.

    1251 is a date or a time by what another element says.
    """
    return tuple(
        int(child.seq)
        for child in node.children
        if child.is_element()
        and child.data_type == "AN"
        and child.data_ele != "1251"
        and not child.valid_codes
        and child.external_codes is None
        and child.rec is None
    )


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
