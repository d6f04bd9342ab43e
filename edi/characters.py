"""Which texts can stand in an X12 element.

Source: 005010 appendix B.1.1.2 (basic and extended character set, delimiters). The extended set
is let through because a payer claim control number goes back letter by letter, and some payers
have lower case in theirs.
"""

from __future__ import annotations

import re

from edi.element import Delimiters
from edi.problem import Problem, UnwritableValue, describe
from edi.source import SourceRef

_CHARACTERS = re.compile(r"[A-Za-z0-9 !\"&'()*+,\-./:;?=%~@\[\]_{}\\|<>#$^]+")


def check_value(value: str, delimiters: Delimiters, place: str, source: SourceRef) -> str:
    """The value, if it can be written: not empty, no delimiter, X12's characters.

    >>> check_value("A99887766", Delimiters(), "2300/REF*G1", SourceRef())
    'A99887766'

    Raises: UnwritableValue, which shows nothing of the value.
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
