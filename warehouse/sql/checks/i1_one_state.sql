-- i1_one_state: one row per file whose state and whose content contradict each other.
-- Severity: error. Hurt: whoever waits for the claims or payments of that file.
select
    file.file_id,
    file.status,
    case
        when file.status not in ('loaded', 'duplicate', 'quarantined', 'waiting')
            then 'no state of the four'
        when file.status <> 'waiting' and file.sha256 is null then 'dealt with, but not known'
        when file.status = 'waiting' and file.inbox_name is null then 'waiting nowhere'
        when file.status = 'quarantined' and not exists (
            select 1 from quarantine_item as item where item.file_id = file.file_id
        ) then 'quarantined without a reason'
        when file.status <> 'loaded' and exists (
            select 1 from x12_transaction as part where part.file_id = file.file_id
        ) then 'not loaded, but parts of it are'
    end as contradiction
from file
where
    file.status not in ('loaded', 'duplicate', 'quarantined', 'waiting')
    or (file.status <> 'waiting' and file.sha256 is null)
    or (file.status = 'waiting' and file.inbox_name is null)
    or (
        file.status = 'quarantined'
        and not exists (
            select 1 from quarantine_item as item where item.file_id = file.file_id
        )
    )
    or (
        file.status <> 'loaded'
        and exists (select 1 from x12_transaction as part where part.file_id = file.file_id)
    )
order by file.file_id
