"""What a file says in dollars, counted from its bytes alone.

None of the product's readers has a part in it: the demo holds the warehouse's totals against
these.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

ISA_LENGTH = 105
"""The character after the ISA ends every segment."""

_CHARGE = {"CLM": 2, "CLP": 3}
_LINES = ("SV1", "SVC")


class Tally(NamedTuple):
    """Claims, service lines, billed charges (CLM02 or CLP03) and payments (BPR02) of a file."""

    claim_count: int = 0
    service_line_count: int = 0
    charge_cents: int = 0
    payment_cents: int = 0


def tally(path: Path) -> Tally:
    """Count one X12 file."""
    text = path.read_text(encoding="latin-1").lstrip()
    element, terminator = text[3], text[ISA_LENGTH]
    claims = lines = charges = payments = 0
    for segment in text.split(terminator):
        name, *elements = segment.strip().split(element)
        if name in _CHARGE:
            claims += 1
            charges += _cents(elements[_CHARGE[name] - 1])
        elif name in _LINES:
            lines += 1
        elif name == "BPR":
            payments += _cents(elements[1])
    return Tally(claims, lines, charges, payments)


def _cents(amount: str) -> int:
    return int(Decimal(amount) * 100)
