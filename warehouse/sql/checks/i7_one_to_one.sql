-- i7_one_to_one: one row per name, ISA13 or digest that two files of ours share.
-- Severity: error. Hurt: the payer, who can't tell which of them it has; an answer may be lost.
select
    'file name' as shared,
    file_name as value,
    count(*) as file_count
from outbound_file
group by file_name
having count(*) > 1
union all
select
    'ISA13' as shared,
    interchange_control_number as value,
    count(*) as file_count
from outbound_file
group by interchange_control_number
having count(*) > 1
union all
select
    'digest' as shared,
    sha256 as value,
    count(*) as file_count
from outbound_file
group by sha256
having count(*) > 1
order by 1, 2
