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

    def add(self, claim: SubmittedClaim) -> None:
        """A claim was sent."""
        lines = tuple((x.procedure_code, x.modifiers, x.charge, x.units) for x in claim.lines)
        key = (*claim.identity, claim.payer_id, claim.frequency_code, lines)
        self._sent.setdefault(key, []).append(claim.source)
        self._key_of[claim.source] = key

    def candidates(self, claims: Iterable[DecidedClaim]) -> list[list[Place]]:
        """For each claim of one payment the submissions it may be about; [] where one is told."""
        claims = list(claims)
        found = []
        for claim in claims:
            key = self._key_of.get(claim.answers)
            if key is None or _is_refused(claim):
                found.append([])
            elif claim.is_reversal:
                if not any(_corrects(other, claim) for other in claims):
                    self._taken_back.setdefault(key, set()).add(claim.answers)
                found.append(self._candidates.get(claim.reverses, []))
            else:
                several = self._sent[key] if self._taken_back.get(key) else []
                several = list(several) if len(several) > 1 else []
                self._candidates[claim.adjudication] = several
                self._taken_back.get(key, set()).discard(claim.answers)
                found.append(several)
        return found


def _is_refused(claim: DecidedClaim) -> bool:
    """As a resend: what it repeats stands."""
    return any(a.reason_code == "18" for line in claim.lines for a in line.adjustments)


def _corrects(claim: DecidedClaim, reversal: DecidedClaim) -> bool:
    same = claim.answers == reversal.answers and not claim.is_reversal
    return same and claim.adjudication != reversal.reverses and not _is_refused(claim)
