"""``quarantine accept``: a person judges a refused file good, and it is loaded after all."""

from __future__ import annotations

from datetime import datetime
from itertools import islice

from sqlalchemy import select

from edi.envelope import Survey, digest_of
from edi.problem import Problem
from edi.survey import survey
from warehouse import tables as t
from warehouse.archive import archive, archived
from warehouse.database import Terminal, Warehouse
from warehouse.intake import plan
from warehouse.quarantine import ACCEPTABLE, decide, item, kept_as
from warehouse.receive import IncomingFile, Received
from warehouse.settings import Settings


def accept(
    warehouse: Warehouse, settings: Settings, quarantine_id: int, *, by: str, now: datetime
) -> Received:
    """Load a file that a person has judged good although its envelope's numbers are wrong.

    Raises: Terminal, where what is wrong is more than a number of the envelope.
    """
    found = item(warehouse, quarantine_id)
    if found.code not in ACCEPTABLE or found.file_id is None:
        raise Terminal(
            f"{found.code} can't be accepted: more than a number of the envelope is wrong. What "
            f"to do instead: reclaim quarantine show {quarantine_id}"
        )
    with warehouse.read() as connection:
        row = connection.execute(select(t.file).where(t.file.c.file_id == found.file_id)).one()
    if found.state != "open":
        raise Terminal(f"item {quarantine_id} was {found.state} already")
    if row.status != "quarantined":
        raise Terminal("only a file that was refused as a whole can be accepted")
    candidates = [
        *islice(kept_as(settings, row.file_id, row.file_name), 5),
        archived(settings, row.sha256),
    ]
    path = next((p for p in candidates if p.exists() and digest_of(p)[0] == row.sha256), None)
    if path is None:
        raise Terminal("the refused file is no longer in quarantine/")
    incoming = IncomingFile(
        warehouse, settings, row.file_id, path, row.sha256, row.byte_count, None, now
    )
    incoming.survey = survey(path)
    parts = plan(path, _forgiven(incoming.survey))
    if len(parts) != 1 or not parts[0].sets:
        raise Terminal("there is nothing in the file that could be loaded")
    archive(settings, path, row.sha256)
    with warehouse.write() as connection:
        decide(connection, quarantine_id, "accepted", by=by, reason=None)
        return incoming.load_part(connection, 1, parts[0])


def _forgiven(found: Survey) -> Survey:
    """The same survey without what a person may judge harmless."""

    def rest(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        return tuple(p for p in problems if p.code not in ACCEPTABLE)

    return found._replace(
        interchanges=tuple(
            i._replace(
                problems=rest(i.problems),
                groups=tuple(
                    g._replace(
                        problems=rest(g.problems),
                        transactions=tuple(
                            s._replace(problems=rest(s.problems)) for s in g.transactions
                        ),
                    )
                    for g in i.groups
                ),
            )
            for i in found.interchanges
        )
    )
