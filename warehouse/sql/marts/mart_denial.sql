-- mart_denial: one row per denied service line per adjudication, or per denied claim where the
-- payer reported no line (line_number null).
-- Reads denial, claim_payment, service_payment, remittance, submission, submitted_line.
-- What belongs to no claim of ours shows the number that the payer reported, and a person looks.
-- A duplicate that is not initial is the refusal of a copy: the money of its line is told beside it,
-- so reports leave it out of what was denied.
-- The payer is the one that was billed; a denial by another one (a crossover) shows that one.
select
    denial.denial_id,
    coalesce(
        submission.patient_control_number, payment.reported_patient_control_number
    ) as patient_control_number,
    line.line_number,
    service.procedure_code,
    service.modifiers,
    coalesce(
        service.service_date, line.service_date, payment.service_date,
        submission.first_service_date
    ) as service_date,
    case
        when payment.is_other_payer then remittance.payer_id
        else coalesce(submission.payer_id, remittance.payer_id)
    end as payer_id,
    case
        when payment.is_other_payer then remittance.payer_name
        else coalesce(submission.payer_name, remittance.payer_name)
    end as payer_name,
    denial.group_code,
    denial.reason_code,
    denial.remark_codes,
    denial.category,
    denial.denied_cents / 100.0 as denied_amount,
    denial.line_charge_cents / 100.0 as line_charge_amount,
    remittance.payment_date as denied_on,
    case when denial.submission_id is null then 'review' else denial.path end as path,
    denial.decision,
    denial.rule_code,
    denial.explanation,
    denial.missing_evidence,
    denial.status,
    denial.deadline,
    denial.submission_id,
    coalesce(submission.billing_npi, remittance.payee_npi) as billing_npi,
    submission.rendering_npi,
    line.place_of_service,
    case when denial.is_initial then 1 else 0 end as is_initial,
    case when denial.is_preventable then 1 else 0 end as is_preventable,
    denial.decided_on,
    denial.resolved_on,
    denial.resolution,
    denial.recovered_cents / 100.0 as recovered_amount
from denial
join claim_payment as payment on payment.claim_payment_id = denial.claim_payment_id
join remittance on remittance.remittance_id = payment.remittance_id
left join service_payment as service
    on service.claim_payment_id = denial.claim_payment_id
    and service.service_position = denial.service_position
left join submission on submission.submission_id = denial.submission_id
left join submitted_line as line
    on line.submission_id = denial.submission_id
    and line.line_position = denial.line_position
