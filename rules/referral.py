"""Whether a referral covers a service line: codes, dates, units or visits, who referred."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from edi.claim import Claim, ServiceLine
from edi.party import party_in
from rules.authorization import bare_number, denied_for, units_of
from rules.decision import ClaimFacts
from rules.evidence import Referral

REASONS = frozenset(("243", "287", "288"))
"""CARCs of a line that wants a referral number, or another one than it was sent with."""


class ReferralFit(NamedTuple):
    """How a referral fits some lines; ``mismatches`` in words, empty where it covers them."""

    referral: Referral
    mismatches: tuple[str, ...]


def referring_npi(claim: Claim) -> str | None:
    """NPI of the referring provider (2310A, DN); None where none is named."""
    party = party_in(claim.providers, "DN")
    return party.npi if party else None


def fit(referral: Referral, claim: Claim, lines: Sequence[ServiceLine]) -> ReferralFit:
    """How a referral fits all of ``lines``, which are denied lines of ``claim``.

    What it counts is counted over every line of the claim that it names, since one number answers
    for them all: units of its codes, or days of service where it names no codes.
    """
    codes, mismatches = referral.procedure_codes, []
    if not lines or (codes and any(line.procedure_code not in codes for line in lines)):
        mismatches.append("codes")
    days = [line.service_dates for line in lines]
    if not all(
        d is not None and referral.valid_from <= d[0] and d[1] <= referral.valid_to for d in days
    ):
        mismatches.append("dates")
    issued = referral.issued_on
    if issued is not None and any(d is not None and d[0] < issued for d in days):
        mismatches.append("issued after the service")
    if referral.units is not None:
        left = referral.units - (referral.units_used or 0)
        if left <= 0 or _wanted(referral, claim) > left:
            mismatches.append("units" if codes else "visits")
    if referring_npi(claim) not in (None, referral.referring_npi):
        mismatches.append("referring provider")
    return ReferralFit(referral, tuple(mismatches))


def _wanted(referral: Referral, claim: Claim) -> Decimal:
    codes = referral.procedure_codes
    if not codes:
        return Decimal(len({line.service_dates for line in claim.service_lines}))
    named = [line for line in claim.service_lines if line.procedure_code in codes]
    # Minutes are no units; one service is the least that such a line takes.
    return sum((units_of(line) or Decimal(1) for line in named), Decimal(0))


def referrals_on_file(facts: ClaimFacts, lines: Sequence[ServiceLine]) -> list[ReferralFit]:
    """How each referral on file fits the lines."""
    return [fit(r, facts.claim, lines) for r in facts.on_file(Referral)]


def place_of(referral: Referral, position: int | None, facts: ClaimFacts) -> str:
    """Where the number goes: the claim's own REF*9F, which stands for all of its lines.

    The line's, where another line that was denied for want of a referral is not this one's.
    """
    one, mine = facts.service_line(position), {bare_number(referral.number)}
    for other in denied_for(REASONS, facts) if one else ():
        fits = referrals_on_file(facts, [other])
        if mine != {bare_number(f.referral.number) for f in fits if not f.mismatches}:
            return f"2400[{position}]/REF*9F"
    return "2300/REF*9F"


def not_covered(number: str | None, facts: ClaimFacts) -> tuple[ServiceLine, ...]:
    """Lines for which a number in 2300 would stand though no referral of it covers them.

    As for an authorization's: what was denied for want of one, all where another number gives way.
    """
    replaces = facts.claim.reference("9F") is not None
    return tuple(
        x
        for x in (facts.claim.service_lines if replaces else denied_for(REASONS, facts))
        if not x.reference("9F")
        and not any(
            bare_number(f.referral.number) == bare_number(number) and not f.mismatches
            for f in referrals_on_file(facts, [x])
        )
    )
