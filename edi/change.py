"""A change of one place of one claim, and the grammar of places.

A place says where in a claim something stands, in the guide's words: the loop, then the segment
with its qualifier or the element::

    2300/REF*G1          the value (REF02) of the REF with qualifier G1
    2300/CLM05-1         component 1 of CLM05
    2300/HI[2]           the second diagnosis, written ABF:M5416
    2400[2]/SV101-3      first modifier of the second service line
    2400[3]              the third service line as a whole, written as its SV101
    2400[4]              of three: a line that is added, see :class:`SplitLine`
    2320[1], 2430[2]     a whole loop that is added, see :mod:`edi.added_loop`
    2010BA/NM109         member id

The index of 2400 and of the loops in it (2410, 2420A …) is the line's position in the original;
that of 2320 and 2330x is the other payer's. The NDC of line 2 is ``2400[2]/LIN03``.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from edi.problem import EdiError, Problem, describe
from edi.source import SourceRef

VALUE_ELEMENT = {"REF": 2, "DTP": 3, "NTE": 2, "AMT": 2}
"""Segments that a qualifier (element 01) tells apart, and the element that holds their value."""

COMPOSITES = frozenset(("SV101", "SV107", "CLM05", "CLM11", "CTP05", "SV501", "SVD03", "HI"))
"""Places whose text is written with ":" between components, whatever delimiter the file has."""

AMOUNTS = frozenset(("CLM02", "SV102", "SV104", "CTP04"))
"""Elements that are compared as numbers: 450.00 is 450."""

_LOOP = re.compile(
    r"2000[ABC]|2010A[ABC]|2010B[AB]|2010CA|2300|2310[A-F]|2320|2330[A-G]|24[0134]0|2420[A-H]"
)
_INDEXED = ("2320", "2330", "2400", "2410", "2420", "2430", "2440")
WHOLE_LOOPS = frozenset(("2320", "2330A", "2330B", "2430"))
"""Loops that may be added as a whole; 2430 of a line has everything of that loop."""
_PLACE = re.compile(
    r"(?P<loop>\d{4}[A-Z]{0,2})(?:\[(?P<index>[1-9]\d{0,3})\])?"
    r"(?:/(?P<segment>[A-Z][A-Z0-9]{1,2}?)"
    r"(?:\*(?P<qualifier>[A-Z0-9]{1,3})"
    r"|(?P<element>0[1-9]|[1-3]\d)(?:-(?P<component>[1-9]\d?))?"
    r"|\[(?P<occurrence>[1-9]\d?)\]))?",
    re.ASCII,
)


class BadPlace(EdiError):
    """A text that names no place of a claim."""


class Place(NamedTuple):
    """A place, taken apart.

    Attributes:
        nth: service line or other payer; 0 for loops that a claim has once.
        segment: "" where the whole line, or a whole loop, is meant.
        qualifier, element, component, occurrence: "" or 0 where the place has none.
    """

    loop: str
    nth: int = 0
    segment: str = ""
    qualifier: str = ""
    element: int = 0
    component: int = 0
    occurrence: int = 0

    @property
    def line(self) -> int:
        """Position of the service line it lies in; 0 outside of lines."""
        return self.nth if self.loop.startswith("24") else 0

    @property
    def is_line(self) -> bool:
        """Whether it is a service line as a whole."""
        return self.loop == "2400" and not self.segment

    @property
    def is_loop(self) -> bool:
        """Whether it is another loop as a whole: what an earlier payer decided."""
        return self.loop in WHOLE_LOOPS and not self.segment

    @property
    def name(self) -> str:
        """The element's name without loop and component, ``SV101``; ``HI`` for a diagnosis."""
        return f"{self.segment}{self.element:02d}" if self.element else self.segment

    def __str__(self) -> str:
        """As it is written.

        >>> str(parse_place("2410[2]/LIN03"))
        '2400[2]/LIN03'
        """
        text = self.loop + (f"[{self.nth}]" if self.nth else "")
        if not self.segment:
            return text
        text += f"/{self.name}"
        if self.qualifier:
            text += f"*{self.qualifier}"
        if self.component:
            text += f"-{self.component}"
        return text + (f"[{self.occurrence}]" if self.occurrence else "")


