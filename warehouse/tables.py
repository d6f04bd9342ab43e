"""The tables: grain, natural key and meaning of each. Money is integer cents.

The marts (``sql/marts``) are what analysts read; these are not public.
"""

from __future__ import annotations

from warehouse.acknowledgment_tables import (
    acknowledged_transaction,
    acknowledgment,
    answered_submission,
    claim_status,
    line_status,
)
from warehouse.decided_tables import (
    approval,
    closing,
    correction,
    denial,
    injection_session,
    kpi_value,
    outbound_claim,
    outbound_file,
    scrub_finding,
)
from warehouse.prior_tables import prior_adjudication, prior_adjustment
from warehouse.received_tables import (
    adjustment,
    claim_payment,
    evidence,
    file,
    id_block,
    problem,
    provider_adjustment,
    quarantine_item,
    remittance,
    service_payment,
    x12_transaction,
)
from warehouse.reference_tables import (
    reference_aoc,
    reference_code,
    reference_file,
    reference_mue,
    reference_ptp,
    reference_validity,
)
from warehouse.schema import Cents, metadata
from warehouse.submitted_tables import carried_number, claim, submission, submitted_line

__all__ = [
    "Cents",
    "acknowledged_transaction",
    "acknowledgment",
    "adjustment",
    "answered_submission",
    "approval",
    "carried_number",
    "claim",
    "claim_payment",
    "claim_status",
    "closing",
    "correction",
    "denial",
    "evidence",
    "file",
    "id_block",
    "injection_session",
    "kpi_value",
    "line_status",
    "metadata",
    "outbound_claim",
    "outbound_file",
    "prior_adjudication",
    "prior_adjustment",
    "problem",
    "provider_adjustment",
    "quarantine_item",
    "reference_aoc",
    "reference_code",
    "reference_file",
    "reference_mue",
    "reference_ptp",
    "reference_validity",
    "remittance",
    "scrub_finding",
    "service_payment",
    "submission",
    "submitted_line",
    "x12_transaction",
]
