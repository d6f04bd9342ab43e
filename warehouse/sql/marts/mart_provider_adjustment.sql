-- mart_provider_adjustment: one row per PLB pair. A positive amount lowers the payment.
-- Reads provider_adjustment, remittance, file.
select
    file.file_name,
    remittance.trace_number,
    adjustment.provider_npi,
    adjustment.fiscal_period_date,
    adjustment.reason_code,
    adjustment.reference,
    adjustment.amount_cents / 100.0 as amount
from provider_adjustment as adjustment
join remittance on remittance.remittance_id = adjustment.remittance_id
join file on file.file_id = remittance.file_id
