-- i9_never_listed: one row per file of ours whose age or answer nobody could tell.
-- Severity: error. Hurt: the claims in it, which nobody would follow up.
select
    file_name,
    interchange_control_number,
    state
from outbound_file
where
    (state in ('emitted', 'acknowledged', 'accepted') and emitted_at is null)
    or (state = 'delivering' and delivering_at is null)
    or (state in ('acknowledged', 'accepted') and acknowledged_at is null)
order by file_name
