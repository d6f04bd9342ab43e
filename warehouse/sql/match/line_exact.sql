-- line_exact: one row per service payment that agrees with one line in code, modifiers in order,
-- date, charge and units – and with which no other service payment of the claim agrees. What is told
-- in several parts is left to Python.
-- Reads open_payment, part_payment, service_payment, claim_payment, submitted_line.
with pair as (
    select sp.claim_payment_id, sp.service_position, l.line_position
    from open_payment
    cross join claim_payment as cp
    cross join service_payment as sp
    join submitted_line as l
        on l.submission_id = cp.submission_id
       and l.procedure_code = sp.procedure_code
       and l.modifiers = sp.modifiers
       and l.charge_cents = abs(sp.charge_cents)
       and l.service_date = sp.service_date
       and abs(coalesce(nullif(sp.original_units, 0), sp.units_paid, l.units)) = l.units
    where cp.claim_payment_id = open_payment.claim_payment_id
      and sp.claim_payment_id = cp.claim_payment_id
      and cp.submission_id is not null and sp.line_position is null
      and sp.service_position > 0
      and cp.claim_payment_id not in (select claim_payment_id from part_payment)
      and not exists (
          select 1 from service_payment as taken
          where taken.claim_payment_id = sp.claim_payment_id
            and taken.line_position = l.line_position
      )
      -- Services that share a number are parts of one line, whatever one of them looks like.
      and not exists (
          select 1 from service_payment as part
          where part.claim_payment_id = sp.claim_payment_id
            and part.service_position <> sp.service_position
            and part.line_item_control_number = sp.line_item_control_number
      )
),
single as (
    select claim_payment_id, service_position, min(line_position) as line_position
    from pair
    group by claim_payment_id, service_position
    having count(*) = 1
),
chosen as (
    select claim_payment_id, line_position, min(service_position) as service_position
    from single
    group by claim_payment_id, line_position
    having count(*) = 1
)
update service_payment
set line_position = chosen.line_position, match_method = 'exact'
from chosen
where chosen.claim_payment_id = service_payment.claim_payment_id
  and chosen.service_position = service_payment.service_position
