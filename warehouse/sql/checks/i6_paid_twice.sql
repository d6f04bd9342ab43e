-- i6_paid_twice: one row per payment that may be one that came before.
-- Severity: note. Hurt: the net of its claims, which counts both; ask the payer which one holds.
-- Under its trace number with other content, where the payer is the same or the claims are; or
-- with its very claims under another trace number, day or payer's id. What is the same in all of
-- that was not posted again. Nothing paid is counted once or twice alike.
with repeated as (
    select remittance.*, earlier.file_id as first_file_id
    from remittance
    join remittance as earlier
        on earlier.trace_number = remittance.trace_number
        and earlier.payment_cents = remittance.payment_cents
        and earlier.payment_date is not distinct from remittance.payment_date
        and earlier.remittance_id < remittance.remittance_id
    where remittance.payment_cents <> 0
      and (
          earlier.payer_id is not distinct from remittance.payer_id
          or exists (
              select 1
              from claim_payment as told
              join claim_payment as before
                  on before.reported_patient_control_number = told.reported_patient_control_number
                  and before.member_id is not distinct from told.member_id
              where told.remittance_id = remittance.remittance_id
                and before.remittance_id = earlier.remittance_id
                and told.reported_patient_control_number not in ('', '0')
          )
      )
    union all
    select remittance.*, earlier.file_id as first_file_id
    from remittance
    join remittance as earlier
        on earlier.claims_digest = remittance.claims_digest
        and earlier.payment_cents = remittance.payment_cents
        and earlier.remittance_id < remittance.remittance_id
    where remittance.payment_cents <> 0
      and remittance.claim_count > 0
)
select
    file_id,
    remittance_id,
    payment_cents,
    min(first_file_id) as first_file_id
from repeated
group by file_id, remittance_id, payment_cents
order by remittance_id
