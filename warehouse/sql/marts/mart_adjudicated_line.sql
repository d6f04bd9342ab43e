-- mart_adjudicated_line: one row per SVC in an 835; for a CLP without SVC one of position 0.
-- Reads service_payment, claim_payment, remittance, file, submission, submitted_line.
-- adjudication_sequence counts the adjudications of one claim over all its submissions by payment
-- date; within a day by trace number and place in the file, which do not depend on arrival.
with adjudication as (
    select
        claim_payment.claim_payment_id,
        row_number() over (
            partition by submission.claim_id
            order by
                case when remittance.payment_date is null then 1 else 0 end,
                remittance.payment_date,
                remittance.trace_number,
                claim_payment.claim_position,
                claim_payment.claim_payment_id
        ) as sequence
    from claim_payment
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
    service.units_paid,
    service.service_date,
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
    case when payment.is_other_payer then 1 else 0 end as is_other_payer
from service_payment as service
join claim_payment as payment on payment.claim_payment_id = service.claim_payment_id
join remittance on remittance.remittance_id = payment.remittance_id
join file on file.file_id = payment.file_id
left join submission on submission.submission_id = payment.submission_id
left join submitted_line as line
    on line.submission_id = payment.submission_id
    and line.line_position = service.line_position
left join adjudication on adjudication.claim_payment_id = payment.claim_payment_id
