"""Code-set files as users have them – TXT, CSV, or either in a zip – to rows of cells.

CMS writes latin-1, puts copyright lines and headers of several rows above the data, and zips the
same table as text and as a workbook. A file that is not what it is given as is refused whole.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple

from warehouse.database import Terminal

HEADER_ROWS = 40
"""A header that has not ended by then is none."""

_SNIFFED = 65536
Row = tuple[int, list[str]]
"""Line number in the file, and the cells."""


class ReferenceRefused(Terminal):
    """The file is not what it was given as: where, what stood there, what was expected."""

    def __init__(self, place: str, found: str, expected: str) -> None:
        super().__init__(f"{place}: found {found}; expected {expected}. Nothing was imported")
        self.place, self.found, self.expected = place, found, expected


def described(cell: str) -> str:
    """What kind of text a cell holds: a file that was given by mistake may hold anything.

    >>> described("2026"), described("DOE JANE"), described(" ")
    ('4 digits', '8 characters', 'nothing')
    """
    cell = cell.strip()
    if not cell:
        return "nothing"
    return f"{len(cell)} {'digits' if cell.isdigit() else 'characters'}"


def digest_of(path: Path) -> str:
    """SHA-256 of the file as it is given, zip or not.

    Raises: OSError.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Text(NamedTuple):
    """One table as text. ``place`` names it in messages."""

    place: str
    file: IO[str]
    is_tabbed: bool


def texts(path: Path, place: str) -> Iterator[Text]:
    """The table of a file; of a zip, each table in it once (text before comma separated).

    Raises: ReferenceRefused; OSError.
    """
    if not zipfile.is_zipfile(path):
        if path.suffix.lower() in (".xlsx", ".xls"):
            raise ReferenceRefused(place, "a workbook", "the same table as TXT or CSV")
        with path.open("rb") as file:
            yield _text(file, place)
        return
    try:
        with zipfile.ZipFile(path) as archive:
            for number, name in enumerate(_members(archive, place), 1):
                with archive.open(name) as member:
                    yield _text(member, f"{place}, table {number} of its zip")
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError):
        # A wrong checksum, a password, or a method of packing that is not known here.
        raise ReferenceRefused(place, "a zip that can't be unpacked", "an intact zip") from None


def _members(archive: zipfile.ZipFile, place: str) -> list[str]:
    found: dict[str, str] = {}
    for ending in (".csv", ".txt"):
        for info in archive.infolist():
            name = PurePosixPath(info.filename)
            is_table = name.suffix.lower() == ending and "readme" not in name.name.lower()
            if is_table and not name.name.startswith("._"):
                found[name.stem.lower()] = info.filename
    if not found:
        raise ReferenceRefused(
            place, "a zip without a TXT or CSV file", "the table as TXT or CSV, not only a workbook"
        )
    return sorted(found.values())


def _text(raw: IO[bytes], place: str) -> Text:
    buffered = io.BufferedReader(raw, _SNIFFED)  # type: ignore[type-var]
    start = buffered.peek(_SNIFFED)[:_SNIFFED]
    if b"\0" in start:
        raise ReferenceRefused(
            place, "a workbook, or text in UTF-16", "text in latin-1 or UTF-8 (TXT or CSV)"
        )
    if start.startswith(b"\xef\xbb\xbf"):
        buffered.read(3)
    return Text(place, io.TextIOWrapper(buffered, "latin-1", newline=""), b"\t" in start)


def rows_of(text: Text) -> Iterator[Row]:
    """The cells of every line.

    Raises: ReferenceRefused.
    """
    # Text with tabs has no quoting: a quotation mark in a rationale is only that.
    reader = (
        csv.reader(text.file, delimiter="\t", quoting=csv.QUOTE_NONE)
        if text.is_tabbed
        else csv.reader(text.file)
    )
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error:
        raise ReferenceRefused(
            f"{text.place}, line {reader.line_num}", "a line that is no text table", "cells"
        ) from None


class Header:
    """What stands above the data; columns are found by their words, never by position."""

    def __init__(self, place: str, rows: list[list[str]]) -> None:
        self._place = place
        self._rows = [[_plain(cell) for cell in row] for row in rows]

    def __contains__(self, words: str) -> bool:
        return any(words in cell for row in self._rows for cell in row)

    def column(self, pattern: str, name: str) -> int:
        """The index of the column whose heading matches.

        Raises: ReferenceRefused.
        """
        found = self.find(pattern)
        if found is None:
            raise ReferenceRefused(f"{self._place}, header", "no such heading", f"“{name}”")
        return found

    def find(self, pattern: str) -> int | None:
        """The same; None where there is none."""
        for row in self._rows:
            for index, cell in enumerate(row):
                if re.match(pattern, cell):
                    return index
        return None


def _plain(cell: str) -> str:
    return re.sub(r"[\s\"]+", "", cell).lower()


def below_header(
    place: str, rows: Iterator[Row], is_data: Callable[[list[str]], bool], what: str
) -> tuple[Header, Iterator[Row]]:
    """The header, and the rows from the first of data on.

    Raises: ReferenceRefused, where no row is one of data.
    """
    above: list[list[str]] = []
    for number, cells in rows:
        if is_data(cells):
            return Header(place, above), chain([(number, cells)], rows)
        above.append(cells)
        if len(above) > HEADER_ROWS:
            break
    raise ReferenceRefused(f"{place}, line 1 to {len(above)}", f"no row of {what}", what)
