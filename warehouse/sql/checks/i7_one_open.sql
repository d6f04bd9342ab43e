-- i7_one_open: one row per claim and payer with more than one open emitted submission.
-- Severity: error. Hurt: the payer gets the claim twice, and denies the second as a duplicate.
select
    claim_id,
    payer_key,
    count(*) as open_count
from outbound_claim
where case when is_open then 1 else 0 end = 1
group by claim_id, payer_key
having count(*) > 1
order by claim_id, payer_key
