-- i6_taken_back: one row per adjudication taken back twice, in part, or by no reversal of its claim.
-- Severity: error. Hurt: the net of the claim, which counts that money twice.
select
    payment.file_id,
    payment.claim_position,
    count(*) as reversal_count
from claim_payment as reversal
join claim_payment as payment on payment.claim_payment_id = reversal.reverses_id
left join submission as reversed on reversed.submission_id = payment.submission_id
left join submission as reversing on reversing.submission_id = reversal.submission_id
group by payment.claim_payment_id, payment.file_id, payment.claim_position
having
    count(*) > 1
    or max(case when payment.is_reversal then 1 else 0 end) = 1
    or min(case when reversal.is_reversal then 1 else 0 end) = 0
    or min(case when reversal.payment_cents = -payment.payment_cents then 1 else 0 end) = 0
    or min(case when reversed.claim_id = reversing.claim_id then 1 else 0 end) = 0
order by payment.file_id, payment.claim_position
