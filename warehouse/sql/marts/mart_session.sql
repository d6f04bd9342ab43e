-- mart_session: one row per injection session of a patient; patient_key is random, not derived.
-- Reads injection_session.
select
    patient_key,
    payer_id,
    procedure_group,
    region,
    service_date,
    sessions_in_window,
    limit_in_window
from injection_session
