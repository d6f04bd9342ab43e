-- submission_replaced: one row per submission that a later one to the same payer has replaced or
-- taken back. Reads settling_claim, submission, outbound_claim, x12_transaction, file, billed_payer. On
-- one day the frequency tells which came first, then the time of the envelope.
update submission set status = found.status
from (
    select
        earlier.submission_id,
        case max(later.claim_frequency_code) when '8' then 'voided' else 'superseded' end as status
    from settling_claim
    cross join submission as earlier
    cross join submission as later
    join x12_transaction as before on before.transaction_id = earlier.transaction_id
    join file as earlier_file on earlier_file.file_id = earlier.file_id
    join x12_transaction as after on after.transaction_id = later.transaction_id
    join file as later_file on later_file.file_id = later.file_id
    cross join billed_payer as earlier_payer
    cross join billed_payer as later_payer
    where earlier.claim_id = settling_claim.claim_id
      and later.claim_id = earlier.claim_id
      and earlier.claim_frequency_code <> '8'
      and later.claim_frequency_code in ('7', '8')
      and later.origin <> 'shadow'
      and later.status <> 'rejected'
      -- What we have written down and not delivered replaces nothing yet.
      and later.submission_id not in (
          select emitted_submission_id from outbound_claim
          where state = 'approved' and emitted_submission_id is not null
      )
      and earlier_payer.submission_id = earlier.submission_id
      and later_payer.submission_id = later.submission_id
      and later_payer.payer_key = earlier_payer.payer_key
      and (
          later.submitted_on, later.claim_frequency_code,
          coalesce(after.sent_at, later.submitted_on), later_file.sha256, later.claim_position
      ) > (
          earlier.submitted_on, earlier.claim_frequency_code,
          coalesce(before.sent_at, earlier.submitted_on), earlier_file.sha256,
          earlier.claim_position
      )
    group by earlier.submission_id
) as found
where found.submission_id = submission.submission_id
  and submission.status in ('pending', 'adjudicated')
  and submission.origin <> 'shadow'
