"""Which Medicare prior authorization program a service falls under, if any."""

from __future__ import annotations

from typing import NamedTuple

from edi.claim import Claim, ServiceLine
from edi.party import PartyLoop, of_type, party_in
from edi.segment import City
from rules.parameters import load


class Program(NamedTuple):
    """A program by name; ``state_is_known`` False: the claim does not say where it was done."""

    name: str
    state_is_known: bool


def program(claim: Claim, line: ServiceLine) -> Program | None:
    """The program that asks for a UTN on this line; None where none does."""
    day, place = line.service_date, claim.place_of_service_of(line)
    for found in load("medicare_authorization")["program"]:
        applies = day is not None and day >= found["from"] and place in found["places"]
        if not applies or line.procedure_code not in found["codes"]:
            continue
        states = found.get("states")
        state = state_of(claim, line)
        if states is None or state is None or state in states:
            return Program(found["name"], states is None or state is not None)
    return None


def state_of(claim: Claim, line: ServiceLine) -> str | None:
    """Where it was done: the service facility's state, else the billing provider's."""
    places = (party_in(line.providers, "77"), party_in(claim.providers, "77"))
    for party in (*places, claim.billing.provider):
        state = _state(party)
        if state is not None:
            return state
    return None


def _state(party: PartyLoop | None) -> str | None:
    found = of_type(party.segments, City) if party else ()
    return found[0].state_or_province_code if found else None


def in_words(claim: Claim, lines: tuple[ServiceLine, ...]) -> str:
    """What the programs of these lines ask for; "" where none does."""
    names = dict.fromkeys(p.name for x in lines if (p := program(claim, x)) is not None)
    if not names:
        return ""
    return (
        f" The service falls under {' and '.join(names)}: the contractor wants the affirmed UTN "
        "(14 characters), or reviews the records before it pays."
    )
