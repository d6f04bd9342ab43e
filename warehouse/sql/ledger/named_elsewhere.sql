-- named_elsewhere: one row per PLB entry that names a claim payment of what is another payer by now.
-- Reads provider_adjustment, remittance, paying_payer, claim_payment. payers.toml may have changed.
update provider_adjustment
set claim_payment_id = null
from (
    select entry.provider_adjustment_id
    from provider_adjustment as entry
    join remittance on remittance.remittance_id = entry.remittance_id
    join paying_payer as payer on payer.payer_ids = remittance.payer_ids
    join claim_payment as payment on payment.claim_payment_id = entry.claim_payment_id
    join remittance as told on told.remittance_id = payment.remittance_id
    join paying_payer as told_payer on told_payer.payer_ids = told.payer_ids
    where told_payer.payer_key <> payer.payer_key
) as stale
where stale.provider_adjustment_id = provider_adjustment.provider_adjustment_id
