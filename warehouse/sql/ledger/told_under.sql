-- told_under: one row per claim payment of which a number, without what payers change in it, is a
-- beginning that was asked for; nth is its place among them, the newest first, reversals last.
-- Reads claim_payment, remittance, file, plb_beginning.
select
    payment.claim_payment_id,
    payment.reported_patient_control_number,
    payment.payer_claim_control_number,
    payment.member_id,
    payment.service_date,
    remittance.payer_ids,
    remittance.trace_number,
    row_number() over (
        order by
            case when payment.is_reversal then 1 else 0 end,
            remittance.payment_date desc,
            remittance.trace_number desc,
            file.sha256 desc,
            payment.claim_position desc
    ) as nth
from claim_payment as payment
join remittance on remittance.remittance_id = payment.remittance_id
join file on file.file_id = payment.file_id
where upper(replace(replace(replace(
    payment.reported_patient_control_number, '-', ''), ' ', ''), '.', ''))
    in (select beginning from plb_beginning)
   or upper(replace(replace(replace(
    payment.payer_claim_control_number, '-', ''), ' ', ''), '.', ''))
    in (select beginning from plb_beginning)
