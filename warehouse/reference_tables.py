"""Tables of the code-set files that users bring: what they say, and for which service dates.

Days in the large tables are numbers such as 20260331, as the files write them: half the room of
a date's text on SQLite, and millions of rows need no conversion. 99991231 is "still in force".
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from warehouse.schema import key, metadata

KINDS = ("ptp", "mue", "aoc", "carc", "rarc")


def _of_file() -> Column[int]:
    return Column(
        "reference_file_id", Integer, ForeignKey("reference_file.reference_file_id"),
        primary_key=True,
    )  # fmt: skip


reference_file = Table(
    "reference_file",
    metadata,
    key("reference_file_id"),
    Column("kind", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("part", Integer, comment="of a table that is published in parts; null = whole"),
    Column("row_count", Integer, nullable=False),
    Column("imported_at", DateTime, nullable=False),
    UniqueConstraint("kind", "sha256"),
    CheckConstraint("kind in ('ptp','mue','aoc','carc','rarc')", "kind"),
    comment="One row per code-set file that was imported.",
)

reference_validity = Table(
    "reference_validity",
    metadata,
    _of_file(),
    Column("valid_from", Date, primary_key=True),
    Column("valid_to", Date, primary_key=True),
    comment="One row per range of service dates that a file was imported for.",
)

reference_ptp = Table(
    "reference_ptp",
    metadata,
    _of_file(),
    Column("column_1", Text, primary_key=True),
    Column("column_2", Text, primary_key=True),
    Column("effective_from", Integer, primary_key=True),
    Column("effective_to", Integer, nullable=False),
    Column("modifier_indicator", Integer, nullable=False),
    sqlite_with_rowid=False,
    comment="One row per code pair and first day in force; a pair may come and go.",
)

reference_mue = Table(
    "reference_mue",
    metadata,
    _of_file(),
    Column("procedure_code", Text, primary_key=True),
    Column("units", Integer, nullable=False),
    Column("adjudication_indicator", Integer, nullable=False),
    sqlite_with_rowid=False,
    comment="One row per code with a published limit of units.",
)

reference_aoc = Table(
    "reference_aoc",
    metadata,
    _of_file(),
    Column("add_on_code", Text, primary_key=True),
    Column("primary_code", Text, primary_key=True, comment="CCCCC = each contractor's own list"),
    Column("effective_from", Integer, primary_key=True),
    Column("effective_to", Integer, nullable=False),
    Column("type_code", Integer, nullable=False),
    sqlite_with_rowid=False,
    comment="One row per add-on code, a primary code of it, and first day in force.",
)

reference_code = Table(
    "reference_code",
    metadata,
    _of_file(),
    Column("code", Text, primary_key=True),
    Column("effective_from", Integer, nullable=False),
    Column("effective_to", Integer, nullable=False),
    Column("description", Text, nullable=False, comment="the publisher's words, the user's copy"),
    sqlite_with_rowid=False,
    comment="One row per adjustment reason code or remark code of a list.",
)
