"""Whether a set of corrections may go: its name, what a person said, what came of it before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

from sqlalchemy import Connection, select

from rules.decision import AUTOMATIC, Correction, Decision
from warehouse import tables as t
from warehouse.settings import Settings


def corrections_digest(corrections: Sequence[tuple[Any, ...]]) -> str:
    """Names one set of corrections; another set needs another approval.

    Each is (place, old value, new value, rule code, rule version, evidence ids).
    """
    written = json.dumps(sorted(corrections, key=str), default=str)
    return hashlib.sha256(written.encode()).hexdigest()


def correction_key(correction: Correction, evidence_ids: dict[int, str]) -> tuple[Any, ...]:
    """What names a correction in a set: see :func:`corrections_digest`."""
    ids = [evidence_ids[id(e)] for e in correction.evidence if id(e) in evidence_ids]
    return (
        correction.place,
        correction.old_value,
        correction.new_value,
        correction.rule_code,
        correction.rule_version,
        ",".join(ids),
    )


def is_automatic(settings: Settings, decision: Decision) -> bool:
    """Whether a decision may go without a person: safety, no open question, and settings."""
    return (
        decision.safety == AUTOMATIC
        and not decision.needs_person
        and any(fnmatchcase(decision.rule_code or "", g) for g in settings.emission.automatic)
    )


def verdicts_on(
    connection: Connection, submission_ids: Sequence[int]
) -> dict[tuple[int, str], Any]:
    """What a person last said, by submission and digest of the set of corrections.

    What was sent on an approval's strength and turned back before adjudication needs another one.
    """
    a = t.approval
    rows = connection.execute(
        select(a)
        .where(a.c.submission_id.in_(list(submission_ids)), a.c.spent_on_id.is_(None))
        .order_by(a.c.approval_id)
    )
    return {(row.submission_id, row.corrections_digest): row for row in rows}


def turned_back(connection: Connection, submission_ids: Sequence[int]) -> set[tuple[int, str]]:
    """Sets of corrections that were sent and turned back (999, 277CA): a person looks at them."""
    oc = t.outbound_claim
    rows = connection.execute(
        select(oc.c.submission_id, oc.c.corrections_digest).where(
            oc.c.submission_id.in_(list(submission_ids)), oc.c.state == "rejected"
        )
    )
    return {(row.submission_id, row.corrections_digest) for row in rows}
