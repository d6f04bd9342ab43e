"""What became of denials and of what was sent: later adjudications close or repeat them."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select, text, update

from warehouse import tables as t
from warehouse.denials import ANSWERED_BY_PAYER

_ADJUDICATED = """
update submission set status = 'adjudicated'
where status = 'pending' and exists (
    select 1 from claim_payment as cp
    where cp.submission_id = submission.submission_id and not cp.is_reversal
)
"""

_REPLACED = """
update submission set status = 'superseded'
where status in ('pending', 'adjudicated') and origin <> 'shadow' and exists (
    select 1 from submission as later
    where later.claim_id = submission.claim_id
      and later.claim_frequency_code = '7'
      and later.origin <> 'shadow'
      and coalesce(later.payer_id, '') = coalesce(submission.payer_id, '')
      and later.submission_id <> submission.submission_id
      and (later.submitted_on > submission.submitted_on
           or (later.submitted_on = submission.submitted_on
               and later.submission_id > submission.submission_id))
)
"""

_VOIDED = """
update submission set status = 'voided'
where status in ('pending', 'adjudicated') and exists (
    select 1 from submission as later
    where later.claim_id = submission.claim_id
      and later.claim_frequency_code = '8'
      and later.origin <> 'shadow'
      and coalesce(later.payer_id, '') = coalesce(submission.payer_id, '')
      and later.submission_id > submission.submission_id
)
"""

_LATER = """
select d.denial_id, d.submission_id, d.status, sp.payment_cents as later_cents, r.payment_date,
       before.payment_cents as before_cents, later_denial.denial_id as later_denial_id
from denial as d
join claim_payment as dcp on dcp.claim_payment_id = d.claim_payment_id
join remittance as dr on dr.remittance_id = dcp.remittance_id
join submission as ds on ds.submission_id = d.submission_id
join submitted_line as dl
    on dl.submission_id = d.submission_id and dl.line_position = d.line_position
join service_payment as before
    on before.claim_payment_id = d.claim_payment_id
   and before.service_position = d.service_position
join submission as ls on ls.claim_id = ds.claim_id
join claim_payment as cp on cp.submission_id = ls.submission_id
join remittance as r on r.remittance_id = cp.remittance_id
join service_payment as sp on sp.claim_payment_id = cp.claim_payment_id
join submitted_line as ll
    on ll.submission_id = ls.submission_id and ll.line_position = sp.line_position
   and ll.chain_position = dl.chain_position
left join denial as later_denial
    on later_denial.claim_payment_id = sp.claim_payment_id
   and later_denial.service_position = sp.service_position
where d.status in ('open', 'awaiting_approval', 'approved', 'emitted')
  and d.category <> 'duplicate'
  and not cp.is_reversal
  and cp.claim_payment_id <> d.claim_payment_id
  and (later_denial.category is null or later_denial.category <> 'duplicate')
  and not exists (select 1 from claim_payment as back where back.reverses_id = cp.claim_payment_id)
  and (r.payment_date > dr.payment_date
       or (r.payment_date = dr.payment_date and cp.claim_payment_id > dcp.claim_payment_id))
order by d.denial_id, r.payment_date, cp.claim_payment_id
"""


def settle_outcomes(connection: Connection, *, as_of: date) -> None:
    """States of submissions, denials and sent claims as the newest adjudications have them."""
    settle_submissions(connection)
    newest: dict[int, Row[Any]] = {}
    for row in connection.execute(text(_LATER)):
        newest[row.denial_id] = row
    for row in newest.values():
        _settle_denial(connection, row, as_of)
    _settle_sent(connection)


def settle_submissions(connection: Connection) -> None:
    """Which submissions are answered, replaced or voided."""
    for statement in (_ADJUDICATED, _REPLACED, _VOIDED):
        connection.execute(text(statement))


def _settle_denial(connection: Connection, row: Row[Any], as_of: date) -> None:
    """One denial whose line was adjudicated again."""
    denied_again = row.later_denial_id is not None
    gained = max(0, row.later_cents - row.before_cents)
    resolved_on = row.payment_date
    values: dict[str, Any] = {}
    if row.status != "emitted":
        values = ANSWERED_BY_PAYER | {
            "explanation": "The payer has adjudicated this line again since."
        }
    connection.execute(
        update(t.denial)
        .where(t.denial.c.denial_id == row.denial_id)
        .values(
            **values,
            status="denied_again" if denied_again else "recovered",
            resolved_on=date.fromisoformat(resolved_on)
            if isinstance(resolved_on, str)
            else (resolved_on or as_of),
            resolution="denied again" if denied_again else "paid in a later adjudication",
            recovered_cents=gained,
        )
    )
    c = t.correction
    connection.execute(
        update(c)
        .where(c.c.submission_id == row.submission_id, c.c.status == "emitted")
        .values(outcome="denied_again" if denied_again else "paid")
    )
    connection.execute(
        update(c)
        .where(c.c.submission_id == row.submission_id, c.c.status.in_(("proposed", "approved")))
        .values(status="superseded")
    )


def _settle_sent(connection: Connection) -> None:
    """Sent claims that the payer has answered are no longer open; what they brought is net."""
    o, cp, s = t.outbound_claim, t.claim_payment, t.submission
    rows = connection.execute(
        select(o.c.outbound_claim_id, o.c.claim_id, o.c.paid_before_cents)
        .where(
            o.c.is_open,
            select(cp.c.claim_payment_id)
            .where(
                cp.c.submission_id == o.c.emitted_submission_id,
                cp.c.is_reversal.is_(False),
                cp.c.match_state == "done",
            )
            .exists(),
        )
        .order_by(o.c.outbound_claim_id)
    ).all()
    for row in rows:
        net = sum(
            connection.execute(
                select(cp.c.payment_cents)
                .join(s, s.c.submission_id == cp.c.submission_id)
                .where(s.c.claim_id == row.claim_id)
            ).scalars()
        )
        connection.execute(
            update(o)
            .where(o.c.outbound_claim_id == row.outbound_claim_id)
            .values(
                state="adjudicated",
                is_open=False,
                recovered_cents=net - row.paid_before_cents,
            )
        )
