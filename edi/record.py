"""Compiles a declared record into a fast reader of its segment.

A record is a NamedTuple whose fields say their place in X12 with :class:`edi.element.At`; the
reader is generated from that once for a set of delimiters, so the places stand in one spot and
reading costs little more than the split. Types: ``str`` ("" when not sent), ``str | None``,
``Decimal``, ``Decimal | None``, ``date | None``, and the composites below.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, NamedTuple, get_args, get_origin, get_type_hints

from edi.element import At, Delimiters, to_date, to_decimal
from edi.problem import BadElement

Elements = list[str]
Read = Callable[[Elements], Any]


class Procedure(NamedTuple):
    """A composite medical procedure identifier (SV101, SVC01, SVC06, SVD03).

    ``modifiers`` in the order sent. ``None`` fields were not sent.
    """

    product_or_service_id_qualifier: str
    procedure_code: str
    modifiers: tuple[str, ...]
    description: str | None
    through_code: str | None


class Codes(tuple[str, ...]):
    """A composite or repeating element as its parts, in order; empty parts are kept."""

    __slots__ = ()


def _place_of(hint: Any) -> tuple[Any, At]:
    """A field's type and place."""
    if get_origin(hint) is not Annotated:
        raise TypeError(f"{hint} declares no place in X12")
    kind, at = get_args(hint)
    return kind, at


def fields_of(record: type) -> dict[str, tuple[Any, At]]:
    """Field name → (type, place), in the order of the record."""
    hints = get_type_hints(record, include_extras=True)
    return {name: _place_of(hints[name]) for name in record._fields}  # type: ignore[attr-defined]


def _procedure_reader(component: str) -> Callable[[str], Procedure]:
    @lru_cache(maxsize=8192)
    def read(text: str) -> Procedure:
        parts = text.split(component)
        if len(parts) < 2 or not parts[1]:
            raise BadElement("no code", "a qualifier and a procedure code")
        return Procedure(
            parts[0],
            parts[1],
            tuple(p for p in parts[2:6] if p),
            parts[6] or None if len(parts) > 6 else None,
            parts[7] or None if len(parts) > 7 else None,
        )

    return read


def _codes_reader(separator: str) -> Callable[[str], Codes]:
    @lru_cache(maxsize=8192)
    def read(text: str) -> Codes:
        return Codes(text.split(separator))

    return read


class Readers:
    """Readers of every record for one set of delimiters."""

    def __init__(self, delimiters: Delimiters) -> None:
        self.delimiters = delimiters
        self._converters: dict[Any, tuple[str, Any]] = {
            Decimal: ("to_decimal", to_decimal),
            date: ("to_date", to_date),
            Procedure: ("procedure", _procedure_reader(delimiters.component)),
            Codes: ("codes", _codes_reader(delimiters.component)),
        }

    def reader(self, record: type) -> Read:
        """A function from a segment's elements to the record.

        Raises (when called): BadElement, its ``place`` attribute set, for text that is not of
        the declared type or a required element that is missing.
        """
        names = {name: function for name, function in self._converters.values()}
        parts, places = [], []
        for kind, at in fields_of(record).values():
            index = at.element
            places.append((index, at.place, kind))
            optional = type(None) in get_args(kind)
            base = next((k for k in get_args(kind) if k is not type(None)), kind)
            if base is str:
                empty = "None" if optional else '""'
                sent = f"e[{index}] or None" if optional else f"e[{index}]"
                parts.append(f"({sent}) if n > {index} else {empty}")
            else:
                name = self._converters[base][0]
                if optional:
                    parts.append(f"{name}(e[{index}]) if n > {index} and e[{index}] else None")
                else:
                    parts.append(f'{name}(e[{index}] if n > {index} else "")')
        source = f"def read(e):\n n = len(e)\n return new(record, ({', '.join(parts)},))"
        scope: dict[str, Any] = {**names, "new": tuple.__new__, "record": record}
        exec(source, scope)  # generated from the declarations above, never from input
        scope["read"].places = tuple(places)
        return scope["read"]  # type: ignore[no-any-return]

    def place_of_error(self, record: type, elements: Elements) -> tuple[str, BadElement]:
        """Which element of a segment that could not be read is the bad one."""
        for kind, at in fields_of(record).values():
            optional = type(None) in get_args(kind)
            base = next((k for k in get_args(kind) if k is not type(None)), kind)
            if base is str:
                continue
            text = elements[at.element] if len(elements) > at.element else ""
            if not text and optional:
                continue
            try:
                self._converters[base][1](text)
            except BadElement as error:
                return at.place, error
        return "", BadElement("", "")


@lru_cache(maxsize=64)
def readers_for(delimiters: Delimiters) -> Readers:
    """The readers of one set of delimiters, made once."""
    return Readers(delimiters)
