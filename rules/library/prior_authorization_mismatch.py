"""Prior authorization that does not fit the service.

Denial    CARC 198 (units), 284 (services), 296 (provider) or 302 (dates): the payer has a number
          and finds that it does not cover this.
Fix       The number of another authorization that covers it, in 2400 REF*G1 of the line where the
          claim's own number stays for other lines or a denied one is not covered, else in place
          of the one that was sent.
Evidence  Another approved authorization of this member at this payer that agrees in procedure
          code, service dates, units left, rendering provider and place of service.
Refuses   None but the number that was sent, or none that covers it: what does not agree is said,
          and the payer has to extend it, or an appeal. One that covers and was sent already
          (appeal with a copy). More than one number that covers. Medicare Part B: as for CARC 197.
Safety    Automatic where the claim carried no number; else a person says that the sent one was
          wrong. Never the same number on claim and line. A number that limits units and goes
          with another claim already waits for a person, who counts what is left.
Sources   5010 837P guide, REF*G1 in 2300 and 2400; X12 RFI 2459; X12 code list 139.
"""

from __future__ import annotations

from rules.amend import amend
from rules.authorization import (
    Fit,
    fits_on_file,
    lines_of,
    place_of,
    same_number,
    shared_units,
)
from rules.decision import (
    AUTOMATIC,
    ClaimFacts,
    DeniedLine,
    Outcome,
    Proposal,
    Refusal,
    Route,
)
from rules.medicare_authorization import in_words
from rules.rule import Rule

ANSWERS = ("198", "284", "296", "302")
_WHAT = {"198": "units", "284": "codes", "296": "provider", "302": "dates"}


def consider(line: DeniedLine, facts: ClaimFacts) -> Outcome | None:
    """Another authorization that does cover it."""
    if line.reason_code not in ANSWERS:
        return None
    billed = lines_of(line.line_position, facts)
    what = _WHAT[line.reason_code]
    if facts.payer.is_medicare_part_b:
        return Route(
            f"Medicare finds that the authorization does not fit in its {what}, and takes no "
            f"replacement claim: ask the contractor.{in_words(facts.claim, billed)}",
            "reopening",
        )
    sent = [facts.claim.prior_authorization_number, *(x.reference("G1") for x in billed)]
    fits = fits_on_file(facts, billed)
    mine = [f for f in fits if any(same_number(n, f.authorization.number) for n in sent)]
    covering = [f for f in fits if not f.mismatches and f not in mine]
    if not covering:
        return _none_covers(what, mine, fits)
    if len({f.bare_number for f in covering}) > 1:
        documents = ", ".join(f.authorization.document_id for f in covering)
        return Refusal(
            f"More than one other authorization covers this ({documents}); a person has to say "
            "which one the payer meant.",
            "review",
        )
    return _answer(min(covering, key=lambda f: f.rank), line, facts, any(sent))


def _none_covers(what: str, mine: list[Fit], fits: list[Fit]) -> Refusal:
    if any(not f.mismatches for f in mine):
        document = next(f for f in mine if not f.mismatches).authorization.document_id
        return Refusal(
            f"Authorization {document}, which was sent, agrees in all that is on file. The payer "
            f"finds its {what} otherwise: appeal with a copy of it.",
            "appeal",
        )
    nearest = min(mine or fits, key=lambda f: len(f.mismatches), default=None)
    if nearest is None:
        return Refusal(
            f"The payer has an authorization that does not fit in its {what}, and none is on "
            "file. Enter the one that covers the service, if there is one.",
            "replacement",
            ("authorization",),
        )
    return Refusal(
        f"Authorization {nearest.authorization.document_id} does not agree with the service in "
        f"{', '.join(nearest.mismatches)}, and no other on file covers it. Ask the payer to "
        "extend it, or appeal; a changed claim can't mend that.",
        "appeal",
    )


def _answer(found: Fit, line: DeniedLine, facts: ClaimFacts, was_sent: bool) -> Outcome:
    authorization, old = found.authorization, None
    place = place_of(authorization, line.line_position, facts)
    if place is None:
        one = facts.service_line(line.line_position)
        place = f"2400[{one.position}]/REF*G1" if one else "2300/REF*G1"
        old = one.reference("G1") if one else facts.claim.prior_authorization_number
        if one is None and any(x.reference("G1") for x in lines_of(None, facts)):
            return Refusal(
                "Lines of the claim carry other authorization numbers; a person has to say where "
                "this one stands.",
                "review",
            )
    needs = ["the claim carried another authorization number"] if was_sent else []
    needs += shared_units(authorization, facts)
    if found.open:
        needs.append(
            f"authorization {authorization.document_id} leaves open: {', '.join(found.open)}"
        )
    return Proposal(
        corrections=(
            amend(RULE, place, old, authorization.number, (authorization,),
                  "the number of the authorization that covers the service"),
        ),
        safety=RULE.safety,
        needs_person=tuple(needs),
        explanation=f"The payer's number does not cover this; authorization "
        f"{authorization.document_id} does, in all of codes, dates, units, provider and place.",
    )  # fmt: skip


RULE = Rule(
    code="prior-authorization.mismatch",
    version=3,
    answers=ANSWERS,
    safety=AUTOMATIC,
    sources=("ASC X12N 005010X222A1 2300/2400 REF*G1", "X12 RFI 2459", "X12 code list 139"),
    consider=consider,
)
