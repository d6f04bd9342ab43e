-- i4_prior_different: one row per line or claim level told otherwise than the earlier payer's 835.
-- Severity: note. Hurt: the next payer pays on a share that the patient does not owe, or denies.
select distinct
    submission_id,
    line_number,
    payer_id
from mart_prior_adjudication
where is_different = 1
order by submission_id, line_number, payer_id
