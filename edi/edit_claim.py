"""Changes applied to a claim's own segments; whatever no change names stays byte for byte."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple, NoReturn

from edi.added_loop import add_loop
from edi.change import (
    AMOUNTS,
    COMPOSITES,
    VALUE_ELEMENT,
    Applied,
    Change,
    ChangeRefused,
    Place,
    SplitLine,
    parse_place,
    parse_split,
)
from edi.characters import check_value
from edi.claim_segments import ORDER, ClaimSegments, EditedSegment
from edi.claim_text import ClaimTexts
from edi.element import Delimiters, from_decimal, to_decimal
from edi.problem import BadElement, EdiError, Problem, UnwritableValue, describe
from edi.source import SourceRef
from edi.split_line import copies, why_not

_CREATED = {
    ("2400", "LIN"): ("LIN", "", "N4", ""),
    ("2400", "CTP"): ("CTP", "", "", "", ""),
    ("2000A", "PRV"): ("PRV", "BI", "PXC", ""),
    ("2310B", "PRV"): ("PRV", "PE", "PXC", ""),
    ("2420A", "PRV"): ("PRV", "PE", "PXC", ""),
}
"""Segments that a change of one of their elements may bring into being."""
_AFTER = {"PRV": ("HL", "NM1"), "CTP": ("LIN",), "LIN": ORDER["2400"]}
_WRITERS_OWN = frozenset(("CLM01", "CLM05-3", "LX01", "REF*F8", "REF*6R"))
_DIAGNOSES = ("ABK", "ABF", "BK", "BF")
_MOST_DIAGNOSES = 12


class Edited(NamedTuple):
    """A claim with its changes applied, and what each came to.

    ``removed`` are positions of lines in the original that were taken off; ``added`` are the
    numbers of lines that were added, with the position of the line each is split from.
    """

    texts: ClaimTexts
    applied: tuple[Applied, ...]
    removed: frozenset[int]
    added: Mapping[int, int] = MappingProxyType({})


def _rank(place: Place) -> tuple[bool, int, str]:
    """Which change goes first.

    A segment that is added comes before its parts, a diagnosis before the next one, and an earlier
    payer before its names.
    """
    return place.segment == "CTP", place.occurrence, str(place) if place.is_loop else ""


class ClaimEditor:
    """One claim under edit.

    Raises: EdiError where the texts are no claim, cut with other delimiters for instance.
    """

    def __init__(self, texts: ClaimTexts, delimiters: Delimiters, source: SourceRef) -> None:
        self._delimiters, self._source = delimiters, source
        self._segments = ClaimSegments(texts, delimiters)
        if not self._segments.is_whole:
            raise EdiError(
                Problem("REQUIRED_SEGMENT_MISSING", source, "2300/CLM", "other segments",
                        "HL at the head of each level, CLM of the claim")
            )  # fmt: skip
        self._diagnoses = [
            (s, i)
            for s in self._segments.at(Place("2300", 0, "HI"))
            for i in range(1, len(s.elements))
            if s.elements[i].split(delimiters.component)[0] in _DIAGNOSES
        ]
        self._line_count = sum(s.tag == "LX" for s in self._segments.own)
        self._applied: list[Applied] = []
        self._removed: set[int] = set()
        self._added: dict[int, int] = {}

    def apply(self, changes: Iterable[Change]) -> None:
        """Every change, checked against the original as it was before any of them.

        Raises: BadPlace, ChangeRefused, UnwritableValue.
        """
        distinct = tuple(dict.fromkeys(changes))
        places = [parse_place(change.place) for change in distinct]
        seen: set[Place] = set()
        for change, place in zip(distinct, places, strict=True):
            if place in seen:
                self._refuse(place, "CHANGES_CONFLICT", "two changes of one place", "one")
            seen.add(place)
            self._authorized(change, place)
            if place.is_line and change.old is not None:
                self._remove_line(change, place)
        added = [c for c in zip(distinct, places, strict=True) if c[1].is_line and not c[0].old]
        # Copied before anything else is changed: of the line as it was sent.
        for change, place in sorted(added, key=lambda c: c[1].nth):
            self._add_line(change, place)
        in_order = sorted(zip(distinct, places, strict=True), key=lambda c: _rank(c[1]))
        for change, place in in_order:
            if place.line in self._removed and not place.is_line:
                self._refuse(
                    place, "CHANGES_CONFLICT", "a line that is taken off", "one that stays"
                )
            if place.segment == "HI":
                self._diagnosis(change, place)
            elif place.qualifier:
                self._qualified(change, place)
            elif place.is_loop:
                self._applied.append(
                    add_loop(self._segments, change, place, self._delimiters, self._source)
                )
            elif not place.is_line:
                self._element(change, place)
        self._no_gaps(seen)

    def set_frequency(self, code: str, payer_claim_control_number: str | None) -> None:
        """CLM05-3 and REF*F8 (kept in place, added, or taken away for an original claim)."""
        claim = self._segments.own[0]
        facility = claim.element(5).split(self._delimiters.component)
        if facility[2:3] != [code]:
            facility += [""] * (3 - len(facility))
            facility[2] = code
            claim.set(5, self._delimiters.component.join(facility))
        standing = self._segments.references("2300", "F8")
        if payer_claim_control_number is None:
            self._segments.drop(standing)
            return
        number = check_value(
            payer_claim_control_number, self._delimiters, "2300/REF*F8", self._source
        )
        if not standing:
            self._segments.insert(EditedSegment("2300", 0, ["REF", "F8", number]))
            return
        if standing[0].element(2) != number:
            standing[0].set(2, number)
        self._segments.drop(standing[1:])

    def add_line_item_control_numbers(self, numbers: Mapping[int, str]) -> None:
        """REF*6R for lines that have none, by position in the original.

        Raises: ChangeRefused where the line has one, or the number is another line's;
        UnwritableValue.
        """
        sent = {s.nth: s.element(2) for s in self._segments.references("2400", "6R")}
        taken = set(sent.values())
        for position, number in sorted(numbers.items()):
            place = Place("2400", position, "REF", "6R")
            if position in self._removed:
                continue
            if position in sent or not 0 < position <= self._line_count + len(self._added):
                self._refuse(place, "LINE_ITEM_CONTROL_NUMBER_STANDS", "a line that has one, or "
                             "no such line", "a line without REF*6R")  # fmt: skip
            if number in taken:
                self._refuse(place, "LINE_ITEM_CONTROL_NUMBER_REPEATED", "a number in use",
                             "one number a line")  # fmt: skip
            taken.add(number)
            check_value(number, self._delimiters, str(place), self._source)
            self._segments.insert(EditedSegment("2400", position, ["REF", "6R", number]))

    def done(self) -> Edited:
        """The edited claim; lines are numbered anew where one was taken off.

        Those that a split adds have their numbers already.
        """
        if self._removed:
            lines = (s for s in self._segments.own if s.tag == "LX")
            for number, segment in enumerate(lines, start=1):
                segment.set(1, str(number))
        return Edited(
            self._segments.texts(), tuple(self._applied), frozenset(self._removed), self._added
        )

    def _refuse(self, place: Place, code: str, found: str, expected: str) -> NoReturn:
        raise ChangeRefused(Problem(code, self._source, str(place), found, expected))

    def _authorized(self, change: Change, place: Place) -> None:
        """Not the writer's own places, nor any that never changes, nor a change of nothing."""
        own = place.name + (f"*{place.qualifier}" if place.qualifier else "")
        own += f"-{place.component}" if place.component else ""
        if place.segment == "HL" or (place.loop in ("2300", "2400") and own in _WRITERS_OWN):
            self._refuse(place, "PLACE_NOT_OPEN", "a place of the writer's own", "another place")
        if place.segment in VALUE_ELEMENT and not place.qualifier:
            self._refuse(place, "PLACE_NOT_OPEN", "no qualifier", f"{place.segment}*qualifier")
        if place.name in COMPOSITES and not (place.component or place.occurrence):
            self._refuse(place, "PLACE_NOT_OPEN", "a whole composite", f"{place.name}-n")
        if change.old == change.new:
            self._refuse(place, "CHANGES_NOTHING", "old and new alike", "two that differ")
        if place.line > self._line_count:
            # Only a line that a split adds, as a whole, has a number beyond the original's.
            if not (place.is_line and change.old is None and change.new is not None):
                self._refuse(place, "NO_SUCH_LINE", str(place.line), f"1 to {self._line_count}")
        elif place.is_line and change.old is None:
            self._refuse(place, "ORIGINAL_DIFFERS", "a line", "no line of this number")

    def _same(self, place: Place, old: str | None, found: str | None) -> None:
        """The original says what the change was made for, or the change is refused."""
        if old == found:
            return
        if place.name in AMOUNTS and old and found:
            try:
                if to_decimal(old) == to_decimal(found):
                    return
            except BadElement:
                pass
        self._refuse(place, "ORIGINAL_DIFFERS", describe(found or ""), describe(old or ""))

    def _shown(self, text: str) -> str:
        """A composite as changes write it, whatever the file's delimiter."""
        return text.replace(self._delimiters.component, ":")

    def _written(self, place: Place, value: str) -> str:
        """A value as it stands in the file, checked; amounts in X12's shortest form."""
        if place.name in AMOUNTS:
            try:
                return from_decimal(to_decimal(value))
            except BadElement as error:
                raise UnwritableValue(
                    Problem("INVALID_ELEMENT", self._source, str(place), error.found,
                            error.expected)
                ) from None  # fmt: skip
        parts = value.split(":") if place.segment == "HI" else [value]
        for part in parts:
            check_value(part, self._delimiters, str(place), self._source)
        return self._delimiters.component.join(parts)

    def _remove_line(self, change: Change, place: Place) -> None:
        of_line = self._segments.line(place.nth)
        service = next((s for s in of_line if s.tag == "SV1"), None)
        if change.new is not None:
            self._refuse(place, "PLACE_NOT_OPEN", "a whole line", "the line's elements, or None")
        found = self._shown(service.element(1)) if service else None
        self._same(place, change.old, found)
        if any(s.tag == "SVD" and s.element(6) for s in self._segments.own):
            # SVD06 names another line by its LX, which taking a line off renumbers.
            self._refuse(place, "LINES_ARE_BUNDLED", "SVD06", "no line that names another")
        if len(self._removed) + 1 == self._line_count:
            self._refuse(place, "REQUIRED_SEGMENT_MISSING", "no line left", "one line at least")
        self._removed.add(place.nth)
        self._segments.drop(of_line)
        self._applied.append(Applied(str(place), found, None))

    def _add_line(self, change: Change, place: Place) -> None:
        """A copy of the line that it is split from, at the end, with a service of its own."""
        split = parse_split(change.new or "")
        expected = self._line_count + len(self._added) + 1
        if place.nth != expected:
            self._refuse(place, "NO_SUCH_LINE", str(place.nth), f"the next free one, {expected}")
        of_line = [] if split.origin in self._removed else self._segments.line(split.origin)
        if (fault := why_not(of_line, split)) is not None:
            self._refuse(place, *fault)
        written = [self._service_part(place, n, value) for n, value in enumerate(split[1:], 1)]
        own = SplitLine(split.origin, *written)
        self._segments.own += copies(of_line, place.nth, own)
        self._added[place.nth] = split.origin
        told = own._replace(procedure=self._shown(own.procedure))
        self._applied.append(Applied(str(place), None, str(told)))

    def _service_part(self, place: Place, number: int, value: str) -> str:
        """SV101 to SV104, then CTP04."""
        if number == 5:
            place, number = place._replace(segment="CTP"), 4
        elif number not in (2, 4):
            parts = value.split(":") if number == 1 else [value]
            for part in parts:
                check_value(part, self._delimiters, str(place), self._source)
            return self._delimiters.component.join(parts)
        place = place._replace(segment=place.segment or "SV1", element=number)
        return self._written(place, value) if value else ""

    def _qualified(self, change: Change, place: Place) -> None:
        at = VALUE_ELEMENT[place.segment]
        segment = next(
            (s for s in self._segments.at(place) if s.element(1) == place.qualifier), None
        )
        found = (segment.element(at) or None) if segment else None
        self._same(place, change.old, found)
        if change.new is None:
            self._segments.drop([segment] if segment else [])
            self._applied.append(Applied(str(place), found, None))
            return
        value = self._written(place, change.new)
        if segment is not None:
            if place.segment == "DTP" and ("-" in value) != ("-" in (found or "")):
                self._refuse(place, "INVALID_DATE", "another date format", "the original's")
            segment.set(at, value)
        elif place.loop in ORDER:
            elements = [place.segment, place.qualifier, value]
            if place.segment == "DTP":
                elements.insert(2, "RD8" if "-" in value else "D8")
            self._segments.insert(EditedSegment(place.loop, place.nth, elements))
        else:
            self._refuse(place, "NOTHING_TO_ADD_TO", f"no {place.segment}", place.segment)
        self._applied.append(Applied(str(place), found, value))

    def _element(self, change: Change, place: Place) -> None:
        component = self._delimiters.component
        segment = next(iter(self._segments.at(place)), None)
        text = segment.element(place.element) if segment else ""
        parts = text.split(component) if place.component else [text]
        at = place.component - 1 if place.component else 0
        found = (parts[at] or None) if at < len(parts) else None
        self._same(place, change.old, found)
        value = "" if change.new is None else self._written(place, change.new)
        parts += [""] * (at + 1 - len(parts))
        parts[at] = value
        while len(parts) > 1 and not parts[-1]:
            parts.pop()
        segment = segment or self._create(place)
        segment.set(place.element, component.join(parts))
        self._applied.append(Applied(str(place), found, value or None))

    def _create(self, place: Place) -> EditedSegment:
        template = _CREATED.get((place.loop, place.segment))
        if template is None:
            self._refuse(place, "NOTHING_TO_ADD_TO", f"no {place.segment}", place.segment)
        loop = "2410" if place.segment in ("LIN", "CTP") else place.loop
        segment = EditedSegment(loop, place.nth, list(template))
        after = "2400" if place.segment == "LIN" else loop
        part = self._segments.part(place)
        if not self._segments.insert_after(part, segment, after, _AFTER[place.segment]):
            self._refuse(place, "NOTHING_TO_ADD_TO", f"no loop {loop}", f"a loop {loop}")
        return segment

    def _diagnosis(self, change: Change, place: Place) -> None:
        component = self._delimiters.component
        where, at = self._diagnoses, place.occurrence - 1
        known = where[at] if at < len(where) else None
        found = self._shown(known[0].element(known[1])) if known else None
        self._same(place, change.old, found)
        value = "" if change.new is None else self._written(place, change.new)
        if value and (value.count(component) != 1 or value.split(component)[0] not in _DIAGNOSES):
            self._refuse(place, "INVALID_CODE_VALUE", describe(value), "ABF:code")
        if known is not None:
            known[0].set(known[1], value)
        elif (
            where
            and at == len(where) < _MOST_DIAGNOSES
            and len(where[-1][0].elements) == where[-1][1] + 1
        ):
            segment, last = where[-1]
            where.append((segment, last + 1))
            segment.set(last + 1, value)
        else:
            self._refuse(place, "NOTHING_TO_ADD_TO", f"{len(where)} diagnoses",
                         f"the next, up to {_MOST_DIAGNOSES}")  # fmt: skip
        self._applied.append(Applied(str(place), found, self._shown(value) or None))

    def _no_gaps(self, places: Iterable[Place]) -> None:
        """Modifiers, pointers and diagnoses follow one another; what was changed leaves no hole."""
        component = self._delimiters.component
        for place in places:
            gap = False
            if place.name in ("SV101", "SV107"):
                parts = self._segments.at(place)[0].element(place.element).split(component)
                parts = parts[2:6] if place.name == "SV101" else parts
                while parts and not parts[-1]:
                    parts.pop()
                gap = "" in parts
            elif place.segment == "HI":
                gap = any(len(s.elements) < 2 or "" in s.elements for s in self._segments.at(place))
            if gap:
                self._refuse(place, "GAP_LEFT", "an empty component before one in use", "no gap")


def edit_claim(
    texts: ClaimTexts, changes: Iterable[Change], delimiters: Delimiters, source: SourceRef
) -> Edited:
    """A claim with its changes applied; frequency, REF*F8 and REF*6R as they were.

    Raises: BadPlace, ChangeRefused, UnwritableValue.
    """
    editor = ClaimEditor(texts, delimiters, source)
    editor.apply(changes)
    return editor.done()
