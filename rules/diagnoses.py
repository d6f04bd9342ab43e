"""Documented diagnoses of a claim's lines, without dots, as HI has them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from edi.claim import ServiceLine
from rules.decision import ClaimFacts
from rules.evidence import Diagnosis


def records_of(line: ServiceLine, facts: ClaimFacts) -> list[Diagnosis]:
    """The diagnosis records of the line's procedure and day; none for a line of several days."""
    return [
        r
        for r in facts.on_file(Diagnosis)
        if r.procedure_code == line.procedure_code
        and line.service_dates == (r.service_date, r.service_date)
    ]


def codes_of(record: Diagnosis) -> tuple[str, ...]:
    """Its codes, each once."""
    return tuple(dict.fromkeys(c.replace(".", "") for c in record.codes))


def added(facts: ClaimFacts, known: Sequence[str], answers: Collection[str]) -> list[str]:
    """Documented diagnoses that the claim lacks, over all its denied lines: one numbering."""
    found: list[str] = []
    for other in sorted(facts.adjudications, key=lambda a: a.line_position or 0):
        line = facts.service_line(other.line_position)
        if line is not None and any(a.reason_code in answers for a in other.adjustments):
            for record in records_of(line, facts)[:1]:
                found += [c for c in codes_of(record) if c not in (*known, *found)]
    return found


def carrying(code: str, facts: ClaimFacts) -> tuple[Diagnosis, ...]:
    """The records of a day of the claim that document a diagnosis."""
    days = {line.service_date for line in facts.claim.service_lines}
    return tuple(
        r for r in facts.on_file(Diagnosis) if code in codes_of(r) and r.service_date in days
    )
