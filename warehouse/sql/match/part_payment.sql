-- part_payment: one row per claim payment that is one of several parts of an answer, with the first
-- of them; those of the open ones and of their answers.
-- Reads open_payment, claim_payment, submission. Parts stand in one payment and answer one
-- submission; what has the whole charge of the claim is an answer by itself.
with answer as (
    select
        cp.submission_id,
        cp.remittance_id,
        cp.is_reversal,
        s.charge_cents,
        min(part.claim_payment_id) as first_id
    from open_payment
    cross join claim_payment as cp
    join submission as s on s.submission_id = cp.submission_id
    join claim_payment as part
        on part.submission_id = cp.submission_id
       and part.remittance_id = cp.remittance_id
       and part.is_reversal = cp.is_reversal
    where cp.claim_payment_id = open_payment.claim_payment_id
      and abs(cp.charge_cents) < s.charge_cents
      and abs(part.charge_cents) < s.charge_cents
    group by cp.submission_id, cp.remittance_id, cp.is_reversal, s.charge_cents
    having min(part.claim_payment_id) < max(part.claim_payment_id)
)
insert into part_payment (claim_payment_id, first_id)
select part.claim_payment_id, answer.first_id
from answer
join claim_payment as part
    on part.submission_id = answer.submission_id
   and part.remittance_id = answer.remittance_id
   and part.is_reversal = answer.is_reversal
   and abs(part.charge_cents) < answer.charge_cents
