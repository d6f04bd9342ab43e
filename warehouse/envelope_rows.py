"""Control numbers, partners and times of an envelope, in the form that answers are linked by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

_LENGTHS = {4: "%H%M", 6: "%H%M%S", 8: "%H%M%S"}


def number_of(text: str | None) -> str:
    """A control number without blanks and leading zeros: receivers do not echo them alike.

    >>> number_of(" 000000017 "), number_of("0000"), number_of(None)
    ('17', '0', '')
    """
    text = (text or "").strip()
    return text.lstrip("0") or ("0" if text else "")


def partner_ids(isa: Sequence[str], gs: Sequence[str]) -> str:
    """ISA06, ISA08, GS02 and GS03, each once, joined by commas."""
    ids = [isa[6], isa[8], *gs[2:4]]
    return ",".join(dict.fromkeys(i.strip().upper().replace(",", " ") for i in ids if i.strip()))


def sent_at(isa: Sequence[str], gs: Sequence[str]) -> datetime | None:
    """When an envelope was written: GS04 and GS05, else ISA09 and ISA10; None where neither is.

    A time that is none counts as midnight.
    """
    for day, time in ((gs[4:5], gs[5:6]), ((f"20{isa[9].strip()}",), (isa[10],))):
        found = _moment("".join(day).strip(), "".join(time).strip())
        if found is not None:
            return found
    return None


def _moment(day: str, time: str) -> datetime | None:
    try:
        found = datetime.strptime(day, "%Y%m%d")
    except ValueError:
        return None
    try:
        clock = datetime.strptime(time[:6], _LENGTHS[len(time)])
    except (KeyError, ValueError):
        return found
    return datetime.combine(found.date(), clock.time())
