"""The step ``check``: the 5010 guide's full check of what was received; findings are stored.

It refuses nothing: a file that its payer accepted is loaded whatever a guide says of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from edi.validate import validate
from warehouse import tables as t
from warehouse.archive import archived
from warehouse.database import Warehouse
from warehouse.file_rows import add_problems
from warehouse.settings import Settings

KINDS = ("837P", "835")
"""What the check reads; acknowledgments are checked when they are linked."""


@dataclass(frozen=True, slots=True)
class Checked:
    """Files checked by this call, and problems found in them."""

    files: int = 0
    problems: int = 0


def check(warehouse: Warehouse, settings: Settings, *, now: datetime) -> Checked:
    """Check every loaded 837P and 835 that was not checked before.

    Raises: Transient; OSError.
    """
    f = t.file
    with warehouse.read() as connection:
        waiting = connection.execute(
            select(f.c.file_id, f.c.sha256)
            .where(f.c.status == "loaded", f.c.checked_at.is_(None), f.c.kind.in_(KINDS))
            .order_by(f.c.file_id)
        ).all()
    count = 0
    for row in waiting:
        problems = list(validate(archived(settings, row.sha256)))
        with warehouse.write() as connection:
            add_problems(connection, row.file_id, "check", problems)
            connection.execute(update(f).where(f.c.file_id == row.file_id).values(checked_at=now))
        count += len(problems)
    return Checked(len(waiting), count)
