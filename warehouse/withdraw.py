"""Takes back a finished file that never left: its claims are decided anew.

None of it has left the building, so all of it is withdrawn: what may still go goes again under a
name and an ISA13 of its own. The file stays in the ledger as what would have gone, a shadow.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, exists, select, update

from warehouse import tables as t
from warehouse.outcome import settle_submissions_of
from warehouse.settings import Settings

BESIDE = "another claim of its file could not go any more"


class Held(NamedTuple):
    """A claim of a finished file that is not delivered, and why, in words."""

    submission_id: int
    patient_control_number: str
    reason: str


def withdraw(
    connection: Connection,
    settings: Settings,
    sent: Row[Any],
    outdated: Sequence[Held],
    *,
    now: datetime,
) -> None:
    """Voids a file and all its claims in the caller's one transaction; no number is used again."""
    of, oc, f, s = t.outbound_file, t.outbound_claim, t.file, t.submission
    why = {one.submission_id: one.reason for one in outdated}
    claims = connection.execute(
        select(oc).where(oc.c.outbound_file_id == sent.outbound_file_id)
    ).all()
    connection.execute(
        update(of)
        .where(of.c.outbound_file_id == sent.outbound_file_id)
        .values(state="voided", folder="shadow", voided_at=now)
    )
    files = select(f.c.file_id).where(f.c.file_name == sent.file_name, f.c.origin == "emitted")
    connection.execute(
        update(s).where(s.c.file_id.in_(files.scalar_subquery())).values(origin="shadow")
    )
    connection.execute(
        update(f)
        .where(f.c.file_name == sent.file_name, f.c.origin == "emitted")
        .values(origin="shadow")
    )
    for row in claims:
        connection.execute(
            update(oc)
            .where(oc.c.outbound_claim_id == row.outbound_claim_id)
            .values(state="voided", is_open=False,
                    voided_because=why.get(row.submission_id, BESIDE))
        )  # fmt: skip
        _give_back(connection, row)
    settle_submissions_of(connection, settings.payers, [row.claim_id for row in claims])


def _give_back(connection: Connection, row: Row[Any]) -> None:
    """A claim's corrections and denials, as they were when it was let go.

    What the payer has undone in the meantime needs no correction any more.
    """
    c, d = t.correction, t.denial
    stands = exists().where(d.c.submission_id == row.submission_id, d.c.status == "emitted")
    is_left = bool(connection.execute(select(stands)).scalar())
    connection.execute(
        update(c)
        .where(c.c.outbound_claim_id == row.outbound_claim_id)
        .values(status="approved" if is_left else "superseded", outcome=None,
                outbound_claim_id=None)
    )  # fmt: skip
    connection.execute(
        update(d)
        .where(d.c.submission_id == row.submission_id, d.c.status == "emitted")
        .values(status="approved", not_sent=None)
    )
