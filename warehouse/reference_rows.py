"""Rows of code-set files to what they say, each kind by its own layout.

Every reader checks each cell that it takes: a code, a date, an indicator. Days become numbers
such as 20260331; "no deletion date" becomes :data:`OPEN_END`.
"""

from __future__ import annotations

import re
from calendar import isleap
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from warehouse.reference_source import (
    Header,
    ReferenceRefused,
    Row,
    Text,
    below_header,
    described,
    rows_of,
)

OPEN_END = 99991231
OPEN_START = 19000101
Record = tuple[object, ...]
Reader = Callable[[Text], Iterator[Record]]

_CODE = re.compile(r"(?=.*\d)[0-9A-Z]{5}")
_ADD_ON = re.compile(r"(?=.{0,4}\d)[0-9A-Z]{5}.{6}[0-9A-Z]{5}")


def _is_code(text: str) -> bool:
    return _CODE.fullmatch(text) is not None


def _refused(text: Text, line: int, column: str, cell: str, expected: str) -> ReferenceRefused:
    return ReferenceRefused(f"{text.place}, line {line}, {column}", described(cell), expected)


def _number_of_day(cell: str) -> int | None:
    """A day as 20260331, 2026-03-31 or 3/31/2026; None for what is none."""
    found = re.fullmatch(r"(\d{4})-?(\d\d)-?(\d\d)(?:[ T].*)?", cell)
    if found:
        year, month, day = (int(part) for part in found.groups())
    elif found := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", cell):
        month, day, year = (int(part) for part in found.groups())
    else:
        return None
    try:
        date(year, month, day)
    except ValueError:
        return None
    return year * 10000 + month * 100 + day


class _Cells:
    """Checks of cells, each distinct text once: a table has few days and codes, many rows."""

    def __init__(self, text: Text) -> None:
        self._text = text
        self._codes: dict[str, str] = {}
        self._days: dict[str, int] = {}

    def code(self, cell: str, line: int, column: str) -> str:
        found = self._codes.get(cell)
        if found is None:
            found = cell.strip().strip('"')
            if not _is_code(found):
                raise _refused(self._text, line, column, cell, "a code of 5 characters")
            self._codes[cell] = found
        return found

    def day(self, cell: str, line: int, column: str, empty: int | None = None) -> int:
        found = self._days.get(cell) if empty is None or cell.strip("* ") else empty
        if found is None:
            found = _number_of_day(cell.strip().strip('"'))
            if found is None:
                expected = "a day such as 20260331" + ("" if empty is None else ", or * for none")
                raise _refused(self._text, line, column, cell, expected)
            self._days[cell] = found
        return found


def _is_blank(cells: list[str]) -> bool:
    return not any(cell.strip() for cell in cells)


def _filled(text: Text, rows: Iterator[Row], width: int) -> Iterator[Row]:
    """Rows without blank ones, every one as wide as the columns that are read."""
    for line, cells in rows:
        if len(cells) < width:
            if _is_blank(cells):
                continue
            raise ReferenceRefused(
                f"{text.place}, line {line}",
                f"a row of {len(cells)} cells",
                f"at least {width}, as in the header; is the file cut off?",
            )
        if cells[0].strip() or not _is_blank(cells):
            yield line, cells


def code_pairs(text: Text) -> Iterator[Record]:
    """Practitioner PTP edits: column 1, column 2, first day, last day, modifier indicator.

    Raises: ReferenceRefused.
    """
    what = "a pair of codes"
    header, rows = below_header(
        text.place,
        rows_of(text),
        lambda cells: len(cells) > 2 and all(_is_code(c.strip().strip('"')) for c in cells[:2]),
        what,
    )
    one = header.column(r"column1(?!/)", "Column 1")
    two = header.column(r"column2", "Column 2")
    first = header.column(r"effective", "Effective Date")
    last = header.column(r"deletion", "Deletion Date")
    indicator = header.column(r"modifier", "Modifier")
    cells_of = _Cells(text)
    code, day = cells_of.code, cells_of.day
    for line, cells in _filled(text, rows, 1 + max(one, two, first, last, indicator)):
        modifier = cells[indicator].strip()
        if modifier not in ("0", "1", "9"):
            raise _refused(text, line, "Modifier", modifier, "0, 1 or 9")
        yield (
            code(cells[one], line, "Column 1"),
            code(cells[two], line, "Column 2"),
            day(cells[first], line, "Effective Date"),
            day(cells[last], line, "Deletion Date", OPEN_END),
            int(modifier),
        )


