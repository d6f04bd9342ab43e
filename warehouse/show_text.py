"""How things are put on the terminal: dollars, tables of at most 100 columns, headings."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from warehouse.cli_answer import WIDTH

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


LONGEST_NAME = 24
"""Characters of a payer's name in a table."""


def dollars(amount: Decimal | None) -> str:
    """Dollars and cents with thousands set apart; nothing for an amount that is not known.

    >>> dollars(Decimal("1234.5")), dollars(Decimal("-0.05")), dollars(None)
    ('1,234.50', '-0.05', '')
    """
    return "" if amount is None else f"{amount:,.2f}"


def counted(count: int, what: str, plural: str | None = None) -> str:
    """A number and what is counted.

    >>> counted(1, "claim"), counted(0, "claim"), counted(2, "reply", "replies")
    ('1 claim', '0 claims', '2 replies')
    """
    return f"{count:,} {what if count == 1 else plural or what + 's'}"


def ending_of(name: str) -> str:
    """The ending of a file's name; the name itself stands in ``mart_file`` only.

    >>> ending_of("SMITH_JOHN.835"), ending_of("remit")
    ('.835', '')
    """
    ending = PurePath(name).suffix
    # What is long or has blanks is no ending but part of a name.
    return ending if len(ending) <= 8 and ending[1:].isalnum() else ""


def table(*columns: str, right: Iterable[str] = (), wrap: Iterable[str] = ()) -> Table:
    """A table without frames; ``wrap`` names the columns that may take several lines."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    right, wrap = set(right), set(wrap)
    made = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for name in columns:
        # fold would tear a long word where ellipsis hides its end: a rule code has to be whole.
        made.add_column(
            name,
            justify="right" if name in right else "left",
            no_wrap=name not in wrap,
            overflow="fold",
        )
    return made


def heading(console: Console, words: str) -> None:
    """A title over what follows."""
    console.print()
    console.print(words, style="bold", soft_wrap=True)


def paragraph(console: Console, words: str, *, indent: int = 0) -> None:
    """Running text."""
    wide = min(console.width, WIDTH)
    filled = textwrap.fill(
        words,
        width=wide,
        initial_indent=" " * indent,
        subsequent_indent=" " * indent,
        break_on_hyphens=False,
    )
    console.print(filled, soft_wrap=True)


def listing(
    console: Console,
    columns: Sequence[str],
    rows: Sequence[tuple[Sequence[str], str]],
    *,
    right: Iterable[str] = (),
) -> None:
    """Rows under a head, each with a sentence below it that has the whole width."""
    widths = [
        max(map(len, cells)) for cells in zip(columns, *(row for row, _ in rows), strict=True)
    ]
    right = set(right)

    def line(cells: Sequence[str]) -> str:
        padded = (
            cell.rjust(width) if name in right else cell.ljust(width)
            for name, cell, width in zip(columns, cells, widths, strict=True)
        )
        return "   ".join(padded).rstrip()

    console.print(line(columns), style="bold", soft_wrap=True)
    for row, words in rows:
        console.print(line(row), soft_wrap=True)
        if words:
            paragraph(console, words, indent=4)


def facts(console: Console, pairs: Mapping[str, str]) -> None:
    """Names and values below each other; what has no value is left out."""
    shown = {name: value for name, value in pairs.items() if value}
    name_width = max(map(len, shown), default=0) + 2
    for name, value in shown.items():
        lines = textwrap.wrap(value, min(console.width, WIDTH) - name_width) or [""]
        for n, line in enumerate(lines):
            console.print(f"{name if not n else '':{name_width}}{line}", soft_wrap=True)


def change_words(correction: Mapping[str, Any]) -> str:
    """A change to one place of a claim in one line: place, what stood there, what stands now.

    >>> change_words({"place": "2300/REF*G1", "old_value": None, "new_value": "A99887766"})
    '2300/REF*G1  nothing → A99887766'
    """
    place, old, new = (correction[n] for n in ("place", "old_value", "new_value"))
    if new is None and "/" not in place:
        return f"{place}  the whole line is taken off"
    return f"{place}  {old or 'nothing'} → {new or 'taken away'}"
