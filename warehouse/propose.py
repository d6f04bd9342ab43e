"""The step ``propose``: decides every open denial, and says what would change that.

Everything open is decided anew on each run – evidence may have come, a window may have closed –
and only what came out otherwise is written. What a person approved stays approved as long as it
is the very same set of corrections.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, text, update

from edi.change import parse_place
from rules import deadline as windows
from rules.decision import AUTOMATIC, CORRECTED, NEEDS_EVIDENCE, Correction, Decision
from rules.propose import propose as decide
from warehouse import tables as t
from warehouse.database import Warehouse
from warehouse.facts import ClaimFile, FactsReader
from warehouse.load import batches
from warehouse.settings import Settings

BATCH = 500
OPEN = ("open", "awaiting_approval", "approved")
SENT_BEFORE = "these corrections were sent before and turned back; see the timeline"


@dataclass(frozen=True, slots=True)
class Proposed:
    """Counts of this call: denials decided, and what came out otherwise than before."""

    decided: int = 0
    changed: int = 0
    corrections: int = 0
    needs_evidence: int = 0
    awaiting_approval: int = 0

    def as_dict(self) -> dict[str, int]:
        """For ``--json``."""
        return asdict(self)


def propose(warehouse: Warehouse, settings: Settings, *, as_of: date) -> Proposed:
    """Decide all open denials, claim by claim.

    Raises: Transient; SettingsError.
    """
    totals = {"decided": 0, "changed": 0, "corrections": 0, "needs_evidence": 0,
              "awaiting_approval": 0}  # fmt: skip
    with warehouse.read() as connection:
        d = t.denial
        keys = list(
            connection.execute(
                select(d.c.submission_id).where(
                    d.c.status.in_(OPEN), d.c.submission_id.is_not(None)
                )
            ).scalars()
        )
        keys += connection.execute(text(_WRITTEN_OFF_WITH_EVIDENCE)).scalars()
    _route_unmatched(warehouse, as_of)
    for some in batches(sorted(set(keys)), BATCH):
        with warehouse.write() as connection:
            batch = _Batch(connection, settings, some, as_of)
            batch.decide()
            batch.write()
        for name in totals:
            totals[name] += batch.counts[name]
    return Proposed(**totals)


_WRITTEN_OFF_WITH_EVIDENCE = """
select d.submission_id
from denial as d join submission as s on s.submission_id = d.submission_id
where d.status = 'closed' and d.resolution = 'written off' and d.closing_id is null and exists (
    select 1 from evidence as e
    where e.superseded_by is null and e.subject in (
        'pcn:' || s.patient_control_number,
        'member:' || upper(coalesce(s.payer_id, '')) || ':' || s.member_id
    )
)
"""
"""A write-off is looked at again when the chart has something to say on that claim: a note that
came late carries as much as one that came in time."""


def _route_unmatched(warehouse: Warehouse, as_of: date) -> None:
    """Denials of claims that are not ours (yet): a person looks."""
    d = t.denial
    with warehouse.write() as connection:
        connection.execute(
            update(d)
            .where(d.c.submission_id.is_(None), d.c.decision.is_(None))
            .values(
                decision="routed",
                path="review",
                decided_on=as_of,
                explanation="This remittance names a claim that none of our 837Ps has. It is "
                "looked at again when another 837P arrives; if none does, find out whose it is.",
            )
        )


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


class _Batch:
    """Some claims on their way through the rules; what comes out is written in bulk."""

    def __init__(
        self, connection: Connection, settings: Settings, keys: list[int], as_of: date
    ) -> None:
        self._connection, self._settings, self._as_of = connection, settings, as_of
        self._keys = keys
        self._verdicts = verdicts_on(connection, keys)
        self._turned_back = turned_back(connection, keys)
        self._present = self._corrections()
        self._denials: list[dict[str, Any]] = []
        self._new: list[dict[str, Any]] = []
        self._changed: list[dict[str, Any]] = []
        self.counts = {"decided": 0, "changed": 0, "corrections": 0, "needs_evidence": 0,
                       "awaiting_approval": 0}  # fmt: skip

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

    def decide(self) -> None:
        """Asks the rules of every claim."""
        reader = FactsReader(
            self._connection,
            self._settings,
            as_of=self._as_of,
            statuses=(*OPEN, "closed"),
        )
        try:
            for claim_file in reader.read(self._keys):
                self._decide_claim(claim_file)
        finally:
            reader.close()

    def write(self) -> None:
        """Writes what came out otherwise than before."""
        if self._denials:
            self._connection.execute(_UPDATE_DENIAL, self._denials)
        if self._changed:
            self._connection.execute(_UPDATE_CORRECTION, self._changed)
        if self._new:
            self._connection.execute(insert(t.correction), self._new)

    def _decide_claim(self, claim_file: ClaimFile) -> None:
        settings = self._settings
        decisions = decide(
            claim_file.lines,
            claim_file.facts,
            paid_claims_need_person=settings.emission.paid_claims == "approval",
        )
        corrected = [d for d in decisions if d.decision == CORRECTED]
        digest = corrections_digest(
            list({correction_key(c, claim_file.evidence_ids)
                  for d in corrected for c in d.corrections})
        )  # fmt: skip
        verdict = self._verdicts.get((claim_file.submission.submission_id, digest))
        again = (claim_file.submission.submission_id, digest) in self._turned_back
        automatic = (
            bool(corrected) and not again and all(is_automatic(settings, d) for d in corrected)
        )
        status = _status_of(verdict, automatic)
        self.counts["decided"] += len(decisions)
        for row, decision in zip(claim_file.denials, decisions, strict=True):
            values = _values(decision, settings, claim_file, self._as_of)
            if decision.decision == CORRECTED:
                values |= status
                if again:
                    needs = filter(None, (values["needs_person"], SENT_BEFORE))
                    values["needs_person"] = "; ".join(needs)
            if not _differs(row, values):
                continue
            self.counts["changed"] += 1
            self.counts["needs_evidence"] += values["decision"] == NEEDS_EVIDENCE
            self.counts["awaiting_approval"] += values["status"] == "awaiting_approval"
            self._denials.append(
                {f"new_{name}": value for name, value in values.items()}
                | {"key": row.denial_id, "new_decided_on": self._as_of}
            )
        self._compare_corrections(claim_file, decisions, status["status"], verdict)

    def _compare_corrections(
        self,
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
            key = (row.place, row.old_value, row.new_value, row.rule_code, row.rule_version,
                   row.evidence_ids)  # fmt: skip
            state = (status, by) if key in wanted else ("superseded", row.approved_by)
            present.add(key)
            if (row.status, row.approved_by) != state:
                self._changed.append(
                    {"key": row.correction_id, "new_status": state[0], "new_by": state[1]}
                )
        for key, (denial_id, x) in wanted.items():
            if key in present:
                continue
            self.counts["corrections"] += 1
            self._new.append(
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
                    "status": status,
                    "approved_by": by,
                }
            )


_DECIDED = (
    "decision", "path", "rule_code", "rule_version", "explanation", "missing_evidence",
    "needs_person", "safety", "deadline", "status", "resolution", "resolved_on", "decided_on",
)  # fmt: skip
_UPDATE_DENIAL = (
    update(t.denial)
    .where(t.denial.c.denial_id == bindparam("key"))
    .values({name: bindparam(f"new_{name}") for name in _DECIDED})
)
_UPDATE_CORRECTION = (
    update(t.correction)
    .where(t.correction.c.correction_id == bindparam("key"))
    .values(status=bindparam("new_status"), approved_by=bindparam("new_by"))
)


def _status_of(verdict: Any, automatic: bool) -> dict[str, Any]:
    if verdict is not None and verdict.decision == "rejected":
        return {
            "decision": "refused",
            "status": "open",
            "path": "review",
            "explanation": f"{verdict.decided_by} rejected the correction: {verdict.reason}",
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
            decision.path, facts.payer, decision.line.denied_on, facts.claim.first_service_date
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
