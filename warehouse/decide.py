"""Decides the denials of some claims; what came out otherwise than it stands is to be written.

Nothing is written here, and a claim's outcome rests on what is written of another's only in the
authorization and referral numbers of it, which ``propose`` looks at once more; so processes may
share claims.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, select

from edi.change import parse_place
from edi.source import SourceRef
from rules import deadline as windows
from rules.decision import AUTOMATIC, CORRECTED, NEEDS_EVIDENCE, Correction, Decision
from rules.propose import propose as decide
from warehouse import tables as t
from warehouse.approvals import (
    REJECTED,
    attesters_of,
    correction_key,
    corrections_digest,
    is_automatic,
    key_of,
    said_of,
    turned_back,
    verdict_of,
)
from warehouse.archived_claim import submissions_with_files
from warehouse.database import Warehouse
from warehouse.facts import ClaimFile, FactsReader
from warehouse.limited_numbers import number_given
from warehouse.settings import Settings
from warehouse.undecided import explained, fault, is_the_claims_own

OPEN = ("open", "awaiting_approval", "approved")
SENT_BEFORE = "these corrections were sent before and turned back; see the timeline"


@dataclass(slots=True)
class Decided:
    """What is to be written of some claims, each list with the same columns, and its counts."""

    denials: list[dict[str, Any]] = field(default_factory=list)
    new: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, other: Decided) -> None:
        """What is to be written of more claims."""
        self.denials += other.denials
        self.new += other.new
        self.changed += other.changed
        self.counts.update(other.counts)


def decide_claims(
    connection: Connection, settings: Settings, keys: list[int], as_of: date
) -> Decided:
    """Asks the rules of every denial of these submissions that is not settled.

    A claim that cannot be decided is left to a person, and the others are decided.
    """
    claims = _Claims(connection, settings, keys, as_of)
    undecided: dict[int, str] = {}
    reader = FactsReader(connection, settings, as_of=as_of, statuses=(*OPEN, "closed"))
    try:
        for claim_file in reader.read(keys, undecided):
            try:
                claims.decided.add(claims.decide(claim_file))
            except Exception as error:
                if not is_the_claims_own(error, settings):
                    raise
                undecided[claim_file.submission.submission_id] = fault(error)
    finally:
        reader.close()
    if undecided:
        claims.leave_to_a_person(undecided)
    return claims.decided


def decide_apart(keys: list[int], settings: Settings, as_of: date) -> Decided:
    """The same in a process of its own, which opens the warehouse itself."""
    with _of_this_process(settings.url).read() as connection:
        return decide_claims(connection, settings, keys, as_of)


@lru_cache(maxsize=1)
def _of_this_process(url: str) -> Warehouse:
    """Opened once in a process that shares work, whose end closes it: statements stay compiled."""
    return Warehouse(url)


class _Claims:
    """Some claims on their way through the rules."""

    def __init__(
        self, connection: Connection, settings: Settings, keys: list[int], as_of: date
    ) -> None:
        self._connection, self._settings, self._as_of = connection, settings, as_of
        self._keys = keys
        self._said = said_of(connection, keys)
        self._turned_back = turned_back(connection, keys)
        self._present = self._corrections()
        self.decided = Decided()

    def _corrections(self) -> dict[int, list[Any]]:
        c = t.correction
        found: dict[int, list[Any]] = {}
        for row in self._connection.execute(
            select(c).where(
                c.c.submission_id.in_(self._keys),
                c.c.status.in_(("proposed", "approved", "rejected")),
            )
        ):
            found.setdefault(row.submission_id, []).append(row)
        return found

    def decide(self, claim_file: ClaimFile) -> Decided:
        """Asks the rules of one claim, and compares with what stands."""
        settings, found = self._settings, Decided()
        counts = found.counts
        decisions = decide(
            claim_file.lines,
            claim_file.facts,
            paid_claims_need_person=settings.emission.paid_claims == "approval",
        )
        corrected = [d for d in decisions if d.decision == CORRECTED]
        keys = {
            correction_key(c, claim_file.evidence_ids) for d in corrected for c in d.corrections
        }
        digest = corrections_digest(list(keys)) if corrected else ""
        said = self._said.get((claim_file.submission.submission_id, digest), ())
        attesters = attesters_of(self._connection, (k[5] for k in keys)) if said else ()
        verdict, objection = verdict_of(settings, said, attesters)
        again = (claim_file.submission.submission_id, digest) in self._turned_back
        automatic = (
            bool(corrected) and not again and all(is_automatic(settings, d) for d in corrected)
        )
        status = _status_of(verdict, automatic)
        counts["decided"] += len(decisions)
        for row, decision in zip(claim_file.denials, decisions, strict=True):
            values = _values(decision, settings, claim_file, self._as_of)
            if decision.decision == CORRECTED:
                values |= status
                waits = status["status"] == "awaiting_approval"
                more = SENT_BEFORE if again else None, objection if waits else None
                needs = filter(None, (values["needs_person"], *more))
                values["needs_person"] = "; ".join(needs) or None
            if not _differs(row, values):
                continue
            counts["changed"] += 1
            counts["needs_evidence"] += values["decision"] == NEEDS_EVIDENCE
            counts["awaiting_approval"] += values["status"] == "awaiting_approval"
            found.denials.append(values | {"denial_id": row.denial_id, "decided_on": self._as_of})
        self._compare_corrections(found, claim_file, decisions, status["status"], verdict)
        return found

    def leave_to_a_person(self, undecided: dict[int, str]) -> None:
        """The open denials of claims that cannot be decided; their corrections do not go."""
        d = t.denial
        rows = self._connection.execute(
            select(d)
            .where(d.c.submission_id.in_(undecided), d.c.status.in_(OPEN), d.c.closing_id.is_(None))
            .order_by(d.c.denial_id)
        ).all()
        places = {
            s.submission_id: SourceRef(s.sha256, s.interchange, s.transaction, s.segment_position)
            for s in submissions_with_files(self._connection, undecided)
        }
        found = self.decided
        found.counts["undecided"] += len(undecided)
        for row in rows:
            why = explained(undecided[row.submission_id], places[row.submission_id])
            values = UNDECIDED | {"explanation": why, "deadline": row.deadline}
            found.counts["decided"] += 1
            if _differs(row, values):
                found.counts["changed"] += 1
                found.denials.append(
                    values | {"denial_id": row.denial_id, "decided_on": self._as_of}
                )
        found.changed += [
            {"correction_id": row.correction_id, "status": "superseded",
             "approved_by": row.approved_by}
            for submission_id in undecided
            for row in self._present.get(submission_id, ())
            if row.status != "rejected"
        ]  # fmt: skip

    def _compare_corrections(
        self,
        found: Decided,
        claim_file: ClaimFile,
        decisions: Sequence[Decision],
        denial_status: str,
        verdict: Any,
    ) -> None:
        """The corrections of one claim, each place once; those no longer proposed superseded."""
        status = {"approved": "approved", "awaiting_approval": "proposed"}.get(
            denial_status, "rejected"
        )
        by = verdict.decided_by if verdict is not None else None
        wanted: dict[tuple[Any, ...], tuple[int, Correction]] = {}
        for row, decision in zip(claim_file.denials, decisions, strict=True):
            for x in decision.corrections:
                key = correction_key(x, claim_file.evidence_ids)
                wanted.setdefault(key, (row.denial_id, x))
        submission_id = claim_file.submission.submission_id
        present = set()
        for row in self._present.get(submission_id, ()):
            key = key_of(row)
            state = (status, by) if key in wanted else ("superseded", row.approved_by)
            present.add(key)
            if (row.status, row.approved_by) != state:
                found.changed.append(
                    {
                        "correction_id": row.correction_id,
                        "status": state[0],
                        "approved_by": state[1],
                    }
                )
        for key, (denial_id, x) in wanted.items():
            if key in present:
                continue
            found.counts["corrections"] += 1
            found.new.append(
                {
                    "denial_id": denial_id,
                    "submission_id": submission_id,
                    "line_position": _line_of(x.place),
                    "rule_code": x.rule_code,
                    "rule_version": x.rule_version,
                    "place": x.place,
                    "old_value": x.old_value,
                    "new_value": x.new_value,
                    "evidence_ids": key[5],
                    "evidence_documents": ",".join(
                        dict.fromkeys(e.document_id for e in x.evidence)
                    ),
                    "reason": x.reason,
                    "carried_number": number_given(x),
                    "status": status,
                    "approved_by": by,
                }
            )


UNDECIDED = {
    "decision": "routed", "path": "review", "rule_code": None, "rule_version": None,
    "missing_evidence": None, "needs_person": None, "safety": None, "status": "open",
    "resolution": None, "resolved_on": None,
}  # fmt: skip
"""What is said of a denial whose claim cannot be decided, the columns of :func:`_values`."""


def _status_of(verdict: Any, automatic: bool) -> dict[str, Any]:
    if verdict is not None and verdict.decision == "rejected":
        return {
            "decision": "refused",
            "status": "open",
            "path": "review",
            "explanation": f"{verdict.decided_by}{REJECTED}{verdict.reason}",
            "needs_person": None,
        }
    approved = automatic or verdict is not None
    return {"status": "approved" if approved else "awaiting_approval"}


def _values(
    decision: Decision, settings: Settings, claim_file: ClaimFile, as_of: date
) -> dict[str, Any]:
    facts = claim_file.facts
    settled = decision.path in ("none", "write_off") and decision.decision != CORRECTED
    needs = list(decision.needs_person)
    if decision.decision == CORRECTED and not is_automatic(settings, decision) and not needs:
        needs.append(
            "the settings do not let this rule go by itself"
            if decision.safety == AUTOMATIC
            else "corrections of this rule always need a person"
        )
    return {
        "decision": decision.decision,
        "path": decision.path,
        "rule_code": decision.rule_code,
        "rule_version": decision.rule_version,
        "explanation": decision.explanation,
        "missing_evidence": ",".join(decision.missing_evidence) or None,
        "needs_person": "; ".join(needs) or None,
        "safety": decision.safety,
        "deadline": windows.deadline(
            decision.path,
            decision.line.other_payer or facts.payer,
            decision.line.denied_on,
            facts.claim.first_service_date,
        ),
        "status": "closed" if settled else "open",
        "resolution": ("written off" if decision.path == "write_off" else "nothing to do")
        if settled
        else None,
        "resolved_on": as_of if settled else None,
    }


def _differs(row: Any, values: dict[str, Any]) -> bool:
    return any(
        getattr(row, name) != value for name, value in values.items() if name != "resolved_on"
    )


def _line_of(place: str) -> int | None:
    """The line that a place names, None for the claim level."""
    return parse_place(place).line or None
