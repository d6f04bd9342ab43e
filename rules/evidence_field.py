"""How one key of an evidence record is read: from JSON, and from the text of a CSV cell.

Every reader either returns a typed value or raises :class:`BadEvidence` with the place and what
was expected – never with what stood there, which may be about a patient.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, field, fields
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple


class BadEvidence(ValueError):
    """An evidence record can't be used.

    Attributes:
        code: stable, upper case (``EVIDENCE_WRONG_TYPE`` …).
        place: the key, as a path (``sites[1].laterality``); "" for the record as a whole.
        expected: in words what should stand there.
    """

    def __init__(self, code: str, place: str, expected: str) -> None:
        super().__init__(f"{place or 'record'}: {code}, expected {expected}")
        self.code, self.place, self.expected = code, place, expected


class Reading(NamedTuple):
    """How a key is read. ``from_text`` turns a CSV cell into what JSON would have carried."""

    read: Callable[[object, str], Any]
    from_text: Callable[[str], object]


_MAX_NUMBER = Decimal(1_000_000_000)
_NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,6})?\Z", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)


def _storable(text: str) -> bool:
    """No control characters and no lone surrogates: databases and X12 take neither."""
    return text.isprintable() or not any(
        unicodedata.category(c) in ("Cc", "Cs") and c not in "\t\n\r" for c in text
    )


def text(
    limit: int, pattern: str = "", expected: str = "", check: Callable[[str], bool] | None = None
) -> Reading:
    """Text that is not empty, at most ``limit`` characters, surrounding blanks taken off."""
    shape = re.compile(pattern, re.ASCII) if pattern else None
    wanted = expected or f"text of 1 to {limit} characters"

    def read(value: object, place: str) -> str:
        if not isinstance(value, str):
            raise BadEvidence("EVIDENCE_WRONG_TYPE", place, wanted)
        found = value.strip()
        if not found or len(found) > limit or not _storable(found):
            raise BadEvidence("EVIDENCE_BAD_VALUE", place, wanted)
        if (shape and not shape.fullmatch(found)) or (check and not check(found)):
            raise BadEvidence("EVIDENCE_BAD_VALUE", place, wanted)
        return found

    return Reading(read, lambda cell: cell)


def choice(*values: str) -> Reading:
    """One of a few words."""

    def read(value: object, place: str) -> str:
        if not isinstance(value, str):
            raise BadEvidence("EVIDENCE_WRONG_TYPE", place, "text")
        if value.strip() not in values:
            raise BadEvidence("EVIDENCE_BAD_VALUE", place, "one of " + ", ".join(values))
        return value.strip()

    return Reading(read, lambda cell: cell)


def _read_day(value: object, place: str) -> date:
    if not isinstance(value, str):
        raise BadEvidence("EVIDENCE_WRONG_TYPE", place, "a date as YYYY-MM-DD")
    if _DATE.match(value.strip()):
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            pass
    raise BadEvidence("EVIDENCE_BAD_VALUE", place, "a date as YYYY-MM-DD")


DAY = Reading(_read_day, lambda cell: cell)


def amount(low: int = 0, high: int | None = None) -> Reading:
    """A number that is not negative; a float is taken by its shortest text."""
    top = _MAX_NUMBER if high is None else Decimal(high)
    wanted = f"a number from {low}" + ("" if high is None else f" to {high}")

    def read(value: object, place: str) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            raise BadEvidence("EVIDENCE_WRONG_TYPE", place, wanted)
        found = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        if not found.is_finite() or not low <= found <= top:
            raise BadEvidence("EVIDENCE_BAD_VALUE", place, wanted)
        return found

    return Reading(read, lambda cell: Decimal(cell) if _NUMBER.match(cell) else cell)


def whole(low: int = 0) -> Reading:
    """A whole number."""
    base = amount(low)

    def read(value: object, place: str) -> int:
        found: Decimal = base.read(value, place)
        if found != found.to_integral_value():
            raise BadEvidence("EVIDENCE_BAD_VALUE", place, "a whole number")
        return int(found)

    return Reading(read, base.from_text)


def _read_yes_no(value: object, place: str) -> bool:
    if not isinstance(value, bool):
        raise BadEvidence("EVIDENCE_WRONG_TYPE", place, "true or false")
    return value


_YES_NO = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
YES_NO = Reading(_read_yes_no, lambda cell: _YES_NO.get(cell.lower(), cell))


def list_of(item: Reading, at_least: int = 0) -> Reading:
    """A list; in a CSV cell its members are separated by ``;``."""

    def read(value: object, place: str) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise BadEvidence("EVIDENCE_WRONG_TYPE", place, "a list")
        if not at_least <= len(value) <= 500:
            raise BadEvidence("EVIDENCE_BAD_VALUE", place, f"a list of {at_least} to 500")
        return tuple(item.read(v, f"{place}[{n}]") for n, v in enumerate(value, 1))

    return Reading(
        read, lambda cell: [item.from_text(p.strip()) for p in cell.split(";") if p.strip()]
    )


def key(reading: Reading, default: Any = MISSING, name: str | None = None) -> Any:
    """Declares a field of an evidence record; ``name`` where the key is a Python keyword.

    A field with a default may be left out or null in the file.
    """
    return field(default=default, metadata={"reading": reading, "key": name})


def _keys_of(record: Any) -> dict[str, tuple[str, Reading, Any]]:
    return {
        f.metadata["key"] or f.name: (f.name, f.metadata["reading"], f.default)
        for f in fields(record)
        if "reading" in f.metadata
    }


# Worked out once for each kind. (A type is hashable, which mypy does not see.)
keys_of: Callable[[Any], dict[str, tuple[str, Reading, Any]]] = cache(_keys_of)
"""Key in the file → field name, how it is read, default."""


def values_of(record: type[Any], found: Mapping[str, object], place: str = "") -> dict[str, Any]:
    """The record's fields out of what was decoded; null counts as left out.

    Raises: BadEvidence
    """
    values = {}
    for name, (attribute, reading, default) in keys_of(record).items():
        value = found.get(name)
        if value is not None:
            values[attribute] = reading.read(value, place + name)
        elif default is MISSING:
            raise BadEvidence("EVIDENCE_MISSING_KEY", place + name, "a value")
    return values


def nested(record: type[Any]) -> Reading:
    """A record within a record; in CSV its keys are columns of their own."""

    def read(value: object, place: str) -> Any:
        if not isinstance(value, dict):
            raise BadEvidence("EVIDENCE_WRONG_TYPE", place, "an object")
        check_keys(value, keys_of(record), place)
        return record(**values_of(record, value, f"{place}."))

    return Reading(read, lambda cell: cell)


def check_keys(found: Iterable[object], allowed: Mapping[str, Any], place: str) -> None:
    """Unknown keys are an error. The key is not shown: a CSV without a header has patients there.

    Raises: BadEvidence
    """
    for position, name in enumerate(found, 1):
        if name not in allowed:
            where = f"{place + ' ' if place else ''}key {position}"
            raise BadEvidence("EVIDENCE_UNKNOWN_KEY", where, "one of " + ", ".join(allowed))
