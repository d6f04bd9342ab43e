-- carried_forward: one row per FB entry of a PLB, in the order of their payments.
-- Reads provider_adjustment, remittance, file. Whose account it is, the payer's ids and the provider say.
select
    entry.provider_adjustment_id,
    entry.reference,
    entry.amount_cents,
    entry.closed_by_id,
    entry.provider_identifier,
    entry.remittance_id,
    remittance.payer_ids,
    remittance.payment_date,
    remittance.trace_number
from provider_adjustment as entry
join remittance on remittance.remittance_id = entry.remittance_id
join file on file.file_id = remittance.file_id
where entry.reason_code = 'FB'
order by
    remittance.payment_date, remittance.trace_number, entry.reference, file.sha256,
    entry.provider_adjustment_id
