-- i9_unanswered: one row per file that left before the cutoff and was not acknowledged since.
-- Severity: note. Hurt: the claims in it; ask the clearinghouse, or send the same bytes again.
-- made_on is the day the run was for, which counts where that is not the day of the clock.
select
    file_name,
    interchange_control_number,
    state,
    made_on,
    coalesce(emitted_at, delivering_at) as sent_at
from outbound_file
where
    state = 'unconfirmed'
    or (
        state in ('emitted', 'delivering')
        and acknowledged_at is null
        and (coalesce(emitted_at, delivering_at) < :cutoff or made_on < :cutoff_day)
    )
order by file_name
