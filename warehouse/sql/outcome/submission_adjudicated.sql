-- submission_adjudicated: one row per submission that its payer has answered.
-- Reads settling_claim, claim_payment. What another payer says of it (a crossover) is no answer.
update submission set status = 'adjudicated'
where status = 'pending'
  and claim_id in (select claim_id from settling_claim)
  and exists (
      select 1 from claim_payment as payment
      where payment.submission_id = submission.submission_id
        and not payment.is_reversal
        and not payment.is_other_payer
  )
