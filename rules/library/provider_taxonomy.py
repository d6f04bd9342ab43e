"""Provider type or taxonomy code that is not the enrolled one.

Denial    CARC 8 (provider type), or B7 (not certified or eligible on the day).
Fix       The taxonomy code with which the payer has the provider enrolled, in PRV03 of whoever
          rendered (2420A, 2310B) and of the billing provider (2000A), where the claim has another
          or none. Never another NPI.
Evidence  An enrollment of that NPI at this payer that holds on every service date the provider
          stands for.
Refuses   None on file of who rendered (it is asked for); one that does not hold on the day
          (review: ask for a retroactive date, hold later claims); several codes enrolled, none of
          them on the claim; the enrolled code was sent already (appeal for B7, else review: this
          kind of provider may not bill the service). Medicare Part B takes no replacement.
Safety    Approval: it says who the provider is to the payer. Changes no provider, code or amount.
Sources   5010 837P guide, PRV in 2000A, 2310B and 2420A; X12 code list 139, codes 8 and B7.
"""

from __future__ import annotations

from rules.amend import amend
from rules.authorization import lines_of
from rules.decision import APPROVAL, ClaimFacts, DeniedLine, Outcome, Proposal, Refusal
from rules.enrollment import ProviderAt, billing_at, enrollments_of, is_in_force, rendering_at
from rules.evidence import Enrollment
from rules.rule import Rule

ANSWERS = ("8", "B7")


def consider(line: DeniedLine, facts: ClaimFacts) -> Outcome | None:
    """The enrolled taxonomy code, or why the claim is not to be changed."""
    if line.reason_code not in ANSWERS:
        return None
    rendering = rendering_at(facts.claim, lines_of(line.line_position, facts))
    providers = {at.place: at for at in (*rendering, billing_at(facts.claim))}.values()
    wrong: list[tuple[ProviderAt, Enrollment]] = []
    for at in providers:
        on_file = enrollments_of(at.npi, facts)
        in_force = [e for e in on_file if is_in_force(e, at.lines)]
        if on_file and not in_force:
            return _not_enrolled(on_file)
        codes = {e.taxonomy_code for e in in_force}
        if not in_force or at.taxonomy_code in codes:
            continue
        if len(codes) > 1:
            return _several(in_force)
        wrong.append((at, min(in_force, key=lambda e: e.document_id)))
    if wrong:
        return _answer(wrong)
    if not all(enrollments_of(at.npi, facts) for at in rendering):
        return Refusal(
            "With which taxonomy code the payer has the rendering provider enrolled, and since "
            "which effective date, is not on file. Enter the enrollment; without it neither PRV "
            "nor provider is changed.",
            "review" if line.reason_code == "B7" else "replacement",
            ("enrollment",),
        )
    return _as_enrolled(line)


def _documents(enrollments: list[Enrollment] | tuple[Enrollment, ...]) -> str:
    return ", ".join(sorted({e.document_id for e in enrollments}))


def _not_enrolled(on_file: tuple[Enrollment, ...]) -> Refusal:
    return Refusal(
        f"{_documents(on_file)} does not have the provider enrolled on every day of service: ask "
        "the payer for a retroactive effective date and hold later claims until it is there. No "
        "provider and no date is changed.",
        "review",
    )


def _several(in_force: list[Enrollment]) -> Refusal:
    return Refusal(
        f"The provider is enrolled with several taxonomy codes ({_documents(in_force)}), and the "
        "claim has none of them; a person has to say as which one the service was done.",
        "review",
    )


def _as_enrolled(line: DeniedLine) -> Refusal:
    if line.reason_code == "B7":
        return Refusal(
            "The claim has the taxonomy code with which the provider was enrolled on that day. "
            "Appeal with a copy of the enrollment.",
            "appeal",
        )
    return Refusal(
        "The claim has the taxonomy code with which the provider is enrolled. A person has to see "
        "whether this kind of provider may bill the service; the provider is never swapped.",
        "review",
    )


def _answer(wrong: list[tuple[ProviderAt, Enrollment]]) -> Proposal:
    return Proposal(
        corrections=tuple(
            amend(RULE, at.place, at.taxonomy_code, enrollment.taxonomy_code, (enrollment,),
                  "the taxonomy code with which the payer has this provider enrolled")
            for at, enrollment in wrong
        ),
        safety=RULE.safety,
        explanation=f"{_documents([e for _, e in wrong])} has the provider enrolled with another "
        "taxonomy code than the claim says, or the claim says none. The provider stays.",
    )  # fmt: skip


RULE = Rule(
    code="provider.taxonomy",
    version=1,
    answers=ANSWERS,
    safety=APPROVAL,
    sources=("ASC X12N 005010X222A1 2000A, 2310B and 2420A PRV", "X12 code list 139"),
    consider=consider,
)
