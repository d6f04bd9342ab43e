-- line_control_number: one row per service payment that repeats the REF*6R of one line.
-- Reads open_payment, part_payment, claim_payment, service_payment, submitted_line. A number that
-- several services or several lines share is left to the steps that follow, and so is what is told
-- in several parts; a line is never matched across dates.
-- Some payers return LX where the practice has numbers like 1 and 2 of its own: a line is not meant
-- where another one agrees in code and charge; where it has one of the two as well, it takes the
-- other's LX to say so.
update service_payment
set line_position = found.line_position, match_method = 'line_item_control_number'
from (
    select sp.claim_payment_id, sp.service_position, min(l.line_position) as line_position
    from open_payment
    cross join claim_payment as cp
    cross join service_payment as sp
    join submitted_line as l
        on l.submission_id = cp.submission_id
       and l.line_item_control_number = sp.line_item_control_number
    where cp.claim_payment_id = open_payment.claim_payment_id
      and sp.claim_payment_id = cp.claim_payment_id
      and cp.submission_id is not null and sp.line_position is null
      and sp.service_position > 0
      and cp.claim_payment_id not in (select claim_payment_id from part_payment)
      and (sp.service_date is null or l.service_date is null
           or (sp.service_date >= l.service_date
               and sp.service_date <= coalesce(l.service_date_end, l.service_date)))
      and (
          l.procedure_code = sp.procedure_code and l.charge_cents = abs(sp.charge_cents)
          or not exists (
              select 1 from submitted_line as other
              where other.submission_id = l.submission_id
                and other.procedure_code = sp.procedure_code
                and other.charge_cents = abs(sp.charge_cents)
                and (l.procedure_code <> sp.procedure_code
                     and l.charge_cents <> abs(sp.charge_cents)
                     or ltrim(other.line_number, '0')
                        = ltrim(trim(sp.line_item_control_number), '0'))
                and (sp.service_date is null or other.service_date is null
                     or (sp.service_date >= other.service_date
                         and sp.service_date <= coalesce(other.service_date_end,
                                                         other.service_date)))
          )
      )
    group by sp.claim_payment_id, sp.service_position
    having count(*) = 1
) as found
where found.claim_payment_id = service_payment.claim_payment_id
  and found.service_position = service_payment.service_position
  and not exists (
      select 1 from service_payment as other
      where other.claim_payment_id = service_payment.claim_payment_id
        and other.service_position <> service_payment.service_position
        and other.line_item_control_number = service_payment.line_item_control_number
  )
