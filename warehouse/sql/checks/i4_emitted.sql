-- i4_emitted: one row per correction that was sent on the strength of unbalanced arithmetic.
-- Severity: error. Hurt: the practice, which asserted to the payer what the payer never said.
select
    correction.correction_id,
    correction.denial_id,
    payment.file_id,
    payment.claim_position,
    denial.service_position
from correction
join denial on denial.denial_id = correction.denial_id
join claim_payment as payment on payment.claim_payment_id = denial.claim_payment_id
join remittance on remittance.remittance_id = payment.remittance_id
left join service_payment as service
    on service.claim_payment_id = denial.claim_payment_id
    and service.service_position = denial.service_position
where
    correction.outbound_claim_id is not null
    and (
        case when payment.is_balanced then 1 else 0 end = 0
        or case when remittance.is_balanced then 1 else 0 end = 0
        or case when service.is_balanced is null or service.is_balanced then 1 else 0 end = 0
    )
order by correction.correction_id
