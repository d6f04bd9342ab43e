-- line_number: one row per service payment that returns the LX of one line as its number.
-- Reads open_payment, part_payment, claim_payment, service_payment, submitted_line. The line has
-- its code or its charge; no other line of its day has both and agrees in more (the payer counts in
-- an order of its own), and none has the number as its own, zeros and dashes apart.
update service_payment
set line_position = found.line_position, match_method = 'line_number'
from (
    select sp.claim_payment_id, sp.service_position, min(l.line_position) as line_position
    from open_payment
    cross join claim_payment as cp
    cross join service_payment as sp
    join submitted_line as l
        on l.submission_id = cp.submission_id
       and ltrim(l.line_number, '0') = ltrim(trim(sp.line_item_control_number), '0')
    where cp.claim_payment_id = open_payment.claim_payment_id
      and sp.claim_payment_id = cp.claim_payment_id
      and cp.submission_id is not null and sp.line_position is null
      and sp.service_position > 0
      and cp.claim_payment_id not in (select claim_payment_id from part_payment)
      and ltrim(trim(sp.line_item_control_number), '0') <> ''
      and (l.procedure_code = sp.procedure_code or l.charge_cents = abs(sp.charge_cents))
      and (sp.service_date is null or l.service_date is null
           or (sp.service_date >= l.service_date
               and sp.service_date <= coalesce(l.service_date_end, l.service_date)))
      and not exists (
          select 1 from service_payment as other
          where other.claim_payment_id = sp.claim_payment_id
            and other.service_position <> sp.service_position
            and (other.line_position = l.line_position
                 or ltrim(trim(other.line_item_control_number), '0')
                    = ltrim(trim(sp.line_item_control_number), '0'))
      )
      and not exists (
          select 1 from submitted_line as other
          where other.submission_id = l.submission_id
            and other.line_position <> l.line_position
            and other.procedure_code = sp.procedure_code
            and other.charge_cents = abs(sp.charge_cents)
            and (sp.service_date is null or other.service_date is null
                 or (sp.service_date >= other.service_date
                     and sp.service_date <= coalesce(other.service_date_end, other.service_date)))
            and case
                when l.procedure_code <> sp.procedure_code
                     or l.charge_cents <> abs(sp.charge_cents) then 1
                -- As many of units and modifiers, and one that the line has not.
                when l.modifiers = sp.modifiers and other.modifiers <> sp.modifiers then 0
                when abs(coalesce(nullif(sp.original_units, 0), sp.units_paid)) = l.units
                     and coalesce(other.units, -1) <> l.units then 0
                when l.modifiers <> sp.modifiers and other.modifiers = sp.modifiers then 1
                when abs(coalesce(nullif(sp.original_units, 0), sp.units_paid)) = other.units
                     and coalesce(l.units, -1) <> other.units then 1
                else 0
            end = 1
      )
      and not exists (
          select 1 from submitted_line as other
          where other.submission_id = l.submission_id
            and other.line_position <> l.line_position
            and ltrim(replace(replace(trim(other.line_item_control_number), '-', ''), ' ', ''), '0')
                = ltrim(trim(sp.line_item_control_number), '0')
            and (other.procedure_code = sp.procedure_code
                 and other.charge_cents = abs(sp.charge_cents)
                 or l.procedure_code <> sp.procedure_code
                 or l.charge_cents <> abs(sp.charge_cents))
      )
    group by sp.claim_payment_id, sp.service_position
    having count(*) = 1
) as found
where found.claim_payment_id = service_payment.claim_payment_id
  and found.service_position = service_payment.service_position
