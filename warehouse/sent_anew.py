"""Claims that were sent anew under another member id: they answer for the first one.

A member id is part of what a claim is known by, so one that is sent again with the right id would
count as another claim, and the denial of the first would stay open for ever. Where the first was
turned back, or refused because the payer did not know the member, and the same services of the same
patient go out again under the same number, day and payer, the later submission is one more of the
first claim – as a claim that we send ourselves is (:mod:`warehouse.outbound`). Practices use a
number for several patients, so both claims are read again for whose they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, text, update

from edi.claim import Claim
from edi.party import of_type
from edi.segment import Demographics
from warehouse import tables as t
from warehouse.archived_claim import ArchivedClaims, payer_key_of, submissions_with_files
from warehouse.database import sql_of
from warehouse.load import batches
from warehouse.settings import Settings
from warehouse.touched import touch

AT_ONCE = 500
"""Claims that are read again at a time."""


class Sent(NamedTuple):
    """A submission among those of one billing NPI, number, first service date and payer.

    ``own_claim_id`` is the claim that its own identity names. ``content``: the patient and what was
    billed, compared and never kept; None where it cannot be told whose it is, which is nobody
    else's. ``is_refused``: it was turned back,
    or adjudicated as of a member that the payer does not know; ``net_cents`` what it was paid.
    ``is_ours``: of its claim we have sent something ourselves, so it stays where it is.
    """

    submission_id: int
    claim_id: int
    own_claim_id: int
    member_id: str
    submitted_on: date | None
    content: tuple[Any, ...] | None
    is_ours: bool
    is_refused: bool
    net_cents: int


def settle_sent_anew(connection: Connection, settings: Settings) -> None:
    """Puts the submissions of touched claims to the claim they belong to, whatever came first.

    Raises: OSError, where an archived file is gone.
    """
    rows = connection.execute(text(sql_of("match", "sent_anew"))).all()
    contents = _contents(connection, settings, [row.submission_id for row in rows])
    changes: list[dict[str, int]] = []
    claims: set[int] = set()

    def together(row: Row[Any]) -> tuple[str, ...]:
        of = (row.billing_npi, row.patient_control_number, row.first_service_date,
              payer_key_of(settings, row), row.payer_sequence)  # fmt: skip
        return tuple("" if value is None else str(value) for value in of)

    for _, some in groupby(sorted(rows, key=together), key=together):
        sent = [
            Sent(
                row.submission_id, row.claim_id, row.own_claim_id, row.member_id,
                row.submitted_on, contents[row.submission_id],
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


def _contents(
    connection: Connection, settings: Settings, keys: list[int]
) -> dict[int, tuple[Any, ...] | None]:
    """The patient and the services of each submission, as its archived claim has them."""
    found: dict[int, tuple[Any, ...] | None] = {}
    claims = ArchivedClaims(settings)
    try:
        for some in batches(keys, AT_ONCE):
            for row in submissions_with_files(connection, some):
                found[row.submission_id] = _content(claims.read(row))
    finally:
        claims.close()
    return found


def _content(claim: Claim) -> tuple[Any, ...] | None:
    """Name, birth date and services; None where a part of name or birth date is not told."""
    party = claim.patient_party
    born = of_type(party.segments, Demographics) if party else ()
    if party is None or not born:
        return None
    who = (party.name.last_or_organization_name, party.name.first_name, born[0].birth_date)
    if not all(who):
        return None
    services = [
        (line.procedure_code, line.modifiers, line.line_item_charge_amount, line.service_dates)
        for line in claim.service_lines
    ]
    return (*("".join(str(part).upper().split()) for part in who), services)


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
            and last.content == one.content is not None
            and days[0] is not None
            and days[1] is not None
            and days[0] > days[1]
        ):
            found = last
    return found
