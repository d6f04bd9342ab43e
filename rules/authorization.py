"""Whether a prior authorization covers a service line: codes, dates, units, provider, place."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from edi.claim import Claim, ServiceLine
from rules.decision import ClaimFacts
from rules.evidence import Authorization, Referral

REASONS = frozenset(("15", "39", "197", "198", "210", "284", "296", "302"))
"""CARCs of a line that wants an authorization number, or another one than it was sent with."""


class Fit(NamedTuple):
    """How an authorization fits a line.

    ``mismatches`` names in words what does not agree; empty where it covers. ``open`` names what
    the authorization does not say, so that a person has to.
    """

    authorization: Authorization
    mismatches: tuple[str, ...]
    open: tuple[str, ...]

    @property
    def bare_number(self) -> str:
        """What tells it from another authorization's, however each is spelt."""
        return bare_number(self.authorization.number)

    @property
    def rank(self) -> tuple[int, str]:
        """The one that leaves least open goes first, whichever came first."""
        return len(self.open), self.authorization.document_id


def same_number(one: str | None, other: str | None) -> bool:
    """Whether two spellings are one number: blanks, dashes and case do not count."""
    return bool(one and other) and bare_number(one) == bare_number(other)


def bare_number(number: str | None) -> str:
    """A number without what its spelling leaves free; "" for None."""
    return "".join(c for c in number or "" if c.isalnum()).upper()


def units_of(line: ServiceLine) -> Decimal | None:
    """SV104 where it counts units (UN); None for minutes or nothing."""
    if line.service.unit_of_measure not in (None, "UN"):
        return None
    return line.service.service_unit_count


def fit(authorization: Authorization, claim: Claim, lines: Sequence[ServiceLine]) -> Fit:
    """How an authorization fits all of ``lines``, which are denied lines of ``claim``.

    Units are counted over every line of the claim that the authorization names, since the same
    number would answer for them all.
    """
    days = [line.service_dates for line in lines]
    mismatches, undecided = [], []
    if not lines or any(line.procedure_code not in authorization.procedure_codes for line in lines):
        mismatches.append("codes")
    if not all(
        d is not None and authorization.valid_from <= d[0] and d[1] <= authorization.valid_to
        for d in days
    ):
        mismatches.append("dates")
    issued = authorization.issued_on
    if issued is not None and any(d is not None and d[0] < issued for d in days):
        mismatches.append("issued after the service")
    if authorization.units is None:
        undecided.append("units")
    else:
        left = authorization.units - (authorization.units_used or 0)
        wanted = [
            units_of(line)
            for line in claim.service_lines
            if line.procedure_code in authorization.procedure_codes
        ]
        if any(units is None for units in wanted):
            undecided.append("units")
        if sum((units for units in wanted if units is not None), Decimal(0)) > left or left <= 0:
            mismatches.append("units")
    for what, said, billed in (
        ("provider", authorization.rendering_npi, {claim.rendering_npi_of(x) for x in lines}),
        ("place", authorization.place_of_service, {claim.place_of_service_of(x) for x in lines}),
    ):
        if said is None:
            undecided.append(what)
        elif billed != {said}:
            mismatches.append(what)
    return Fit(authorization, tuple(mismatches), tuple(dict.fromkeys(undecided)))


def lines_of(position: int | None, facts: ClaimFacts) -> tuple[ServiceLine, ...]:
    """The denied line; all lines where the claim as a whole was denied."""
    one = facts.service_line(position)
    return (one,) if one else facts.claim.service_lines


def fits_on_file(facts: ClaimFacts, billed: Sequence[ServiceLine]) -> list[Fit]:
    """How each approved authorization on file fits the lines."""
    on_file = facts.on_file(Authorization)
    return [fit(a, facts.claim, billed) for a in on_file if a.status == "approved"]


def shared_units(found: Authorization | Referral, facts: ClaimFacts) -> tuple[str, ...]:
    """Why a person counts units: a number that limits them goes with another claim; else empty.

    The payer takes each claim's units off what it allowed, which no one claim's lines show.
    """
    elsewhere = any(same_number(found.number, number) for number in facts.numbers_elsewhere)
    if found.units is None or not elsewhere:
        return ()
    return (
        f"{found.kind} {found.document_id} goes with another claim already; count what is left of "
        "its units",
    )


def denied_for(reasons: Collection[str], facts: ClaimFacts) -> tuple[ServiceLine, ...]:
    """The lines that the payer denied for one of these reasons, whether alone or as a claim."""
    found = {
        line
        for other in facts.adjudications
        if any(a.reason_code in reasons and a.amount > 0 for a in other.adjustments)
        for line in (x.position for x in lines_of(other.line_position, facts))
    }
    return tuple(x for x in facts.claim.service_lines if x.position in found)


def place_of(authorization: Authorization, position: int | None, facts: ClaimFacts) -> str | None:
    """Where the number goes; None where another number stands in its place.

    The claim's own REF*G1, unless it carries another number, or the number is not that of every
    line that was denied for want of one: then the line's, since the claim's stands for them all.
    The same number never stands at both (X12 RFI 2459).
    """
    claim, one = facts.claim, facts.service_line(position)
    others = any(line.reference("G1") for line in claim.service_lines)
    mine = {bare_number(authorization.number)}
    for other in denied_for(REASONS, facts) if one else ():
        fits = fits_on_file(facts, [other])
        others = others or mine != {f.bare_number for f in fits if not f.mismatches}
    if not claim.prior_authorization_number and not others:
        return "2300/REF*G1"
    if one is None or one.reference("G1"):
        return None
    return f"2400[{one.position}]/REF*G1"


def not_covered(number: str | None, facts: ClaimFacts) -> tuple[ServiceLine, ...]:
    """Lines for which a number in 2300 would stand though no authorization of it covers them.

    It stands for what was denied for want of one; and for every line where it takes the place of
    another number, under which a line may have been paid.
    """
    claim = facts.claim
    replaces = claim.prior_authorization_number is not None
    lines = claim.service_lines if replaces else denied_for(REASONS, facts)
    return tuple(
        x
        for x in lines
        if not x.reference("G1")
        and not any(
            f.bare_number == bare_number(number) and not f.mismatches
            for f in fits_on_file(facts, [x])
        )
    )


def authorized_elsewhere(
    facts: ClaimFacts, billed: Sequence[ServiceLine], place: str
) -> Iterator[Authorization]:
    """Authorizations of one of the lines, or whose number they carry, that name another place."""
    carried = [facts.claim.prior_authorization_number, *(x.reference("G1") for x in billed)]
    for a in facts.on_file(Authorization):
        covers = a.status == "approved" and any(
            x.procedure_code in a.procedure_codes
            and (days := x.service_dates) is not None
            and a.valid_from <= days[0]
            and days[1] <= a.valid_to
            for x in billed
        )
        is_mine = covers or any(same_number(a.number, number) for number in carried)
        if is_mine and a.place_of_service not in (None, place):
            yield a
