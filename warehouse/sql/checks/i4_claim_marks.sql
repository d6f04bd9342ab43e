-- i4_claim_marks: one row per CLP whose mark does not say whether it balances.
-- Severity: error. Hurt: a correction might go out on the strength of wrong arithmetic.
-- Balanced: CLP03 - all CAS = CLP04, every line balances, and the lines add up to CLP03.
with adjusted as (
    select
        claim_payment_id,
        sum(amount_cents) as cents
    from adjustment
    group by claim_payment_id
),

services as (
    select
        claim_payment_id,
        count(*) as service_count,
        sum(charge_cents) as charge_cents,
        min(case when is_balanced then 1 else 0 end) as all_balanced
    from service_payment
    where service_position > 0
    group by claim_payment_id
)

select
    payment.file_id,
    payment.claim_position,
    payment.charge_cents,
    coalesce(adjusted.cents, 0) as adjusted_cents,
    payment.payment_cents
from claim_payment as payment
left join adjusted on adjusted.claim_payment_id = payment.claim_payment_id
left join services on services.claim_payment_id = payment.claim_payment_id
where
    case when payment.is_balanced then 1 else 0 end
    <> case
        when
            payment.charge_cents - coalesce(adjusted.cents, 0) = payment.payment_cents
            and (
                services.service_count is null
                or (services.all_balanced = 1 and services.charge_cents = payment.charge_cents)
            )
            then 1
        else 0
    end
order by payment.file_id, payment.claim_position
