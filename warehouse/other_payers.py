"""Which payments that the exact join settled are of another payer than the one that was billed.

Whether payers.toml knows the two as two payers is asked once for each pair of them in what is open,
and not for each payment. What is thought about one number at a time is told apart there
(:mod:`warehouse.claim_match`).
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, text

from rules.payer import PayerProfile
from warehouse.claim_identity import known_apart

_JOINED = """
from open_payment
cross join claim_payment as cp
join remittance as r on r.remittance_id = cp.remittance_id
join submission as s on s.submission_id = cp.submission_id
where cp.claim_payment_id = open_payment.claim_payment_id and not cp.is_other_payer
"""
_PAIRS = f"""
select distinct s.payer_id, s.claim_filing_indicator, r.payer_ids {_JOINED}
  and ',' || r.payer_ids || ',' not like '%,' || s.payer_id || ',%'
"""
_MARK = f"""
update claim_payment set is_other_payer = true
where claim_payment_id in (
    select cp.claim_payment_id {_JOINED}
      and s.payer_id = :payer_id and r.payer_ids = :payer_ids
      and coalesce(s.claim_filing_indicator, '') = :filing
)
"""


def mark_other_payers(connection: Connection, payers: Sequence[PayerProfile]) -> None:
    """Of a slice of the open payments."""
    if len(payers) < 2:
        return
    for payer_id, filing, payer_ids in connection.execute(text(_PAIRS)).all():
        if known_apart(payer_id, filing, payer_ids.split(","), payers):
            connection.execute(
                text(_MARK),
                {"payer_id": payer_id, "payer_ids": payer_ids, "filing": filing or ""},
            )
