"""One answer in several CLPs: the parts that a payer made of a claim (one a line, if it likes).

Their services are looked at together: what one of them tells of a line no other tells again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select, text, update

from warehouse import tables as t
from warehouse.database import sql_of
from warehouse.line_agreement import Reported
from warehouse.load import batches

_TABLE = """
create temporary table if not exists part_payment (
    claim_payment_id integer primary key, first_id integer not null
)
"""

_JOINED_BY_OPEN = """
select distinct part.claim_payment_id
from claim_payment as fresh
cross join claim_payment as part
where fresh.match_state <> 'done'
  and part.submission_id = fresh.submission_id
  and part.remittance_id = fresh.remittance_id
  and part.is_reversal = fresh.is_reversal
  and part.match_state = 'done'
"""

_KEY = t.claim_payment.c.claim_payment_id == bindparam("key")
_OPEN_AGAIN = (
    update(t.claim_payment)
    .where(_KEY, t.claim_payment.c.match_state == "done")
    .values(match_state="open", is_derived=False)
)
_FORGET_LINES = (
    update(t.service_payment)
    .where(t.service_payment.c.claim_payment_id == bindparam("key"))
    .values(line_position=None, match_method="unmatched")
)


class Part(NamedTuple):
    """A CLP and its services; cents without the sign of a reversal."""

    claim_payment_id: int
    charge_cents: int
    services: Sequence[Reported]


def open_again(connection: Connection, claim_payment_ids: Iterable[int]) -> None:
    """Forgets which lines adjudications were joined to: they are matched again."""
    keys = [{"key": key} for key in sorted(set(claim_payment_ids))]
    if keys:
        connection.execute(_OPEN_AGAIN, keys)
        connection.execute(_FORGET_LINES, keys)


def open_what_joins(connection: Connection) -> None:
    """Opens adjudications again that what is open now may share an answer with."""
    open_again(connection, connection.execute(text(_JOINED_BY_OPEN)).scalars())


def open_what_is_left(connection: Connection, answers: Iterable[tuple[int, int]]) -> None:
    """Opens again what stays of answers that a part was taken from.

    ``answers`` are the remittance and submission of each such part.
    """
    left = set(answers)
    cp = t.claim_payment
    for some in batches(sorted({submission_id for _, submission_id in left}), 300):
        rows = connection.execute(
            select(cp.c.claim_payment_id, cp.c.remittance_id, cp.c.submission_id).where(
                cp.c.submission_id.in_(some)
            )
        ).all()
        open_again(
            connection,
            (key for key, remittance_id, submission_id in rows
             if (remittance_id, submission_id) in left),
        )  # fmt: skip


def find_parts(connection: Connection) -> None:
    """Puts the parts of answers that are open into ``part_payment``."""
    connection.execute(text(_TABLE))
    connection.execute(text("delete from part_payment"))
    connection.execute(text(sql_of("match", "part_payment")))


def rounds(parts: Iterable[Part], charge_cents: int) -> list[list[Part]]:
    """Parts that make up a claim of that charge, in as many rounds as they tell it.

    Where they come to more, one that tells the same services as another tells them again: it was
    refused as a duplicate, or decided anew.
    """
    parts = list(parts)
    if sum(part.charge_cents for part in parts) <= charge_cents:
        return [parts]
    found: list[list[Part]] = []
    times: Counter[tuple[object, ...]] = Counter()
    for part in parts:
        told = tuple(sorted(
            (r.procedure_code, r.modifiers, r.charge_cents, str(r.service_date))
            for r in part.services
        ))  # fmt: skip
        if times[told] == len(found):
            found.append([])
        found[times[told]].append(part)
        times[told] += 1
    return found