def unit_limits(text: Text) -> Iterator[Record]:
    """Practitioner MUE values: code, units, adjudication indicator.

    Raises: ReferenceRefused.
    """
    header, rows = below_header(
        text.place,
        rows_of(text),
        lambda c: len(c) > 2 and _is_code(c[0].strip().strip('"')) and c[1].strip().isdigit(),
        "a code with its units",
    )
    _practitioners_own(text, header)
    code_at = header.column(r"hcpcs|cpt", "HCPCS/CPT Code")
    units_at = header.column(r".*muevalue", "Practitioner Services MUE Values")
    indicator_at = header.column(r".*adjudicationindicator", "MUE Adjudication Indicator")
    code = _Cells(text).code
    for line, cells in _filled(text, rows, 1 + max(code_at, units_at, indicator_at)):
        units, indicator = cells[units_at].strip(), cells[indicator_at].strip()[:1]
        if not units.isdigit():
            raise _refused(text, line, "MUE Values", units, "a whole number of units")
        if indicator not in ("1", "2", "3"):
            raise _refused(text, line, "MUE Adjudication Indicator", indicator, "1, 2 or 3")
        yield code(cells[code_at], line, "HCPCS/CPT Code"), int(units), int(indicator)


def _practitioners_own(text: Text, header: Header) -> None:
    """Hospitals and suppliers have limits of their own, in files of the same layout."""
    for other in ("outpatienthospital", "facilityoutpatient", "dmesupplier"):
        if other in header:
            raise ReferenceRefused(
                f"{text.place}, header", "limits of hospitals or suppliers",
                "the file of practitioner services",
            )  # fmt: skip


def add_ons(text: Text) -> Iterator[Record]:
    """Add-on code edits: add-on, primary, first day, last day, type; fixed width or in columns.

    Raises: ReferenceRefused.
    """
    if not text.is_tabbed:
        lines = list(text.file)
        data = [x for x in lines if _ADD_ON.match(x)]
        if data and "," not in data[0]:
            yield from _fixed_add_ons(text, lines)
            return
        text = text._replace(file=iter(lines))  # type: ignore[arg-type]
    yield from _listed_add_ons(text)


def _listed_add_ons(text: Text) -> Iterator[Record]:
    header, rows = below_header(
        text.place,
        rows_of(text),
        lambda c: len(c) > 2 and _is_code(c[0].strip().strip('"')) and len(c[1].strip()) == 5,
        "an add-on code with its primary",
    )
    add_on_at = header.column(r"add-?on", "Add-on Code")
    primary_at = header.column(r"primary", "Primary Code")
    type_at = header.column(r".*type", "AOC Edit Type")
    first_at = header.find(r".*(effective|effdt|effdate)")
    last_at = header.find(r".*(deletion|deldt|deldate)")
    cells_of = _Cells(text)
    width = 1 + max(add_on_at, primary_at, type_at, first_at or 0, last_at or 0)
    for line, cells in _filled(text, rows, width):
        first, last = OPEN_START, OPEN_END
        if first_at is not None:
            first = cells_of.day(cells[first_at], line, "effective date", OPEN_START)
        if last_at is not None:
            last = cells_of.day(cells[last_at], line, "deletion date", OPEN_END)
        yield (
            cells_of.code(cells[add_on_at], line, "Add-on Code"),
            _primary(text, line, cells[primary_at]),
            first,
            last,
            _type(text, line, cells[type_at]),
        )


