"""Numbers of authorizations and referrals, held on the finished claim for the never-list (N7)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from edi.claim import ServiceLine
from rules.evidence import Authorization, Referral
from rules.never_check import Check, Pair

# Written out again here on purpose: see rules.never.
_WANTS_AUTHORIZATION = frozenset(("15", "39", "197", "198", "210", "284", "296", "302"))
_WANTS_REFERRAL = frozenset(("243", "287", "288"))


def referrals(check: Check, pairs: Sequence[Pair]) -> None:
    """A referral number that is new is on file, covers what it stands for, and stands once."""
    number, was = check.emitted.reference("9F"), check.original.reference("9F")
    if number != was:
        _referral_is_right(check, "2300/REF*9F", number, [p.sent for p in pairs])
        on_file = [e for e in check.evidence
                   if isinstance(e, Referral) and _same(e.number, number)]  # fmt: skip
        for at, _, sent in pairs:
            stands = was is not None or check.denied_for(_WANTS_REFERRAL, at)
            covered = sent.reference("9F") or any(_refers(check, e, sent) for e in on_file)
            if stands and not covered:
                check.say("N7", f"2300/REF*9F: stands for line {at}, which it does not cover")
    for at, billed, sent in pairs:
        mine, had = sent.reference("9F"), billed.reference("9F")
        if mine != had:
            _referral_is_right(check, f"2400[{at}]/REF*9F", mine, [sent])
        if mine and mine == number and (mine, number) != (had, was):
            check.say("N7", f"2400[{at}]: the claim carries the same referral number")


def _referral_is_right(
    check: Check, place: str, number: str | None, lines: Sequence[ServiceLine]
) -> None:
    facts = [e for e in check.facts(place, number) if isinstance(e, Referral)]
    fact = next((e for e in facts if e.number == number), None)
    if fact is None:
        check.say("N7", f"{place}: a number that no referral on file carries")
    elif not any(_refers(check, fact, line) for line in lines):
        check.say("N7", f"{place}: outside of its codes, dates or units")


def _refers(check: Check, referral: Referral, line: ServiceLine) -> bool:
    days, codes = line.service_dates, referral.procedure_codes
    lines = [x for x in check.emitted.service_lines if not codes or x.procedure_code in codes]
    if codes:
        wanted = sum(map(_units, lines), Decimal(0))
    else:
        wanted = Decimal(len({x.service_dates for x in lines}))
    return (
        line in lines
        and days is not None
        and referral.valid_from <= days[0]
        and days[1] <= referral.valid_to
        and (referral.issued_on is None or referral.issued_on <= days[0])
        and (referral.units is None or wanted <= referral.units - (referral.units_used or 0))
    )


def _units(line: ServiceLine) -> Decimal:
    """Minutes are no units: such a line takes one at least."""
    counts = line.service.unit_of_measure in (None, "UN")
    return (line.service.service_unit_count if counts else None) or Decimal(1)


def authorizations(check: Check, pairs: Sequence[Pair]) -> None:
    """An authorization number that is new is on file, covers what it stands for, once."""
    original, emitted = check.original, check.emitted
    everyone = [p.sent for p in pairs]
    number = emitted.prior_authorization_number
    if number and number != original.prior_authorization_number:
        _number_is_right(check, "2300/REF*G1", number, everyone)
        for at in _not_covered(check, number, pairs):
            check.say("N7", f"2300/REF*G1: stands for line {at}, which it does not cover")
    for at, billed, sent in pairs:
        mine = sent.reference("G1")
        is_new = mine != billed.reference("G1") or number != original.prior_authorization_number
        if mine and mine != billed.reference("G1"):
            _number_is_right(check, f"2400[{at}]/REF*G1", mine, [sent])
        if mine and mine == number and is_new:
            check.say("N7", f"2400[{at}]: the claim carries the same number")


def _number_is_right(check: Check, place: str, number: str, lines: Sequence[ServiceLine]) -> None:
    facts = [e for e in check.facts(place, number) if isinstance(e, Authorization)]
    fact = next((e for e in facts if e.number == number), None)
    if fact is None:
        check.say("N7", f"{place}: a number that no authorization on file carries")
    elif fact.status != "approved":
        check.say("N7", f"{place}: the authorization is {fact.status}")
    elif not any(_covers(check, fact, line) for line in lines):
        check.say("N7", f"{place}: outside of its codes, dates, units, provider or place")


def _not_covered(check: Check, number: str, pairs: Sequence[Pair]) -> list[int]:
    """Lines that the number would stand for: denied for want of one, or sent under another."""
    on_file = [
        e
        for e in check.evidence
        if isinstance(e, Authorization) and e.status == "approved" and _same(e.number, number)
    ]
    replaces = check.original.prior_authorization_number is not None
    return [
        p.at
        for p in pairs
        if (replaces or check.denied_for(_WANTS_AUTHORIZATION, p.at))
        and not p.sent.reference("G1")
        and not any(_covers(check, e, p.sent) for e in on_file)
    ]


def _same(one: str | None, other: str | None) -> bool:
    a, b = ("".join(c for c in x or "" if c.isalnum()).upper() for x in (one, other))
    return a == b != ""


def _covers(check: Check, authorization: Authorization, line: ServiceLine) -> bool:
    emitted, days = check.emitted, line.service_dates
    units = sum(
        other.service.service_unit_count or 0
        for other in emitted.service_lines
        if other.procedure_code in authorization.procedure_codes
    )
    left = None
    if authorization.units is not None:
        left = authorization.units - (authorization.units_used or 0)
    npi, place = authorization.rendering_npi, authorization.place_of_service
    return (
        line.procedure_code in authorization.procedure_codes
        and days is not None
        and authorization.valid_from <= days[0]
        and days[1] <= authorization.valid_to
        and (left is None or units <= left)
        and npi in (None, emitted.rendering_npi_of(line))
        and place in (None, emitted.place_of_service_of(line))
    )
