-- denial_state: one row per denial of a claim being settled, with what its state rests on.
-- Reads settling_claim, denial, submission, claim_payment, remittance, outbound_claim.
select
    denial.denial_id,
    denial.claim_payment_id,
    denial.service_position,
    denial.submission_id,
    denial.line_position,
    denial.status,
    denial.path,
    denial.own_path,
    denial.denied_cents,
    denial.resolved_on,
    denial.resolution,
    denial.recovered_cents,
    (
        select max(remittance.payment_date)
        from claim_payment as reversal
        join remittance on remittance.remittance_id = reversal.remittance_id
        where reversal.reverses_id = denial.claim_payment_id
    ) as reversed_on,
    case
        when denial.decision = 'corrected' and exists (
            select 1 from outbound_claim as sent
            where sent.submission_id = denial.submission_id
              and sent.state not in ('shadow', 'rejected', 'approved', 'voided')
        ) then 1
        else 0
    end as was_sent
from settling_claim
cross join submission
cross join denial
where submission.claim_id = settling_claim.claim_id
  and denial.submission_id = submission.submission_id
order by denial.claim_payment_id, denial.service_position
