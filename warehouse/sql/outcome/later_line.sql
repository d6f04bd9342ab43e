-- later_line: one row per denied line and later adjudication of it that stands, in their order.
-- Reads touched_claim, denial, claim_payment, remittance, submission, submitted_line,
-- service_payment. Lines are the same along a claim's submissions by their place in the first.
select
    denial.denial_id,
    service.payment_cents as later_cents,
    first.payment_cents as before_cents,
    remittance.payment_date,
    later_denial.denial_id as later_denial_id
from touched_claim
cross join submission
cross join denial
join claim_payment as denied on denied.claim_payment_id = denial.claim_payment_id
join remittance as before on before.remittance_id = denied.remittance_id
join submitted_line as line
    on line.submission_id = denial.submission_id and line.line_position = denial.line_position
join service_payment as first
    on first.claim_payment_id = denial.claim_payment_id
    and first.service_position = denial.service_position
join submission as again on again.claim_id = submission.claim_id
join claim_payment as payment on payment.submission_id = again.submission_id
join remittance on remittance.remittance_id = payment.remittance_id
join service_payment as service on service.claim_payment_id = payment.claim_payment_id
join submitted_line as same
    on same.submission_id = again.submission_id
    and same.line_position = service.line_position
    and same.chain_position = line.chain_position
left join denial as later_denial
    on later_denial.claim_payment_id = service.claim_payment_id
    and later_denial.service_position = service.service_position
where submission.claim_id = touched_claim.claim_id
  and denial.submission_id = submission.submission_id
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
