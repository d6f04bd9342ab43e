-- carried_forward: one row per FB entry of a PLB, in the order of the payments of its account.
-- Reads provider_adjustment, remittance. An account is a payer and a provider.
select
    entry.provider_adjustment_id,
    entry.reference,
    entry.amount_cents,
    entry.closed_by_id,
    coalesce(remittance.payer_id, '') || '|' || coalesce(entry.provider_npi, '') as account,
    dense_rank() over (
        partition by remittance.payer_id, entry.provider_npi
        order by remittance.payment_date, remittance.trace_number
    ) as nth
from provider_adjustment as entry
join remittance on remittance.remittance_id = entry.remittance_id
where entry.reason_code = 'FB'
order by
    remittance.payment_date, remittance.trace_number, entry.reference,
    entry.provider_adjustment_id
