-- mart_prior_adjudication: one row per earlier payer, submission and line, as the claim tells it.
-- Reads prior_adjudication, prior_adjustment, submission, submitted_line, and of the same claim as
-- it went to that payer submission, claim_payment, service_payment, adjustment.
-- line_number is null for the claim's own level; a line that the earlier payer decided on in parts
-- has a row a part. The earlier payer's own 835, where it is here, stands beside it: net of
-- reversals, level by level. is_different: paid amount or patient share of line (or claim level)
-- are not those of the 835; null where no 835 is here.
with patient as (
    select
        submission_id,
        line_position,
        part,
        sum(amount_cents) as cents
    from prior_adjustment
    where group_code = 'PR'
    group by submission_id, line_position, part
),

told as (
    select
        prior.submission_id,
        prior.line_position,
        prior.payer_id,
        sum(prior.paid_cents) as paid_cents,
        sum(coalesce(patient.cents, 0)) as patient_cents
    from prior_adjudication as prior
    left join patient
        on patient.submission_id = prior.submission_id
        and patient.line_position = prior.line_position
        and patient.part = prior.part
    group by prior.submission_id, prior.line_position, prior.payer_id
),

earlier as (
    select
        payer.submission_id,
        payer.payer_id,
        payment.claim_payment_id,
        payment.payment_cents
    from (select distinct submission_id, payer_id from told) as payer
    join submission as later on later.submission_id = payer.submission_id
    join submission as first
        on first.patient_control_number = later.patient_control_number
        and first.billing_npi = later.billing_npi
        and first.first_service_date = later.first_service_date
        and first.charge_cents = later.charge_cents
        and upper(first.payer_id) = upper(payer.payer_id)
        and first.submission_id <> later.submission_id
        and first.origin <> 'shadow'
    join claim_payment as payment
        on payment.submission_id = first.submission_id
        and not payment.is_other_payer
        and payment.claim_status_code <> '25'
),

answered_level as (
    select
        earlier.submission_id,
        earlier.payer_id,
        0 as line_position,
        earlier.payment_cents as paid_cents,
        earlier.claim_payment_id,
        0 as service_position
    from earlier
    union all
    select
        earlier.submission_id,
        earlier.payer_id,
        service.line_position,
        service.payment_cents,
        earlier.claim_payment_id,
        service.service_position
    from earlier
    join service_payment as service
        on service.claim_payment_id = earlier.claim_payment_id
        and service.service_position > 0
),

answered as (
    select
        level.submission_id,
        level.payer_id,
        level.line_position,
        sum(level.paid_cents) as paid_cents,
        sum((
            select coalesce(sum(adjustment.amount_cents), 0)
            from adjustment
            where adjustment.claim_payment_id = level.claim_payment_id
                and adjustment.service_position = level.service_position
                and adjustment.group_code = 'PR'
        )) as patient_cents
    from answered_level as level
    group by level.submission_id, level.payer_id, level.line_position
)

select
    prior.submission_id,
    submission.patient_control_number,
    line.line_number,
    prior.part,
    prior.payer_id,
    prior.payer_name,
    prior.payer_sequence,
    prior.payer_claim_control_number,
    prior.paid_cents / 100.0 as paid_amount,
    prior.allowed_cents / 100.0 as allowed_amount,
    coalesce(patient.cents, 0) / 100.0 as patient_responsibility_amount,
    prior.remaining_cents / 100.0 as remaining_patient_liability_amount,
    prior.adjustments,
    prior.remark_codes,
    prior.procedure_code,
    prior.units,
    prior.adjudicated_on,
    case when prior.is_balanced then 1 else 0 end as is_balanced,
    answered.paid_cents / 100.0 as remittance_payment_amount,
    answered.patient_cents / 100.0 as remittance_patient_responsibility_amount,
    case
        when answered.submission_id is null then null
        when coalesce(told.paid_cents, 0) <> answered.paid_cents then 1
        when told.patient_cents <> answered.patient_cents then 1
        else 0
    end as is_different
from prior_adjudication as prior
join submission on submission.submission_id = prior.submission_id
left join submitted_line as line
    on line.submission_id = prior.submission_id
    and line.line_position = prior.line_position
left join patient
    on patient.submission_id = prior.submission_id
    and patient.line_position = prior.line_position
    and patient.part = prior.part
left join told
    on told.submission_id = prior.submission_id
    and told.line_position = prior.line_position
    and told.payer_id = prior.payer_id
left join answered
    on answered.submission_id = prior.submission_id
    and answered.line_position = prior.line_position
    and answered.payer_id = prior.payer_id
