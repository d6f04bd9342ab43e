-- submission_pending: one row per submission of a claim being settled whose state rests on what is here.
-- Reads settling_claim. The states are made anew from here, so that a late file corrects them.
update submission set status = 'pending'
where status in ('adjudicated', 'superseded', 'voided')
  and claim_id in (select claim_id from settling_claim)
