-- mart_correction: one row per change to one place of one claim.
-- Reads correction, submission, submitted_line, outbound_claim, outbound_file.
-- Identifiers of people (subscriber 2010BA, patient 2010CA, another payer's subscriber 2330A,
-- medical record number) show their last four characters; names and dates in those loops nothing.
with shown as (
    select
        correction_id,
        case
            when place = '2300/REF*EA' then 'identifier'
            when substr(place, 1, 6) not in ('2010BA', '2010CA', '2330A[') then 'plain'
            when substr(place, length(place) - 5) = '/NM109' then 'identifier'
            when place <> replace(place, '/REF*', '') then 'identifier'
            else 'hidden'
        end as as_what
    from correction
)
select
    correction.correction_id,
    correction.denial_id,
    submission.patient_control_number,
    line.line_number,
    correction.rule_code,
    correction.rule_version,
    correction.place,
    case
        when shown.as_what = 'hidden' then null
        when shown.as_what = 'identifier' and length(correction.old_value) > 4
            then substr(correction.old_value, length(correction.old_value) - 3)
        else correction.old_value
    end as old_value,
    case
        when shown.as_what = 'hidden' then null
        when shown.as_what = 'identifier' and length(correction.new_value) > 4
            then substr(correction.new_value, length(correction.new_value) - 3)
        else correction.new_value
    end as new_value,
    correction.evidence_documents as evidence,
    correction.status,
    correction.approved_by,
    outbound_file.file_name as outbound_file_name,
    correction.outcome
from correction
join shown on shown.correction_id = correction.correction_id
join submission on submission.submission_id = correction.submission_id
left join submitted_line as line
    on line.submission_id = correction.submission_id
    and line.line_position = correction.line_position
left join outbound_claim
    on outbound_claim.outbound_claim_id = correction.outbound_claim_id
left join outbound_file
    on outbound_file.outbound_file_id = outbound_claim.outbound_file_id
