"""Member ids under which claims of several patients go: a subscriber's and a dependent's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from rules.payer import payer_key
from warehouse import tables as t
from warehouse.archived_claim import payer_key_of
from warehouse.settings import Settings


def of_a_family(
    connection: Connection, settings: Settings, submissions: Sequence[Row[Any]]
) -> frozenset[int]:
    """Submissions whose member id some claim at their payer carries for a dependent (2000C).

    Of two subscribers under one id nothing is told here: names stand in the archive alone.
    """
    s = t.submission
    wanted = {one.member_id for one in submissions if one.member_id}
    rows = connection.execute(
        select(s.c.member_id, s.c.payer_id, s.c.claim_filing_indicator)
        .distinct()
        .where(s.c.member_id.in_(wanted), s.c.patient_start.is_not(None), s.c.origin != "shadow")
    ).all()
    found = {
        (row.member_id, payer_key(settings.payers, row.payer_id, row.claim_filing_indicator))
        for row in rows
    }
    return frozenset(
        one.submission_id
        for one in submissions
        if (one.member_id, payer_key_of(settings, one)) in found
    )
