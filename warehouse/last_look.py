"""One more look at a finished file before it is put where a partner picks it up.

Between the transaction that wrote it down and its delivery a run may have been killed, and much
may have happened since: the payer has paid, its window has closed, evidence was withdrawn, the
practice has sent the claim itself, or a row was changed by hand. So its bytes have to be those that
were decided, its corrections those that were let go and that would go today, and the never-list is
held on it once more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select

from edi.problem import EdiError
from rules.amend import published
from rules.decision import AUTOMATIC, Correction
from rules.never import forbidden
from rules.new_claim import returned_lines
from rules.references import indicator_0_pairs
from rules.registry import ALL_RULES
from warehouse import tables as t
from warehouse.approvals import corrections_digest, key_of, said_of
from warehouse.archive import archived
from warehouse.facts import UNSETTLED, ClaimFile, FactsReader
from warehouse.going import UNMATCHED, Refusal, going, is_anything_unmatched
from warehouse.outbound import read_back
from warehouse.settings import Settings
from warehouse.undecided import fault as fault_of
from warehouse.undecided import is_the_claims_own
from warehouse.withdraw import Held

NOT_LIVE = "the settings send nothing any more: mode is shadow"


class Seen(NamedTuple):
    """Claims of a finished file that must not go, and why.

    ``held``: the ledger is not what was let go, or today cannot be told yet; the file stays.
    ``outdated``: what was let go would not go today.
    """

    held: tuple[Held, ...] = ()
    outdated: tuple[Held, ...] = ()


def look(
    connection: Connection,
    settings: Settings,
    sent: Row[Any],
    *,
    as_of: date,
    is_decided: bool = False,
) -> Seen:
    """Why a file of the ledger must not go, by claim; empty where it may.

    ``is_decided``: it was just decided, so only what is written down of it is looked at.
    """
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
        return Seen(_all(claims, why) or (Held(0, "", why),))
    if sent.folder == "shadow":
        return Seen()  # it goes nowhere, and its corrections are not bound to it
    if settings.emission.mode == "shadow":
        return Seen(outdated=_all(claims, NOT_LIVE))
    if not is_decided and is_anything_unmatched(connection):
        return Seen(_all(claims, UNMATCHED))
    return _faults(connection, settings, claims, sent.content, as_of, is_decided)


def _all(claims: Sequence[Any], why: str) -> tuple[Held, ...]:
    return tuple(Held(c.submission_id, c.patient_control_number, why) for c in claims)


def _faults(
    connection: Connection,
    settings: Settings,
    claims: Sequence[Any],
    content: bytes,
    as_of: date,
    is_decided: bool,
) -> Seen:
    try:
        emitted = read_back(content)
    except EdiError:
        emitted = []
    if len(emitted) != len(claims):
        return Seen(_all(claims, "the finished file cannot be read again"))
    unread: dict[int, str] = {}
    reader = FactsReader(
        connection, settings, as_of=as_of, statuses=(*UNSETTLED, "emitted"),
        unsent=[c.emitted_submission_id for c in claims],
    )  # fmt: skip
    try:
        keys = [c.submission_id for c in claims]
        of = {x.submission.submission_id: x for x in reader.read(keys, unread)}
    finally:
        reader.close()
    held: list[Held] = []
    outdated: list[Held] = []
    for row, claim in zip(claims, emitted, strict=True):
        claim_file = of.get(row.submission_id)
        if claim_file is None:
            changed: str | None = f"it cannot be decided any more ({unread[row.submission_id]})"
            fault = None
        else:
            fault = _fault(connection, row, claim_file, claim)
            changed = None if is_decided else _changed(connection, settings, row, claim_file)
        if why := fault or changed:
            # What nobody let go is nobody's decision, and no run takes it back either.
            to = outdated if changed and _was_let_go(connection, row) else held
            to.append(Held(row.submission_id, row.patient_control_number, why))
    return Seen(tuple(held), tuple(outdated))


def _changed(
    connection: Connection, settings: Settings, row: Any, claim_file: ClaimFile
) -> str | None:
    """Why the claim would not go today as it was let go; None where it would."""
    try:
        today = going(connection, settings, claim_file)
    except Refusal as refusal:
        return str(refusal)
    except Exception as error:
        if not is_the_claims_own(error, settings):
            raise
        return f"it cannot be decided any more ({fault_of(error)})"
    if today.digest != row.corrections_digest:
        return "its corrections changed since it was written down"
    if today.claim_frequency_code != row.claim_frequency_code:
        return f"it would go by another path today ({today.path.replace('_', ' ')})"
    if today.payer_claim_control_number != row.payer_claim_control_number:
        return "the payer has given the claim another number since"
    return None


def _was_let_go(connection: Connection, row: Any) -> bool:
    """Whether the set of corrections in the ledger is one that a person or the settings let go.

    A row that was changed by hand is nobody's decision, and stays for a person to look at.
    """
    c = t.correction
    key = row.submission_id, row.corrections_digest
    if any(a.decision == "approved" for a in said_of(connection, key[:1]).get(key, ())):
        return True
    codes = connection.execute(
        select(c.c.rule_code).where(c.c.outbound_claim_id == row.outbound_claim_id)
    ).scalars()
    return set(codes) <= {rule.code for rule in ALL_RULES if rule.safety == AUTOMATIC}


def _fault(connection: Connection, row: Any, claim_file: ClaimFile, emitted: Any) -> str | None:
    c = t.correction
    rows = connection.execute(
        select(c).where(c.c.outbound_claim_id == row.outbound_claim_id).order_by(c.c.correction_id)
    ).all()
    if corrections_digest([key_of(r) for r in rows]) != row.corrections_digest:
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
