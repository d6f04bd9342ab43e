-- mart_outbound: one row per claim in a file that we made.
-- Reads outbound_claim, outbound_file, submission. What an acknowledgment or a payment said of
-- the claim itself wins over what became of its file.
select
    outbound_file.file_name,
    outbound_file.sha256,
    outbound_file.interchange_control_number,
    submission.patient_control_number,
    outbound_claim.claim_frequency_code,
    outbound_claim.payer_claim_control_number,
    case
        when outbound_claim.state in (
            'acknowledged', 'accepted', 'rejected', 'adjudicated', 'voided'
        ) then outbound_claim.state
        else outbound_file.state
    end as state,
    outbound_file.emitted_at,
    outbound_file.acknowledged_at,
    outbound_claim.charge_cents / 100.0 as charge_amount,
    outbound_claim.recovered_cents / 100.0 as recovered_amount
from outbound_claim
join outbound_file on outbound_file.outbound_file_id = outbound_claim.outbound_file_id
join submission on submission.submission_id = outbound_claim.submission_id
