"""What was heard of a claim before adjudication: TA1, 999 and 277CA, with file and place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, or_, select

from warehouse import tables as t
from warehouse.timeline_entry import TimelineEntry, day_of, words

_SOURCES = {"payer": "by the payer", "clearinghouse": "by a clearinghouse",
            "unknown": "by an unknown sender"}  # fmt: skip


def answers(connection: Connection, number: str) -> Iterator[TimelineEntry]:
    """What answers the files that the claim went in, then what answers the claim itself."""
    yield from _file_answers(connection, number)
    yield from _claim_answers(connection, number)


def _file_answers(connection: Connection, number: str) -> Iterator[TimelineEntry]:
    a, link, s, x, f = (
        t.acknowledgment, t.acknowledged_transaction, t.submission, t.x12_transaction, t.file
    )  # fmt: skip
    rows = connection.execute(
        select(a, s.c.claim_id, s.c.submission_id, x.c.interchange_control_number, f.c.file_name)
        .join(link, link.c.acknowledgment_id == a.c.acknowledgment_id)
        .join(s, s.c.transaction_id == link.c.transaction_id)
        .join(x, x.c.transaction_id == s.c.transaction_id)
        .join(f, f.c.file_id == a.c.file_id)
        .where(s.c.patient_control_number == number, s.c.origin != "shadow")
        .order_by(a.c.answered_at, a.c.acknowledgment_id)
    ).all()
    # What a 999 says of the set says more than what it says of the group around it.
    sets = {(row.submission_id, row.file_id) for row in rows if row.scope == "set"}
    for row in rows:
        if row.scope == "group" and (row.submission_id, row.file_id) in sets:
            continue
        kind = "TA1" if row.scope == "interchange" else "999"
        isa13 = (row.interchange_control_number or "").rjust(9, "0")
        yield TimelineEntry(
            on=day_of(row.answered_at),
            what="acknowledgment",
            file_name=row.file_name,
            file_id=row.file_id,
            place=_place(row),
            detail=words(
                f"{kind} of interchange {isa13}",
                row.code or "no code",
                row.error_codes.replace(",", " "),
                "turned back" if row.outcome == "rejected" else None,
            ),
            claim_id=row.claim_id,
        )


def _place(row: Any) -> str:
    """A TA1 stands outside of any transaction set."""
    return words(
        f"ST {row.set_position}" if row.set_position else None, f"segment {row.segment_position}"
    )


def _claim_answers(connection: Connection, number: str) -> Iterator[TimelineEntry]:
    c, link, s, f = t.claim_status, t.answered_submission, t.submission, t.file
    rows = connection.execute(
        select(c, s.c.claim_id, s.c.submission_id, f.c.file_name)
        .join(f, f.c.file_id == c.c.file_id)
        .outerjoin(link, link.c.claim_status_id == c.c.claim_status_id)
        .outerjoin(s, s.c.submission_id == link.c.submission_id)
        .where(
            or_(
                s.c.patient_control_number == number,
                c.c.reported_patient_control_number == number,
            )
        )
        .order_by(c.c.answered_at, c.c.claim_status_id, s.c.submission_id)
    )
    for row in rows:
        accepted = row.reported_by == "payer" and row.verdict == "accepted"
        yield TimelineEntry(
            on=row.status_on or day_of(row.answered_at),
            what="accepted" if accepted else "acknowledgment",
            file_name=row.file_name,
            file_id=row.file_id,
            place=_place(row),
            detail=words(
                "277CA",
                _SOURCES[row.reported_by],
                None if row.level == "claim" else f"of the whole {row.level}",
                row.codes.replace(",", " "),
                row.payer_claim_control_number and f"number {row.payer_claim_control_number}",
                {"rejected": "turned back", "forwarded": "passed on"}.get(row.verdict or ""),
                "matches no claim of ours" if row.submission_id is None else None,
            ),
            claim_id=row.claim_id,
        )
