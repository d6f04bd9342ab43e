-- i9_answers_nothing: one row per 999, TA1 or claim status that answers no file or claim of ours.
-- Severity: note. Hurt: nobody, if the 837P is still to come; else the claim it was meant for.
select
    acknowledgment.file_id,
    acknowledgment.scope as answers,
    acknowledgment.segment_position as segment,
    acknowledgment.code as codes
from acknowledgment
where
    acknowledgment.is_new = false
    and acknowledgment.scope <> 'set'
    and not exists (
        select 1 from acknowledged_transaction as link
        where link.acknowledgment_id = acknowledgment.acknowledgment_id
    )
union all
select
    claim_status.file_id,
    claim_status.level as answers,
    claim_status.segment_position as segment,
    claim_status.codes
from claim_status
where
    claim_status.is_new = false
    and not exists (
        select 1 from answered_submission as link
        where link.claim_status_id = claim_status.claim_status_id
    )
order by 1, 3
