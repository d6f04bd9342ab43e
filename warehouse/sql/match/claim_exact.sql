-- claim_exact: one row per claim payment whose patient control number names one submission only.
-- Reads open_payment, claim_payment, remittance, submission, outbound_claim. The number alone does not prove identity –
-- practices share and re-use numbers –: of charge, member and service date two have to agree, or
-- one where nothing is known against it, and the payee must not be another provider. Where the
-- member id is not the same the patient's name has to be; another date, and what was sent after the
-- payment was made, are looked at one by one.
with found as (
    select
        cp.claim_payment_id,
        min(s.submission_id) as submission_id,
        min(
            case when cp.claim_status_code in ('2', '20', '3', '21') and s.payer_sequence = 'P'
                and (s.payer_id is null
                     or ',' || r.payer_ids || ',' not like '%,' || s.payer_id || ',%')
                then 1 else 0 end
        ) as may_be_other_payer
    from open_payment
    cross join claim_payment as cp
    join remittance as r on r.remittance_id = cp.remittance_id
    join submission as s on s.patient_control_number = cp.reported_patient_control_number
    where cp.claim_payment_id = open_payment.claim_payment_id
      -- A shadow went nowhere. (Counted, it would make two of one, and Python would think about it.)
      and s.origin <> 'shadow'
      -- What we have written down and not delivered nobody has answered.
      and s.submission_id not in (
          select emitted_submission_id from outbound_claim
          where state = 'approved' and emitted_submission_id is not null
      )
    group by cp.claim_payment_id
    having count(*) = 1
       and max(case when r.payee_npi <> s.billing_npi then 1 else 0 end) = 0
       and max(case when s.submitted_on > r.payment_date then 1 else 0 end) = 0
       and max(case when cp.service_date <> s.first_service_date then 1 else 0 end) = 0
       and max(
           case when cp.member_id = s.member_id or cp.patient_name = s.patient_name
               then 0 else 1 end
       ) = 0
       and max(
           case when abs(cp.charge_cents) = s.charge_cents then 1 else 0 end
           + case when cp.member_id = s.member_id then 1 else 0 end
           + case when cp.service_date = s.first_service_date then 1 else 0 end
       ) >= 2
)
update claim_payment
set submission_id = found.submission_id
from found
where found.claim_payment_id = claim_payment.claim_payment_id
  and found.may_be_other_payer = 0
