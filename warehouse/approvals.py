"""Whether a set of corrections may go: its name, what a person said, what came of it before."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from rules.decision import AUTOMATIC, Correction, Decision
from warehouse import tables as t
from warehouse.settings import Settings

REJECTED = " rejected the correction: "
"""Between who rejected a correction and why, in the explanation of its denial."""


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


def key_of(row: Any) -> tuple[Any, ...]:
    """The same of a correction as it is written down."""
    return (
        row.place,
        row.old_value,
        row.new_value,
        row.rule_code,
        row.rule_version,
        row.evidence_ids,
    )


def is_automatic(settings: Settings, decision: Decision) -> bool:
    """Whether a decision may go without a person: safety, no open question, and settings."""
    return (
        decision.safety == AUTOMATIC
        and not decision.needs_person
        and any(fnmatchcase(decision.rule_code or "", g) for g in settings.emission.automatic)
    )


def name_key(name: str) -> str:
    """A person's name as it is compared: one spelling for all ways to write it.

    >>> name_key(" Coder  A\u200b"), name_key("\uff23oder a")
    ('coder a', 'coder a')
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return " ".join("".join(c for c in folded if unicodedata.category(c) != "Cf").split())


def is_reviewer(settings: Settings, name: str) -> bool:
    """Whether the settings let this person decide; where they name nobody, everybody may."""
    reviewers = settings.review.reviewers
    return not reviewers or name_key(name) in map(name_key, reviewers)


def attesters_of(connection: Connection, evidence_ids: Iterable[str]) -> set[str]:
    """Who attested evidence of the chart, as names are compared; ids as corrections have them."""
    ids = {int(i) for one in evidence_ids for i in one.split(",") if i.isdigit()}
    e = t.evidence
    names = connection.execute(select(e.c.attested_by).where(e.c.evidence_id.in_(ids))).scalars()
    return set(map(name_key, names))


def objection(settings: Settings, name: str, attesters: Collection[str]) -> str | None:
    """Why this person's word lets nothing go; None where it does."""
    if not is_reviewer(settings, name):
        return f"{name} is not among the reviewers of reclaim.toml"
    if name_key(name) in attesters:
        return f"{name} attested the evidence; another person has to approve"
    return None


class Verdict(NamedTuple):
    """What a person said of a set of corrections: the last word that counts, as of today.

    ``row`` None: nobody's does. ``objection``: why an approval on file does not.
    """

    row: Any = None
    objection: str | None = None


def verdict_of(settings: Settings, said: Sequence[Any], attesters: Collection[str]) -> Verdict:
    """The last word that counts of what was said; a rejection counts, whoever said it."""
    why = None
    for row in reversed(said):
        why = objection(settings, row.decided_by, attesters) if row.decision == "approved" else None
        if why is None:
            return Verdict(row)
    return Verdict(None, why)


def said_of(
    connection: Connection, submission_ids: Sequence[int]
) -> dict[tuple[int, str], list[Any]]:
    """What persons said, oldest first, by submission and digest of the set of corrections.

    What was sent on an approval's strength and turned back before adjudication needs another one.
    """
    a = t.approval
    rows = connection.execute(
        select(a)
        .where(a.c.submission_id.in_(list(submission_ids)), a.c.spent_on_id.is_(None))
        .order_by(a.c.approval_id)
    )
    found: dict[tuple[int, str], list[Any]] = {}
    for row in rows:
        found.setdefault((row.submission_id, row.corrections_digest), []).append(row)
    return found


def turned_back(connection: Connection, submission_ids: Sequence[int]) -> set[tuple[int, str]]:
    """Sets of corrections that were sent and turned back (999, 277CA): a person looks at them."""
    oc = t.outbound_claim
    rows = connection.execute(
        select(oc.c.submission_id, oc.c.corrections_digest).where(
            oc.c.submission_id.in_(list(submission_ids)), oc.c.state == "rejected"
        )
    )
    return {(row.submission_id, row.corrections_digest) for row in rows}
