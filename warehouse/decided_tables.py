"""Tables of what was made of it: denials, corrections, approvals, what was sent, reports."""

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
    LargeBinary,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from warehouse.schema import Cents, metadata, to

denial = Table(
    "denial",
    metadata,
    Column("denial_id", Integer, primary_key=True),
    Column("claim_payment_id", Integer, ForeignKey("claim_payment.claim_payment_id"),
           nullable=False),
    Column("service_position", Integer, nullable=False),
    Column("submission_id", Integer, ForeignKey("submission.submission_id"), index=True),
    Column("line_position", Integer),
    Column("group_code", Text, nullable=False),
    Column("reason_code", Text, nullable=False),
    Column("remark_codes", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("denied_cents", Cents, nullable=False),
    Column("line_charge_cents", Cents, nullable=False),
    Column("denied_on", Date),
    Column("is_initial", Boolean, nullable=False),
    Column("is_preventable", Boolean, nullable=False),
    Column("path", Text, nullable=False),
    Column("decision", Text),
    Column("rule_code", Text),
    Column("rule_version", Integer),
    Column("explanation", Text),
    Column("missing_evidence", Text),
    Column("needs_person", Text, comment="why a person is needed, in words; null if none is"),
    Column("safety", Text),
    Column("not_sent", Text, comment="why the approved correction could not be sent, in words"),
    Column("deadline", Date),
    Column("status", Text, nullable=False, server_default=text("'open'")),
    Column("decided_on", Date),
    Column("resolved_on", Date),
    Column("resolution", Text),
    Column("recovered_cents", Cents, nullable=False, server_default=text("0")),
    UniqueConstraint("claim_payment_id", "service_position"),
    CheckConstraint(
        "decision is null or decision in ('corrected','needs_evidence','refused','routed')",
        "decision",
    ),
    CheckConstraint(
        "status in ('open','awaiting_approval','approved','emitted','recovered','denied_again',"
        "'reversed','closed')",
        "status",
    ),
    CheckConstraint(
        "path in ('replacement','new_claim','void','reopening','appeal','documentation',"
        "'bill_other_payer','patient','write_off','review','hold','none')",
        "path",
    ),
    Index("ix_denial_status", "status"),
    comment="One row per denied service line per adjudication (or denied claim without lines).",
)  # fmt: skip

correction = Table(
    "correction",
    metadata,
    Column("correction_id", Integer, primary_key=True),
    to("denial.denial_id"),
    Column("submission_id", Integer, ForeignKey("submission.submission_id"), nullable=False,
           index=True),
    Column("line_position", Integer),
    Column("rule_code", Text, nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("place", Text, nullable=False),
    Column("old_value", Text),
    Column("new_value", Text),
    Column("evidence_ids", Text, nullable=False, comment="evidence_id, comma"),
    Column("evidence_documents", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("status", Text, nullable=False, server_default=text("'proposed'")),
    Column("approved_by", Text),
    Column("outbound_claim_id", Integer, ForeignKey("outbound_claim.outbound_claim_id")),
    Column("outcome", Text),
    CheckConstraint(
        "status in ('proposed','approved','emitted','rejected','superseded')", "status"
    ),
    comment="One row per change to one place of one claim, with the evidence that carries it.",
)  # fmt: skip

approval = Table(
    "approval",
    metadata,
    Column("approval_id", Integer, primary_key=True),
    Column("submission_id", Integer, ForeignKey("submission.submission_id"), nullable=False,
           index=True),
    Column("decision", Text, nullable=False),
    Column("decided_by", Text, nullable=False, comment="the name given with --by"),
    Column("recorded_user", Text, nullable=False, comment="operating-system or Airflow user"),
    Column("reason", Text),
    Column("corrections_digest", Text, nullable=False,
           comment="of what was approved: another proposal needs another approval"),
    Column("decided_on", Date, nullable=False),
    Column("decided_at", DateTime, nullable=False),
    Column("spent_on_id", Integer, ForeignKey("outbound_claim.outbound_claim_id"),
           comment="what was sent on its strength and turned back: another one is needed"),
    CheckConstraint("decision in ('approved','rejected')", "decision"),
    comment="One row per decision of a person on the corrections of one claim.",
)  # fmt: skip

outbound_file = Table(
    "outbound_file",
    metadata,
    Column("outbound_file_id", Integer, primary_key=True),
    Column("file_name", Text, nullable=False, unique=True),
    Column("folder", Text, nullable=False, comment="outbox or shadow"),
    Column("sha256", Text, nullable=False, unique=True),
    Column("interchange_control_number", Text, nullable=False),
    Column("content", LargeBinary, nullable=False, comment="the bytes, for ever the same"),
    Column("state", Text, nullable=False),
    Column("made_on", Date, nullable=False),
    Column("approved_at", DateTime, nullable=False),
    Column("delivering_at", DateTime),
    Column("emitted_at", DateTime),
    Column("acknowledged_at", DateTime),
    CheckConstraint(
        "state in ('approved','shadow','delivering','emitted','unconfirmed','acknowledged',"
        "'accepted','rejected')",
        "state",
    ),
    Index("uq_outbound_file_isa13", "interchange_control_number", unique=True),
    comment="One row per file we make: one name, one ISA13, one set of bytes.",
)

outbound_claim = Table(
    "outbound_claim",
    metadata,
    Column("outbound_claim_id", Integer, primary_key=True),
    to("outbound_file.outbound_file_id"),
    Column("submission_id", Integer, ForeignKey("submission.submission_id"), nullable=False,
           index=True, comment="the submission it answers for"),
    Column("emitted_submission_id", Integer, ForeignKey("submission.submission_id")),
    Column("claim_id", Integer, ForeignKey("claim.claim_id"), nullable=False),
    Column("payer_key", Text, nullable=False),
    Column("claim_frequency_code", Text, nullable=False),
    Column("payer_claim_control_number", Text),
    Column("charge_cents", Cents, nullable=False),
    Column("paid_before_cents", Cents, nullable=False),
    Column("corrections_digest", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("recovered_cents", Cents, nullable=False, server_default=text("0")),
    Index("uq_outbound_claim_open", "claim_id", "payer_key", unique=True,
          sqlite_where=text("is_open = 1"), postgresql_where=text("is_open")),
    comment="One row per claim in an emitted file; at most one open per claim and payer.",
)  # fmt: skip

scrub_finding = Table(
    "scrub_finding",
    metadata,
    Column("scrub_finding_id", Integer, primary_key=True),
    Column("submission_id", Integer, ForeignKey("submission.submission_id"), nullable=False,
           index=True),
    Column("line_number", Text),
    Column("rule_code", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("explanation", Text, nullable=False),
    Column("amount_cents", Cents),
    comment="One row per finding on a claim before it was first sent.",
)  # fmt: skip

injection_session = Table(
    "injection_session",
    metadata,
    Column("injection_session_id", Integer, primary_key=True),
    Column("patient_key", Text, nullable=False, comment="random, not derived"),
    Column("payer_id", Text),
    Column("procedure_group", Text, nullable=False),
    Column("region", Text),
    Column("service_date", Date, nullable=False),
    Column("sessions_in_window", Integer),
    Column("limit_in_window", Integer),
    comment="One row per injection session of a patient.",
)

kpi_value = Table(
    "kpi_value",
    metadata,
    Column("kpi_value_id", Integer, primary_key=True),
    Column("kpi", Text, nullable=False),
    Column("month", Text, nullable=False),
    Column("payer_id", Text),
    Column("numerator", Numeric(18, 4, asdecimal=False)),
    Column("denominator", Numeric(18, 4, asdecimal=False)),
    Column("value", Numeric(18, 6, asdecimal=False)),
    comment="One row per KPI and month (payer null = all).",
)
