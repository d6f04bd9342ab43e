-- later: one row per denial and later adjudication of its line that stands, in their order; of a
-- denial without a line, per later adjudication of its claim.
-- Reads settling_claim, denial, claim_payment, remittance, file, submission, submitted_line,
-- service_payment, billed_payer. Lines are the same along a claim's submissions by their place in the
-- first; a line that the payer split is what its parts come to, before and after. Neither the refusal
-- of a copy (denial_copy) nor what is pended or predetermined is a decision. Nor is another part of the same
-- answer: together with what was denied it comes to no more than the charge of the claim, and it
-- corrects nothing.
with pair as (
    select
        denial.denial_id,
        denial.service_position,
        denial.claim_payment_id as denied_id,
        denied.payment_cents as claim_before_cents,
        payment.claim_payment_id as later_id,
        payment.payment_cents as claim_later_cents,
        payment.claim_position,
        remittance.payment_date,
        remittance.trace_number,
        file.sha256,
        denial.line_position as denied_line,
        submission.claim_id,
        coalesce(line.chain_position, 0) as chain_position,
        before.payment_date as before_date,
        before.trace_number as before_trace,
        before_file.sha256 as before_sha256,
        denied.claim_position as before_position,
        same.line_position
    from settling_claim
    cross join submission
    cross join denial
    cross join claim_payment as denied
    cross join remittance as before
    cross join file as before_file
    cross join submission as again
    cross join claim_payment as payment
    cross join remittance
    cross join file
    cross join billed_payer as billed
    cross join billed_payer as billed_again
    left join submitted_line as line
        on line.submission_id = denial.submission_id
        and line.line_position = denial.line_position
    left join submitted_line as same
        on same.submission_id = again.submission_id
        and same.chain_position = line.chain_position
    where submission.claim_id = settling_claim.claim_id
      and denial.submission_id = submission.submission_id
      and denied.claim_payment_id = denial.claim_payment_id
      and before.remittance_id = denied.remittance_id
      and before_file.file_id = denied.file_id
      and again.claim_id = submission.claim_id
      and payment.submission_id = again.submission_id
      and remittance.remittance_id = payment.remittance_id
      and file.file_id = payment.file_id
      and not denial.is_copy
      and not payment.is_reversal
      and payment.claim_status_code <> '25'
      and payment.is_other_payer = denied.is_other_payer
      and (
          not denied.is_other_payer
          or coalesce(remittance.payer_id, '') = coalesce(before.payer_id, '')
      )
      and billed.submission_id = submission.submission_id
      and billed_again.submission_id = again.submission_id
      and billed_again.payer_key = billed.payer_key
      and (
          remittance.payment_date, remittance.trace_number, file.sha256, payment.claim_position
      ) > (
          before.payment_date, before.trace_number, before_file.sha256, denied.claim_position
      )
      and not (
          payment.submission_id = denied.submission_id
          and payment.corrects_id is null
          and payment.charge_cents + denied.charge_cents <= again.charge_cents
          and (
              payment.remittance_id = denied.remittance_id
              or (
                  denial.service_position = 0
                  and (
                      payment.charge_cents <> denied.charge_cents
                      or remittance.payment_date = before.payment_date
                  )
              )
          )
      )
      and (
          denial.service_position = 0
          or exists (
              select 1 from service_payment as service
              where service.claim_payment_id = payment.claim_payment_id
                and service.line_position = same.line_position
          )
      )
      and not exists (
          select 1 from claim_payment as back
          where back.reverses_id = payment.claim_payment_id
      )
),
decided as (
    select
        pair.*,
        (
            select max(again.denial_id) from denial as again
            where again.claim_payment_id = pair.later_id
              and (pair.service_position = 0 or again.line_position = pair.line_position)
              and not again.is_copy
              and again.denied_cents <> 0
        ) as later_denial_id,
        exists (
            select 1 from denial as again
            where again.claim_payment_id = pair.later_id
              and (pair.service_position = 0 or again.line_position = pair.line_position)
        ) as is_denied,
        (
            select sum(service.payment_cents) from service_payment as service
            where service.claim_payment_id = pair.later_id
              and service.line_position = pair.line_position
        ) as line_later_cents,
        (
            select sum(service.payment_cents) from service_payment as service
            where service.claim_payment_id = pair.denied_id
              and (
                  service.service_position = pair.service_position
                  or service.line_position = pair.denied_line
              )
        ) as line_before_cents
    from pair
),
told as (
    select
        decided.*,
        -- No line brings more than its claim: what the claim's own level takes is taken from lines.
        case
            when service_position = 0 or line_later_cents > claim_later_cents
                then claim_later_cents
            else line_later_cents
        end as later_cents,
        case
            when service_position = 0 or line_before_cents > claim_before_cents
                then claim_before_cents
            else line_before_cents
        end as before_cents
    from decided
)
select
    denial_id,
    later_cents,
    before_cents,
    payment_date,
    later_denial_id,
    later_id,
    claim_id,
    chain_position,
    before_date,
    before_trace,
    before_sha256,
    before_position
from told
-- A denial that is none of those is a copy's, or waits: of that only what was paid is a decision.
where later_denial_id is not null or not is_denied or later_cents > before_cents
order by denial_id, payment_date, trace_number, sha256, claim_position, later_id
