"""Which payers repeat the frequency of the claim that they answer, in CLP09.

A payer that has once written a replacement's or a void's does so on every claim: from then on its
"1" means an original. Some write 1 on whatever they answer, and nothing of theirs says otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, text

from rules.payer import PayerProfile, normal_id

_WRITERS = """
select remittance.payer_ids,
       max(case when payment.match_state <> 'new' then 1 else 0 end) as was_known
from claim_payment as payment
join remittance on remittance.remittance_id = payment.remittance_id
where payment.claim_frequency_code in ('7', '8')
group by remittance.payer_ids
"""
_REPLACED = """
select distinct sent.patient_control_number
from submission as sent
where sent.claim_frequency_code = '7' and sent.origin <> 'shadow'
  and exists (
      select 1 from submission as other
      cross join claim_payment as reversal
      where other.patient_control_number = sent.patient_control_number
        and reversal.submission_id = other.submission_id
        and reversal.is_reversal
        and reversal.match_state = 'done'
  )
"""


def repeating_payers(
    connection: Connection, payers: Sequence[PayerProfile]
) -> tuple[frozenset[str], list[str]]:
    """Every id of payers that repeat it, and the numbers that are to be thought about again.

    These are there where one is known to do so since the last match: what it said before of claims
    that were replaced means something else now.
    """
    known: set[str] = set()
    fresh: set[str] = set()
    for payer_ids, was_known in connection.execute(text(_WRITERS)).all():
        (known if was_known else fresh).update(_of_one_payer(payer_ids, payers))
    numbers = connection.execute(text(_REPLACED)).scalars() if fresh - known else ()
    return frozenset(known | fresh), list(numbers)


def _of_one_payer(payer_ids: str, payers: Sequence[PayerProfile]) -> set[str]:
    """The ids of a remittance, and all that payers.toml has beside one of them; as compared."""
    ids = set(map(normal_id, filter(None, payer_ids.split(","))))
    known = [set(map(normal_id, payer.ids)) for payer in payers]
    return ids.union(*(k for k in known if k & ids))
