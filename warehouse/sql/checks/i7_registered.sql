-- i7_registered: one row per file of ours that ledger and file table know differently.
-- Severity: error. Hurt: whoever matches an answer to what was sent.
with known as (
    select
        file_name,
        sha256,
        interchange_control_number,
        case when origin = 'shadow' then 'shadow' else 'outbox' end as folder
    from file
    where origin in ('emitted', 'shadow')
)

select
    ledger.file_name,
    ledger.interchange_control_number,
    known.interchange_control_number as known_interchange_control_number
from outbound_file as ledger
left join known on known.file_name = ledger.file_name
where
    known.file_name is null
    or known.sha256 <> ledger.sha256
    or known.interchange_control_number <> ledger.interchange_control_number
    or known.folder <> ledger.folder
union all
select
    known.file_name,
    null as interchange_control_number,
    known.interchange_control_number as known_interchange_control_number
from known
where not exists (
    select 1 from outbound_file as ledger where ledger.file_name = known.file_name
)
order by 1
