-- sent_anew: one row per submission of a number, day and provider that claims of several member ids
-- share, those of touched claims; in the order they were sent.
-- Reads touched_claim, claim, submission, x12_transaction, file, claim_payment, denial,
-- outbound_claim. is_refused: turned back, or its payer does not know the member.
select
    sent.billing_npi,
    sent.patient_control_number,
    sent.first_service_date,
    sent.payer_id,
    sent.claim_filing_indicator,
    sent.payer_sequence,
    sent.submission_id,
    sent.claim_id,
    own.claim_id as own_claim_id,
    own.member_id,
    sent.submitted_on,
    sent.charge_cents,
    sent.service_line_count,
    exists (
        select 1 from outbound_claim where outbound_claim.claim_id = sent.claim_id
    ) as is_ours,
    case
        when sent.is_turned_back then 1
        when exists (
            select 1 from claim_payment as payment
            left join denial on denial.claim_payment_id = payment.claim_payment_id
            where payment.submission_id = sent.submission_id
              and not payment.is_reversal
              and not payment.is_other_payer
              and (payment.claim_status_code = '4' or denial.category = 'eligibility')
        ) then 1
        else 0
    end as is_refused,
    (
        select coalesce(sum(payment.payment_cents), 0) from claim_payment as payment
        where payment.submission_id = sent.submission_id and not payment.is_other_payer
    ) as net_cents
from (
    select distinct mine.billing_npi, mine.patient_control_number, mine.first_service_date
    from touched_claim
    join claim as mine on mine.claim_id = touched_claim.claim_id
    join claim as other
        on other.patient_control_number = mine.patient_control_number
        and other.billing_npi = mine.billing_npi
        and other.first_service_date = mine.first_service_date
        and other.member_id <> mine.member_id
) as shared
join submission as sent
    on sent.patient_control_number = shared.patient_control_number
    and sent.billing_npi = shared.billing_npi
    and sent.first_service_date = shared.first_service_date
join claim as own
    on own.patient_control_number = sent.patient_control_number
    and own.billing_npi = sent.billing_npi
    and own.first_service_date = sent.first_service_date
    and own.member_id = trim(coalesce(sent.member_id, ''))
join x12_transaction as envelope on envelope.transaction_id = sent.transaction_id
join file on file.file_id = sent.file_id
where sent.origin <> 'shadow'
order by
    sent.billing_npi,
    sent.patient_control_number,
    sent.first_service_date,
    sent.submitted_on,
    sent.claim_frequency_code,
    envelope.sent_at,
    file.sha256,
    sent.claim_position
