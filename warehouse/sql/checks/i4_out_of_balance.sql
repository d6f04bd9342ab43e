-- i4_out_of_balance: one row per remittance, CLP or SVC that does not balance as it was sent.
-- Severity: note. Hurt: whoever posts it; nothing is sent on its strength. Ask the payer.
select
    file_id,
    remittance_id,
    null as claim_position,
    null as service_position
from remittance
where case when is_balanced then 1 else 0 end = 0
union all
select
    payment.file_id,
    payment.remittance_id,
    payment.claim_position,
    service.service_position
from claim_payment as payment
left join service_payment as service
    on service.claim_payment_id = payment.claim_payment_id
    and case when service.is_balanced then 1 else 0 end = 0
where
    case when payment.is_balanced then 1 else 0 end = 0
    or service.service_position is not null
order by 1, 2, 3, 4
