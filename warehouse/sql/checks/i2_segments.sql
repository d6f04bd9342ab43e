-- i2_segments: one row per file with segments that were neither mapped nor kept as they are.
-- Severity: error. Hurt: a replacement made from this file would lack what was dropped.
select
    file_id,
    segment_count,
    mapped_count,
    kept_count
from file
where segment_count <> mapped_count + kept_count
order by file_id
