"""Tables of the claims that were submitted, by the practice or by us, with their service lines."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from warehouse.schema import Cents, key, metadata, to

claim = Table(
    "claim",
    metadata,
    key("claim_id"),
    Column("billing_npi", Text, nullable=False),
    Column("patient_control_number", Text, nullable=False),
    Column("member_id", Text, nullable=False),
    Column("first_service_date", Date),
    Column("identity", Text, nullable=False, unique=True),
    Index("ix_claim_patient_control_number", "patient_control_number"),
    comment="One row per claim of a patient, over all its submissions (CONTRACT, section 5).",
)

submission = Table(
    "submission",
    metadata,
    key("submission_id"),
    to("claim.claim_id"),
    to("file.file_id"),
    Column("transaction_id", Integer, ForeignKey("x12_transaction.transaction_id"), nullable=False),
    Column("claim_position", Integer, nullable=False, comment="nth CLM of the file, from 1"),
    Column("segment_position", Integer, nullable=False),
    Column("origin", Text, nullable=False),
    Column("patient_control_number", Text, nullable=False, index=True),
    Column("member_id", Text, index=True),
    Column("patient_name", Text, comment="LAST|FIRST, to compare by; in no mart and no message"),
    Column("payer_sequence", Text),
    Column("claim_filing_indicator", Text),
    Column("submitted_on", Date),
    Column("accepted_on", Date),
    Column("payer_id", Text),
    Column("payer_name", Text),
    Column("claim_frequency_code", Text, nullable=False),
    Column("payer_claim_control_number", Text, comment="REF*F8"),
    Column("charge_cents", Cents, nullable=False),
    Column("service_line_count", Integer, nullable=False),
    Column("first_service_date", Date),
    Column("billing_npi", Text),
    Column("rendering_npi", Text),
    Column("is_balanced", Boolean, nullable=False),
    Column("status", Text, nullable=False, server_default=text("'pending'")),
    Column("status_codes", Text),
    Column(
        "is_turned_back",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="TA1, 999 or 277CA say so, whatever a payer adjudicated",
    ),
    Column(
        "is_new",
        Boolean,
        nullable=False,
        server_default=text("true"),
        comment="no match has seen it yet",
    ),
    Column("billing_start", BigInteger, nullable=False),
    Column("billing_end", BigInteger, nullable=False),
    Column("subscriber_start", BigInteger, nullable=False),
    Column("subscriber_end", BigInteger, nullable=False),
    Column("patient_start", BigInteger),
    Column("patient_end", BigInteger),
    Column("own_start", BigInteger, nullable=False),
    Column("own_end", BigInteger, nullable=False),
    CheckConstraint("origin in ('read','emitted','shadow')", "origin"),
    CheckConstraint(
        "status in ('pending','rejected','adjudicated','superseded','voided')", "status"
    ),
    UniqueConstraint("file_id", "claim_position"),
    Index(
        "ix_submission_new",
        "is_new",
        sqlite_where=text("is_new = 1"),
        postgresql_where=text("is_new"),
    ),
    comment="One row per claim in an 837P, read or emitted; its bytes stand in the archive.",
)

submitted_line = Table(
    "submitted_line",
    metadata,
    Column("submission_id", Integer, ForeignKey("submission.submission_id"), primary_key=True),
    Column("line_position", Integer, primary_key=True, comment="nth line of the claim, from 1"),
    Column("line_number", Text, nullable=False, comment="LX01"),
    Column("line_item_control_number", Text),
    Column("procedure_code", Text, nullable=False),
    Column("modifiers", Text, nullable=False),
    Column("charge_cents", Cents, nullable=False),
    Column("units", Numeric(12, 3, asdecimal=False)),
    Column("service_date", Date),
    Column("service_date_end", Date),
    Column("place_of_service", Text),
    Column("diagnosis_codes", Text, nullable=False),
    Column(
        "chain_position",
        Integer,
        nullable=False,
        comment="of the line in the claim's first submission; a removed line shifts the rest",
    ),
    sqlite_with_rowid=False,
    comment="One row per service line of a submission.",
)

carried_number = Table(
    "carried_number",
    metadata,
    Column("submission_id", Integer, ForeignKey("submission.submission_id"), primary_key=True),
    Column("number", Text, primary_key=True, index=True,
           comment="letters and digits alone, in capitals"),
    sqlite_with_rowid=False,
    comment="One row per authorization or referral number (REF*G1, REF*9F) a submission carries.",
)  # fmt: skip
