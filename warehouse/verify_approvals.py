"""Whose word let corrections go, held against the evidence and the settings of today.

Who attested the evidence never lets it go; who is no reviewer any more lets nothing more go, and
what went in the meantime is only named.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from warehouse import tables as t
from warehouse.approvals import attesters_of, corrections_digest, key_of, objection
from warehouse.settings import Settings


def approved_by_its_attester(connection: Connection) -> Iterator[str]:
    """I8: claims that were sent on no other word than that of who attested their evidence."""
    everybody = Settings.model_construct()
    for row, said, attesters in _sent(connection):
        if all(objection(everybody, one.decided_by, attesters) for one in said):
            yield f"{row.file_name}: submission {row.submission_id} was approved by its attester"


def not_let_go(connection: Connection, settings: Settings) -> Iterator[str]:
    """Claims whose approval would let nothing go today: what waits, and what is still open."""
    for row, said, attesters in _sent(connection):
        if row.is_open and all(objection(settings, one.decided_by, attesters) for one in said):
            yield f"{row.file_name}: an approval of submission {row.submission_id} does not count"
    for submission_id, said, attesters in _waiting(connection):
        if all(objection(settings, one.decided_by, attesters) for one in said):
            yield f"an approval of submission {submission_id} does not count, and lets nothing go"


def _sent(connection: Connection) -> Iterator[tuple[Any, list[Any], set[str]]]:
    """Claims in files that go out, what was approved of them, and who attested their evidence."""
    o, f, c = t.outbound_claim, t.outbound_file, t.correction
    approvals = _approvals(connection)
    for row in connection.execute(
        select(o, f.c.file_name)
        .join(f, f.c.outbound_file_id == o.c.outbound_file_id)
        .where(f.c.folder == "outbox")
        .order_by(o.c.outbound_claim_id)
    ).all():
        if said := approvals.get((row.submission_id, row.corrections_digest)):
            ids = connection.execute(
                select(c.c.evidence_ids).where(c.c.outbound_claim_id == row.outbound_claim_id)
            ).scalars()
            yield row, said, attesters_of(connection, ids)


def _waiting(connection: Connection) -> Iterator[tuple[int, list[Any], set[str]]]:
    """The same of corrections that are approved and have not gone."""
    c = t.correction
    approvals = _approvals(connection)
    found: dict[int, list[Any]] = {}
    for row in connection.execute(
        select(c).where(c.c.status == "approved").order_by(c.c.correction_id)
    ):
        found.setdefault(row.submission_id, []).append(row)
    for submission_id, rows in found.items():
        digest = corrections_digest([key_of(row) for row in rows])
        if said := approvals.get((submission_id, digest)):
            yield submission_id, said, attesters_of(connection, (r.evidence_ids for r in rows))


def _approvals(connection: Connection) -> dict[tuple[int, str], list[Any]]:
    """Every approval, spent or not, by submission and digest of its corrections."""
    a = t.approval
    found: dict[tuple[int, str], list[Any]] = {}
    for row in connection.execute(
        select(a).where(a.c.decision == "approved").order_by(a.c.approval_id)
    ):
        found.setdefault((row.submission_id, row.corrections_digest), []).append(row)
    return found
