"""The claims that a call of ``match`` has to look at again: a work table of their ids.

They are settled a slice at a time, out of a second one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, text

from warehouse.load import batches
from warehouse.slices import slices

_TABLE = "create temporary table if not exists touched_claim (claim_id integer primary key)"

_NEW = """
insert into touched_claim (claim_id)
select distinct submission.claim_id from submission
where submission.is_new
  and not exists (select 1 from touched_claim as t where t.claim_id = submission.claim_id)
"""

_MATCHED = """
insert into touched_claim (claim_id)
select distinct submission.claim_id
from claim_payment
join submission on submission.submission_id = claim_payment.submission_id
where claim_payment.match_state <> 'done'
  and not exists (select 1 from touched_claim as t where t.claim_id = submission.claim_id)
"""


def begin(connection: Connection) -> None:
    """An empty table, of this connection alone."""
    connection.execute(text(_TABLE))
    connection.execute(text("delete from touched_claim"))


def touch_new(connection: Connection) -> None:
    """Claims of submissions that no match has seen."""
    connection.execute(text(_NEW))


def touch_matched(connection: Connection) -> None:
    """Claims of adjudications that are being matched."""
    connection.execute(text(_MATCHED))


def touch(connection: Connection, claim_ids: Iterable[int]) -> None:
    """These claims."""
    for some in batches(sorted(set(claim_ids)), 500):
        values = ", ".join(f"({int(claim_id)})" for claim_id in some)
        connection.execute(
            text(f"insert into touched_claim (claim_id) values {values} on conflict do nothing")
        )


def settling(connection: Connection) -> Iterator[None]:
    """Puts all of them into ``settling_claim``, a slice at a time."""
    return slices(connection, "settling_claim", "claim_id", "touched_claim where true")
