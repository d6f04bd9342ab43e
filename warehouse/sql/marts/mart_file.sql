-- mart_file: one row per file seen (a part of a file with interchanges of mixed kinds is a row).
-- Reads file. Files that we made ourselves are in mart_outbound.
select
    file_id,
    file_name,
    sha256,
    kind,
    status,
    reason_code,
    interchange_control_number,
    claim_count,
    service_line_count,
    quarantined_claim_count,
    charge_cents / 100.0 as charge_amount,
    payment_cents / 100.0 as payment_amount,
    received_at
from file
where origin = 'received'
