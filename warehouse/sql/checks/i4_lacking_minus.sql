-- i4_lacking_minus: one row per remittance whose claim payments, as they are read, less PLB are not BPR02.
-- Severity: note. Hurt: whoever reconciles the deposit. Ask the payer what the reversals are.
-- BPR02 counts reversals that were sent without their minus as they stand, and a PLB may make up for
-- it; they are read as taken back. What does not balance at all is listed by i4_out_of_balance.
select
    remittance.file_id,
    remittance.remittance_id,
    remittance.payment_cents,
    sum(payment.payment_cents) - remittance.provider_adjustment_cents as read_cents
from remittance
join file on file.file_id = remittance.file_id
join claim_payment as payment on payment.remittance_id = remittance.remittance_id
where
    case when remittance.is_balanced then 1 else 0 end = 1
    and file.quarantined_claim_count = 0
group by
    remittance.file_id, remittance.remittance_id, remittance.payment_cents,
    remittance.provider_adjustment_cents
having
    sum(payment.payment_cents) - remittance.provider_adjustment_cents
    <> remittance.payment_cents
order by remittance.remittance_id
