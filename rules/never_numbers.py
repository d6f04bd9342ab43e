"""Numbers of authorizations and referrals, held on the finished claim for the never-list (N7)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from edi.claim import ServiceLine
from rules.evidence import Authorization, Referral
from rules.never_check import Check, Pair


def referrals(check: Check, pairs: Sequence[Pair]) -> None:
    """A referral number that is new is on file, covers a line, and stands once."""
    number = check.emitted.reference("9F")
    mine = [(f"2400[{p.at}]/REF*9F", p.sent.reference("9F"), p.billed.reference("9F"), [p.sent])
            for p in pairs]  # fmt: skip
    everyone = [p.sent for p in pairs]
    found = [("2300/REF*9F", number, check.original.reference("9F"), everyone), *mine]
    for place, now, was, lines in found:
        if now == was:
            continue
        facts = [e for e in check.facts(place, now) if isinstance(e, Referral)]
        fact = next((e for e in facts if e.number == now), None)
        if fact is None:
            check.say("N7", f"{place}: a number that no referral on file carries")
        elif not any(_refers(check, fact, line) for line in lines):
            check.say("N7", f"{place}: outside of its codes, dates or units")
        if now and any(now == other for at, other, _, _ in found if at != place):
            check.say("N7", f"{place}: the same number on the claim and on a line of it")


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
    """An authorization number that is new is on file, covers a line, and stands once."""
    original, emitted = check.original, check.emitted
    everyone = [p.sent for p in pairs]
    number = emitted.prior_authorization_number
    if number and number != original.prior_authorization_number:
        _number_is_right(check, "2300/REF*G1", number, everyone)
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
