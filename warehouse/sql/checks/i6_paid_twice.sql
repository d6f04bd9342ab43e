-- i6_paid_twice: one row per payment that came before under its trace number with other content or payer.
-- Severity: note. Hurt: the net of its claims, which counts both; ask the payer which one holds.
-- The same payment with the same content is no second one, but where its payer goes by ids that nobody
-- knows to be one's. Nothing paid is counted once or twice alike.
select
    remittance.file_id,
    remittance.remittance_id,
    remittance.payment_cents,
    min(earlier.file_id) as first_file_id
from remittance
join remittance as earlier
    on earlier.trace_number = remittance.trace_number
    and earlier.payment_cents = remittance.payment_cents
    and earlier.payment_date is not distinct from remittance.payment_date
    and (
        earlier.payer_id is not distinct from remittance.payer_id
        or earlier.claims_digest = remittance.claims_digest
    )
    and earlier.remittance_id < remittance.remittance_id
where remittance.payment_cents <> 0
group by remittance.file_id, remittance.remittance_id, remittance.payment_cents
order by remittance.remittance_id
