"""Text of an element to its type and back; how a record declares its place in X12.

The one border where X12 text becomes Decimal and date. An empty element is None: "not sent".
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from edi.problem import BadElement, describe


class Delimiters(NamedTuple):
    """The four characters an interchange is cut with; the ISA declares them.

    ``repetition`` is a letter ("U") in interchanges of version 00401.
    """

    element: str = "*"
    component: str = ":"
    repetition: str = "^"
    segment: str = "~"

    def clash(self, text: str) -> str | None:
        """The first delimiter that stands in a value, None where the value is clean."""
        for name in ("segment", "element", "component", "repetition"):
            character = getattr(self, name)
            if not character.isalnum() and character in text:
                return name
        return None


class At(NamedTuple):
    """Annotation of a record's field: the element it is read from, by the guide's name."""

    place: str

    @property
    def element(self) -> int:
        """Position in the segment.

        >>> At("CLP04").element
        4
        """
        return int(self.place[-2:])


_REAL = re.compile(r"-?(?:\d+\.?\d*|\.\d+)\Z", re.ASCII)


@lru_cache(maxsize=65536)
def to_decimal(text: str) -> Decimal:
    """An R or N0 element. X12 knows neither exponents, plus signs nor thousands separators.

    >>> to_decimal("-12.5"), to_decimal(".50")
    (Decimal('-12.5'), Decimal('0.50'))
    >>> to_decimal("1e3")
    Traceback (most recent call last):
    edi.problem.BadElement: a decimal number
    """
    if not _REAL.match(text) or len(text) > 18:
        raise BadElement(
            repr(text) if len(text) < 12 and not text.isalpha() else describe(text),
            "a decimal number",
        )
    return Decimal(text)


def from_decimal(amount: Decimal) -> str:
    """The shortest form that X12 asks for: no trailing zeros, no leading zero dropped.

    >>> from_decimal(Decimal("450.00")), from_decimal(Decimal("0.50")), from_decimal(Decimal("-3"))
    ('450', '0.5', '-3')
    """
    text = f"{amount:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text if text not in ("-0", "") else "0"


@lru_cache(maxsize=16384)
def to_date(text: str) -> date:
    """A D8 date, CCYYMMDD.

    >>> to_date("20260314")
    datetime.date(2026, 3, 14)
    """
    if len(text) == 8 and text.isascii() and text.isdigit():
        try:
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
        except ValueError:
            pass
    raise BadElement(describe(text), "a date as CCYYMMDD")


def from_date(day: date) -> str:
    """CCYYMMDD.

    >>> from_date(date(2026, 3, 14))
    '20260314'
    """
    return day.strftime("%Y%m%d")


@lru_cache(maxsize=65536)
def to_cents(amount: Decimal) -> int:
    """Dollars to whole cents; more than two decimals can't be money.

    >>> to_cents(Decimal("12.5"))
    1250
    """
    cents = amount * 100
    if cents != cents.to_integral_value():
        raise BadElement(str(amount), "at most two decimals")
    return int(cents)
