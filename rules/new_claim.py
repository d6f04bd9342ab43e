"""The new claim after one that was never adjudicated: which lines it carries, and when it may go.

Medicare Part B returns what it cannot process with remark MA130: there is nothing to replace or
appeal, and what comes next is a new claim of the returned lines alone, with what they lacked
(CONTRACT, section 5). Sent as it was it comes back as it came.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from edi.change import parse_place
from rules.amend import published, sv101
from rules.classify import UNPROCESSABLE, classify
from rules.decision import CORRECTED, REFUSED, ClaimFacts, Correction, Decision, DeniedLine
from rules.evidence import PublishedRule

CODE, VERSION = "new-claim.returned-lines", 1
_SOURCE = "Medicare Claims Processing Manual, chapter 1, section 80.3"
_READ = date(2026, 11, 21)


def path_of(path: str, line: DeniedLine, facts: ClaimFacts) -> str:
    """Where a change goes that its rule would put into a replacement."""
    returned = facts.payer.is_medicare_part_b and UNPROCESSABLE in line.remark_codes
    return "new_claim" if path == "replacement" and returned else path


def returned_lines(facts: ClaimFacts) -> frozenset[int]:
    """Positions of the lines that Medicare Part B returned; none for other payers.

    A claim that was returned as a whole has them all.
    """
    if not facts.payer.is_medicare_part_b:
        return frozenset()
    found: set[int] = set()
    for a in facts.adjudications:
        denied = any(
            x.amount > 0 and classify(x.group_code, x.reason_code, a.remark_codes).is_denial
            for x in a.adjustments
        )
        if UNPROCESSABLE in a.remark_codes and denied and a.payment_amount == 0:
            if a.line_position is None:
                return frozenset(x.position for x in facts.claim.service_lines)
            found.add(a.line_position)
    return frozenset(found)


def completes(correction: Correction, facts: ClaimFacts) -> bool:
    """Whether it takes off what made a returned line unprocessable, for a reason that stands."""
    place = parse_place(correction.place)
    return (
        correction.new_value is None
        and not place.is_line
        and place.line in returned_lines(facts)
        and any(isinstance(e, PublishedRule) or e in facts.evidence for e in correction.evidence)
    )


def lines_left_out(facts: ClaimFacts) -> tuple[Correction, ...]:
    """The corrections that leave out the lines which were adjudicated and not returned."""
    returned = returned_lines(facts)
    if not returned:
        return ()
    return tuple(
        Correction(
            place=f"2400[{line.position}]",
            old_value=sv101(line.service.procedure),
            new_value=None,
            evidence=(published(_SOURCE, _READ),),
            rule_code=CODE,
            rule_version=VERSION,
            reason="it was not returned as unprocessable, so the new claim does not carry it",
        )
        for line in facts.claim.service_lines
        if line.position not in returned
    )


def _answered(decision: Decision, facts: ClaimFacts) -> frozenset[int]:
    """Positions of the lines that a decision completes: its own, or all that it speaks for.

    Who is insured, who bills and who rendered is every line's. A diagnosis, a number or a note of
    the claim is not: it was found for one line, and another one may have lacked something else.
    """
    own, lines = decision.line.line_position, facts.claim.service_lines
    loops = {parse_place(c.place).loop for c in decision.corrections}
    everyone = own is None or any(x.startswith(("2000", "2010", "2310")) for x in loops - {"2310B"})
    return frozenset(
        x.position
        for x in lines
        if everyone or x.position == own or ("2310B" in loops and x.rendering_provider is None)
    )


def complete(decisions: Sequence[Decision], facts: ClaimFacts) -> tuple[Decision, ...]:
    """The decisions, new claims taken back where a returned line would go as it came."""
    new = [d for d in decisions if d.decision == CORRECTED and d.path == "new_claim"]
    missing = set(returned_lines(facts)) if new else set()
    missing.difference_update(*(_answered(decision, facts) for decision in new))
    if not missing:
        return tuple(decisions)
    numbers = ", ".join(str(n) for n in sorted(missing))
    why = (
        f"line {numbers} of the claim was returned as unprocessable too, and nothing on file says "
        "what it lacked. Sent as it was it comes back; a person has to complete it."
    )
    return tuple(
        replace(
            d,
            decision=REFUSED,
            explanation=f"{d.explanation} But: {why}",
            corrections=(),
            safety=None,
            needs_person=(),
            worksheet=d.corrections,
        )
        if d in new
        else d
        for d in decisions
    )
