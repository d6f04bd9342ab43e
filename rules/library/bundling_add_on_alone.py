"""Add-on code without its primary.

Denial    CARC 107, B15 or 97 on a code that the add-on file (AOC) of the quarter lists.
Fix       None: an add-on goes with its primary. What is mended, or missing, is the primary.
Evidence  A procedure note of that day tells whether a primary was done and left unbilled.
Refuses   No primary on the claim that day (review where a note has one, or no note says; write-off
          where the note has none); the primary denied (mend that one first; the replacement
          carries the add-on along); contractor-defined primaries (review); no add-on file for the
          quarter. Primary paid: appeal under 107 and B15, another rule's under 97.
Safety    Approval; it never proposes a change. A line that nobody billed is never added.
Sources   NCCI Policy Manual, chapter I, on add-on codes, and the user's own add-on code file.
"""

from __future__ import annotations

from edi.claim import ServiceLine
from rules.chart import notes_of
from rules.decision import APPROVAL, ClaimFacts, DeniedLine, Outcome, Refusal
from rules.references import AOC, CONTRACTOR_DEFINED, AddOn, missing_file, shared_day
from rules.rule import Rule

ANSWERS = ("107", "B15", "97")


def consider(line: DeniedLine, facts: ClaimFacts) -> Outcome | None:
    """What is left to do about the primary; None for a code that is no add-on."""
    billed = facts.service_line(line.line_position)
    if line.reason_code not in ANSWERS or billed is None:
        return None
    day = billed.service_date
    if day is None or not facts.references.covers(AOC, day):
        # 97 says nothing of a primary, so it is asked of the code pairs next.
        if line.reason_code == "97" or day is None:
            return None
        return Refusal(f"{missing_file(AOC, day)}.", "review")
    listed = facts.references.primaries(billed.procedure_code, day)
    if not listed:
        return None
    primaries = [
        other
        for other in facts.claim.service_lines
        if other.position != billed.position
        and other.procedure_code in {a.primary for a in listed}
        and shared_day(other, billed) is not None
        and facts.claim.rendering_npi_of(other) == facts.claim.rendering_npi_of(billed)
    ]
    if not primaries:
        return _none_billed(billed, listed, facts)
    codes = ", ".join(dict.fromkeys(p.procedure_code for p in primaries))
    if not any(facts.was_allowed(p) for p in primaries):
        return Refusal(
            f"{billed.procedure_code} is an add-on to {codes}, which was denied as well. Mend that "
            "denial first: a replacement of the claim carries the add-on along.",
            "review",
        )
    if line.reason_code == "97":
        return None
    return Refusal(
        f"{billed.procedure_code} is an add-on, and its primary {codes} is on the same claim and "
        "was paid. A changed claim has nothing to add: appeal.",
        "appeal",
    )


def _none_billed(billed: ServiceLine, listed: tuple[AddOn, ...], facts: ClaimFacts) -> Refusal:
    codes = {a.primary for a in listed} - {CONTRACTOR_DEFINED}
    if len(codes) < len({a.primary for a in listed}) or any(a.type_code == "2" for a in listed):
        return Refusal(
            f"{billed.procedure_code} is an add-on whose primaries each contractor defines. Look "
            "it up in the payer's own list.",
            "review",
        )
    notes = notes_of(billed, facts)
    sites = [s.procedure_code for n in notes for s in n.sites]
    documents = ", ".join(dict.fromkeys(n.document_id for n in notes))
    documented = sorted(codes.intersection(sites))
    if documented:
        return Refusal(
            f"{billed.procedure_code} is an add-on without its primary on the claim, and "
            f"{documents} has {', '.join(documented)}, which was not billed that day. A coder has "
            "to say whether it belongs on the claim.",
            "review",
        )
    if notes:
        return Refusal(
            f"{billed.procedure_code} is an add-on, and neither the claim nor {documents} has one "
            "of its primaries. The denial is right: write it off.",
            "write_off",
        )
    return Refusal(
        f"{billed.procedure_code} is an add-on, and none of its primaries is on the claim that "
        "day. If one was done, it was left unbilled or went on another claim; if none was, the "
        "denial is right. A coder has to look; no line is added here.",
        "review",
    )


RULE = Rule(
    code="bundling.add-on-alone",
    version=1,
    answers=ANSWERS,
    safety=APPROVAL,
    sources=("NCCI Policy Manual, chapter I, add-on codes", "the add-on code file of the user"),
    consider=consider,
)
