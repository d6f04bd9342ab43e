"""NPI of the rendering provider missing or mistyped.

Denial    CARC 16, 206 or 207 with remark N290: the rendering provider's identifier is missing,
          incomplete or invalid.
Fix       The NPI in NM109 (NM108 XX) of the loop that names who rendered the line: its own 2420A,
          else 2310B. Only where the claim has none there, or one whose check digit is wrong.
Evidence  A procedure note of that day and procedure that names who rendered it (rendering_npi);
          for 2310B one of each line that it stands for, and all name the same.
Refuses   No loop that names who rendered (a person adds name and NPI); a number that is an NPI: the
          one of the note was sent already, another one would be another provider, whose name would
          have to change with it (review, each); another kind of number; no such note (it is asked
          for); notes that name several; an authorization on the claim that is for another provider.
Safety    Approval: a person sees that it is the NPI of the provider whom the claim names.
Sources   5010 837P guide, NM108 and NM109 of 2310B and 2420A; 45 CFR 162.406 (check digit); X12
          code lists 139 and 411.
"""

from __future__ import annotations

from rules.amend import amend
from rules.authorization import lines_of
from rules.decision import APPROVAL, ClaimFacts, Correction, DeniedLine, Outcome, Proposal, Refusal
from rules.rendering import (
    RenderingAt,
    authorized_for_another,
    naming,
    not_carried,
    rendering_of,
)
from rules.rule import Rule

ANSWERS = ("16", "206", "207")
_REMARK = "N290"
_NEVER = "It is never exchanged for another provider's."


def consider(line: DeniedLine, facts: ClaimFacts) -> Outcome | None:
    """The NPI of who rendered, or why the claim's is not to be changed."""
    if line.reason_code not in ANSWERS or _REMARK not in line.remark_codes:
        return None
    gone = not_carried(line, facts)
    found = [rendering_of(x, facts.claim, gone) for x in lines_of(line.line_position, facts)]
    loops = {at.loop: at for at in found if at is not None}
    if not loops or None in found:
        return Refusal(
            "The claim names no rendering provider (2310B, 2420A), so the billing provider counts "
            f"as who rendered. If someone else did, a person has to add name and NPI. {_NEVER}",
            "review",
        )
    wrong = [at for at in loops.values() if not at.has_npi]
    if not wrong:
        return _is_one(next(iter(loops.values())), facts)
    corrections: list[Correction] = []
    for at in wrong:
        answer = _filled_in(at, facts)
        if isinstance(answer, Refusal):
            return answer
        corrections += answer
    documents = ", ".join(dict.fromkeys(e.document_id for c in corrections for e in c.evidence))
    return Proposal(
        corrections=tuple(corrections),
        safety=RULE.safety,
        needs_person=(f"see that the NPI of {documents} is of the provider whom the claim names",),
        explanation=f"{documents} has the NPI of who rendered this; the claim has none, or one "
        "whose check digit is wrong. The name stays.",
    )


def _is_one(at: RenderingAt, facts: ClaimFacts) -> Refusal:
    named = {n.rendering_npi: n for x in at.lines for n in naming(x, facts)}
    if at.number in named:
        words = (
            f"The NPI that {named[at.number].document_id} names was sent already: the payer does "
            "not have the provider in its file. Ask for the enrollment."
        )
    elif named:
        words = (
            f"{next(iter(named.values())).document_id} names another NPI than the claim, which is "
            "one too: name and number would have to change together. A person has to say who "
            "rendered this."
        )
    else:
        words = (
            "The claim's NPI of who rendered is one (its check digit is right): ask whether the "
            "payer has that provider in its file, and see who rendered this."
        )
    return Refusal(f"{words} {_NEVER}", "review")


def _filled_in(at: RenderingAt, facts: ClaimFacts) -> list[Correction] | Refusal:
    qualifier = at.party.name.identification_code_qualifier
    if qualifier not in (None, "XX"):
        return Refusal(
            "The claim names who rendered by another kind of number than an NPI; a person has to "
            f"see which one the payer wants. {_NEVER}",
            "review",
        )
    notes = [naming(x, facts) for x in at.lines]
    if not notes or not all(notes):
        return Refusal(
            "The NPI of who rendered is missing on the claim, or its check digit is wrong, and not "
            "every line that it stands for has a note that names it (rendering_npi, with a site or "
            f"drug of that line's code). Enter the notes. {_NEVER}",
            "replacement",
            ("procedure_note",),
        )
    every = {n.document_id: n for found in notes for n in found}
    npis = {n.rendering_npi for n in every.values()}
    if len(npis) > 1:
        return Refusal(
            f"The notes ({', '.join(sorted(every))}) name more than one who rendered the lines "
            f"that one name on the claim stands for; a person has to say who did which. {_NEVER}",
            "review",
        )
    npi = next(n for n in npis if n is not None)
    if other := ", ".join(a.document_id for a in authorized_for_another(at, npi, facts)):
        return Refusal(
            f"{', '.join(sorted(every))} names another provider than authorization {other}, which "
            f"the claim carries; a person has to settle with the payer whom it is for. {_NEVER}",
            "review",
        )
    why, evidence = "the NPI of who rendered, which the claim did not have", tuple(every.values())
    number = amend(RULE, f"{at.loop}/NM109", at.number, npi, evidence, why)
    kind = amend(RULE, f"{at.loop}/NM108", None, "XX", evidence, why)
    return [number] if qualifier else [kind, number]


RULE = Rule(
    code="provider.rendering-npi",
    version=1,
    answers=ANSWERS,
    safety=APPROVAL,
    sources=("ASC X12N 005010X222A1 2310B and 2420A NM1", "45 CFR 162.406", "X12 code list 411"),
    consider=consider,
)
