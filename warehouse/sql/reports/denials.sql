-- denials: one row per value of what is grouped by, over all denials that are here.
-- Reads denial, claim_payment, remittance, service_payment, submission. What the payer has not
-- decided yet (pended) is counted apart: nothing of it is denied. So is the refusal of a copy: what
-- became of its line is told beside it.
select
    {by} as name,
    sum(case when denial.denied_cents = 0 or denial.is_copy then 0 else 1 end)
        as denied_count,
    sum(case when denial.is_initial then 1 else 0 end) as initial_count,
    sum(case when denial.denied_cents = 0 then 1 else 0 end)
        as pended_count,
    sum(case when denial.is_copy then 1 else 0 end) as copy_count,
    count(distinct case
        when denial.denied_cents <> 0 and not denial.is_copy then payment.submission_id
    end) as submission_count,
    sum(case when denial.is_copy then 0 else denial.denied_cents end) as denied_cents,
    sum(case when denial.is_initial then denial.denied_cents else 0 end) as initial_cents,
    sum(case when denial.status in ('open', 'awaiting_approval', 'approved', 'emitted')
        and not denial.is_copy
        then denial.denied_cents else 0 end) as open_cents,
    sum(denial.recovered_cents) as recovered_cents
from denial
join claim_payment as payment on payment.claim_payment_id = denial.claim_payment_id
join remittance on remittance.remittance_id = payment.remittance_id
left join submission on submission.submission_id = denial.submission_id
left join service_payment as service
    on service.claim_payment_id = denial.claim_payment_id
    and service.service_position = denial.service_position
group by 1
order by denied_cents desc, 1
