"""Decides every denied line of one claim: asks the rules, settles conflicts, holds the gates.

The first rule of ``ALL_RULES`` that answers a line decides it; where none does, the path of its
reason code is left. Before a replacement may go, the gates of :mod:`rules.gate` must let it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from edi.change import parse_place, parse_split
from rules.charge import with_total
from rules.classify import classify
from rules.decision import (
    CORRECTED,
    NEEDS_EVIDENCE,
    REFUSED,
    ROUTED,
    ClaimFacts,
    Correction,
    Decision,
    DeniedLine,
    Outcome,
    Proposal,
    Refusal,
    Route,
)
from rules.earlier_payer import contradicted
from rules.gate import obstacle, of_whom, reasons_for_a_person
from rules.new_claim import complete, lines_left_out, path_of
from rules.registry import ALL_RULES
from rules.route import route
from rules.rule import Rule
from rules.sides import beyond_the_notes
from rules.unbillable import made_unbillable, removals, with_a_line_left

UNPLACED = Route(
    "The payer reports a service that fits no line of the claim, or more than one, so nobody can "
    "tell which line it denied; a person has to say, from the remittance and the chart.",
    "review",
)
"""What is said of one line may be wrong of another, so no rule looks at it (domain: AMBIGUOUS)."""


class _Answer(NamedTuple):
    line: DeniedLine
    rule: Rule | None
    outcome: Outcome


def propose(
    denied_lines: Sequence[DeniedLine],
    facts: ClaimFacts,
    *,
    rules: Sequence[Rule] = ALL_RULES,
    paid_claims_need_person: bool = True,
) -> tuple[Decision, ...]:
    """One decision for each denied line of one claim, in the order given.

    The corrections of all ``corrected`` lines together make one replacement. A correction that
    several of them share stands, equal, with each; take every place once.
    """
    answers = [_ask(line, facts, rules) for line in denied_lines]
    answers = _settle(answers, rules)
    taken_off = removals(facts)
    decisions = [_decide(a, facts, taken_off, paid_claims_need_person) for a in answers]
    going = with_a_line_left(complete(decisions, facts), facts.claim)
    return with_total(_numbered(going, facts), facts.claim)


def _ask(line: DeniedLine, facts: ClaimFacts, rules: Sequence[Rule]) -> _Answer:
    if line.is_unplaced and line.path != "hold":
        return _Answer(line, None, UNPLACED)
    # What another payer says of this claim is no reason to change it at the one that has it.
    for rule in rules if line.other_payer is None else ():
        outcome = rule.consider(line, facts)
        if isinstance(outcome, Proposal):
            why = beyond_the_notes(facts, outcome.corrections)
            if why is not None:
                outcome = Refusal(f"{outcome.explanation} But {why}", "review")
        if outcome is not None:
            return _Answer(line, rule, outcome)
    return _Answer(line, None, route(line, facts))


def _numbered(decisions: Sequence[Decision], facts: ClaimFacts) -> tuple[Decision, ...]:
    """The decisions, each line that the claim gets with the next number that is free.

    Every rule that splits a line asks for the first one; two lines may be split on one claim.
    """
    added = dict.fromkeys(
        c.new_value
        for d in decisions
        if d.decision == CORRECTED
        for c in d.corrections
        if _adds_line(c)
    )
    number = {new: n for n, new in enumerate(added, len(facts.claim.service_lines) + 1)}

    def placed(correction: Correction) -> Correction:
        nth = number.get(correction.new_value) if _adds_line(correction) else None
        return replace(correction, place=f"2400[{nth}]") if nth else correction

    return tuple(replace(d, corrections=tuple(placed(c) for c in d.corrections)) for d in decisions)


def _adds_line(correction: Correction) -> bool:
    return correction.new_value is not None and parse_place(correction.place).is_line


def _split_apart(one: Correction, other: Correction) -> bool:
    """Whether each adds a line, split from another one of the claim."""
    both = _adds_line(one) and _adds_line(other)
    origins = [parse_split(c.new_value or "").origin for c in (one, other) if both]
    return both and origins[0] != origins[1]


def _overlap(one: str, other: str) -> bool:
    if one == other:
        return True
    a, b = parse_place(one), parse_place(other)
    return a.line == b.line != 0 and (a.is_line or b.is_line)


def _settle(answers: list[_Answer], rules: Sequence[Rule]) -> list[_Answer]:
    """Takes back proposals that want another text where an earlier rule has said its own."""
    rank = {r.code: n for n, r in enumerate(rules)}
    wanted = [
        (rank[a.rule.code], c)
        for a in answers
        if a.rule is not None and isinstance(a.outcome, Proposal)
        for c in a.outcome.corrections
    ]

    def loses(answer: _Answer) -> bool:
        if answer.rule is None or not isinstance(answer.outcome, Proposal):
            return False
        mine = rank[answer.rule.code]
        return any(
            other <= mine
            and _overlap(c.place, o.place)
            and (c.place, c.new_value) != (o.place, o.new_value)
            and not _split_apart(c, o)
            for c in answer.outcome.corrections
            for other, o in wanted
        )

    conflict = Refusal(
        "Two corrections of this claim want different things in the same place; a person has to "
        "say which one is right.",
        "review",
    )
    return [a._replace(outcome=conflict) if loses(a) else a for a in answers]


def _decide(
    answer: _Answer, facts: ClaimFacts, taken_off: tuple[Correction, ...], paid_needs: bool
) -> Decision:
    line, rule, outcome = answer
    decision = Decision(
        line=line,
        decision=ROUTED,
        path=line.path,
        explanation="",
        rule_code=rule.code if rule else None,
        rule_version=rule.version if rule else None,
    )
    if isinstance(outcome, Proposal):
        return _proposed(decision, outcome, facts, taken_off, paid_needs)
    decision = replace(decision, explanation=outcome.reason, path=outcome.path)
    if not isinstance(outcome, Refusal):
        return decision
    if not outcome.missing_evidence:
        return replace(decision, decision=REFUSED)
    path = path_of(outcome.path, line, facts)
    decision = replace(decision, path=path)
    goes = path in ("replacement", "new_claim")
    if goes and (found := obstacle(line, facts, path)) is not None:
        if found.is_final:
            return replace(
                decision,
                decision=found.decision,
                path=found.path,
                explanation=found.reason[0].upper() + found.reason[1:],
            )
        # What is missing stays missing when the obstacle is gone, so both are said at once.
        decision = replace(
            decision, path=found.path, explanation=f"{outcome.reason} Besides: {found.reason}"
        )
    return replace(decision, decision=NEEDS_EVIDENCE, missing_evidence=outcome.missing_evidence)


def _proposed(
    decision: Decision,
    proposal: Proposal,
    facts: ClaimFacts,
    taken_off: tuple[Correction, ...],
    paid_needs: bool,
) -> Decision:
    line, path = decision.line, path_of(proposal.path, decision.line, facts)
    if (found := obstacle(line, facts, path)) is not None:
        return replace(
            decision,
            decision=found.decision,
            path=found.path,
            explanation=f"{proposal.explanation} But: {found.reason}",
            worksheet=proposal.corrections,
        )
    if path == "new_claim":
        left_out = lines_left_out(facts)
        known = {c.place for c in left_out}
        taken_off = (*left_out, *(c for c in taken_off if c.place not in known))
    already = {c.place for c in proposal.corrections}
    taken_off = tuple(c for c in taken_off if c.place not in already)
    places = {parse_place(c.place).line for c in taken_off} - {0}
    if any(parse_place(c.place).line in places for c in proposal.corrections):
        return replace(
            decision,
            decision=REFUSED,
            path="write_off",
            explanation="The line may not be billed beside another one of the same day, so there "
            "is nothing to correct on it: write it off.",
        )
    if (why := made_unbillable(facts, (*proposal.corrections, *taken_off))) is not None:
        return replace(
            decision,
            decision=REFUSED,
            path="review",
            explanation=f"{proposal.explanation} But the claim may not bill that: {why} A coder "
            "has to say what was done.",
            worksheet=proposal.corrections,
        )
    if (why := contradicted(facts.claim, (*proposal.corrections, *taken_off))) is not None:
        return replace(
            decision,
            decision=REFUSED,
            path="review",
            explanation=f"{proposal.explanation} But: {why}",
            worksheet=proposal.corrections,
        )
    needs = [
        *proposal.needs_person,
        *of_whom(proposal.corrections, facts),
        *reasons_for_a_person(line, facts, path, paid_claims_need_person=paid_needs),
    ]
    gone = [c for c in (*proposal.corrections, *taken_off) if parse_place(c.place).is_line]
    gone = [c for c in gone if c.new_value is None]
    if gone:
        codes = ", ".join(sorted({c.reason for c in gone}))
        what = path.replace("_", " ")
        needs.append(f"the {what} takes a line off the claim: {codes}")
    unsure = {
        e.document_id
        for c in proposal.corrections
        for e in c.evidence
        if facts.may_be_of_another(e)
    }
    if unsure:
        needs.append(
            "another claim here has the same patient control number; make sure that "
            f"{', '.join(sorted(unsure))} is about this one"
        )
    others = _other_denials(line, facts)
    if others:
        needs.append("the line was denied for another reason too: CARC " + ", ".join(others))
    return replace(
        decision,
        decision=CORRECTED,
        path=path,
        explanation=proposal.explanation,
        corrections=proposal.corrections + taken_off,
        safety=proposal.safety,
        needs_person=tuple(dict.fromkeys(needs)),
    )


def _other_denials(line: DeniedLine, facts: ClaimFacts) -> list[str]:
    return [
        a.reason_code
        for a in line.adjustments
        if a.reason_code != line.reason_code
        and a.amount > 0
        and classify(
            a.group_code,
            a.reason_code,
            line.remark_codes,
            allowed_amount=line.allowed_amount,
            payer_kind=facts.payer.kind,
        ).is_denial
    ]
