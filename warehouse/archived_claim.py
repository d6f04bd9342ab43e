"""Submissions with their places in the archive, and the claims that stand there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, BinaryIO

from sqlalchemy import Connection, Row, select

from edi.claim import Claim, ClaimBytes
from edi.element import Delimiters
from edi.envelope import ByteRange
from edi.read_837p import read_claim
from edi.source import SourceRef
from rules.payer import PayerProfile, find_payer, payer_key
from warehouse import tables as t
from warehouse.archive import archived
from warehouse.settings import Settings


def claim_bytes_of(row: Row[Any]) -> ClaimBytes:
    """Where the submission's claim stands in its archived file."""
    return ClaimBytes(
        ByteRange(row.billing_start, row.billing_end),
        ByteRange(row.subscriber_start, row.subscriber_end),
        ByteRange(row.patient_start, row.patient_end) if row.patient_start is not None else None,
        ByteRange(row.own_start, row.own_end),
    )


def submissions_with_files(connection: Connection, keys: Iterable[int]) -> list[Row[Any]]:
    """Submissions with digest, delimiters and place of their file."""
    s, f, x = t.submission, t.file, t.x12_transaction
    return list(
        connection.execute(
            select(s, f.c.sha256, x.c.delimiters, x.c.interchange, x.c.transaction, x.c.isa,
                   x.c.gs, x.c.sent_at, x.c.byte_start, x.c.byte_end)
            .join(f, f.c.file_id == s.c.file_id)
            .join(x, x.c.transaction_id == s.c.transaction_id)
            .where(s.c.submission_id.in_(list(keys)))
            .order_by(s.c.file_id, s.c.submission_id)
        )
    )  # fmt: skip


def profile_of(settings: Settings, submission: Row[Any]) -> PayerProfile:
    """The payer that a submission went to."""
    return find_payer(
        settings.payers, (submission.payer_id or "",), submission.claim_filing_indicator
    )


def payer_key_of(settings: Settings, submission: Row[Any]) -> str:
    """The same for submissions that went to one payer, whichever of its ids each names."""
    return payer_key(settings.payers, submission.payer_id, submission.claim_filing_indicator)


class ArchivedClaims:
    """Reads claims out of the archive; files stay open until :meth:`close`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._files: dict[str, BinaryIO] = {}

    def close(self) -> None:
        """Close the archived files."""
        for file in self._files.values():
            file.close()
        self._files.clear()

    def read(self, s: Row[Any]) -> Claim:
        """The claim of a row of :func:`submissions_with_files`."""
        file = self._files.get(s.sha256)
        if file is None:
            file = self._files[s.sha256] = archived(self._settings, s.sha256).open("rb")
        return read_claim(
            file,
            claim_bytes_of(s),
            Delimiters(*s.delimiters),
            SourceRef(s.sha256, s.interchange, s.transaction, s.segment_position),
        )
