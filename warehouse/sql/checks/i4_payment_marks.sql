-- i4_payment_marks: one row per remittance whose mark does not say whether BPR02 = CLP04 - PLB.
-- Severity: error. Hurt: whoever reconciles the deposit.
-- A claim payment that could not be read may have been counted, and its amount is not here: such
-- files are left to the comparison with the file itself. Reversals that were sent without their
-- minus count here as they were sent, or as they are meant.
with paid as (
    select
        remittance_id,
        sum(payment_cents) as cents,
        sum(case when lacks_minus then -2 * payment_cents else 0 end) as lacking_cents
    from claim_payment
    group by remittance_id
),

withheld as (
    select
        remittance_id,
        sum(amount_cents) as cents
    from provider_adjustment
    group by remittance_id
)

select
    remittance.file_id,
    remittance.remittance_id,
    remittance.payment_cents,
    coalesce(paid.cents, 0) as claim_payment_cents,
    coalesce(withheld.cents, 0) as provider_adjustment_cents
from remittance
join file on file.file_id = remittance.file_id
left join paid on paid.remittance_id = remittance.remittance_id
left join withheld on withheld.remittance_id = remittance.remittance_id
where
    remittance.provider_adjustment_cents <> coalesce(withheld.cents, 0)
    or (
        file.quarantined_claim_count = 0
        and case when remittance.is_balanced then 1 else 0 end
        <> case
            when
                remittance.payment_cents in (
                    coalesce(paid.cents, 0) - coalesce(withheld.cents, 0),
                    coalesce(paid.cents, 0) + coalesce(paid.lacking_cents, 0)
                    - coalesce(withheld.cents, 0)
                )
                then 1
            else 0
        end
    )
order by remittance.remittance_id
