-- i4_prior_out_of_balance: one row per line or claim level whose earlier payer's words do not add up.
-- Severity: note. Hurt: the next payer denies it (CARC 129); nothing is sent again like that.
select distinct
    submission.file_id,
    prior.submission_id,
    prior.line_position
from prior_adjudication as prior
join submission on submission.submission_id = prior.submission_id
where
    case when prior.is_balanced then 1 else 0 end = 0
    and submission.origin <> 'shadow'
order by prior.submission_id, prior.line_position
