-- i6_unpaired: one row per reversal that takes back no decision of its claim, though there are some.
-- Severity: note. Hurt: the claim's denials and its net, which is what the payer sent. Ask the payer.
-- A pair has the same charge and payment, one negated; what is taken back in part has none, and
-- what was decided before the warehouse began is not here.
select
    reversal.file_id,
    reversal.claim_position,
    reversal.charge_cents,
    reversal.payment_cents,
    count(*) as decision_count
from claim_payment as reversal
join submission on submission.submission_id = reversal.submission_id
join submission as other on other.claim_id = submission.claim_id
join claim_payment as decision on decision.submission_id = other.submission_id
where
    case when reversal.is_reversal then 1 else 0 end = 1
    and reversal.reverses_id is null
    and case when decision.is_reversal then 1 else 0 end = 0
    and case when decision.is_other_payer then 1 else 0 end
    = case when reversal.is_other_payer then 1 else 0 end
group by
    reversal.claim_payment_id, reversal.file_id, reversal.claim_position,
    reversal.charge_cents, reversal.payment_cents
order by reversal.file_id, reversal.claim_position
