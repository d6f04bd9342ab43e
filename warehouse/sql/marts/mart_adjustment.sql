-- mart_adjustment: one row per CAS triple.
-- Reads adjustment, claim_payment, file. service_position 0 is the claim's own level.
select
    file.file_name,
    payment.claim_position,
    adjustment.service_position,
    adjustment.group_code,
    adjustment.reason_code,
    adjustment.amount_cents / 100.0 as amount,
    adjustment.quantity,
    adjustment.category,
    case when adjustment.is_denial then 1 else 0 end as is_denial
from adjustment
join claim_payment as payment on payment.claim_payment_id = adjustment.claim_payment_id
join file on file.file_id = payment.file_id
