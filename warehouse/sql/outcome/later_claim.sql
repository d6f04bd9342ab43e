-- later_claim: one row per claim that was denied without lines and later adjudication of it.
-- Reads touched_claim, denial, claim_payment, remittance, submission. Denied again where the
-- later one denies anything.
select
    denial.denial_id,
    payment.payment_cents as later_cents,
    denied.payment_cents as before_cents,
    remittance.payment_date,
    later_denial.denial_id as later_denial_id
from touched_claim
cross join submission
cross join denial
join claim_payment as denied on denied.claim_payment_id = denial.claim_payment_id
join remittance as before on before.remittance_id = denied.remittance_id
join submission as again on again.claim_id = submission.claim_id
join claim_payment as payment on payment.submission_id = again.submission_id
join remittance on remittance.remittance_id = payment.remittance_id
left join denial as later_denial on later_denial.claim_payment_id = payment.claim_payment_id
where submission.claim_id = touched_claim.claim_id
  and denial.submission_id = submission.submission_id
  and denial.service_position = 0
  and denial.category <> 'duplicate'
  and not payment.is_reversal
  and payment.is_other_payer = denied.is_other_payer
  and coalesce(again.payer_id, '') = coalesce(submission.payer_id, '')
  and payment.claim_payment_id <> denial.claim_payment_id
  and (
      later_denial.denial_id is null
      or (
          later_denial.category <> 'duplicate'
          and later_denial.denied_cents <> 0
      )
  )
  and not exists (
      select 1 from claim_payment as back where back.reverses_id = payment.claim_payment_id
  )
  and (
      remittance.payment_date > before.payment_date
      or (
          remittance.payment_date = before.payment_date
          and (remittance.trace_number, payment.claim_position)
          > (before.trace_number, denied.claim_position)
      )
  )
order by
    denial.denial_id,
    remittance.payment_date,
    remittance.trace_number,
    payment.claim_position,
    payment.claim_payment_id
