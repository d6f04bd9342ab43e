"""Corrections as rules write them: one place after another, modifiers without gaps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import zip_longest

from edi.claim import ServiceLine
from edi.record import Procedure
from rules.decision import Correction
from rules.evidence import EvidenceRecord, PublishedRule, Subject
from rules.rule import Rule

MOST_MODIFIERS = 4


def amend(
    rule: Rule,
    place: str,
    old: str | None,
    new: str | None,
    evidence: Sequence[EvidenceRecord],
    reason: str,
) -> Correction:
    """One correction in a rule's name."""
    return Correction(
        place=place,
        old_value=old,
        new_value=new,
        evidence=tuple(evidence),
        rule_code=rule.code,
        rule_version=rule.version,
        reason=reason,
    )


def modifiers(
    rule: Rule,
    line: ServiceLine,
    wanted: Sequence[str],
    evidence: Sequence[EvidenceRecord],
    reason: str,
) -> tuple[Correction, ...]:
    """What makes the line's modifiers these, place by place."""
    return tuple(
        amend(rule, f"2400[{line.position}]/SV101-{3 + n}", old, new, evidence, reason)
        for n, (old, new) in enumerate(zip_longest(line.modifiers, wanted))
        if old != new
    )


def take_off(
    rule: Rule, line: ServiceLine, evidence: Sequence[EvidenceRecord], reason: str
) -> Correction:
    """Takes a whole line off the claim; the claim's charge follows by itself."""
    place = f"2400[{line.position}]"
    return amend(rule, place, sv101(line.service.procedure), None, evidence, reason)


def sv101(procedure: Procedure) -> str:
    """A procedure composite as a place's text has it, parts joined by ":"."""
    parts = [procedure.product_or_service_id_qualifier, procedure.procedure_code]
    parts += [*procedure.modifiers, *[""] * (4 - len(procedure.modifiers))]
    parts += [procedure.description or "", procedure.through_code or ""]
    return ":".join(parts).rstrip(":")


def published(document_id: str, read: date) -> PublishedRule:
    """A billing rule as what carries a removal: the citation, and when it was read."""
    return PublishedRule(
        document_id=document_id, attested_by="reclaim", attested_on=read, subject=Subject()
    )
