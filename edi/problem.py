"""What does not hold in a file: a value that is collected, and the few exceptions."""

from __future__ import annotations

from typing import NamedTuple

from edi.level import level_of
from edi.source import SourceRef


class Problem(NamedTuple):
    """One thing that does not hold, said without any patient data.

    Attributes:
        code: stable upper-case code, the 999's own vocabulary where it has one
            (``REQUIRED_DATA_ELEMENT_MISSING``), otherwise ours (``CLAIM_OUT_OF_BALANCE``).
        source: the segment it was seen in.
        place: element or loop in the guide's words, for example ``SE01`` or ``2400/SV102``.
        found: what stood there; for anything but envelope values, counts, codes and amounts
            only its length and kind of characters (see :func:`describe`).
        expected: what the guide or the arithmetic asks for.
    """

    code: str
    source: SourceRef
    place: str
    found: str = ""
    expected: str = ""

    @property
    def level(self) -> int:
        """Its SNIP level, 1 to 5 (see :mod:`edi.level`)."""
        return level_of(self.code)

    def __str__(self) -> str:
        """Place, found, expected – in one line."""
        words = f"{self.source} {self.place}: {self.code}"
        if self.found:
            words += f", found {self.found}"
        if self.expected:
            words += f", expected {self.expected}"
        return words


class EdiError(Exception):
    """The text can't be used; carries the :class:`Problem` that says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class NotX12(EdiError):
    """No interchange can be made out in these bytes."""


class UnreadableClaim(EdiError):
    """One claim, claim payment or line can't be read; the rest of its file can."""


class UnwritableValue(EdiError):
    """A value that can't stand in an X12 element as it is (it holds a delimiter, say)."""


class BadElement(ValueError):
    """Text of an element is not of its type; the reader adds the place."""

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(expected)
        self.found = found
        self.expected = expected


def describe(text: str) -> str:
    """Length and kind of characters of a value that must not be shown.

    >>> describe("SMITH12")
    '7 characters (letters, digits)'
    >>> describe("")
    'nothing'
    """
    if not text:
        return "nothing"
    kinds = []
    if any(c.isalpha() for c in text):
        kinds.append("letters")
    if any(c.isdigit() for c in text):
        kinds.append("digits")
    if any(not c.isalnum() for c in text):
        kinds.append("others")
    return f"{len(text)} character{'s' if len(text) != 1 else ''} ({', '.join(kinds)})"
