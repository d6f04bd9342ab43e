-- mart_remittance: one row per payment (ST of an 835).
-- Reads remittance, file.
select
    file.file_name,
    remittance.trace_number,
    remittance.payment_method,
    remittance.payment_date,
    remittance.payment_cents / 100.0 as payment_amount,
    remittance.payer_id,
    remittance.payee_npi,
    remittance.claim_count,
    remittance.provider_adjustment_cents / 100.0 as provider_adjustment_amount,
    case when remittance.is_balanced then 1 else 0 end as is_balanced,
    remittance.deposited_on,
    (
        select coalesce(sum(payment.interest_cents), 0) / 100.0
        from claim_payment as payment
        where payment.remittance_id = remittance.remittance_id
    ) as interest_amount
from remittance
join file on file.file_id = remittance.file_id
