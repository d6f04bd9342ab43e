-- denial_initial: one row per denial of a claim being settled; the first of its line is the initial one.
-- Reads settling_claim, denial, claim_payment, remittance, file, submission, submitted_line,
-- billed_payer. The refusal of a copy (denial_copy), and what the payer has not decided yet, is no
-- initial denial.
with placed as (
    select
        denial.denial_id,
        denial.is_initial,
        case
            when denial.is_copy
                or denial.denied_cents = 0 then 1
            else 0
        end as is_apart,
        row_number() over (
            partition by
                submission.claim_id,
                payment.is_other_payer,
                case
                    when payment.is_other_payer then coalesce(remittance.payer_id, '')
                    else billed_payer.payer_key
                end,
                coalesce(line.chain_position, 0),
                case
                    when denial.is_copy
                        or denial.denied_cents = 0 then 1
                    else 0
                end
            order by
                remittance.payment_date,
                remittance.trace_number,
                file.sha256,
                payment.claim_position,
                denial.service_position,
                denial.denial_id
        ) as nth
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
)
update denial
set is_initial = (placed.is_apart = 0 and placed.nth = 1)
from placed
where placed.denial_id = denial.denial_id
  and denial.is_initial <> (placed.is_apart = 0 and placed.nth = 1)
