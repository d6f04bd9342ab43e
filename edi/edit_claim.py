"""Changes applied to a claim's own segments; whatever no change names stays byte for byte.

Where a segment is added, it goes where the guide has it (005010X222A1; the REFs of a loop stand
in any order among themselves).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple, NoReturn

from edi.change import AMOUNTS, COMPOSITES, VALUE_ELEMENT, Change, Place, parse_place
from edi.claim_text import ClaimTexts, locate_claim, locate_level
from edi.element import Delimiters, from_decimal, to_decimal
from edi.problem import BadElement, EdiError, Problem, UnwritableValue, describe
from edi.source import SourceRef

_ORDER = {
    "2300": ("CLM", "DTP", "PWK", "CN1", "AMT", "REF", "K3", "NTE", "CR1", "CR2", "CRC", "HI"),
    "2400": ("LX", "SV1", "SV5", "PWK", "CR1", "CR3", "CRC", "DTP", "QTY", "MEA", "CN1", "REF",
             "AMT", "K3", "NTE", "PS1", "HCP"),
}  # fmt: skip
_CREATED = {
    ("2400", "LIN"): ("LIN", "", "N4", ""),
    ("2400", "CTP"): ("CTP", "", "", "", ""),
    ("2000A", "PRV"): ("PRV", "BI", "PXC", ""),
    ("2310B", "PRV"): ("PRV", "PE", "PXC", ""),
    ("2420A", "PRV"): ("PRV", "PE", "PXC", ""),
}
"""Segments that a change of one of their elements may bring into being."""
_WRITERS_OWN = frozenset(("CLM01", "CLM05-3", "LX01", "REF*F8", "REF*6R"))
_DIAGNOSES = ("ABK", "ABF", "BK", "BF")
_NO_SOURCE = SourceRef()
_CHARACTERS = re.compile(r"[A-Za-z0-9 !\"&'()*+,\-./:;?=%~@\[\]_{}\\|<>#$^]+")


class ChangeRefused(EdiError):
    """A change that does not fit the original, or that no writer may make."""


class Applied(NamedTuple):
    """What a change came to: the place and the very texts before and after."""

    place: str
    old: str | None
    new: str | None


class Edited(NamedTuple):
    """A claim with its changes applied, and what each came to.

    ``removed`` are positions of lines in the original that were taken off.
    """

    texts: ClaimTexts
    applied: tuple[Applied, ...]
    removed: frozenset[int]


class _Segment:
    """One segment under edit; ``text`` is used again as it is unless the elements were touched."""

    __slots__ = ("elements", "index", "loop", "text")

    def __init__(self, loop: str, index: int, elements: list[str], text: str | None) -> None:
        self.loop, self.index, self.elements, self.text = loop, index, elements, text

    @property
    def tag(self) -> str:
        return self.elements[0]

    def element(self, index: int) -> str:
        return self.elements[index] if len(self.elements) > index else ""

    def set(self, index: int, value: str) -> None:
        while len(self.elements) <= index:
            self.elements.append("")
        self.elements[index] = value
        if not value:
            while len(self.elements) > 1 and not self.elements[-1]:
                self.elements.pop()
        self.text = None


def check_value(value: str, delimiters: Delimiters, place: str, source: SourceRef) -> str:
    """The value, if it can stand in an element: not empty, no delimiter, X12's characters.

    The extended set is let through (005010 appendix B.1.1.2.3): a payer claim control number is
    sent back letter by letter, and some have lower case.

    Raises: UnwritableValue.
    """
    clash = delimiters.clash(value)
    if clash is not None:
        raise UnwritableValue(
            Problem("INVALID_CHARACTER_IN_DATA_ELEMENT", source, place, f"a {clash} delimiter",
                    "no delimiter in a value")
        )  # fmt: skip
    if not _CHARACTERS.fullmatch(value) or value != value.strip():
        raise UnwritableValue(
            Problem("INVALID_CHARACTER_IN_DATA_ELEMENT", source, place, describe(value),
                    "X12's basic or extended characters, no blank around them")
        )  # fmt: skip
    return value


class ClaimEditor:
    """One claim under edit."""

    def __init__(self, texts: ClaimTexts, delimiters: Delimiters, source: SourceRef) -> None:
        self._delimiters, self._source = delimiters, source
        self._parts: dict[str, list[_Segment]] = {}
        for name, loop in (("billing", "2000A"), ("subscriber", "2000B"), ("patient", "2000C")):
            level = getattr(texts, name) or ()
            self._parts[name] = [
                _Segment(*located, text)
                for located, text in zip(
                    locate_level(level, loop, delimiters.element), level, strict=True
                )
            ]
        self._parts["own"] = [
            _Segment(*located, text)
            for located, text in zip(
                locate_claim(texts.own, delimiters.element), texts.own, strict=True
            )
        ]
        self._has_patient = texts.patient is not None
        self._line_count = sum(s.tag == "LX" for s in self._parts["own"])
        self._applied: list[Applied] = []
        self._removed: set[int] = set()

    def apply(self, changes: Iterable[Change]) -> None:
        """Every change, checked against the original as it was before any of them.

        Raises: BadPlace, ChangeRefused, UnwritableValue.
        """
        distinct = tuple(dict.fromkeys(changes))
        places = [parse_place(change.place) for change in distinct]
        if len({str(p) for p in places}) < len(places):
            self._refuse(places[0], "CHANGES_CONFLICT", "two changes of one place", "one")
        for change, place in zip(distinct, places, strict=True):
            self._authorized(change, place)
            if place.is_line:
                self._remove_line(change, place)
        for change, place in zip(distinct, places, strict=True):
            if not place.is_line:
                self._apply(change, place)
        self._no_gaps(places)

    def set_frequency(self, code: str, payer_claim_control_number: str | None) -> None:
        """CLM05-3 and REF*F8 (kept in place, added, or taken away for an original claim)."""
        own = self._parts["own"]
        facility = own[0].element(5).split(self._delimiters.component)
        if facility[2:3] != [code]:
            facility += [""] * (3 - len(facility))
            facility[2] = code
            own[0].set(5, self._delimiters.component.join(facility))
        stale = [s for s in own if (s.loop, s.tag, s.element(1)) == ("2300", "REF", "F8")]
        if payer_claim_control_number is None:
            self._drop(stale)
            return
        number = check_value(
            payer_claim_control_number, self._delimiters, "2300/REF*F8", self._source
        )
        if not stale:
            self._insert("2300", 0, ["REF", "F8", number])
            return
        if stale[0].element(2) != number:
            stale[0].set(2, number)
        self._drop(stale[1:])

    def add_line_item_control_numbers(self, numbers: Mapping[int, str]) -> None:
        """REF*6R for lines that have none, by position in the original.

        Raises: ChangeRefused where the line has one, or the number is another line's.
        """
        sent = {
            s.index: s.element(2)
            for s in self._parts["own"]
            if (s.loop, s.tag, s.element(1)) == ("2400", "REF", "6R")
        }
        taken = set(sent.values())
        for position, number in sorted(numbers.items()):
            place = Place("2400", position, "REF", "6R")
            if position in self._removed:
                continue
            if position in sent or not 0 < position <= self._line_count:
                self._refuse(place, "LINE_ITEM_CONTROL_NUMBER_STANDS", "a line that has one, or "
                             "no such line", "a line without REF*6R")  # fmt: skip
            if number in taken:
                self._refuse(place, "LINE_ITEM_CONTROL_NUMBER_REPEATED", "a number in use",
                             "one number a line")  # fmt: skip
            taken.add(number)
            check_value(number, self._delimiters, str(place), self._source)
            self._insert("2400", position, ["REF", "6R", number])

    def done(self) -> Edited:
        """The edited claim; lines are numbered anew where one was taken off."""
        if self._removed:
            for number, segment in enumerate(
                (s for s in self._parts["own"] if s.tag == "LX"), start=1
            ):
                segment.set(1, str(number))
        join = self._delimiters.element.join
        billing, subscriber, patient, own = (
            tuple(join(s.elements) if s.text is None else s.text for s in self._parts[name])
            for name in ("billing", "subscriber", "patient", "own")
        )
        return Edited(
            ClaimTexts(billing, subscriber, patient if self._has_patient else None, own),
            tuple(self._applied),
            frozenset(self._removed),
        )

    def _refuse(self, place: Place, code: str, found: str, expected: str) -> NoReturn:
        raise ChangeRefused(Problem(code, self._source, str(place), found, expected))

    def _authorized(self, change: Change, place: Place) -> None:
        """Places that are the writer's own, or that never change, and changes of nothing."""
        own = place.name + (f"*{place.qualifier}" if place.qualifier else "")
        own += f"-{place.component}" if place.component else ""
        if place.segment == "HL" or (
            place.loop in ("2300", "2400") and own in _WRITERS_OWN | {"CLM05"}
        ):
            self._refuse(place, "PLACE_NOT_OPEN", "a place of the writer's own", "another place")
        if place.name in COMPOSITES and not (place.component or place.occurrence):
            self._refuse(place, "PLACE_NOT_OPEN", "a whole composite", f"{place.name}-n")
        if change.old == change.new:
            self._refuse(place, "CHANGES_NOTHING", "old and new alike", "two that differ")
        if place.line > self._line_count:
            # A line that a split adds would take the next free number; nothing adds lines yet.
            self._refuse(place, "NO_SUCH_LINE", str(place.line), f"1 to {self._line_count}")

    def _same(self, place: Place, old: str | None, found: str | None) -> None:
        """Whether the original says what the change was made for."""
        if old == found:
            return
        if place.name in AMOUNTS and old and found:
            try:
                if to_decimal(old) == to_decimal(found):
                    return
            except BadElement:
                pass
        self._refuse(place, "ORIGINAL_DIFFERS", describe(found or ""), describe(old or ""))

    def _canonical(self, place: Place, text: str) -> str:
        if place.name in COMPOSITES and not place.component:
            return text.replace(self._delimiters.component, ":")
        return text

    def _written(self, place: Place, value: str) -> str:
        """A value as it stands in the file, checked."""
        if place.name in AMOUNTS:
            try:
                value = from_decimal(to_decimal(value))
            except BadElement as error:
                raise UnwritableValue(
                    Problem("INVALID_ELEMENT", self._source, str(place), error.found,
                            error.expected)
                ) from None  # fmt: skip
        composite = place.name in COMPOSITES and not place.component
        parts = value.split(":") if composite else [value]
        for part in parts:
            if part or not composite:
                check_value(part, self._delimiters, str(place), self._source)
        return self._delimiters.component.join(parts)

    def _remove_line(self, change: Change, place: Place) -> None:
        own = self._parts["own"]
        of_line = [s for s in own if s.loop.startswith("24") and s.index == place.nth]
        service = next((s for s in of_line if s.tag == "SV1"), None)
        if change.new is not None:
            self._refuse(place, "PLACE_NOT_OPEN", "a whole line", "the line's elements, or None")
        found = service.element(1) if service else ""
        self._same(place, change.old, self._canonical(Place("2400", 1, "SV1", "", 1), found))
        if any(s.tag == "SVD" and s.element(6) for s in own):
            # SVD06 names another line by its LX, which taking a line off renumbers.
            self._refuse(place, "LINES_ARE_BUNDLED", "SVD06", "no line that names another")
        if len(self._removed) + 1 == self._line_count:
            self._refuse(place, "REQUIRED_SEGMENT_MISSING", "no line left", "one line at least")
        self._removed.add(place.nth)
        self._drop(of_line)
        self._applied.append(Applied(str(place), change.old, None))

    def _apply(self, change: Change, place: Place) -> None:
        if place.line in self._removed:
            self._refuse(place, "CHANGES_CONFLICT", "a line that is taken off", "a line that stays")
        if place.segment == "HI":
            self._diagnosis(change, place)
        elif place.qualifier:
            self._qualified(change, place)
        else:
            self._element(change, place)

    def _part_of(self, place: Place) -> str:
        if place.loop[:3] != "200" and place.loop[:3] != "201":
            return "own"
        return {"A": "billing", "B": "subscriber", "C": "patient"}[place.loop[4]]

    def _in(self, place: Place) -> list[_Segment]:
        loop = "2410" if place.loop == "2400" and place.segment in ("LIN", "CTP") else place.loop
        index = place.nth
        return [
            s
            for s in self._parts[self._part_of(place)]
            if (s.loop, s.index, s.tag) == (loop, index, place.segment)
        ]

    def _qualified(self, change: Change, place: Place) -> None:
        at = VALUE_ELEMENT[place.segment]
        segment = next((s for s in self._in(place) if s.element(1) == place.qualifier), None)
        found = (segment.element(at) or None) if segment else None
        self._same(place, change.old, found)
        if change.new is None:
            self._drop([segment] if segment else [])
            self._applied.append(Applied(str(place), found, None))
            return
        value = self._written(place, change.new)
        if segment is not None:
            if place.segment == "DTP" and ("-" in value) != ("-" in (found or "")):
                self._refuse(place, "INVALID_DATE", "another date format", "the original's")
            segment.set(at, value)
        else:
            elements = [place.segment, place.qualifier, value]
            if place.segment == "DTP":
                elements.insert(2, "RD8" if "-" in value else "D8")
            if place.loop not in _ORDER:
                self._refuse(place, "NOTHING_TO_ADD_TO", place.loop, "2300 or 2400")
            self._insert(place.loop, place.nth, elements)
        self._applied.append(Applied(str(place), found, value))

    def _element(self, change: Change, place: Place) -> None:
        segments = self._in(place)
        segment = segments[0] if segments else None
        component = self._delimiters.component
        text = segment.element(place.element) if segment else ""
        parts = text.split(component)
        if place.component:
            found = parts[place.component - 1] if len(parts) >= place.component else ""
        else:
            found = self._canonical(place, text)
        self._same(place, change.old, found or None)
        value = "" if change.new is None else self._written(place, change.new)
        if place.component:
            parts += [""] * (place.component - len(parts))
            parts[place.component - 1] = value
            while parts and not parts[-1]:
                parts.pop()
            whole = component.join(parts)
        else:
            whole = value
        if segment is None:
            segment = self._create(place)
        segment.set(place.element, whole)
        shown = value if place.component else self._canonical(place, value)
        self._applied.append(Applied(str(place), found or None, shown or None))

    def _create(self, place: Place) -> _Segment:
        template = _CREATED.get((place.loop, place.segment))
        if template is None:
            self._refuse(place, "NOTHING_TO_ADD_TO", f"no {place.segment}", place.segment)
        part = self._parts[self._part_of(place)]
        loop = "2410" if place.segment in ("LIN", "CTP") else place.loop
        segment = _Segment(loop, place.nth, list(template), None)
        after = {"PRV": (loop, ("HL", "NM1")), "CTP": (loop, ("LIN",))}.get(
            place.segment, ("2400", _ORDER["2400"])
        )
        before = [
            i
            for i, s in enumerate(part)
            if s.loop == after[0] and s.index == place.nth and s.tag in after[1]
        ]
        if not before:
            self._refuse(place, "NOTHING_TO_ADD_TO", f"no loop {loop}", f"a loop {loop}")
        part.insert(before[-1] + 1, segment)
        return segment

    def _diagnosis(self, change: Change, place: Place) -> None:
        component = self._delimiters.component
        where = [
            (s, i)
            for s in self._parts["own"]
            if s.loop == "2300" and s.tag == "HI"
            for i in range(1, len(s.elements))
            if s.elements[i].split(component)[0] in _DIAGNOSES
        ]
        at = place.occurrence - 1
        known = where[at] if at < len(where) else None
        found = self._canonical(place, known[0].elements[known[1]]) if known else None
        self._same(place, change.old, found)
        value = "" if change.new is None else self._written(place, change.new)
        if value and value.split(component)[0] not in _DIAGNOSES:
            self._refuse(place, "INVALID_CODE_VALUE", describe(value), " or ".join(_DIAGNOSES))
        if known is not None:
            known[0].set(known[1], value)
        elif where and at == len(where) and len(where[-1][0].elements) <= 12:
            where[-1][0].set(len(where[-1][0].elements), value)
        else:
            self._refuse(place, "NOTHING_TO_ADD_TO", f"{len(where)} diagnoses",
                         "the next, up to 12")  # fmt: skip
        self._applied.append(Applied(str(place), found, self._canonical(place, value) or None))

    def _no_gaps(self, places: list[Place]) -> None:
        """Modifiers, pointers and diagnoses follow one another; what was changed leaves no hole."""
        component = self._delimiters.component
        for place in places:
            gap = False
            if place.name in ("SV101", "SV107") and place.line not in self._removed:
                parts = self._in(place)[0].element(place.element).split(component)
                parts = parts[2:6] if place.name == "SV101" else parts
                while parts and not parts[-1]:
                    parts.pop()
                gap = "" in parts
            elif place.segment == "HI":
                gap = any("" in s.elements for s in self._in(Place("2300", 0, "HI")))
            if gap:
                self._refuse(place, "GAP_LEFT", "an empty component before one in use", "no gap")

    def _insert(self, loop: str, index: int, elements: list[str]) -> None:
        """Puts a segment after the last of its kind in the loop, else after what precedes it."""
        own, order, tag = self._parts["own"], _ORDER[loop], elements[0]
        places = [i for i, s in enumerate(own) if s.loop == loop and s.index == index]
        alike = [i for i in places if own[i].tag == tag]
        before = alike or [
            i for i in places if own[i].tag in order and order.index(own[i].tag) < order.index(tag)
        ]
        own.insert(before[-1] + 1, _Segment(loop, index, elements, None))

    def _drop(self, segments: list[_Segment]) -> None:
        own = self._parts["own"]
        own[:] = [s for s in own if not any(s is d for d in segments)]


def edit_claim(
    texts: ClaimTexts,
    changes: Iterable[Change],
    delimiters: Delimiters,
    source: SourceRef = _NO_SOURCE,
) -> Edited:
    """A claim with its changes applied; frequency, REF*F8 and REF*6R untouched.

    Raises: BadPlace, ChangeRefused, UnwritableValue.
    """
    editor = ClaimEditor(texts, delimiters, source)
    editor.apply(changes)
    return editor.done()
