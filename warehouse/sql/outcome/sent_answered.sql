-- sent_answered: one row per claim we sent that its payer has adjudicated, with the claim's net, or
-- had by what was here before. Reads settling_claim, outbound_claim, outbound_file, claim_payment,
-- submission. What answers a void, its submission's status tells.
select
    sent.outbound_claim_id,
    sent.state,
    sent.recovered_cents,
    sent.paid_before_cents,
    (
        select coalesce(sum(payment.payment_cents), 0)
        from submission as own
        join claim_payment as payment on payment.submission_id = own.submission_id
        where own.claim_id = sent.claim_id
          and not payment.is_other_payer
          and payment.claim_status_code <> '25'
    ) as net_cents,
    case when file.state in ('delivering', 'unconfirmed') then file.state else 'emitted' end
        as unanswered_state,
    exists (
        select 1 from outbound_claim as other
        where other.claim_id = sent.claim_id
          and other.payer_key = sent.payer_key
          and other.is_open
          and other.outbound_claim_id <> sent.outbound_claim_id
    ) as is_another_open,
    (
      exists (
          select 1 from claim_payment as answer
          where answer.submission_id = sent.emitted_submission_id
            and not answer.is_reversal
            and not answer.is_other_payer
            and answer.claim_status_code <> '25'
            and answer.match_state = 'done'
      )
      or exists (
          select 1 from submission as void
          where void.submission_id = sent.emitted_submission_id
            and void.claim_frequency_code = '8'
            and void.status = 'adjudicated'
      )
    ) as is_answered
from settling_claim
join outbound_claim as sent on sent.claim_id = settling_claim.claim_id
join outbound_file as file on file.outbound_file_id = sent.outbound_file_id
where sent.is_open or sent.state = 'adjudicated'
order by sent.outbound_claim_id
