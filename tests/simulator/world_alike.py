"""Submissions of one claim that nothing tells apart, and decisions that may be about any of them.

A practice sends a claim again as it was; a payer takes a decision back and makes another one weeks
later. Whether what it says next is that other decision or the answer to the resend, no byte tells.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from simulator.adjudication import DecidedClaim
from simulator.submitted import SubmittedClaim

Place = tuple[str, int]
Key = tuple[object, ...]


@dataclass(slots=True)
class Alike:
    """What was sent alike, and which decisions are taken back and not made anew."""

    _sent: dict[Key, list[Place]] = field(default_factory=dict)
    _key_of: dict[Place, Key] = field(default_factory=dict)
    _taken_back: dict[Key, set[Place]] = field(default_factory=dict)
    _candidates: dict[str, list[Place]] = field(default_factory=dict)
    """Of each decision that may be about several."""
    _standing: set[Place] = field(default_factory=set)
    """What has an answer that was not taken back."""

    def add(self, claim: SubmittedClaim) -> None:
        """A claim was sent."""
        lines = tuple((x.procedure_code, x.modifiers, x.charge, x.units) for x in claim.lines)
        key = (*claim.identity, claim.payer_id, claim.frequency_code, lines)
        self._sent.setdefault(key, []).append(claim.source)
        self._key_of[claim.source] = key

    def candidates(self, claims: Iterable[DecidedClaim]) -> list[list[Place]]:
        """For each claim of one payment the submissions it may be about; [] where one is told."""
        claims = list(claims)
        unannounced = {id(c) for c in claims if self._is_one_of_two(c, claims)}
        found = [self._about(c, claims, id(c) in unannounced) for c in claims]
        for at, claim in enumerate(claims):
            # Beside a decision that may be about several, the answer to one of those may be, too.
            if not found[at] and not claim.is_reversal:
                several = max((f for f in found if claim.answers in f), key=len, default=[])
                if _is_refused(claim):  # one of the resends, never what was sent first
                    several = several[1:] if len(several) > 2 else []
                found[at] = self._candidates[claim.adjudication] = several
        self._standing.update(c.answers for c in claims if not c.is_reversal)
        return found

    def _about(
        self, claim: DecidedClaim, beside: list[DecidedClaim], is_unannounced: bool
    ) -> list[Place]:
        key = self._key_of.get(claim.answers)
        if key is None or _is_refused(claim):
            return []
        if claim.is_reversal:
            self._standing.discard(claim.answers)
            if not any(_corrects(other, claim) for other in beside):
                self._taken_back.setdefault(key, set()).add(claim.answers)
            return self._candidates.get(claim.reverses, [])
        several = list(self._sent[key]) if self._taken_back.get(key) or is_unannounced else []
        several = several if len(several) > 1 else []
        self._candidates[claim.adjudication] = several
        self._taken_back.get(key, set()).discard(claim.answers)
        return several

    def _is_one_of_two(self, claim: DecidedClaim, beside: list[DecidedClaim]) -> bool:
        """Whether it decides anew what stands, unannounced, beside the answer to what is alike."""
        stands = claim.answers in self._standing and not claim.is_reversal
        if not stands or any(c.is_reversal and c.answers == claim.answers for c in beside):
            return False
        others = {*self._sent.get(self._key_of.get(claim.answers, ()), ())} - {claim.answers}
        return any(c.answers in others and not _is_refused(c) for c in beside if not c.is_reversal)


def _is_refused(claim: DecidedClaim) -> bool:
    """As a resend: what it repeats stands."""
    return any(a.reason_code == "18" for line in claim.lines for a in line.adjustments)


def _corrects(claim: DecidedClaim, reversal: DecidedClaim) -> bool:
    same = claim.answers == reversal.answers and not claim.is_reversal
    return same and claim.adjudication != reversal.reverses and not _is_refused(claim)
