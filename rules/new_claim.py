"""The new claim after one that was never adjudicated: which lines it carries, and when it may go.

Medicare Part B returns what it cannot process with remark MA130: there is nothing to replace or
appeal, and what comes next is a new claim of the returned lines alone, with what they lacked
(CONTRACT, section 5). Sent as it was it comes back as it came.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from rules.amend import published, sv101
from rules.classify import UNPROCESSABLE, classify
from rules.decision import CORRECTED, REFUSED, ClaimFacts, Correction, Decision, DeniedLine

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


def complete(decisions: Sequence[Decision], facts: ClaimFacts) -> tuple[Decision, ...]:
    """The decisions, new claims taken back where a returned line would go as it came."""
    new = [d for d in decisions if d.decision == CORRECTED and d.path == "new_claim"]
    missing = set(returned_lines(facts)) if new else set()
    for decision in new:
        missing.discard(decision.line.line_position or 0)
        if any(not c.place.startswith("24") and c.place != "2300/CLM02"
               for c in decision.corrections):  # fmt: skip
            missing.clear()
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
