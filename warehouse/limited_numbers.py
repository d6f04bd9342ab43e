"""Authorization and referral numbers that corrections of several claims carry.

What one number allows in units is spent by every claim that goes with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select

from rules.authorization import bare_number
from rules.evidence import Authorization, EvidenceRecord, Referral
from warehouse import tables as t

_IS_NUMBER = or_(t.correction.c.place.like("%/REF*G1"), t.correction.c.place.like("%/REF*9F"))
_BARE = func.upper(func.replace(func.replace(t.correction.c.new_value, "-", ""), " ", ""))
_PAYER = func.coalesce(t.submission.c.payer_id, "")
_GOES = ("proposed", "approved")


def numbers_elsewhere(
    connection: Connection, submissions: Sequence[Row[Any]], evidence: Iterable[EvidenceRecord]
) -> dict[int, frozenset[str]]:
    """By submission: numbers limited in units that another claim at its payer goes with.

    What was sent counts always; what is still to go only where its submission came first, so that
    of several claims exactly one goes before the others.
    """
    limited = {
        bare_number(e.number)
        for e in evidence
        if isinstance(e, Authorization | Referral) and e.units is not None
    }
    if not limited:
        return {}
    c, s = t.correction, t.submission
    rows = connection.execute(
        select(c.c.new_value, c.c.status, c.c.submission_id, s.c.claim_id, _PAYER.label("payer"))
        .join(s, s.c.submission_id == c.c.submission_id)
        .where(_IS_NUMBER, c.c.status.in_(("emitted", *_GOES)), _BARE.in_(limited))
    ).all()
    by_payer: dict[str, list[Any]] = {}
    for row in rows:
        by_payer.setdefault(row.payer, []).append(row)
    return {
        one.submission_id: frozenset(
            row.new_value
            for row in by_payer.get(one.payer_id or "", ())
            if row.claim_id != one.claim_id
            and (row.status == "emitted" or row.submission_id < one.submission_id)
        )
        for one in submissions
    }


def sharing_a_number(connection: Connection) -> list[int]:
    """Submissions with a number still to go that corrections of another claim carry too."""
    c, s = t.correction, t.submission
    shared = (
        select(_BARE.label("number"), _PAYER.label("payer"))
        .join_from(c, s, s.c.submission_id == c.c.submission_id)
        .where(_IS_NUMBER, c.c.status.in_(("emitted", *_GOES)))
        .group_by(_BARE, _PAYER)
        .having(func.count(s.c.claim_id.distinct()) > 1)
        .subquery()
    )
    return list(
        connection.execute(
            select(c.c.submission_id)
            .distinct()
            .join_from(c, s, s.c.submission_id == c.c.submission_id)
            .join(shared, (shared.c.number == _BARE) & (shared.c.payer == _PAYER))
            .where(_IS_NUMBER, c.c.status.in_(_GOES))
            .order_by(c.c.submission_id)
        ).scalars()
    )