def _fixed_add_ons(text: Text, lines: list[str]) -> Iterator[Record]:
    """Add-on code at 1, primary at 12; behind and between them days and the type, in that order.

    The days are YYYYMMDD or YYYYDDD; the first is the edit's first day, the last of two its last.
    """
    begun = False
    for line, content in enumerate(lines, 1):
        content = content.rstrip("\r\n")
        if not _ADD_ON.match(content):
            if begun and content.strip():
                raise _refused(text, line, "position 1", content[:5], "an add-on code")
            continue
        begun = True
        days, type_code = _digits(content[6:11] + " " + content[16:])
        yield (
            content[:5],
            _primary(text, line, content[11:16]),
            days[0] if days else OPEN_START,
            days[-1] if len(days) > 1 else OPEN_END,
            _type(text, line, type_code),
        )


def _digits(rest: str) -> tuple[list[int], str]:
    """Days and the lone digit of the type in what stands around the two codes."""
    days: list[int] = []
    type_code = ""
    for run in re.findall(r"\d+", rest):
        size = 8 if len(run) % 8 in (0, 1) and _number_of_day(run[:8]) else 7
        whole = len(run) - len(run) % size
        for start in range(0, whole, size):
            found = run[start : start + size]
            day = _number_of_day(found) if size == 8 else _number_of_year_day(found)
            if day is not None:
                days.append(day)
        if len(run) - whole == 1:
            type_code = run[-1]
    return days, type_code


def _number_of_year_day(text: str) -> int | None:
    """Year and day of the year (2013001) as a number such as 20130101."""
    year, of_year = int(text[:4]), int(text[4:])
    if not (1900 <= year <= 9999 and 1 <= of_year <= 365 + isleap(year)):
        return None
    found = date(year, 1, 1) + timedelta(days=of_year - 1)
    return found.year * 10000 + found.month * 100 + found.day


def _primary(text: Text, line: int, cell: str) -> str:
    found = cell.strip().strip('"')
    if found != "CCCCC" and not _is_code(found):
        raise _refused(text, line, "primary code", cell, "a code of 5 characters, or CCCCC")
    return found


def _type(text: Text, line: int, cell: str) -> int:
    # Written out in some releases: "1", "Type 1", "1 = ...".
    found = re.search(r"[123]", cell)
    if found is None:
        raise _refused(text, line, "type of add-on", cell, "1, 2 or 3")
    return int(found[0])


def code_list(text: Text) -> Iterator[Record]:
    """A list of reason or remark codes: code, first day, last day, the publisher's words.

    Raises: ReferenceRefused.
    """
    header, rows = below_header(
        text.place,
        rows_of(text),
        lambda c: len(c) > 1 and re.fullmatch(r"[A-Z]{0,2}\d{1,4}", c[0].strip()) is not None,
        "a code with its words",
    )
    code_at = header.column(r".*code$|code", "Code")
    words_at = header.column(r"description|message|text", "Description")
    first_at = header.find(r"start|effective")
    last_at = header.find(r"stop|deactivat|end")
    cells_of = _Cells(text)
    for line, cells in _filled(text, rows, 1 + max(code_at, words_at)):
        code = cells[code_at].strip()
        if not re.fullmatch(r"[A-Z]{0,2}\d{1,4}", code):
            raise _refused(text, line, "Code", code, "a code such as 197 or M15")
        more = cells + [""] * (1 + max(first_at or 0, last_at or 0) - len(cells))
        first, last = OPEN_START, OPEN_END
        if first_at is not None:
            first = cells_of.day(more[first_at], line, "start date", OPEN_START)
        if last_at is not None:
            last = cells_of.day(more[last_at], line, "stop date", OPEN_END)
        yield code, first, last, " ".join(cells[words_at].split())


READERS: dict[str, Reader] = {
    "ptp": code_pairs,
    "mue": unit_limits,
    "aoc": add_ons,
    "carc": code_list,
    "rarc": code_list,
}