class ChangeRefused(EdiError):
    """A change that does not fit the original, or that no writer may make."""


class Applied(NamedTuple):
    """What a change came to: the place and the very texts before and after."""

    place: str
    old: str | None
    new: str | None


class Change(NamedTuple):
    """One place of one claim, what stands there in the original and what shall stand there.

    Attributes:
        place: see the module.
        old: what stands there; None = nothing. A change is refused where the original says
            something else, so that a correction made for another text is never applied.
            Amounts are compared as numbers; a whole line is its SV101 (``HC:77003:26``).
        new: None = taken away.
    """

    place: str
    old: str | None
    new: str | None


class SplitLine(NamedTuple):
    """A line that is added: what it is split from, and what of its SV1 is its own.

    Everything else – dates, pointers, providers, references but REF*6R – is that line's. Written
    ``2400[1]*HC:64483:LT*225*UN*1``: the line's place, then SV101 to SV104, and CTP04 where that
    line has a drug (2410). ``drug_quantity`` "": it has none.
    """

    origin: int
    procedure: str
    charge: str
    unit_of_measure: str
    units: str
    drug_quantity: str = ""

    def __str__(self) -> str:
        """As a change has it."""
        return "*".join((f"2400[{self.origin}]", *self[1:])).rstrip("*")


def parse_split(text: str) -> SplitLine:
    """A line to add from its text.

    >>> parse_split("2400[1]*HC:64483:LT*225*UN*1").origin
    1

    Raises: BadPlace.
    """
    parts = text.split("*")
    if len(parts) not in (5, 6) or not all(parts):
        raise _bad("", describe(text), "2400[n]*SV101*SV102*SV103*SV104, then CTP04 if any")
    origin = parse_place(parts[0])
    if not origin.is_line:
        raise _bad("", describe(text), "the line that it is split from first")
    return SplitLine(origin.nth, *parts[1:])


def parse_place(text: str) -> Place:
    """A place from its text.

    >>> parse_place("2400[2]/SV101-3")[:2], parse_place("2400[2]/SV101-3").name
    (('2400', 2), 'SV101')
    >>> parse_place("2010BA/NM109")
    Place(loop='2010BA', nth=0, segment='NM1', qualifier='', element=9, component=0, occurrence=0)

    Raises: BadPlace.
    """
    match = _PLACE.fullmatch(text)
    if match is None or not _LOOP.fullmatch(match["loop"]):
        raise _bad(text, describe(text), "loop[n]/segment, for example 2400[2]/SV101-3")
    loop, segment = match["loop"], match["segment"] or ""
    if loop == "2410" and segment in ("LIN", "CTP", ""):
        loop = "2400"
    indexed = loop[:4] in _INDEXED
    if indexed and not match["index"]:
        raise _bad(text, "no index", f"{loop}[n]")
    if not indexed and match["index"]:
        raise _bad(text, "an index", loop)
    if not segment and loop != "2400" and loop not in WHOLE_LOOPS:
        raise _bad(text, "no segment", f"{loop}/segment")
    if match["qualifier"] and segment not in VALUE_ELEMENT:
        raise _bad(text, "a qualifier", " or ".join(f"{s}*…" for s in VALUE_ELEMENT))
    if (match["occurrence"] is not None) != (segment == "HI"):
        raise _bad(text, "an occurrence" if match["occurrence"] else "HI alone", "HI[n]")
    return Place(
        loop,
        int(match["index"] or 0),
        segment,
        match["qualifier"] or "",
        int(match["element"] or 0),
        int(match["component"] or 0),
        int(match["occurrence"] or 0),
    )


def _bad(text: str, found: str, expected: str) -> BadPlace:
    shown = text if _PLACE.fullmatch(text) else "place"
    return BadPlace(Problem("BAD_PLACE", SourceRef(), shown, found, expected))
