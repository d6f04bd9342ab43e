"""Who rendered a line, where the claim names it, and whether its NPI may be filled in from notes.

A provider is never swapped: a name and an NPI that is one stay as they were billed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from edi.change import Place, parse_place
from edi.claim import Claim, ServiceLine
from edi.npi import is_valid
from edi.party import PartyLoop
from rules.authorization import same_number
from rules.chart import notes_of, speaks_for
from rules.decision import ClaimFacts, Correction, DeniedLine
from rules.evidence import Authorization, ProcedureNote
from rules.new_claim import lines_left_out, path_of
from rules.unbillable import removals

LOOPS = ("2310B", "2420A")


class RenderingAt(NamedTuple):
    """A loop that names who rendered, and the lines that it stands for."""

    loop: str
    party: PartyLoop
    lines: tuple[ServiceLine, ...]

    @property
    def number(self) -> str | None:
        """NM109, whatever NM108 calls it; None where it was not sent."""
        return self.party.name.identification_code

    @property
    def has_npi(self) -> bool:
        """Whether the number is an NPI: its check digit is right."""
        return is_valid(self.number or "")


def rendering_of(line: ServiceLine, claim: Claim, gone: Collection[int] = ()) -> RenderingAt | None:
    """The loop that says who rendered a line: 2420A, else 2310B; None where neither was sent.

    ``gone``: positions of lines that the changed claim does not carry.
    """
    if line.rendering_provider is not None:
        return RenderingAt(f"2420A[{line.position}]", line.rendering_provider, (line,))
    if claim.rendering_provider is None:
        return None
    inherit = (x for x in claim.service_lines if x.rendering_provider is None)
    stay = tuple(x for x in inherit if x.position not in gone)
    return RenderingAt("2310B", claim.rendering_provider, stay)


def not_carried(line: DeniedLine, facts: ClaimFacts) -> frozenset[int]:
    """Lines that the changed claim will not carry, so that nothing is asserted for them."""
    taken_off = removals(facts)
    if path_of("replacement", line, facts) == "new_claim":
        taken_off += lines_left_out(facts)
    return frozenset(parse_place(c.place).line for c in taken_off)


def naming(line: ServiceLine, facts: ClaimFacts) -> tuple[ProcedureNote, ...]:
    """The notes of a line's procedure and day that name who rendered it."""
    return tuple(
        n
        for n in notes_of(line, facts)
        if n.rendering_npi is not None and speaks_for(n, line, facts.claim)
    )


def authorized_for_another(
    at: RenderingAt, npi: str, facts: ClaimFacts
) -> tuple[Authorization, ...]:
    """Authorizations whose number the lines carry, and which name another provider."""
    carried = [facts.claim.prior_authorization_number, *(x.reference("G1") for x in at.lines)]
    return tuple(
        a
        for a in facts.on_file(Authorization)
        if a.rendering_npi not in (None, npi) and any(same_number(a.number, n) for n in carried)
    )


def why_not(
    place: Place, correction: Correction, facts: ClaimFacts, corrections: Sequence[Correction]
) -> tuple[str, str] | None:
    """Why a change of the loop's NM1 is on the never-list: its number there, and words."""
    places = [(parse_place(c.place), c) for c in corrections]
    gone = {p.line for p, c in places if p.is_line and c.new_value is None}
    loops = (rendering_of(x, facts.claim, gone) for x in facts.claim.service_lines)
    at = next((x for x in loops if x is not None and x.loop == _loop(place)), None)
    if at is None or place.element not in (8, 9):
        return "N4", "who rendered is never added, renamed or exchanged"
    if place.element == 8:
        number = any(_loop(p) == at.loop and p.name == "NM109" for p, _ in places)
        is_missing = at.party.name.identification_code_qualifier is None
        fits = number and is_missing and correction.new_value == "XX"
        return None if fits else ("N4", "another kind of number for who rendered")
    npi = correction.new_value or ""
    if at.has_npi or not is_valid(npi):
        return "N4", "the NPI of who rendered is exchanged, not filled in"
    for x in at.lines:
        notes = naming(x, facts)
        if {n.rendering_npi for n in notes} != {npi} or not set(notes) & set(correction.evidence):
            return "N4", f"{place} without a procedure note of each line that names it"
    if not at.lines or authorized_for_another(at, npi, facts):
        return "N7", "an authorization for another provider"
    return None


def _loop(place: Place) -> str:
    return str(place._replace(segment="", element=0))
