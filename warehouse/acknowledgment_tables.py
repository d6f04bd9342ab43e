"""Tables of what receivers answered before adjudication: TA1, 999 and 277CA.

Rows stay as they were read; what they answer is linked, and linked anew when another 837P comes.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from warehouse.schema import Cents, key, metadata, to

_OUTCOMES = "('received','acknowledged','rejected')"


def _is_new() -> Column[bool]:
    return Column("is_new", Boolean, nullable=False, server_default=text("true"),
                  comment="no match has seen it yet, or what it may answer came since")  # fmt: skip


def _new_rows(table: str) -> Index:
    return Index(f"ix_{table}_new", "is_new", sqlite_where=text("is_new = 1"),
                 postgresql_where=text("is_new"))  # fmt: skip


acknowledgment = Table(
    "acknowledgment",
    metadata,
    key("acknowledgment_id"),
    to("file.file_id"),
    Column("set_position", Integer, nullable=False, comment="nth ST of the file; 0 for a TA1"),
    Column("segment_position", Integer, nullable=False),
    Column("scope", Text, nullable=False, comment="interchange (TA1), group (AK9) or set (IK5)"),
    Column("control_number", Text, nullable=False, comment="TA101 or AK102, no leading zeros"),
    Column("set_control_number", Text, comment="AK202, no leading zeros"),
    Column("functional_identifier_code", Text, comment="AK101"),
    Column("interchange_time", Text, comment="TA102 and TA103 as YYMMDDHHMM"),
    Column("code", Text, comment="TA104, AK901 or IK501; null where it was not sent"),
    Column("error_codes", Text, nullable=False),
    Column("outcome", Text, comment="null where the code says nothing of what is answered"),
    Column("partner_ids", Text, nullable=False, comment="ISA06, ISA08, GS02, GS03 of the answer"),
    Column("answered_at", DateTime, nullable=False),
    _is_new(),
    CheckConstraint("scope in ('interchange','group','set')", "scope"),
    CheckConstraint(f"outcome in {_OUTCOMES}", "outcome"),
    _new_rows("acknowledgment"),
    Index("ix_acknowledgment_control_number", "control_number"),
    comment="One row per TA1, per AK1 and per AK2 of a 999.",
)

acknowledged_transaction = Table(
    "acknowledged_transaction",
    metadata,
    Column("acknowledgment_id", Integer, ForeignKey("acknowledgment.acknowledgment_id"),
           primary_key=True),
    Column("transaction_id", Integer, ForeignKey("x12_transaction.transaction_id"),
           primary_key=True, index=True),
    comment="One row per transaction set of ours or the practice that an acknowledgment answers.",
)  # fmt: skip

claim_status = Table(
    "claim_status",
    metadata,
    key("claim_status_id"),
    to("file.file_id"),
    Column("set_position", Integer, nullable=False, comment="nth ST of the file"),
    Column("segment_position", Integer, nullable=False),
    Column("level", Text, nullable=False, comment="claim, or the batch or provider turned back"),
    Column("reported_by", Text, nullable=False),
    Column("source_name", Text),
    Column("source_id", Text),
    Column("batch_reference", Text, comment="TRN02 of the receiver level: BHT03 of the 837P"),
    Column("billing_npi", Text),
    Column("reported_patient_control_number", Text, comment="TRN02 of the claim"),
    Column("member_id", Text),
    Column("service_date", Date),
    Column("charge_cents", Cents),
    Column("payer_claim_control_number", Text, comment="REF*1K"),
    Column("clearinghouse_trace_number", Text, comment="REF*D9"),
    Column("verdict", Text, comment="null where it can't be told"),
    Column("codes", Text, nullable=False, comment="category:status:entity, comma"),
    Column("status_on", Date),
    Column("partner_ids", Text, nullable=False, comment="ISA06, ISA08, GS02, GS03 of the answer"),
    Column("answered_at", DateTime, nullable=False),
    _is_new(),
    CheckConstraint("level in ('claim','provider','batch')", "level"),
    CheckConstraint("reported_by in ('payer','clearinghouse','unknown')", "reported_by"),
    CheckConstraint("verdict in ('accepted','forwarded','rejected')", "verdict"),
    _new_rows("claim_status"),
    Index("ix_claim_status_number", "reported_patient_control_number"),
    Index("ix_claim_status_batch", "batch_reference"),
    comment="One row per claim of a 277CA, and per batch or provider that one turns back whole.",
)

line_status = Table(
    "line_status",
    metadata,
    Column("claim_status_id", Integer, ForeignKey("claim_status.claim_status_id"),
           primary_key=True),
    Column("line_position", Integer, primary_key=True, comment="nth SVC of the claim, from 1"),
    Column("line_item_control_number", Text),
    Column("procedure_code", Text, nullable=False),
    Column("charge_cents", Cents),
    Column("codes", Text, nullable=False),
    comment="One row per service line of a claim in a 277CA.",
)  # fmt: skip

answered_submission = Table(
    "answered_submission",
    metadata,
    Column("claim_status_id", Integer, ForeignKey("claim_status.claim_status_id"),
           primary_key=True),
    Column("submission_id", Integer, ForeignKey("submission.submission_id"), primary_key=True,
           index=True),
    comment="One row per submission that a status of a 277CA answers.",
)  # fmt: skip
