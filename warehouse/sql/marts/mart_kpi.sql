-- mart_kpi: one row per KPI and month, and payer (payer_id null = all payers).
-- Reads kpi_value.
select
    kpi,
    month,
    payer_id,
    numerator,
    denominator,
    value
from kpi_value
