-- i4_service_marks: one row per SVC whose mark does not say whether SVC02 - CAS = SVC03.
-- Severity: error. Hurt: a correction might go out on the strength of wrong arithmetic.
-- A CLP without SVC stands here with position 0 and its claim level CAS.
with adjusted as (
    select
        claim_payment_id,
        service_position,
        sum(amount_cents) as cents
    from adjustment
    group by claim_payment_id, service_position
)
select
    payment.file_id,
    payment.claim_position,
    service.service_position,
    service.charge_cents,
    coalesce(adjusted.cents, 0) as adjusted_cents,
    service.payment_cents
from service_payment as service
join claim_payment as payment on payment.claim_payment_id = service.claim_payment_id
left join adjusted
    on adjusted.claim_payment_id = service.claim_payment_id
    and adjusted.service_position = service.service_position
where
    case when service.is_balanced then 1 else 0 end
    <> case
        when service.charge_cents - coalesce(adjusted.cents, 0) = service.payment_cents then 1
        else 0
    end
order by payment.file_id, payment.claim_position, service.service_position
