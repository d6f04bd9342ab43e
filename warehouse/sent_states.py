"""What receivers said of the files and claims that we sent: the ledger's states after emission.

``acknowledged`` takes a 999 with A or E, or a 277CA that speaks of the claim; ``accepted`` the
payer's own 277CA. A TA1 alone proves only that the file got there: ``unconfirmed`` becomes
``emitted``. A claim that is turned back is no longer open, and its denials are open again: the
same correction may go once more, and then always needs a person, who sees the codes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from warehouse import tables as t
from warehouse.front_end import deciding_status, earliest

_DELIVERED = ("emitted", "unconfirmed", "delivering", "acknowledged", "rejected")
_FINAL = ("adjudicated", "voided", "approved", "shadow")


def settle_sent(connection: Connection) -> None:
    """Brings files and claims of the outbox to what was answered; writes only what changed."""
    rows = _answered(connection)
    statuses = _statuses(connection)
    by_file: dict[int, list[Row[Any]]] = {}
    for row in rows:
        by_file.setdefault(row.outbound_file_id, []).append(row)
    for claims in by_file.values():
        _settle_file(connection, claims, statuses)
    for row in rows:
        if row.state not in _FINAL:
            _settle_claim(connection, row, statuses.get(row.emitted_submission_id, []))


def _answered(connection: Connection) -> list[Row[Any]]:
    """Claims in files that a TA1, a 999 or a 277CA answers, whatever it says."""
    oc, of, s, x = t.outbound_claim, t.outbound_file, t.submission, t.x12_transaction
    link = t.answered_submission
    # A set that once had an answer may have none now: its file counts as answered still.
    had = of.c.acknowledged_at.is_not(None) | of.c.state.in_(("acknowledged", "rejected"))
    own = select(link.c.claim_status_id).where(link.c.submission_id == s.c.submission_id).exists()
    return list(
        connection.execute(
            select(oc, of.c.state.label("file_state"), of.c.approved_at, of.c.delivering_at,
                   of.c.emitted_at, of.c.acknowledged_at, s.c.status, s.c.status_codes,
                   s.c.accepted_on, x.c.acknowledged_as, x.c.acknowledged_at.label("set_at"))
            .join(of, of.c.outbound_file_id == oc.c.outbound_file_id)
            .join(s, s.c.submission_id == oc.c.emitted_submission_id)
            .join(x, x.c.transaction_id == s.c.transaction_id)
            .where(
                of.c.folder == "outbox",
                of.c.state.in_(_DELIVERED),
                had | x.c.acknowledged_as.is_not(None) | own,
            )
            .order_by(oc.c.outbound_claim_id)
        )
    )  # fmt: skip


def _statuses(connection: Connection) -> dict[int, list[Any]]:
    """277CA statuses of what we sent."""
    c, link, oc = t.claim_status, t.answered_submission, t.outbound_claim
    found: dict[int, list[Any]] = {}
    for row in connection.execute(
        select(link.c.submission_id, c.c.level, c.c.reported_by, c.c.verdict, c.c.codes,
               c.c.status_on, c.c.answered_at)
        .join(c, c.c.claim_status_id == link.c.claim_status_id)
        .join(oc, oc.c.emitted_submission_id == link.c.submission_id)
        .where(c.c.verdict.is_not(None))
    ):  # fmt: skip
        found.setdefault(row.submission_id, []).append(row)
    return found


def _settle_file(
    connection: Connection, claims: list[Row[Any]], statuses: dict[int, list[Any]]
) -> None:
    of, first = t.outbound_file, claims[0]
    said: list[datetime] = [
        s.answered_at for c in claims for s in statuses.get(c.emitted_submission_id, ())
    ]
    sent_at = first.emitted_at or first.delivering_at or first.approved_at
    acknowledged_at = earliest(
        first.set_at if first.acknowledged_as == "acknowledged" else None, *said
    )
    if first.acknowledged_as == "rejected" and not said:
        state = "rejected"
    elif acknowledged_at is not None:
        state = "acknowledged"
    elif first.acknowledged_as == "received" or first.file_state in ("acknowledged", "rejected"):
        state = "emitted"
    else:
        return
    values = {"state": state, "emitted_at": sent_at, "acknowledged_at": acknowledged_at}
    if values != {"state": first.file_state, "emitted_at": first.emitted_at,
                  "acknowledged_at": first.acknowledged_at}:  # fmt: skip
        connection.execute(
            update(of).where(of.c.outbound_file_id == first.outbound_file_id).values(**values)
        )


def _settle_claim(connection: Connection, row: Row[Any], statuses: list[Row[Any]]) -> None:
    oc = t.outbound_claim
    decided = deciding_status(statuses)
    if row.status == "rejected":
        state = "rejected"
    elif row.accepted_on is not None:
        state = "accepted"
    elif decided is not None or row.acknowledged_as == "acknowledged":
        state = "acknowledged"
    else:
        unknown = row.file_state == "unconfirmed" and row.acknowledged_as is None
        state = "unconfirmed" if unknown else "emitted"
    if state == row.state:
        return
    is_open = state != "rejected"
    if is_open and row.state == "rejected" and not _reopen(connection, row):
        return
    connection.execute(
        update(oc)
        .where(oc.c.outbound_claim_id == row.outbound_claim_id)
        .values(state=state, is_open=is_open)
    )
    if not is_open:
        _turn_back(connection, row)


def _turn_back(connection: Connection, row: Row[Any]) -> None:
    """The claim's denials are open again; what let it go does not let it go a second time."""
    d, c, a = t.denial, t.correction, t.approval
    connection.execute(
        update(d)
        .where(d.c.submission_id == row.submission_id, d.c.status == "emitted")
        .values(status="open", not_sent=None,
                explanation=f"What was sent was turned back: {row.status_codes or 'no reason'}.")
    )  # fmt: skip
    connection.execute(
        update(c)
        .where(c.c.outbound_claim_id == row.outbound_claim_id, c.c.status == "emitted")
        .values(status="superseded", outcome="rejected")
    )
    connection.execute(
        update(a)
        .where(
            a.c.submission_id == row.submission_id,
            a.c.corrections_digest == row.corrections_digest,
            a.c.decision == "approved",
            a.c.spent_on_id.is_(None),
        )
        .values(spent_on_id=row.outbound_claim_id)
    )


def _reopen(connection: Connection, row: Row[Any]) -> bool:
    """Takes a rejection back; False where the claim went out once more in the meantime."""
    oc, d, c, a = t.outbound_claim, t.denial, t.correction, t.approval
    if connection.execute(
        select(oc.c.outbound_claim_id).where(
            oc.c.claim_id == row.claim_id, oc.c.payer_key == row.payer_key, oc.c.is_open
        )
    ).first():
        return False
    connection.execute(
        update(d)
        .where(
            d.c.submission_id == row.submission_id,
            d.c.status.in_(("open", "awaiting_approval", "approved")),
        )
        .values(status="emitted")
    )
    connection.execute(
        update(c)
        .where(c.c.submission_id == row.submission_id, c.c.status.in_(("proposed", "approved")))
        .values(status="superseded")
    )
    connection.execute(
        update(c)
        .where(c.c.outbound_claim_id == row.outbound_claim_id, c.c.outcome == "rejected")
        .values(status="emitted", outcome=None)
    )
    connection.execute(
        update(a).where(a.c.spent_on_id == row.outbound_claim_id).values(spent_on_id=None)
    )
    return True
