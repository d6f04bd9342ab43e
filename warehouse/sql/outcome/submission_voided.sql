-- submission_voided: one row per submission that a later one to the same payer has taken back.
-- Reads touched_claim, submission. On one day the frequency tells which came first.
update submission set status = 'voided'
where status in ('pending', 'adjudicated', 'superseded')
  and origin <> 'shadow'
  and claim_frequency_code <> '8'
  and claim_id in (select claim_id from touched_claim)
  and exists (
      select 1 from submission as later
      where later.claim_id = submission.claim_id
        and later.claim_frequency_code = '8'
        and later.origin <> 'shadow'
        and later.status <> 'rejected'
        and coalesce(later.payer_id, '') = coalesce(submission.payer_id, '')
        and later.submission_id <> submission.submission_id
        and (
            later.submitted_on > submission.submitted_on
            or (
                later.submitted_on = submission.submitted_on
                and (
                    later.claim_frequency_code > submission.claim_frequency_code
                    or (
                        later.claim_frequency_code = submission.claim_frequency_code
                        and later.submission_id > submission.submission_id
                    )
                )
            )
        )
  )
