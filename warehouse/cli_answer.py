"""What a command answers: the same facts as one JSON object for scripts and in words for people."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from rich.console import Console

Show = Callable[["Console"], None]

WIDTH = 100
"""Columns of everything that is printed for people, where the terminal has as many."""

DONE, FAILED, WRONG_USE, INVARIANT_BROKEN, QUARANTINED, NOT_SENT = range(6)
FINDINGS = 4
"""`validate`: something was found."""


class Answer(NamedTuple):
    """What a command has to say.

    Attributes:
        data: the JSON object of ``--json``; amounts in dollars, as the marts have them.
        show: prints the same for a person.
        exit_status: of this run alone.
    """

    data: Mapping[str, Any]
    show: Show
    exit_status: int = DONE


def say(answer: Answer, *, as_json: bool) -> None:
    """Put an answer on standard output."""
    if as_json:
        print(json_text(answer.data))
    else:
        answer.show(console())


def console() -> Console:
    """Standard output for people; what is piped on has the same width as a page."""
    from rich.console import Console

    out = Console(highlight=False, emoji=False, markup=False)
    if not out.is_terminal or out.width > WIDTH:
        out.width = WIDTH
    return out


def as_data(record: object) -> dict[str, Any]:
    """A dataclass or named tuple as a JSON object; ``…_cents`` becomes ``…_amount`` in dollars."""
    if dataclasses.is_dataclass(record) and not isinstance(record, type):
        pairs = {f.name: getattr(record, f.name) for f in dataclasses.fields(record)}
    else:
        pairs = record._asdict()  # type: ignore[attr-defined]
    return {_public(name): _value(name, value) for name, value in pairs.items()}


def _public(name: str) -> str:
    if not name.endswith("_cents"):
        return name
    stem = name.removesuffix("_cents")
    return stem if stem == "amount" else stem + "_amount"


def _value(name: str, value: Any) -> Any:
    if name.endswith("_cents") and value is not None:
        return Decimal(value) / 100
    if dataclasses.is_dataclass(value) or hasattr(value, "_asdict"):
        return as_data(value)
    if isinstance(value, list | tuple):
        return [_value("", item) for item in value]
    return value


def json_text(value: Any) -> str:
    """JSON in which money keeps its two decimals.

    >>> json_text({"charge_amount": Decimal("12.5"), "adds_up": True, "on": date(2026, 1, 2)})
    '{"charge_amount": 12.50, "adds_up": true, "on": "2026-01-02"}'
    """
    if isinstance(value, float | Decimal):
        return number_text(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(k)}: {json_text(v)}" for k, v in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return "[" + ", ".join(json_text(item) for item in value) + "]"
    if isinstance(value, date | Path):
        value = value.isoformat() if isinstance(value, date) else str(value)
    return json.dumps(value)


def _key(name: object) -> str:
    return json.dumps(str(name))


def number_text(value: float | Decimal) -> str:
    """A number with two decimals, and more only where it has them.

    SQLite adds dollars up as floats; six decimals are more than any mart has.

    >>> [number_text(v) for v in (0.1 + 0.2, Decimal("1200"), 0.333333333, -0.0)]
    ['0.30', '1200.00', '0.333333', '0.00']
    """
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    if not exact.is_finite():
        return "null"
    rounded = round(exact, 6)
    cents = round(rounded, 2)
    return f"{(cents if cents == rounded else rounded.normalize()) + 0:f}"


def plain(value: object) -> str:
    """A cell of a table or CSV; empty where there is nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float | Decimal):
        return number_text(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return str(value)


def notice(words: str) -> None:
    """A sentence for the person, where it is in nobody's way: on standard error."""
    print(words, file=sys.stderr)
