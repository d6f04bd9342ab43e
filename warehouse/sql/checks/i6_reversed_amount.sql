-- i6_reversed_amount: one row per reversal that does not take back just what was paid.
-- Severity: note. Hurt: the net of the claim, which is what the payer sent; ask the payer.
select
    reversal.file_id,
    reversal.claim_position,
    reversal.payment_cents,
    payment.payment_cents as reversed_payment_cents
from claim_payment as reversal
join claim_payment as payment on payment.claim_payment_id = reversal.reverses_id
where reversal.payment_cents + payment.payment_cents <> 0
order by reversal.file_id, reversal.claim_position
