-- mart_submitted_line: one row per service line of a submission.
-- Reads submitted_line, submission. What a payer is expected to allow comes from fees.csv, and is
-- null where no fee is known.
select
    line.submission_id,
    submission.patient_control_number,
    line.line_number,
    line.line_item_control_number,
    line.procedure_code,
    line.modifiers,
    line.charge_cents / 100.0 as charge_amount,
    line.units,
    line.service_date,
    line.place_of_service,
    line.diagnosis_codes,
    cast(null as numeric) as expected_allowed_amount,
    cast(null as text) as expected_source
from submitted_line as line
join submission on submission.submission_id = line.submission_id
