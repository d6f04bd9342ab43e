"""Lines that our own rules call unbillable, and claims that must not be sent again as they are.

A replacement asserts every line of the claim once more. What may not be asserted is taken off by
the same replacement, as a correction of its own that a person approves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import NamedTuple

from edi.change import parse_place
from edi.claim import Claim, ServiceLine
from rules.amend import published, sv101
from rules.decision import CORRECTED, REFUSED, ClaimFacts, Correction, Decision
from rules.library import bundling_imaging_guidance as imaging
from rules.library import bundling_indicator_0 as indicator_0
from rules.parameters import load
from rules.references import indicator_0_pairs


class Unbillable(NamedTuple):
    """A line that may not be billed again: which rule says so, and why."""

    line: ServiceLine
    rule_code: str
    rule_version: int
    reason: str


def _same_day(one: ServiceLine, other: ServiceLine) -> bool:
    a, b = one.service_dates, other.service_dates
    # A line without a date may be of any day, so it counts as of the other's.
    return a is None or b is None or (a[0] <= b[1] and b[0] <= a[1])


def unbillable(facts: ClaimFacts) -> tuple[Unbillable, ...]:
    """The lines a replacement takes off, in the order of the claim."""
    found = []
    for line in facts.claim.service_lines:
        primary = imaging.including(facts.claim, line)
        if primary is not None:
            reason = f"{primary.procedure_code} of the same day includes imaging guidance"
            found.append(Unbillable(line, imaging.RULE.code, imaging.RULE.version, reason))
            continue
        for other in facts.claim.service_lines:
            pair = (other.procedure_code, line.procedure_code)
            if pair in facts.indicator_0_pairs and _same_day(other, line):
                reason = f"an edit with {pair[0]} of the same day that no modifier passes"
                rule = indicator_0.RULE
                found.append(Unbillable(line, rule.code, rule.version, reason))
                break
    return tuple(found)


def removals(facts: ClaimFacts) -> tuple[Correction, ...]:
    """The corrections that take unbillable lines off; the claim's charge follows by itself."""
    read = load("code_groups")["compiled"]
    return tuple(
        Correction(
            place=f"2400[{line.position}]",
            old_value=sv101(line.service.procedure),
            new_value=None,
            evidence=(published(f"{code} version {version}", read),),
            rule_code=code,
            rule_version=version,
            reason=reason,
        )
        for line, code, version, reason in unbillable(facts)
    )


def made_unbillable(facts: ClaimFacts, corrections: Sequence[Correction]) -> str | None:
    """Why codes that corrections bring may not stand beside the other lines; None where they may.

    ``corrections`` are all that would go, those that take lines off among them.
    """
    places = {parse_place(c.place): c.new_value for c in corrections}
    codes = {p.line: new for p, new in places.items() if p.name == "SV101" and p.component == 2}
    gone = {p.line for p, new in places.items() if p.is_line and new is None}
    if not codes:
        return None
    lines = tuple(
        _with_code(line, codes.get(line.position))
        for line in facts.claim.service_lines
        if line.position not in gone
    )
    claim = facts.claim._replace(service_lines=lines)
    if (why := blocked(claim)) is not None:
        return why
    pairs = indicator_0_pairs(claim, facts.references)
    found = unbillable(replace(facts, claim=claim, indicator_0_pairs=pairs))
    return f"{found[0].line.procedure_code}: {found[0].reason}." if found else None


def with_a_line_left(decisions: Sequence[Decision], claim: Claim) -> tuple[Decision, ...]:
    """The decisions, all corrections taken back where together they leave the claim no line."""
    places = {
        parse_place(c.place): c.new_value
        for d in decisions
        if d.decision == CORRECTED
        for c in d.corrections
    }
    gone = {p.line for p, new in places.items() if p.is_line and new is None}
    is_split = any(p.is_line and new is not None for p, new in places.items())
    if is_split or not {line.position for line in claim.service_lines} <= gone:
        return tuple(decisions)
    why = (
        "with what our rules call unbillable off it, no line would be left on the claim; a person "
        "has to say what is voided and what is written off."
    )
    return tuple(
        replace(
            d,
            decision=REFUSED,
            path="review",
            explanation=f"{d.explanation} But: {why}",
            corrections=(),
            safety=None,
            needs_person=(),
            worksheet=d.corrections,
        )
        if d.decision == CORRECTED
        else d
        for d in decisions
    )


def _with_code(line: ServiceLine, code: str | None) -> ServiceLine:
    if code is None:
        return line
    procedure = line.service.procedure._replace(procedure_code=code)
    return line._replace(service=line.service._replace(procedure=procedure))


def blocked(claim: Claim) -> str | None:
    """Why the claim may not be sent again at all; None where it may."""
    for one, other in combinations(claim.service_lines, 2):
        both = {one.procedure_code, other.procedure_code} == {"62321", "62323"}
        if both and _same_day(one, other):
            return (
                "The claim bills 62321 and 62323 for one day. They are two regions, not two "
                "levels; a coder has to say which one the note documents, and a paid one "
                "that is not documented goes back to the payer."
            )
    return None
