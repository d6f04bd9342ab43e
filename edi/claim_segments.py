"""The segments of one claim while it is edited: found by place, added where the guide has them.

Segments that are not touched keep their very text.
"""

from __future__ import annotations

from collections.abc import Collection

from edi.change import Place
from edi.claim_text import ClaimTexts, locate_claim, locate_level
from edi.element import Delimiters

ORDER = {
    "2300": ("CLM", "DTP", "PWK", "CN1", "AMT", "REF", "K3", "NTE", "CR1", "CR2", "CRC", "HI"),
    "2400": ("LX", "SV1", "SV5", "PWK", "CR1", "CR3", "CRC", "DTP", "QTY", "MEA", "CN1", "REF",
             "AMT", "K3", "NTE", "PS1", "HCP"),
}  # fmt: skip
"""Segments of a loop in the guide's order (005010X222A1); REFs stand in any order."""
_LEVELS = (("billing", "2000A"), ("subscriber", "2000B"), ("patient", "2000C"))


class EditedSegment:
    """One segment; ``text`` is used again as it is unless an element was set (then None)."""

    __slots__ = ("elements", "loop", "nth", "text")

    def __init__(self, loop: str, nth: int, elements: list[str], text: str | None = None) -> None:
        self.loop, self.nth, self.elements, self.text = loop, nth, elements, text

    @property
    def tag(self) -> str:
        """Segment id."""
        return self.elements[0]

    def element(self, number: int) -> str:
        """An element's text, "" where it was not sent."""
        return self.elements[number] if len(self.elements) > number else ""

    def set(self, number: int, value: str) -> None:
        """Another text; empty elements that it leaves at the end go."""
        while len(self.elements) <= number:
            self.elements.append("")
        self.elements[number] = value
        if not value:
            while len(self.elements) > 1 and not self.elements[-1]:
                self.elements.pop()
        self.text = None


class ClaimSegments:
    """Levels and own segments of a claim."""

    def __init__(self, texts: ClaimTexts, delimiters: Delimiters) -> None:
        separator = delimiters.element
        self._join = separator.join
        self._has_patient = texts.patient is not None
        self._parts: dict[str, list[EditedSegment]] = {}
        for name, loop in _LEVELS:
            level: tuple[str, ...] = getattr(texts, name) or ()
            located = locate_level(level, loop, separator)
            self._parts[name] = [
                EditedSegment(*where, text) for where, text in zip(located, level, strict=True)
            ]
        self.own = [
            EditedSegment(*where, text)
            for where, text in zip(locate_claim(texts.own, separator), texts.own, strict=True)
        ]
        self._parts["own"] = self.own

    @property
    def is_whole(self) -> bool:
        """Whether every part begins as it must: HL for the levels, CLM for the claim."""
        heads = [("billing", "HL"), ("subscriber", "HL"), ("own", "CLM")]
        if self._has_patient:
            heads.append(("patient", "HL"))
        return all(self._parts[n][:1] and self._parts[n][0].tag == tag for n, tag in heads)

    def texts(self) -> ClaimTexts:
        """As they are now."""
        billing, subscriber, patient, own = (
            tuple(self._join(s.elements) if s.text is None else s.text for s in self._parts[name])
            for name in ("billing", "subscriber", "patient", "own")
        )
        return ClaimTexts(billing, subscriber, patient if self._has_patient else None, own)

    def part(self, place: Place) -> list[EditedSegment]:
        """The level, or the claim's own segments, that a place lies in."""
        if place.loop[:3] not in ("200", "201"):
            return self.own
        return self._parts[{"A": "billing", "B": "subscriber", "C": "patient"}[place.loop[4]]]

    def at(self, place: Place) -> list[EditedSegment]:
        """Segments of the place's id in its loop, in order."""
        loop = "2410" if place.loop == "2400" and place.segment in ("LIN", "CTP") else place.loop
        return [
            s
            for s in self.part(place)
            if s.loop == loop and s.nth == place.nth and s.tag == place.segment
        ]

    def references(self, loop: str, qualifier: str) -> list[EditedSegment]:
        """REFs of a loop with this qualifier, in order; of 2400 those of all lines."""
        return [s for s in self.own if (s.loop, s.tag, s.element(1)) == (loop, "REF", qualifier)]

    def line(self, position: int) -> list[EditedSegment]:
        """Everything of one service line."""
        return [s for s in self.own if s.loop.startswith("24") and s.nth == position]

    def insert(self, segment: EditedSegment) -> None:
        """Adds to 2300 or a line, after the last of its kind, else after what precedes it."""
        order = ORDER[segment.loop]
        preceding = order[: order.index(segment.tag)]
        places = [
            i for i, s in enumerate(self.own) if s.loop == segment.loop and s.nth == segment.nth
        ]
        alike = [i for i in places if self.own[i].tag == segment.tag]
        before = alike or [i for i in places if self.own[i].tag in preceding]
        self.own.insert(before[-1] + 1, segment)

    def insert_after(self, part: list[EditedSegment], segment: EditedSegment, loop: str,
                     tags: Collection[str]) -> bool:  # fmt: skip
        """Adds after the last of some segments; False where the loop has none of them."""
        before = [
            i
            for i, s in enumerate(part)
            if s.loop == loop and s.nth == segment.nth and s.tag in tags
        ]
        if before:
            part.insert(before[-1] + 1, segment)
        return bool(before)

    def add_loop(self, segments: list[EditedSegment]) -> bool:
        """Adds a whole loop of an earlier payer where the guide has it.

        2320 becomes the last before the lines, 2330A and B follow their 2320, 2430 is the last of
        its line but for forms (2440). False where it stands there already, or has no such place.
        """
        loop, nth = segments[0].loop, segments[0].nth
        if any((s.loop, s.nth) == (loop, nth) for s in self.own):
            return False
        if loop == "2430":
            before = [i for i, s in enumerate(self.own)
                      if s.loop.startswith("24") and s.loop != "2440" and s.nth == nth]  # fmt: skip
        elif loop == "2320":
            payers = sum(s.tag == "SBR" for s in self.own)
            before = [i for i, s in enumerate(self.own)
                      if not s.loop.startswith("24")] if nth == payers + 1 else []  # fmt: skip
        else:
            before = [i for i, s in enumerate(self.own)
                      if s.loop[:3] in ("232", "233") and s.nth == nth]  # fmt: skip
        if before:
            self.own[before[-1] + 1 : before[-1] + 1] = segments
        return bool(before)

    def drop(self, segments: Collection[EditedSegment]) -> None:
        """Takes segments of the claim away."""
        gone = {id(s) for s in segments}
        self.own[:] = [s for s in self.own if id(s) not in gone]
