"""Which payer each submission went to, whichever of its ids it names: a work table for SQL.

SQL does not know payers.toml. ``billed_payer`` has one row per submission of the claims that are
being settled: ``payer_key`` is the same where payers.toml knows two ids as one payer's, and ""
where the claim names no payer.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, text

from rules.payer import PayerProfile, payer_key

_TABLES = (
    """
create temporary table if not exists payer_alias (
    payer_id text not null, filing text not null, payer_key text not null,
    primary key (payer_id, filing)
)
""",
    """
create temporary table if not exists billed_payer (
    submission_id integer primary key, payer_key text not null
)
""",
)
_USED = """
select distinct coalesce(payer_id, ''), coalesce(claim_filing_indicator, '')
from submission
where claim_id in (select claim_id from touched_claim)
"""
_ALIAS = "insert into payer_alias (payer_id, filing, payer_key) values (:payer_id, :filing, :key)"
_FILL = """
insert into billed_payer (submission_id, payer_key)
select submission.submission_id, coalesce(payer_alias.payer_key, submission.payer_id, '')
from settling_claim
cross join submission
left join payer_alias
    on payer_alias.payer_id = submission.payer_id
    and payer_alias.filing = coalesce(submission.claim_filing_indicator, '')
where submission.claim_id = settling_claim.claim_id
"""


def know(connection: Connection, payers: Sequence[PayerProfile]) -> None:
    """Learns whose ids and lines of business the claims in ``touched_claim`` name."""
    for table in _TABLES:
        connection.execute(text(table))
    connection.execute(text("delete from payer_alias"))
    aliases = [
        {"payer_id": payer_id, "filing": filing, "key": payer_key(payers, payer_id, filing)}
        for payer_id, filing in connection.execute(text(_USED)).all()
    ]
    if aliases:
        connection.execute(text(_ALIAS), aliases)


def fill(connection: Connection) -> None:
    """The submissions of the claims in ``settling_claim``."""
    connection.execute(text("delete from billed_payer"))
    connection.execute(text(_FILL))
