"""Diagnosis that does not carry the procedure.

Denial    CARC 11 or 146, CARC 16 with remark M76, M64 or MA63, and CARC 50 or 167 where a
          diagnosis record of the procedure is on file.
Fix       The line's pointers in the order of the record: documented diagnoses first, those it
          pointed to after them; a documented one that the claim does not have is added to HI, as
          the next of twelve.
Evidence  A diagnosis record of that procedure and day.
Refuses   None on file for 11, 146 and 16 (it is asked for); a line of several days; two
          records that disagree; documented diagnoses that the line points to already, in that
          order (appeal); a side that differs from the line's RT or LT; more than four pointers or
          twelve diagnoses. CARC 50 or 167 without a record is not this rule's: it is an appeal.
Safety    Approval: it changes what the service was done for. No code that is not documented.
Sources   ICD-10-CM Official Guidelines, section IV; 5010 837P guide, HI and SV107;
          parameters/diagnoses.toml.
"""

from __future__ import annotations

from itertools import zip_longest

from edi.claim import ServiceLine
from rules.amend import amend
from rules.decision import APPROVAL, ClaimFacts, DeniedLine, Outcome, Proposal, Refusal
from rules.diagnoses import added, carrying, codes_of, records_of
from rules.evidence import Diagnosis
from rules.parameters import load
from rules.rule import Rule

ANSWERS = ("11", "146", "16", "50", "167")
_REMARKS = frozenset(("M76", "M64", "MA63"))
_COVERAGE = ("50", "167")


def consider(line: DeniedLine, facts: ClaimFacts) -> Outcome | None:
    """Pointers to what is documented."""
    billed = facts.service_line(line.line_position)
    if line.reason_code not in ANSWERS or billed is None:
        return None
    if line.reason_code == "16" and not _REMARKS & set(line.remark_codes):
        return None
    records = records_of(billed, facts)
    if not records:
        if line.reason_code in _COVERAGE:
            return None
        days = billed.service_dates
        if days is None or days[0] != days[1]:
            return Refusal(
                "The line is billed for several days, and a diagnosis record is of one; a coder "
                "has to say what the service was done for.",
                "review",
            )
        return Refusal(
            "The payer finds that the diagnosis does not carry the procedure. If the chart "
            "documents another one for it, enter the diagnosis record.",
            "replacement",
            ("diagnosis",),
        )
    documents = ", ".join(r.document_id for r in records)
    if len({codes_of(r) for r in records}) > 1:
        return Refusal(f"The diagnosis records on file ({documents}) disagree.", "review")
    codes = codes_of(records[0])
    sides = load("diagnoses")["side"]
    sides = {sides[c] for c in codes if c in sides}
    if sides and {"RT", "LT"} & set(billed.modifiers) and not sides & set(billed.modifiers):
        return Refusal(
            f"{documents} has a diagnosis of the other side than the line's modifier; a person "
            "has to say which one is right.",
            "review",
        )
    return _answer(billed, codes, tuple(records), facts)


def _answer(
    billed: ServiceLine, codes: tuple[str, ...], records: tuple[Diagnosis, ...], facts: ClaimFacts
) -> Outcome:
    document = records[0].document_id
    known = [c.replace(".", "") for c in facts.claim.diagnosis_codes]
    new = added(facts, known, ANSWERS)
    everything = [*known, *new]
    pointed = [p for p in billed.service.diagnosis_code_pointers or () if p]
    first = [str(everything.index(c) + 1) for c in codes]
    wanted = list(dict.fromkeys([*first, *pointed]))
    if wanted == pointed:
        return Refusal(
            f"The line points to what {document} has already, in its order. There is nothing to "
            "correct; appeal with the chart.",
            "appeal",
        )
    if len(wanted) > 4 or len(everything) > 12:
        return Refusal(
            "The line would point to more than four diagnoses, or the claim have more than "
            "twelve; a coder has to say which ones stay.",
            "review",
        )
    mine = max([everything.index(c) for c in codes if c in new], default=-1)
    corrections = [
        amend(RULE, f"2300/HI[{n + 1}]", None, f"ABF:{code}", carrying(code, facts),
              "documented, and not on the claim")
        for n, code in enumerate(everything)
        if len(known) <= n <= mine
    ]  # fmt: skip
    corrections += [
        amend(RULE, f"2400[{billed.position}]/SV107-{n}", old, new, records,
              "the diagnosis that the chart documents for this procedure")
        for n, (old, new) in enumerate(zip_longest(pointed, wanted), 1)
        if old != new
    ]  # fmt: skip
    return Proposal(
        corrections=tuple(corrections),
        safety=RULE.safety,
        explanation=f"{document} documents diagnoses for this procedure that the line does not "
        "point to first.",
    )


RULE = Rule(
    code="diagnosis.documented",
    version=2,
    answers=ANSWERS,
    safety=APPROVAL,
    sources=("ICD-10-CM Official Guidelines, section IV", "ASC X12N 005010X222A1 HI, SV107"),
    consider=consider,
)
