-- unnamed: one row per PLB entry whose reference is not the CLP07 of any claim payment.
-- Reads provider_adjustment, remittance, claim_payment.
select
    entry.provider_adjustment_id,
    entry.reference,
    entry.claim_payment_id,
    remittance.payer_ids,
    remittance.trace_number
from provider_adjustment as entry
join remittance on remittance.remittance_id = entry.remittance_id
left join claim_payment as named on named.claim_payment_id = entry.claim_payment_id
where entry.reference is not null
  and (named.claim_payment_id is null or named.payer_claim_control_number <> entry.reference)
order by entry.provider_adjustment_id
