"""Authorization and referral numbers whose units several claims may spend.

A payer takes the units of every claim that names a number off what it allowed, which no one claim
shows: not those that the practice billed with it, and not those that our corrections give it to.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, false, func, or_, select, true

from edi.change import parse_place
from edi.claim import Claim
from edi.party import of_type
from edi.segment import Reference
from rules.authorization import bare_number
from rules.decision import Correction
from rules.evidence import Authorization, EvidenceRecord, Referral
from warehouse import tables as t
from warehouse.archived_claim import payer_key_of
from warehouse.settings import Settings

_QUALIFIERS = frozenset(("G1", "9F"))
_GOES = ("proposed", "approved")
_STANDS = ("pending", "adjudicated")
"""Submissions that spend units: not those turned back, voided or replaced by another one."""


def numbers_of(claim: Claim) -> list[str]:
    """The bare numbers that a claim and its lines carry in REF*G1 and REF*9F, sorted."""
    loops = (claim.segments, *(line.segments for line in claim.service_lines))
    return sorted(
        {
            bare
            for segments in loops
            for x in of_type(segments, Reference)
            if x.reference_identification_qualifier in _QUALIFIERS
            and (bare := bare_number(x.reference_identification))
        }
    )


def number_given(correction: Correction) -> str | None:
    """The bare number that a correction gives a claim; None where it gives none."""
    place = parse_place(correction.place)
    is_number = place.segment == "REF" and place.qualifier in _QUALIFIERS
    return bare_number(correction.new_value) or None if is_number else None


def numbers_elsewhere(
    connection: Connection,
    settings: Settings,
    submissions: Sequence[Row[Any]],
    evidence: Mapping[int, Iterable[EvidenceRecord]],
) -> dict[int, frozenset[str]]:
    """By submission: numbers of its evidence, limited in units, that another claim goes with.

    Another claim at its payer, that is. What was sent counts always; what is still to go only where
    its submission came first, so that of several claims exactly one goes before the others. What is
    written down and not delivered is still to go.
    """
    limited = {
        one.submission_id: {
            bare_number(e.number)
            for e in evidence.get(one.submission_id, ())
            if isinstance(e, Authorization | Referral) and e.units is not None
        }
        for one in submissions
    }
    wanted = {number for numbers in limited.values() for number in numbers}
    if not wanted:
        return {}
    carriers: dict[tuple[str, str], list[Any]] = {}
    for row in (*_sent(connection, wanted), *_to_go(connection, wanted)):
        carriers.setdefault((payer_key_of(settings, row), row.number), []).append(row)
    return {
        one.submission_id: frozenset(
            number
            for number in limited[one.submission_id]
            for row in carriers.get((payer_key_of(settings, one), number), ())
            if row.claim_id != one.claim_id
            and (row.is_sent or row.submission_id < one.submission_id)
        )
        for one in submissions
    }


_OF = (t.submission.c.submission_id, t.submission.c.claim_id, t.submission.c.payer_id,
       t.submission.c.claim_filing_indicator)  # fmt: skip


def _sent(connection: Connection, numbers: Collection[str]) -> Sequence[Row[Any]]:
    c, s, oc = t.carried_number, t.submission, t.outbound_claim
    undelivered = select(oc.c.emitted_submission_id).where(
        oc.c.state == "approved", oc.c.emitted_submission_id.is_not(None)
    )
    return connection.execute(
        select(c.c.number, *_OF, true().label("is_sent"))
        .join(s, s.c.submission_id == c.c.submission_id)
        .where(
            c.c.number.in_(numbers), s.c.origin != "shadow", s.c.status.in_(_STANDS),
            s.c.submission_id.not_in(undelivered),
        )
    ).all()  # fmt: skip


def _to_go(connection: Connection, numbers: Collection[str]) -> Sequence[Row[Any]]:
    c, s, oc = t.correction, t.submission, t.outbound_claim
    undelivered = select(oc.c.outbound_claim_id).where(oc.c.state == "approved")
    return connection.execute(
        select(c.c.carried_number.label("number"), *_OF, false().label("is_sent"))
        .join(s, s.c.submission_id == c.c.submission_id)
        .where(
            c.c.carried_number.in_(numbers),
            or_(c.c.status.in_(_GOES), c.c.outbound_claim_id.in_(undelivered)),
        )
    ).all()


def sharing_a_number(connection: Connection) -> list[int]:
    """Submissions with a number still to go that corrections of another claim give it too."""
    c, s = t.correction, t.submission
    shared = (
        select(c.c.carried_number)
        .join_from(c, s, s.c.submission_id == c.c.submission_id)
        .where(c.c.carried_number.is_not(None), c.c.status.in_(_GOES))
        .group_by(c.c.carried_number)
        .having(func.count(s.c.claim_id.distinct()) > 1)
    )
    return list(
        connection.execute(
            select(c.c.submission_id)
            .distinct()
            .where(c.c.carried_number.in_(shared), c.c.status.in_(_GOES))
            .order_by(c.c.submission_id)
        ).scalars()
    )
