-- mart_scrub_finding: one row per finding on a claim before it was first sent.
-- Reads scrub_finding, submission. line_number is null where the claim as a whole is meant.
select
    submission.patient_control_number,
    finding.line_number,
    finding.rule_code,
    finding.severity,
    finding.explanation,
    finding.amount_cents / 100.0 as amount
from scrub_finding as finding
join submission on submission.submission_id = finding.submission_id
