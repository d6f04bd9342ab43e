-- named_claim: one row per PLB entry whose reference names a claim payment of the same payer.
-- Reads provider_adjustment, remittance, paying_payer, claim_payment, submission, file. The newest
-- adjudication under that number is taken, reversals apart; a number that claims share names none of
-- them.
with named as (
    select
        entry.provider_adjustment_id,
        payment.claim_payment_id,
        row_number() over (
            partition by entry.provider_adjustment_id
            order by
                case when payment.is_reversal then 1 else 0 end,
                told.payment_date desc,
                told.trace_number desc,
                file.sha256 desc,
                payment.claim_position desc,
                payment.claim_payment_id
        ) as nth,
        min(submission.claim_id) over one as first_claim_id,
        max(submission.claim_id) over one as last_claim_id,
        min(payment.reported_patient_control_number) over one as first_number,
        max(payment.reported_patient_control_number) over one as last_number
    from provider_adjustment as entry
    join remittance on remittance.remittance_id = entry.remittance_id
    join paying_payer as payer on payer.payer_ids = remittance.payer_ids
    join claim_payment as payment on payment.payer_claim_control_number = entry.reference
    join remittance as told on told.remittance_id = payment.remittance_id
    join file on file.file_id = payment.file_id
    left join submission on submission.submission_id = payment.submission_id
    join paying_payer as told_payer on told_payer.payer_ids = told.payer_ids
    where told_payer.payer_key = payer.payer_key
    window one as (partition by entry.provider_adjustment_id)
),
meant as (
    select
        provider_adjustment_id,
        case
            when first_claim_id = last_claim_id then claim_payment_id
            when first_claim_id is null and first_number = last_number then claim_payment_id
        end as claim_payment_id
    from named
    where nth = 1
)
update provider_adjustment
set claim_payment_id = meant.claim_payment_id
from meant
where meant.provider_adjustment_id = provider_adjustment.provider_adjustment_id
  and provider_adjustment.claim_payment_id is distinct from meant.claim_payment_id
