"""Claims that were sent anew under another member id: they answer for the first one.

A member id is part of what a claim is known by, so one that is sent again with the right id would
count as another claim, and the denial of the first would stay open for ever. Where the first was
turned back, or refused because the payer did not know the member, and the same charges go out
again under the same number, day and payer, the later submission is one more of the first claim –
as a claim that we send ourselves is (:mod:`warehouse.outbound`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, text, update

from warehouse import tables as t
from warehouse.database import sql_of
from warehouse.touched import touch


class Sent(NamedTuple):
    """A submission among those of one billing NPI, number, first service date and payer.

    ``own_claim_id`` is the claim that its own identity names. ``is_refused``: it was turned back,
    or adjudicated as of a member that the payer does not know; ``net_cents`` what it was paid.
    ``is_ours``: of its claim we have sent something ourselves, so it stays where it is.
    """

    submission_id: int
    claim_id: int
    own_claim_id: int
    member_id: str
    submitted_on: date | None
    content: tuple[Any, ...]
    is_ours: bool
    is_refused: bool
    net_cents: int


def settle_sent_anew(connection: Connection) -> None:
    """Puts the submissions of touched claims to the claim they belong to, whatever came first."""
    rows = connection.execute(text(sql_of("match", "sent_anew"))).all()
    changes: list[dict[str, int]] = []
    claims: set[int] = set()
    for _, some in groupby(rows, key=lambda row: row[:5]):
        sent = [
            Sent(
                row.submission_id, row.claim_id, row.own_claim_id, row.member_id,
                row.submitted_on, (row.charge_cents, row.service_line_count),
                bool(row.is_ours), bool(row.is_refused), row.net_cents,
            )
            for row in some
        ]  # fmt: skip
        for one, claim_id in zip(sent, claims_of(sent), strict=True):
            if one.claim_id != claim_id:
                changes.append({"key": one.submission_id, "claim": claim_id})
                claims |= {one.claim_id, claim_id}
    if changes:
        connection.execute(_MOVE, changes)
        touch(connection, claims)


_MOVE = (
    update(t.submission)
    .where(t.submission.c.submission_id == bindparam("key"))
    .values(claim_id=bindparam("claim"))
)


def claims_of(sent: Sequence[Sent]) -> list[int]:
    """The claim that each submission belongs to; they come in the order they were sent."""
    first: dict[str, int] = {}
    """The claim that each member's submissions belong to."""
    before: list[Sent] = []
    for one in sent:
        if one.member_id not in first:
            old = None if one.is_ours else _answered_for(one, before)
            alone = one.claim_id if one.is_ours else one.own_claim_id
            first[one.member_id] = alone if old is None else first[old.member_id]
        before.append(one)
    return [first[one.member_id] for one in sent]


def _answered_for(one: Sent, before: Iterable[Sent]) -> Sent | None:
    """The newest submission under another member id that this one is sent instead of."""
    members: dict[str, list[Sent]] = {}
    for old in before:
        members.setdefault(old.member_id, []).append(old)
    found = None
    for mine in members.values():
        last = mine[-1]
        days = one.submitted_on, last.submitted_on
        if (
            last.is_refused
            and sum(old.net_cents for old in mine) <= 0
            and last.content == one.content
            and days[0] is not None
            and days[1] is not None
            and days[0] > days[1]
        ):
            found = last
    return found
