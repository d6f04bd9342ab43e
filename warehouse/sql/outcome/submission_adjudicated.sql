-- submission_adjudicated: one row per submission that its payer has answered.
-- Reads settling_claim, claim_payment, remittance. What another payer says of it (a crossover) is no
-- answer, nor is a predetermination (CLP02 25). A void is answered by a reversal that comes after
-- it: one that says so (CLP09 = 8), or takes back the number that the void names and is followed by
-- no decision in its place.
update submission set status = 'adjudicated'
where status = 'pending'
  and claim_id in (select claim_id from settling_claim)
  and (
      exists (
          select 1 from claim_payment as payment
          where payment.submission_id = submission.submission_id
            and not payment.is_reversal
            and not payment.is_other_payer
            and payment.claim_status_code <> '25'
      )
      or (
          claim_frequency_code = '8'
          and exists (
              select 1
              from submission as own
              join claim_payment as payment on payment.submission_id = own.submission_id
              join remittance on remittance.remittance_id = payment.remittance_id
              where own.claim_id = submission.claim_id
                and coalesce(own.payer_id, '') = coalesce(submission.payer_id, '')
                and payment.is_reversal
                and not payment.is_other_payer
                and remittance.payment_date >= submission.submitted_on
                and (
                    payment.claim_frequency_code = '8'
                    or (
                        payment.claim_frequency_code is null
                        and payment.payer_claim_control_number
                        = submission.payer_claim_control_number
                        and not exists (
                            select 1 from claim_payment as correction
                            where correction.corrects_id = payment.reverses_id
                        )
                    )
                )
          )
      )
  )
