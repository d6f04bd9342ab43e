"""What authorizations and referrals must agree in before a correction carries a number (N7)."""

from __future__ import annotations

from edi.change import Place
from rules.authorization import fit, not_covered
from rules.decision import ClaimFacts, Correction
from rules.evidence import (
    Authorization,
    Referral,
)
from rules.forbidden import Forbidden
from rules.referral import fit as fit_of
from rules.referral import not_covered as not_referred


def guard_authorization(place: Place, correction: Correction, facts: ClaimFacts) -> None:
    """Of REF*G1 of the claim or of a line.

    Raises: Forbidden
    """
    if correction.new_value is None:
        return
    on_file = [e for e in correction.evidence if isinstance(e, Authorization)]
    on_file = [e for e in on_file if e.number == correction.new_value and e in facts.evidence]
    if not any(e.status == "approved" and facts.is_about(e.subject) for e in on_file):
        raise Forbidden("N7", "an authorization number that is not on file")
    one = facts.service_line(place.line)
    lines = [one] if one else list(facts.claim.service_lines)
    fits = [fit(e, facts.claim, [x]).mismatches for e in on_file for x in lines]
    if all(fits):
        raise Forbidden("N7", "an authorization outside of its " + ", ".join(fits[0]))
    if one is None and not_covered(correction.new_value, facts):
        raise Forbidden("N7", "a number for the claim that does not cover every line it stands for")
    elsewhere = [x.reference("G1") for x in facts.claim.service_lines]
    if place.line:
        elsewhere = [facts.claim.prior_authorization_number]
    if correction.new_value in elsewhere:
        raise Forbidden("N7", "the same number on the claim and on a line of it")


def guard_referral(place: Place, correction: Correction, facts: ClaimFacts) -> None:
    """Of REF*9F of the claim or of a line.

    Raises: Forbidden
    """
    one = facts.service_line(place.line)
    lines = [one] if one else list(facts.claim.service_lines)
    on_file = [
        e
        for e in correction.evidence
        if isinstance(e, Referral)
        and e.number == correction.new_value
        and e in facts.evidence
        and facts.is_about(e.subject)
    ]
    if not on_file:
        raise Forbidden("N7", "a referral number that is not on file")
    fits = [fit_of(e, facts.claim, [x]).mismatches for e in on_file for x in lines]
    if all(fits):
        raise Forbidden("N7", "a referral outside of its " + ", ".join(fits[0]))
    if one is None and not_referred(correction.new_value, facts):
        raise Forbidden("N7", "a number for the claim that does not cover every line it stands for")
    elsewhere = [x.reference("9F") for x in facts.claim.service_lines]
    if place.line:
        elsewhere = [facts.claim.reference("9F")]
    if correction.new_value in elsewhere:
        raise Forbidden("N7", "the same number on the claim and on a line of it")
