"""Tables of what claims say that earlier payers decided of them (837P loops 2320 and 2430).

What a secondary or tertiary claim tells the next payer; the earlier payer's own words are its 835.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    Numeric,
    Table,
    Text,
)

from warehouse.schema import Cents, metadata

prior_adjudication = Table(
    "prior_adjudication",
    metadata,
    Column("submission_id", Integer, ForeignKey("submission.submission_id"), primary_key=True),
    Column("line_position", Integer, primary_key=True, comment="0 = the claim's own level (2320)"),
    Column("part", Integer, primary_key=True,
           comment="nth 2320 of the claim, or nth 2430 of the line, from 1"),
    Column("payer_id", Text, comment="NM109 of 2330B, or SVD01"),
    Column("payer_name", Text),
    Column("payer_sequence", Text, comment="SBR01 of 2320"),
    Column("payer_claim_control_number", Text, comment="REF*F8 of 2330B"),
    Column("procedure_code", Text, comment="as adjudicated, SVD03"),
    Column("units", Numeric(12, 3, asdecimal=False)),
    Column("paid_cents", Cents, comment="AMT*D or SVD02; null where it has not decided"),
    Column("allowed_cents", Cents, comment="AMT*B6, which only older files tell"),
    Column("remaining_cents", Cents, comment="AMT*EAF: what the patient still owes"),
    Column("adjustments", Text, nullable=False, comment="CO-45 20.00, comma: its CAS triples"),
    Column("remark_codes", Text, nullable=False),
    Column("adjudicated_on", Date, comment="DTP*573"),
    Column("is_balanced", Boolean, nullable=False, comment="what is told of its line, or claim"),
    sqlite_with_rowid=False,
    comment="One row per earlier payer of a submission, and per decision of one on a line of it.",
)  # fmt: skip

prior_adjustment = Table(
    "prior_adjustment",
    metadata,
    Column("submission_id", Integer, primary_key=True),
    Column("line_position", Integer, primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("adjustment_position", Integer, primary_key=True, comment="nth of its loop, from 1"),
    Column("group_code", Text, nullable=False),
    Column("reason_code", Text, nullable=False),
    Column("amount_cents", Cents, nullable=False),
    Column("quantity", Numeric(12, 3, asdecimal=False)),
    ForeignKeyConstraint(
        ("submission_id", "line_position", "part"),
        ("prior_adjudication.submission_id", "prior_adjudication.line_position",
         "prior_adjudication.part"),
    ),
    sqlite_with_rowid=False,
    comment="One row per CAS triple of 2320 or 2430.",
)  # fmt: skip
