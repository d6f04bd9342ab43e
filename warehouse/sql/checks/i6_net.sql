-- i6_net: one row per claim whose payments and whose paid lines come to different nets.
-- Severity: error. Hurt: every figure of what the claim brought.
-- Where a payer adjusts the claim as a whole, that is taken off what the lines came to. What does
-- not balance as it was sent cannot agree, and is left out.
with claim_level as (
    select
        claim_payment_id,
        sum(amount_cents) as cents
    from adjustment
    where service_position = 0
    group by claim_payment_id
),

services as (
    select
        claim_payment_id,
        sum(payment_cents) as cents,
        max(service_position) as service_count
    from service_payment
    group by claim_payment_id
)

select
    submission.claim_id,
    count(*) as adjudication_count,
    sum(payment.payment_cents) as net_cents,
    sum(
        services.cents
        - case when services.service_count > 0 then coalesce(claim_level.cents, 0) else 0 end
    ) as lines_cents
from claim_payment as payment
join submission on submission.submission_id = payment.submission_id
left join services on services.claim_payment_id = payment.claim_payment_id
left join claim_level on claim_level.claim_payment_id = payment.claim_payment_id
where case when payment.is_balanced then 1 else 0 end = 1
group by submission.claim_id
having
    sum(payment.payment_cents)
    <> sum(
        services.cents
        - case when services.service_count > 0 then coalesce(claim_level.cents, 0) else 0 end
    )
    or count(services.cents) <> count(*)
order by submission.claim_id
