-- named_claim: one row per PLB entry whose reference names a claim payment of the same payer.
-- Reads provider_adjustment, remittance, paying_payer, claim_payment. The newest adjudication under
-- that number is taken, reversals apart.
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
                payment.claim_position desc,
                payment.claim_payment_id
        ) as nth
    from provider_adjustment as entry
    join remittance on remittance.remittance_id = entry.remittance_id
    join paying_payer as payer on payer.payer_ids = remittance.payer_ids
    join claim_payment as payment on payment.payer_claim_control_number = entry.reference
    join remittance as told on told.remittance_id = payment.remittance_id
    join paying_payer as told_payer on told_payer.payer_ids = told.payer_ids
    where told_payer.payer_key = payer.payer_key
)
update provider_adjustment
set claim_payment_id = named.claim_payment_id
from named
where named.provider_adjustment_id = provider_adjustment.provider_adjustment_id
  and named.nth = 1
  and provider_adjustment.claim_payment_id is distinct from named.claim_payment_id
