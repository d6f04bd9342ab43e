"""Who rendered a service, as what, when and where: held on the finished claim for the never-list.

Nothing of it differs without the fact that says so: a note of that procedure and day that names the
new place, or the NPI where the claim had none that is one; an enrollment of that very provider with
the new taxonomy code on every day it stands for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from edi.claim import Claim, ServiceLine
from edi.npi import is_valid
from edi.party import PartyLoop
from edi.segment import Name
from rules.evidence import Authorization, Enrollment, ProcedureNote
from rules.never_check import Check, Pair

_DECIDED_BY_PEOPLE = ("02", "10", "99")


def when(check: Check, pair: Pair) -> None:
    """Service date of one line."""
    at, billed, sent = pair
    named = [c for place, c in check.named.items() if place.endswith("DTP*472")]
    if billed.service_dates != sent.service_dates and not any(check.noted(c) for c in named):
        check.say("N4", f"2400[{at}]: another service date without a procedure note")


def who(check: Check, pairs: Sequence[Pair]) -> None:
    """Whoever rendered stays; an NPI that was none is that of the notes of all its lines."""
    was = {loop: party for loop, party, _ in _rendering(check.original, pairs, sent=False)}
    now = {loop: (party, mine) for loop, party, mine in _rendering(check.emitted, pairs, sent=True)}
    for loop in sorted(was.keys() | now.keys()):
        if loop not in was or loop not in now:
            check.say("N4", f"{loop}: another rendering provider")
            continue
        billed, (party, mine) = was[loop], now[loop]
        if party.name == billed.name:
            continue
        if _unnumbered(party) != _unnumbered(billed):
            check.say("N4", f"{loop}: another name of who rendered")
        if is_valid(billed.name.identification_code or "") or not is_valid(party.npi or ""):
            check.say("N4", f"{loop}: an NPI of who rendered that takes the place of another")
        elif not mine or not all(_names(check, loop, party.npi, pair) for pair in mine):
            check.say("N4", f"{loop}: an NPI of who rendered without a note of each line")
        carried = {check.emitted.prior_authorization_number}
        carried |= {pair.sent.reference("G1") for pair in mine}
        if any(
            isinstance(e, Authorization)
            and e.number in carried
            and e.rendering_npi not in (None, party.npi)
            for e in check.evidence
        ):
            check.say("N7", f"{loop}: carries an authorization for another provider")


def _rendering(
    claim: Claim, pairs: Sequence[Pair], *, sent: bool
) -> Iterator[tuple[str, PartyLoop, list[Pair]]]:
    """Each loop that names who rendered, and the lines that it stands for."""
    of = {p.at: (p.sent if sent else p.billed).rendering_provider for p in pairs}
    if claim.rendering_provider is not None:
        yield "2310B", claim.rendering_provider, [p for p in pairs if of[p.at] is None]
    for p in pairs:
        if (own := of[p.at]) is not None:
            yield f"2420A[{p.at}]", own, [p]


def _unnumbered(party: PartyLoop) -> Name:
    return party.name._replace(identification_code_qualifier=None, identification_code=None)


def _names(check: Check, loop: str, npi: str | None, pair: Pair) -> bool:
    return any(
        isinstance(e, ProcedureNote)
        and e.rendering_npi == npi
        and pair.sent.service_dates == (e.service_date, e.service_date)
        and _is_of(e, pair.billed, check.original)
        for e in check.facts(f"{loop}/NM109", npi)
    )


def where(check: Check, pair: Pair) -> None:
    """Place of service of one line."""
    at, billed, sent = pair
    now, whole = check.emitted.place_of_service_of(sent), check.emitted.place_of_service_code
    of_claim = whole != check.original.place_of_service_code
    if now == check.original.place_of_service_of(billed) and not of_claim:
        return
    if of_claim and now != whole:
        check.say("N4", f"2400[{at}]: not at the place that the claim as a whole was given")
    if now in _DECIDED_BY_PEOPLE:
        check.say("N4", f"2400[{at}]: telehealth or place 99, which no note decides")
    # A line's own place that is taken away leaves the claim's.
    places = ((f"2400[{at}]/SV105", now), (f"2400[{at}]/SV105", None), ("2300/CLM05-1", now))
    if not any(
        isinstance(e, ProcedureNote)
        and e.place_of_service == now
        and sent.service_dates == (e.service_date, e.service_date)
        and _is_of(e, billed, check.original)
        for place, value in places
        for e in check.facts(place, value)
    ):
        check.say("N4", f"2400[{at}]: a place of service that no note of that procedure names")
    carried = {check.emitted.prior_authorization_number, sent.reference("G1")} - {None}
    if any(
        isinstance(e, Authorization)
        and e.number in carried
        and e.place_of_service not in (None, now)
        for e in check.evidence
    ):
        check.say("N7", f"2400[{at}]: carries an authorization for another place of service")


def _is_of(note: ProcedureNote, billed: ServiceLine, claim: Claim) -> bool:
    """Whether the note is of this line's procedure, or of no other line's day if it tells none."""
    told = {x.procedure_code for x in note.sites} | {x.procedure_code for x in note.drugs}
    if told:
        return billed.procedure_code in told
    same_day = [
        x
        for x in claim.service_lines
        if (days := x.service_dates) is None or days[0] <= note.service_date <= days[1]
    ]
    return [x.position for x in same_day] == [billed.position]


def as_what(check: Check, pairs: Sequence[Pair]) -> None:
    """Taxonomy codes of the billing provider and of whoever rendered."""
    was = {place: code for place, _, code, _ in _taxonomies(check.original, pairs, sent=False)}
    for place, npi, code, lines in _taxonomies(check.emitted, pairs, sent=True):
        if code == was.get(place):
            continue
        if code is None or not any(
            isinstance(e, Enrollment)
            and (e.npi, e.taxonomy_code) == (npi, code)
            and lines
            and all(_holds(e, line) for line in lines)
            for e in check.facts(place, code)
        ):
            check.say("N4", f"{place}: a taxonomy code that no enrollment of that day has")


def _taxonomies(
    claim: Claim, pairs: Sequence[Pair], *, sent: bool
) -> Iterator[tuple[str, str | None, str | None, list[ServiceLine]]]:
    """Place, NPI and taxonomy code of each provider, and the lines that it stands for."""
    lines = {p.at: p.sent if sent else p.billed for p in pairs}
    everyone = list(lines.values())
    yield "2000A/PRV03", claim.billing_npi, claim.billing.taxonomy_code, everyone
    inherit = [line for line in everyone if line.rendering_provider is None]
    found: list[tuple[str, PartyLoop | None, list[ServiceLine]]] = [
        ("2310B/PRV03", claim.rendering_provider, inherit)
    ]
    found += [(f"2420A[{at}]/PRV03", x.rendering_provider, [x]) for at, x in lines.items()]
    for place, party, theirs in found:
        if party is not None:
            yield place, party.npi, party.taxonomy_code, theirs


def _holds(enrollment: Enrollment, line: ServiceLine) -> bool:
    days, last = line.service_dates, enrollment.effective_to
    return (
        days is not None
        and enrollment.effective_from <= days[0]
        and (last is None or days[1] <= last)
    )
