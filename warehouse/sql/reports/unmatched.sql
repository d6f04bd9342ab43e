-- unmatched: one row per service that payers told and that is joined to no line of ours, and per
-- reversal or decision of which nothing stands; a person finds out what it is of.
-- Reads service_payment, claim_payment, remittance, file, submission. A denial of no claim of ours
-- waits in the review list as well.
with told as (
    select
        file.file_id,
        file.file_name,
        payment.claim_position,
        service.service_position,
        coalesce(submission.patient_control_number, payment.reported_patient_control_number)
            as patient_control_number,
        service.procedure_code,
        service.charge_cents,
        service.payment_cents,
        remittance.payment_date,
        coalesce(remittance.payer_name, remittance.payer_id) as payer,
        case
            when payment.submission_id is null and exists (
                select 1 from submission as ours
                where ours.patient_control_number = payment.reported_patient_control_number
                  and ours.origin <> 'shadow'
            ) then 'claims of this number do not fit it, or several do'
            when payment.submission_id is null then 'its claim is not here'
            when payment.is_reversal and payment.reverses_id is null
                then 'takes back nothing that is here'
            when service.match_method = 'ambiguous' then 'several lines may be meant'
            when service.match_method = 'unmatched' then 'no line fits'
            when submission.status <> 'voided'
                and not payment.is_reversal
                and not payment.is_other_payer
                and exists (
                    select 1 from claim_payment as back
                    where back.reverses_id = payment.claim_payment_id
                )
                and not exists (
                    select 1
                    from submission as own
                    join claim_payment as standing on standing.submission_id = own.submission_id
                    where own.claim_id = submission.claim_id
                      and not standing.is_reversal
                      and not standing.is_other_payer
                      and not exists (
                          select 1 from claim_payment as back
                          where back.reverses_id = standing.claim_payment_id
                      )
                ) then 'taken back, and not decided again'
        end as why
    from service_payment as service
    join claim_payment as payment on payment.claim_payment_id = service.claim_payment_id
    join remittance on remittance.remittance_id = payment.remittance_id
    join file on file.file_id = payment.file_id
    left join submission on submission.submission_id = payment.submission_id
    where payment.submission_id is null
       or service.match_method in ('ambiguous', 'unmatched')
       or (payment.is_reversal and payment.reverses_id is null)
       or payment.claim_payment_id in (
           select reverses_id from claim_payment where reverses_id is not null
       )
)
select
    file_id,
    file_name,
    claim_position,
    service_position,
    patient_control_number,
    procedure_code,
    charge_cents,
    payment_cents,
    payment_date,
    payer,
    why
from told
where why is not null
order by why, payment_date, file_id, claim_position, service_position
