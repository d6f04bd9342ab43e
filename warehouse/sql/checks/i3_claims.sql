-- i3_claims: one row per file with claims that were neither loaded nor set apart.
-- Severity: error. Hurt: the practice, which never hears of those claims again.
-- Claims of a payment that was received before are with that payment.
with loaded as (
    select
        file_id,
        count(*) as claim_count
    from (
        select file_id from submission
        union all
        select file_id from claim_payment
    ) as claims
    group by file_id
)
select
    file.file_id,
    file.claim_count,
    coalesce(loaded.claim_count, 0) as loaded_claim_count,
    file.quarantined_claim_count,
    file.duplicate_claim_count
from file
left join loaded on loaded.file_id = file.file_id
where
    file.status in ('loaded', 'quarantined')
    and file.claim_count
    <> coalesce(loaded.claim_count, 0)
    + file.quarantined_claim_count
    + file.duplicate_claim_count
order by file.file_id
