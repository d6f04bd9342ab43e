"""In which loop each segment of a transaction set stands, by the guide's numbers.

For checks that look at segments side by side and need a place, not a record.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from edi.claim_text import CLAIM_PARTIES, HEADER_PARTIES, LEVEL_PARTIES, LINE_LOOPS

_LEVELS = {"20": "2000A", "22": "2000B", "23": "2000C"}
_OPENING_837P = frozenset(("HL", "CLM", "SBR", "NM1", "LX", *LINE_LOOPS))
_OPENING_835 = {"LX": "2000", "CLP": "2100", "SVC": "2110", "PLB": ""}
_ORGANIZATIONS = {"PR": "1000A", "PE": "1000B"}


class Seen(NamedTuple):
    """One segment: its position in the transaction set (ST = 1), its loop, its elements."""

    position: int
    loop: str
    elements: list[str]

    def element(self, number: int) -> str:
        """An element by the guide's number; "" where it was not sent."""
        return self.elements[number] if number < len(self.elements) else ""

    def place(self, element: int) -> str:
        """``2300/CLM01``; without a loop in the header."""
        name = f"{self.elements[0]}{element:02d}" if element else self.elements[0]
        return f"{self.loop}/{name}" if self.loop else name


def locate_837p(
    texts: Iterable[str], separator: str, wanted: Collection[str], position: int = 1
) -> Iterator[Seen]:
    """The wanted segments of an 837P, or of a claim with what stands above it."""
    context = loop = ""
    for number, text in enumerate(texts, position):
        tag = text.partition(separator)[0]
        if tag in _OPENING_837P:
            elements = text.split(separator)
            second = elements[1] if len(elements) > 1 else ""
            if tag == "HL":
                context = loop = _LEVELS.get(elements[3] if len(elements) > 3 else "", "2000")
            elif tag == "CLM":
                context = loop = "2300"
            elif tag == "LX":
                context = loop = "2400"
            elif tag == "SBR":
                if context in ("2300", "2320"):
                    context = loop = "2320"
            elif tag == "NM1":
                loop = _party(context, second)
            elif context == "2400":
                loop = LINE_LOOPS[tag]
            if tag in wanted:
                yield Seen(number, loop, elements)
        elif tag in wanted:
            yield Seen(number, loop, text.split(separator))


def _party(context: str, entity: str) -> str:
    """The loop of an NM1; its context where the guide has none for it."""
    if not context:
        return HEADER_PARTIES.get(entity, "")
    parties = LEVEL_PARTIES.get(context) or CLAIM_PARTIES.get(context, {})
    return parties.get(entity, context)


def locate_835(
    texts: Iterable[str], separator: str, wanted: Collection[str], position: int = 1
) -> Iterator[Seen]:
    """The wanted segments of an 835."""
    loop = ""
    for number, text in enumerate(texts, position):
        tag = text.partition(separator)[0]
        opened = _OPENING_835.get(tag)
        if opened is not None:
            loop = opened
        elif tag == "N1":
            entity = text.split(separator, 2)[1:2]
            loop = _ORGANIZATIONS.get(entity[0] if entity else "", "")
        if tag in wanted:
            yield Seen(number, loop, text.split(separator))
