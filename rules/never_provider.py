"""Who rendered a service, as what, when and where: held on the finished claim for the never-list.

Nothing of it differs without the fact that says so: a note of that procedure and day that names the
new place, an enrollment of that very provider with the new taxonomy code on every day it stands
for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from edi.claim import Claim, ServiceLine
from edi.party import PartyLoop
from rules.evidence import Authorization, Enrollment, ProcedureNote
from rules.never_check import Check, Pair

_DECIDED_BY_PEOPLE = ("02", "10", "99")


def who_and_when(check: Check, pair: Pair) -> None:
    """Service date and rendering provider of one line."""
    at, billed, sent = pair
    for what, loop, was, now in (
        ("service date", "DTP*472", billed.service_dates, sent.service_dates),
        ("rendering provider", "NM109", check.original.rendering_npi_of(billed),
         check.emitted.rendering_npi_of(sent)),
    ):  # fmt: skip
        named = [c for place, c in check.named.items() if place.endswith(loop)]
        if was != now and not any(check.noted(c) for c in named):
            check.say("N4", f"2400[{at}]: another {what} without a procedure note")


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
