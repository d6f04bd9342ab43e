-- denial_copy: one row per duplicate denial of a claim being settled; is_copy where it is the refusal
-- of what the payer has beside it: another submission that was sent by then, an adjudication of
-- before, or another denial of the line. Else its line was only billed once, and it is a denial like
-- any other.
-- Reads settling_claim, denial, claim_payment, remittance, file, submission, submitted_line,
-- billed_payer. What another payer calls a duplicate is told of what we did not send.
with refused as materialized (
    select
        denial.denial_id,
        denial.service_position,
        denial.submission_id,
        denial.claim_payment_id,
        submission.claim_id,
        billed_payer.payer_key,
        payment.is_other_payer,
        payment.claim_position,
        remittance.payment_date,
        remittance.trace_number,
        file.sha256,
        line.chain_position
    from settling_claim
    cross join submission
    cross join denial
    cross join billed_payer
    join claim_payment as payment on payment.claim_payment_id = denial.claim_payment_id
    join remittance on remittance.remittance_id = payment.remittance_id
    join file on file.file_id = payment.file_id
    left join submitted_line as line
        on line.submission_id = denial.submission_id
        and line.line_position = denial.line_position
    where submission.claim_id = settling_claim.claim_id
      and denial.submission_id = submission.submission_id
      and billed_payer.submission_id = submission.submission_id
      and denial.category = 'duplicate'
),
found as materialized (
    select
        refused.denial_id,
        refused.is_other_payer
        or exists (
            select 1
            from submission as other
            cross join billed_payer as other_payer
            where other_payer.submission_id = other.submission_id
              and other.claim_id = refused.claim_id
              and other.submission_id <> refused.submission_id
              and other_payer.payer_key = refused.payer_key
              and other.claim_frequency_code <> '8'
              and other.origin <> 'shadow'
              and other.status <> 'rejected'
              and (
                  other.submitted_on is null
                  or refused.payment_date is null
                  or other.submitted_on <= refused.payment_date
              )
        )
        or exists (
            select 1
            from submission as own
            cross join billed_payer as own_payer
            cross join claim_payment as other
            join remittance as told on told.remittance_id = other.remittance_id
            join file as told_file on told_file.file_id = other.file_id
            left join denial as again on again.claim_payment_id = other.claim_payment_id
            left join submitted_line as same
                on same.submission_id = again.submission_id
                and same.line_position = again.line_position
            where own.claim_id = refused.claim_id
              and own_payer.submission_id = own.submission_id
              and other.submission_id = own.submission_id
              and own_payer.payer_key = refused.payer_key
              and other.claim_payment_id <> refused.claim_payment_id
              and not other.is_reversal
              and not other.is_other_payer
              and other.claim_status_code <> '25'
              and (
                  (told.payment_date, told.trace_number, told_file.sha256, other.claim_position)
                  < (
                      refused.payment_date, refused.trace_number, refused.sha256,
                      refused.claim_position
                  )
                  or (
                      again.category <> 'duplicate'
                      and again.denied_cents <> 0
                      and coalesce(same.chain_position, 0) = coalesce(refused.chain_position, 0)
                  )
              )
        ) as is_copy
    from refused
)
update denial
set is_copy = found.is_copy
from found
where found.denial_id = denial.denial_id
  and denial.is_copy <> found.is_copy
