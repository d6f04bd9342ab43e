"""One claim as it was billed and as it goes out, held side by side for :mod:`rules.never`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from edi.claim import Claim, ServiceLine
from rules.decision import Correction, LineAdjudication
from rules.evidence import EvidenceRecord, ProcedureNote


class Violation(NamedTuple):
    """Something on the never-list, in words without patient data."""

    code: str
    reason: str


class Pair(NamedTuple):
    """A line as billed and as it goes out; ``at`` is its position in the original."""

    at: int
    billed: ServiceLine
    sent: ServiceLine


class Check:
    """One comparison. ``named`` are the approved corrections by place."""

    def __init__(
        self,
        original: Claim,
        emitted: Claim,
        corrections: Sequence[Correction],
        evidence: Sequence[EvidenceRecord],
        adjudications: Sequence[LineAdjudication] = (),
    ) -> None:
        self.original, self.emitted, self.evidence = original, emitted, tuple(evidence)
        self.named = {c.place: c for c in corrections}
        self.adjudications = tuple(adjudications)
        self.found: list[Violation] = []

        self.said: frozenset[tuple[int, str]] = frozenset()

    def say(self, code: str, reason: str) -> None:
        """Note a violation."""
        self.found.append(Violation(code, reason))

    def facts(self, place: str, value: str | None) -> list[EvidenceRecord]:
        """The facts on file behind the correction that gives ``place`` this value."""
        correction = self.named.get(place)
        if correction is None or correction.new_value != value:
            return []
        return [e for e in correction.evidence if e in self.evidence]

    def fact(self, place: str, value: str | None, *kinds: type[EvidenceRecord]) -> bool:
        """Whether one of them is of one of these kinds."""
        return any(isinstance(e, kinds) for e in self.facts(place, value))

    def denied_for(self, reasons: Collection[str], at: int) -> bool:
        """Whether the payer denied a line, or the whole claim, for one of these reasons."""
        return any(
            x.reason_code in reasons and x.amount > 0
            for a in self.adjudications
            if a.line_position in (None, at)
            for x in a.adjustments
        )

    def noted(self, correction: Correction) -> bool:
        """Whether a procedure note on file carries the correction."""
        return any(isinstance(e, ProcedureNote) and e in self.evidence for e in correction.evidence)
