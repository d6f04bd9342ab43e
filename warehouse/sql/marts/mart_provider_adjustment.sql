-- mart_provider_adjustment: one row per PLB pair. A positive amount lowers the payment.
-- Reads provider_adjustment, remittance, file, claim_payment, submission. The claim is the one
-- whose payer control number the reference names; closed_by_trace_number is the payment in which
-- a balance that was carried forward (FB) was applied.
select
    file.file_name,
    remittance.trace_number,
    adjustment.provider_npi,
    adjustment.fiscal_period_date,
    adjustment.reason_code,
    adjustment.reference,
    adjustment.amount_cents / 100.0 as amount,
    case
        when adjustment.reason_code in ('WO', 'WU') then 'overpayment_recovery'
        when adjustment.reason_code = 'FB' then 'forwarding_balance'
        when adjustment.reason_code in ('L6', '51') then 'interest'
        when adjustment.reason_code in ('L3', '50') then 'penalty'
        when adjustment.reason_code in ('E3', 'IR', 'LE', 'SL') then 'withholding'
        when adjustment.reason_code in ('90', 'BN', 'IP', 'LS') then 'incentive'
        when adjustment.reason_code in ('CT', 'CR') then 'capitation'
        when adjustment.reason_code in ('AM', 'AP', 'IS', 'PI', 'PL') then 'settlement'
        when adjustment.reason_code in ('72', 'B2', 'B3', 'J1', 'RA') then 'return'
        when adjustment.reason_code = 'CS' then 'adjustment'
        when adjustment.reason_code in (
            'AH', 'C5', 'CV', 'CW', 'DM', 'FC', 'GO', 'HM', 'OA', 'RE'
        ) then 'institutional'
        else 'other'
    end as category,
    submission.patient_control_number,
    payment.submission_id,
    closing_payment.trace_number as closed_by_trace_number
from provider_adjustment as adjustment
join remittance on remittance.remittance_id = adjustment.remittance_id
join file on file.file_id = remittance.file_id
left join claim_payment as payment on payment.claim_payment_id = adjustment.claim_payment_id
left join submission on submission.submission_id = payment.submission_id
left join provider_adjustment as closing
    on closing.provider_adjustment_id = adjustment.closed_by_id
left join remittance as closing_payment
    on closing_payment.remittance_id = closing.remittance_id
