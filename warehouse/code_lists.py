"""The reason and remark codes that the user imported, as the check looks them up."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, select

from edi.code_lists import CodeList, CodeLists, Validity
from warehouse import tables as t
from warehouse.reference_rows import OPEN_END


def imported_lists(connection: Connection) -> CodeLists:
    """One list of each kind from all its files, the newest's word on each code; None = no file.

    The publisher's lists are cumulative: a code that was stopped stays, with its last day.
    """
    return CodeLists(
        adjustment_reason_codes=_list_of(connection, "carc"),
        remark_codes=_list_of(connection, "rarc"),
    )


def _list_of(connection: Connection, kind: str) -> CodeList | None:
    c, f = t.reference_code, t.reference_file
    rows = connection.execute(
        select(c.c.code, c.c.effective_from, c.c.effective_to)
        .join(f, f.c.reference_file_id == c.c.reference_file_id)
        .where(f.c.kind == kind)
        .order_by(f.c.reference_file_id)
    ).all()
    if not rows:
        return None
    return CodeList(
        {row.code: (Validity(_day(row.effective_from), _day(row.effective_to)),) for row in rows}
    )


def _day(number: int) -> date | None:
    """A day as it is stored, 20260131; None where the list leaves it open."""
    if not 10101 <= number < OPEN_END:
        return None
    return date(number // 10000, number // 100 % 100, number % 100)
