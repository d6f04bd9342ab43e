"""Which line an SVC can be told to answer, by what the payer shows of it and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.adjudication import DecidedClaim, DecidedLine
from simulator.submitted import SubmittedClaim, SubmittedLine

DIVIDED = frozenset({"line_split", "unbundled"})
# The shortest number of which a part is enough, beside patient, date and charge.
LONG_ENOUGH = 12


@dataclass(frozen=True, slots=True)
class Verdict:
    """How surely a claim or line can be told, and what stands in the way."""

    match: str
    """certain, inferable (right or not at all), ambiguous, or unmatched."""
    reason: str = ""
    candidates: tuple[int, ...] = ()
    """The lines it may be, where it is ambiguous."""


def claim_verdict(decided: DecidedClaim) -> Verdict:
    """How surely a CLP can be told from its number, patient, date and charge."""
    if not decided.answers[1]:
        return Verdict("unmatched", "not_our_claim")
    own = decided.patient_control_number
    for quirk in decided.quirks:
        if quirk in ("number_zero", "number_prefixed"):
            return Verdict("inferable", quirk)
        part = quirk in ("number_cut_17", "number_cut_20", "number_suffixed")
        if part and (len(own) < LONG_ENOUGH or "several_clps" in decided.quirks):
            return Verdict("inferable", quirk)
    return Verdict("certain")


def line_verdicts(
    decided: DecidedClaim, claim: SubmittedClaim | None, parts: Sequence[DecidedClaim] = ()
) -> list[Verdict]:
    """How surely each SVC of a CLP can be told; a line taken by another is no candidate.

    ``parts`` are the other CLPs that the payer made of the same answer, where it made several.
    """
    if claim is None:
        return [Verdict("unmatched", "not_our_claim") for _ in decided.lines]

    def candidates_of(one: DecidedClaim) -> list[list[int]]:
        return [_candidates(line, claim.lines, dated=not one.dates_at_claim) for line in one.lines]

    candidates = candidates_of(decided)
    every = [*candidates, *(found for part in parts for found in candidates_of(part))]
    taken = {found[0] for found in every if len(found) == 1}
    verdicts = []
    for line, found in zip(decided.lines, candidates, strict=True):
        if len(found) == 1:
            # Its charge says nothing of it, and no number names it.
            bare = "unbundled" in line.quirks and not line.line_item_control_number
            verdicts.append(Verdict("inferable", "unbundled") if bare else Verdict("certain"))
            continue
        left = [number for number in found if number not in taken]
        if left == [line.number]:
            verdicts.append(Verdict("inferable", "by_elimination"))
        else:
            verdicts.append(Verdict("ambiguous", "identical_lines", tuple(found)))
    return verdicts


def _candidates(line: DecidedLine, lines: Sequence[SubmittedLine], *, dated: bool) -> list[int]:
    """The lines that agree with all that is shown; the true one is always among them."""
    if line.line_item_control_number:
        return [line.number]
    shown = line.modifiers if line.reported_modifiers is None else line.reported_modifiers
    true = next(other for other in lines if other.number == line.number)
    whole = not DIVIDED & set(line.quirks)
    return [
        other.number
        for other in lines
        if other.number == line.number
        or (
            other.procedure_code == line.procedure_code
            and (not shown or sorted(other.modifiers) == sorted(shown))
            and (not dated or other.service_date == true.service_date)
            and (not whole or (other.charge, other.units) == (true.charge, true.units))
        )
    ]
