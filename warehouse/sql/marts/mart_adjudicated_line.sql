-- mart_adjudicated_line: one row per SVC in an 835; for a CLP without SVC one of position 0.
-- Reads service_payment, claim_payment, adjustment, denial, remittance, file, submission,
-- submitted_line.
-- What was charged and not paid is divided by its adjustments: denied (where nothing is allowed and
-- no code says why, all of it, also without any adjustment), patient share (group PR, not denied),
-- contractual (groups CO and PI, not denied: to be written off), and other, which is the rest: prior
-- payers (OA-23), balancing (OA-94, also where a reversal puts it under CR), what nobody has decided
-- yet (133, 257, B11), other adjustments under OA, and what does not balance.
-- What a claim's own adjustments take from it beside its lines stands in mart_adjustment alone.
-- patient_share_owed_by: next_payer where the payer passed the claim on, where a remark (N781 to
-- N783) says that the patient must not be billed, or where the same claim went to a later payer
-- (provider, number, day and charge, as primary_remittances.py has it, and the patient's name, with
-- or without a middle one; where a name is missing, as many lines: each payer has a member id of its
-- own, and what was turned back or voided went nowhere); else patient; null where there is no share,
-- or where it is only predetermined. What is taken back is owed by whom it was decided to be.
-- policy_identifiers: REF*0K, the coverage policies that a denial rests on.
-- service_date: as the payer tells it, else of the line that it is matched to, or the first one of a
-- claim that is answered without lines.
-- adjudication_sequence counts the adjudications of one claim over all its submissions by payment
-- date; within a day by trace number, the file's digest and the place in it, which do not depend
-- on arrival.
with adjusted as (
    select
        service_payment.*,
        coalesce((
            select sum(cas.amount_cents) from adjustment as cas
            where cas.claim_payment_id = service_payment.claim_payment_id
              and cas.service_position = service_payment.service_position
              and cas.is_denial
        ), 0) + coalesce((
            select denial.denied_cents from denial
            where denial.claim_payment_id = service_payment.claim_payment_id
              and denial.service_position = service_payment.service_position
              and denial.reason_code = ''
        ), 0) as denied_cents,
        coalesce((
            select sum(cas.amount_cents) from adjustment as cas
            where cas.claim_payment_id = service_payment.claim_payment_id
              and cas.service_position = service_payment.service_position
              and not cas.is_denial
              and (
                  cas.group_code = 'PR'
                  or (cas.group_code = 'CR' and cas.category = 'patient_responsibility')
              )
        ), 0) as patient_cents,
        coalesce((
            select sum(cas.amount_cents) from adjustment as cas
            where cas.claim_payment_id = service_payment.claim_payment_id
              and cas.service_position = service_payment.service_position
              and not cas.is_denial
              and (
                  cas.group_code in ('CO', 'PI')
                  and cas.category in ('contractual', 'timely_filing', 'other')
                  and cas.reason_code not in ('133', '257')
                  or cas.group_code = 'CR'
                  and cas.category = 'contractual'
                  and cas.reason_code <> '94'
              )
        ), 0) as contractual_cents
    from service_payment
),
adjudication as (
    select
        claim_payment.claim_payment_id,
        row_number() over (
            partition by submission.claim_id
            order by
                case when remittance.payment_date is null then 1 else 0 end,
                remittance.payment_date,
                remittance.trace_number,
                file.sha256,
                claim_payment.claim_position,
                claim_payment.claim_payment_id
        ) as sequence
    from claim_payment
    join file on file.file_id = claim_payment.file_id
    join submission on submission.submission_id = claim_payment.submission_id
    join remittance on remittance.remittance_id = claim_payment.remittance_id
)
select
    file.file_name,
    payment.claim_position,
    service.service_position,
    submission.patient_control_number,
    payment.reported_patient_control_number,
    payment.payer_claim_control_number,
    payment.claim_status_code,
    case when payment.is_reversal then 1 else 0 end as is_reversal,
    line.line_number,
    service.match_method,
    service.procedure_code,
    service.adjudicated_procedure_code,
    service.modifiers,
    service.charge_cents / 100.0 as charge_amount,
    service.payment_cents / 100.0 as payment_amount,
    service.allowed_cents / 100.0 as allowed_amount,
    -- The 835 guide on SVC05: not sent, it is one unit. Of what was not paid it says nothing.
    case
        when service.units_paid is null and service.payment_cents <> 0 then 1
        else service.units_paid
    end as units_paid,
    coalesce(
        service.service_date, line.service_date,
        case when service.service_position = 0 then submission.first_service_date end
    ) as service_date,
    service.remark_codes,
    remittance.trace_number,
    remittance.payment_date,
    remittance.payer_id,
    payment.submission_id,
    coalesce(submission.billing_npi, remittance.payee_npi) as billing_npi,
    adjudication.sequence as adjudication_sequence,
    service.allowed_source,
    case when payment.is_balanced and service.is_balanced then 1 else 0 end as is_balanced,
    case
        when exists (
            select 1 from claim_payment as back
            where back.reverses_id = payment.claim_payment_id
        ) then 1
        else 0
    end as is_reversed,
    case when payment.is_other_payer then 1 else 0 end as is_other_payer,
    service.denied_cents / 100.0 as denied_amount,
    service.patient_cents / 100.0 as patient_share_amount,
    service.contractual_cents / 100.0 as contractual_amount,
    (
        service.charge_cents - service.payment_cents - service.denied_cents
        - service.patient_cents - service.contractual_cents
    ) / 100.0 as other_adjustment_amount,
    case
        when service.patient_cents = 0 or payment.claim_status_code = '25' then null
        when decided.claim_status_code in ('19', '20', '21', '23')
            or exists (
                select 1 from service_payment as told
                where told.claim_payment_id = decided.claim_payment_id
                  and (
                      told.service_position = service.service_position
                      or told.line_position = service.line_position
                  )
                  and (
                      ',' || decided.remark_codes || ',' || told.remark_codes || ','
                      like '%,N781,%'
                      or ',' || decided.remark_codes || ',' || told.remark_codes || ','
                      like '%,N782,%'
                      or ',' || decided.remark_codes || ',' || told.remark_codes || ','
                      like '%,N783,%'
                  )
            )
            or exists (
                select 1 from submission as later
                where later.patient_control_number = submission.patient_control_number
                  and later.billing_npi = submission.billing_npi
                  and later.first_service_date = submission.first_service_date
                  and later.charge_cents = submission.charge_cents
                  and (
                      later.patient_name like submission.patient_name || '%'
                      or submission.patient_name like later.patient_name || '%'
                      or (
                          (later.patient_name is null or submission.patient_name is null)
                          and later.service_line_count = submission.service_line_count
                      )
                  )
                  and later.origin <> 'shadow'
                  and later.status not in ('rejected', 'voided')
                  and later.claim_frequency_code <> '8'
                  and (
                      (submission.payer_sequence = 'P' and later.payer_sequence in ('S', 'T'))
                      or (submission.payer_sequence = 'S' and later.payer_sequence = 'T')
                  )
            ) then 'next_payer'
        else 'patient'
    end as patient_share_owed_by,
    service.policy_identifiers
from adjusted as service
join claim_payment as payment on payment.claim_payment_id = service.claim_payment_id
join claim_payment as decided
    on decided.claim_payment_id = coalesce(payment.reverses_id, payment.claim_payment_id)
join remittance on remittance.remittance_id = payment.remittance_id
join file on file.file_id = payment.file_id
left join submission on submission.submission_id = payment.submission_id
left join submitted_line as line
    on line.submission_id = payment.submission_id
    and line.line_position = service.line_position
left join adjudication on adjudication.claim_payment_id = payment.claim_payment_id
