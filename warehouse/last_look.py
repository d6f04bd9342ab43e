"""One more look at a finished file before it is put where a partner picks it up.

Between the transaction that wrote it down and its delivery a run may have been killed, evidence
withdrawn, or a row changed by hand. So its bytes have to be those that were decided, its
corrections those that were let go, and the never-list is held on it once more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select

from edi.problem import EdiError
from rules.amend import published
from rules.decision import Correction
from rules.never import forbidden
from rules.new_claim import returned_lines
from rules.references import indicator_0_pairs
from warehouse import tables as t
from warehouse.approvals import corrections_digest
from warehouse.archive import archived
from warehouse.facts import ClaimFile, FactsReader
from warehouse.outbound import read_back
from warehouse.settings import Settings


class Held(NamedTuple):
    """A claim of a finished file that is not delivered, and why, in words."""

    submission_id: int
    patient_control_number: str
    reason: str


def look(
    connection: Connection, settings: Settings, sent: Row[Any], *, as_of: date
) -> tuple[Held, ...]:
    """Why a file of the ledger must not go, by claim; empty where it may."""
    o, s, f = t.outbound_claim, t.submission, t.file
    claims = connection.execute(
        select(o, s.c.patient_control_number, s.c.claim_position, f.c.sha256.label("decided"))
        .join(s, s.c.submission_id == o.c.emitted_submission_id)
        .join(f, f.c.file_id == s.c.file_id)
        .where(o.c.outbound_file_id == sent.outbound_file_id)
        .order_by(s.c.claim_position)
    ).all()
    found = hashlib.sha256(sent.content).hexdigest()
    is_ours = bool(claims) and {sent.sha256, found} == {claims[0].decided}
    if not is_ours or not archived(settings, sent.sha256).is_file():
        why = "the ledger's bytes are not those that were decided"
        return tuple(Held(c.submission_id, c.patient_control_number, why) for c in claims) or (
            Held(0, "", why),
        )
    if sent.folder == "shadow":
        return ()  # it goes nowhere, and its corrections are not bound to it
    return tuple(_faults(connection, settings, claims, sent.content, as_of))


def _faults(
    connection: Connection, settings: Settings, claims: Any, content: bytes, as_of: date
) -> Iterator[Held]:
    reader = FactsReader(connection, settings, as_of=as_of)
    try:
        emitted = read_back(content)
        of = {x.submission.submission_id: x for x in reader.read([c.submission_id for c in claims])}
    except EdiError:
        emitted, of = [], {}
    finally:
        reader.close()
    for number, row in enumerate(claims):
        claim_file = of.get(row.submission_id)
        if claim_file is None or len(emitted) != len(claims):
            reason: str | None = "the finished file cannot be read again"
        else:
            reason = _fault(connection, row, claim_file, emitted[number])
        if reason:
            yield Held(row.submission_id, row.patient_control_number, reason)


def _fault(connection: Connection, row: Any, claim_file: ClaimFile, emitted: Any) -> str | None:
    c = t.correction
    rows = connection.execute(
        select(c).where(c.c.outbound_claim_id == row.outbound_claim_id).order_by(c.c.correction_id)
    ).all()
    keys = [(r.place, r.old_value, r.new_value, r.rule_code, r.rule_version, r.evidence_ids)
            for r in rows]  # fmt: skip
    if corrections_digest(keys) != row.corrections_digest:
        return "its corrections are not those that were let go"
    facts = claim_file.facts
    returned = returned_lines(facts) if row.claim_frequency_code == "1" else ()
    violations = forbidden(
        facts.claim,
        emitted,
        payer=facts.payer,
        corrections=[_correction(r, claim_file) for r in rows],
        evidence=facts.evidence,
        # Another code may stand in a pair in which the billed one did not.
        indicator_0_pairs=facts.indicator_0_pairs | indicator_0_pairs(emitted, facts.references),
        lines=sorted(returned) or None,
        adjudications=facts.adjudications,
    )
    if not violations:
        return None
    codes = ", ".join(dict.fromkeys(v.code for v in violations))
    return f"the never-list forbids it ({codes}): {'; '.join(v.reason for v in violations)}"


def _correction(row: Any, claim_file: ClaimFile) -> Correction:
    """A correction as its row has it; one without evidence on file stands on its rule alone."""
    wanted = set((row.evidence_ids or "").split(","))
    evidence = tuple(
        record
        for record in claim_file.facts.evidence
        if claim_file.evidence_ids.get(id(record)) in wanted
    )
    return Correction(
        place=row.place,
        old_value=row.old_value,
        new_value=row.new_value,
        evidence=evidence or (published(f"{row.rule_code} version {row.rule_version}", date.min),),
        rule_code=row.rule_code,
        rule_version=row.rule_version,
        reason=row.reason,
    )
