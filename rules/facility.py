"""What another place of service may mean for the payment, told to whoever lets it go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from edi.claim import Claim
from rules.parameters import load

_SERVICE_FACILITY = "77"


def risks(claim: Claim, was: Sequence[str], place: str) -> Iterator[str]:
    """In words, where the change goes into a facility or out of one; nothing else is at stake.

    ``was`` are the places that were billed. The facility's own claim is not seen here.
    """
    facility = set(load("places")["facility"]["codes"])
    is_named = any(p.name.entity_identifier_code == _SERVICE_FACILITY for p in claim.providers)
    if place in facility and not facility.issuperset(was):
        yield (
            "the place becomes a facility: the payer's lower facility rate applies, and the "
            "facility's own claim has to name the same place"
        )
        if not is_named:
            yield "the claim names no service facility (2310C), which goes with this place"
    elif place not in facility and facility.intersection(was):
        yield (
            "the place is no longer a facility: a higher rate is asked for, and no facility may "
            "have billed for that day"
        )
        if is_named:
            yield "the claim names a service facility (2310C), which stays"
