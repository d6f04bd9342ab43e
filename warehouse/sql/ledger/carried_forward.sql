-- carried_forward: one row per FB entry of a PLB, in the order of their payments.
-- Reads provider_adjustment, remittance, x12_transaction, file. Whose account it is, the payer's ids
-- and PLB01 say.
select
    entry.provider_adjustment_id,
    entry.remittance_id,
    nullif(trim(entry.reference), '') as reference,
    entry.amount_cents,
    entry.closed_by_id,
    coalesce(entry.provider_npi, entry.provider_identifier) as provider,
    remittance.payer_ids,
    remittance.payment_date,
    remittance.trace_number
from provider_adjustment as entry
join remittance on remittance.remittance_id = entry.remittance_id
join x12_transaction on x12_transaction.transaction_id = remittance.transaction_id
join file on file.file_id = remittance.file_id
where entry.reason_code = 'FB'
order by
    remittance.payment_date, remittance.trace_number, file.sha256, x12_transaction."transaction",
    entry.provider_adjustment_id
