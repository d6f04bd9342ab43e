-- i7_open_state: one row per sent claim that counts as open though it is answered, or the reverse.
-- Severity: error. Hurt: a claim that could be sent twice, or never again.
select
    sent.outbound_claim_id,
    sent.claim_id,
    sent.state,
    case when sent.is_open then 1 else 0 end as is_open
from outbound_claim as sent
join outbound_file as ledger on ledger.outbound_file_id = sent.outbound_file_id
where
    (
        case when sent.is_open then 1 else 0 end = 1
        and (
            ledger.folder = 'shadow'
            or sent.state in ('shadow', 'rejected', 'adjudicated', 'voided')
        )
    )
    or (
        case when sent.is_open then 1 else 0 end = 0
        and ledger.folder <> 'shadow'
        and sent.state in (
            'approved', 'delivering', 'emitted', 'unconfirmed', 'acknowledged', 'accepted'
        )
    )
order by sent.outbound_claim_id
