-- mart_submission: one row per claim in an 837P, read or emitted.
-- Reads submission, file. The file of a claim that we sent is the outbound file.
select
    submission.submission_id,
    file.file_name,
    submission.origin,
    submission.patient_control_number,
    submission.payer_sequence,
    submission.claim_filing_indicator,
    submission.submitted_on,
    submission.accepted_on,
    submission.payer_id,
    submission.payer_name,
    submission.claim_frequency_code,
    submission.payer_claim_control_number,
    submission.charge_cents / 100.0 as charge_amount,
    submission.service_line_count,
    submission.first_service_date,
    submission.billing_npi,
    submission.rendering_npi,
    submission.status,
    submission.status_codes
from submission
join file on file.file_id = submission.file_id
