"""Ids that are one payer's, as a work table: SQL does not know payers.toml.

``payer_alias`` has what stands for an id beside the line of business (SBR09), where ids of one
profile are in use beside each other; an id that is not in it stands for itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, text

from rules.payer import PayerProfile, payer_key

_TABLE = """
create temporary table if not exists payer_alias (
    payer_id text not null, filing text not null, payer_key text not null,
    primary key (payer_id, filing)
)
"""
_USED = """
select distinct coalesce(payer_id, ''), coalesce(claim_filing_indicator, '')
from submission
where claim_id in (select claim_id from touched_claim)
"""
_FILL = "insert into payer_alias (payer_id, filing, payer_key) values (:payer_id, :filing, :key)"


def know(connection: Connection, payers: Sequence[PayerProfile]) -> None:
    """Fills the table for the claims of ``touched_claim``."""
    connection.execute(text(_TABLE))
    connection.execute(text("delete from payer_alias"))
    ids_of: dict[str, list[tuple[str, str]]] = {}
    for payer_id, filing in connection.execute(text(_USED)).all():
        ids_of.setdefault(payer_key(payers, payer_id, filing), []).append((payer_id, filing))
    aliases = [
        {"payer_id": payer_id, "filing": filing, "key": key}
        for key, found in ids_of.items()
        if len({payer_id for payer_id, _ in found}) > 1
        for payer_id, filing in found
    ]
    if aliases:
        connection.execute(text(_FILL), aliases)
