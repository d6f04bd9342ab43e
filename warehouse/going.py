"""Whether a claim's corrections may go as things stand today: decided anew, by whoever sends it.

Asked before a file is made, and again before a file that could not be delivered at once is.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, select

from rules.decision import CORRECTED, Correction, Decision
from rules.propose import propose as decide
from warehouse import tables as t
from warehouse.approvals import (
    attesters_of,
    correction_key,
    corrections_digest,
    is_automatic,
    said_of,
    turned_back,
    verdict_of,
)
from warehouse.facts import ClaimFile
from warehouse.settings import Settings

UNMATCHED = "a payment came in that no match has looked at yet; run: reclaim run"


class Refusal(Exception):
    """The claim is not sent; the text says why."""


class Going(NamedTuple):
    """What may go of a claim. ``by_person``: a person let this very set of corrections go."""

    corrections: tuple[Correction, ...]
    digest: str
    path: str
    payer_claim_control_number: str | None
    by_person: bool

    @property
    def claim_frequency_code(self) -> str:
        """CLM05-3 of what goes."""
        return "7" if self.path == "replacement" else "1"


def is_anything_unmatched(connection: Connection) -> bool:
    """Whether a payment lies there that no match has looked at: it may decide any claim anew."""
    cp = t.claim_payment
    statement = select(cp.c.claim_payment_id).where(cp.c.match_state == "new").limit(1)
    return connection.execute(statement).first() is not None


def going(connection: Connection, settings: Settings, claim_file: ClaimFile) -> Going:
    """What the rules propose of the claim today, where it may go.

    Raises: Refusal.
    """
    decisions = decide(
        claim_file.lines,
        claim_file.facts,
        paid_claims_need_person=settings.emission.paid_claims == "approval",
    )
    corrected = [d for d in decisions if d.decision == CORRECTED]
    unique = {
        correction_key(c, claim_file.evidence_ids): c for d in corrected for c in d.corrections
    }
    digest = corrections_digest(list(unique))
    attesters = attesters_of(connection, (key[5] for key in unique))
    person = _is_let_go(connection, settings, claim_file, corrected, digest, attesters)
    paths = {d.path for d in corrected}
    if len(paths) != 1:
        raise Refusal("its corrections want different paths; a person has to choose")
    path, number = paths.pop(), None
    if path == "replacement":
        numbers = {d.line.payer_claim_control_number for d in corrected}
        if len(numbers) > 1:
            raise Refusal(
                "the payer answered the claim in parts, and its corrections are of parts under "
                "several numbers; ask the payer which one a replacement names"
            )
        number = numbers.pop()
        if not number:
            raise Refusal("the payer gave no claim control number to replace")
    return Going(tuple(unique.values()), digest, path, number, person)


def _is_let_go(
    connection: Connection,
    settings: Settings,
    claim_file: ClaimFile,
    corrected: list[Decision],
    digest: str,
    attesters: set[str],
) -> bool:
    """Whether a person let this very set go (True) or none is needed (False).

    Raises: Refusal, where neither holds any more.
    """
    if not claim_file.lines:
        raise Refusal("the payer has decided the claim anew since it was approved")
    if not corrected:
        raise Refusal("what was approved is not proposed any more; see: reclaim review list")
    key = claim_file.submission.submission_id, digest
    said = said_of(connection, key[:1])
    verdict, objection = verdict_of(settings, said.get(key, ()), attesters)
    if verdict is not None and verdict.decision == "approved":
        return True
    again = key in turned_back(connection, key[:1])
    if verdict is None and not again and all(is_automatic(settings, d) for d in corrected):
        return False
    if objection is not None:
        raise Refusal(f"its approval does not count: {objection}; approve it again")
    if any(one.decision == "approved" for rows in said.values() for one in rows):
        raise Refusal("its corrections changed since they were approved; approve them again")
    why = "; ".join(dict.fromkeys(reason for d in corrected for reason in d.needs_person))
    raise Refusal(
        "nobody has approved its corrections as they are today, and they do not go by themselves"
        + (f": {why}" if why else "")
    )
