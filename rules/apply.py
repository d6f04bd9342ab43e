"""Corrections to changes of a claim's text – if nothing on the never-list stands against them.

The guards here know the facts of the claim; :mod:`rules.never` looks at the finished claim again
and knows nothing of the rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from edi.change import Change, Place, SplitLine, parse_place, parse_split
from edi.claim import ServiceLine
from rules.charge import total
from rules.chart import beside, drugs_of, speaks_for
from rules.code_groups import codes, modifier_codes
from rules.coordination import SEQUENCE
from rules.decision import ClaimFacts, Correction
from rules.diagnoses import records_of
from rules.enrollment import billing_at, is_in_force, rendering_at
from rules.evidence import (
    Diagnosis,
    Enrollment,
    Evaluation,
    EvidenceRecord,
    ProcedureNote,
    PublishedRule,
    SubscriberId,
)
from rules.forbidden import Forbidden
from rules.guard_numbers import guard_authorization, guard_referral
from rules.new_claim import completes, returned_lines
from rules.primary_remittance import PrimaryRemittance
from rules.rendering import LOOPS, why_not
from rules.sides import beyond_the_notes
from rules.unbillable import blocked, unbillable
from rules.waste import bills_the_rest, denied_by_jz

SEPARATE = frozenset(("59", "XE", "XP", "XS", "XU", "76", "77"))
"""Modifiers that say of a service that it was done apart from another, or once more."""


_NOT_FOR = (
    (frozenset(("76", "77")), "once_a_day", "is paid once a day"),
    (frozenset(("59", "XE", "XP", "XS", "XU")), "add_on", "adds a level to another one"),
    (frozenset(("50",)), "bilateral_not_allowed", "has no two sides"),
)
"""Modifiers that no note makes right on a code of these groups."""


_EARLIER_PAYER = frozenset(("2320", "2330A", "2330B", "2330C", "2330D", "2330E", "2330F", "2330G",
                            "2430"))  # fmt: skip
_OF_A_SERVICE = frozenset(("SV101", "SV102", "SV104"))


def apply(
    facts: ClaimFacts, corrections: Sequence[Correction], *, path: str = "replacement"
) -> tuple[Change, ...]:
    """The changes that a replacement (or new claim) makes, each place once, in the order given.

    What every replacement changes besides (frequency code, REF*F8, control numbers) is not among
    them.

    Raises: Forbidden
    """
    _guard_claim(facts, path)
    if path == "new_claim":
        _guard_new_claim(facts, corrections)
    changes: dict[str, Change] = {}
    for correction in corrections:
        place = parse_place(correction.place)
        _guard(place, correction, facts, corrections)
        change = Change(correction.place, correction.old_value, correction.new_value)
        if changes.setdefault(correction.place, change) != change:
            raise Forbidden("CONFLICT", f"two corrections of {correction.place} disagree")
    if (why := beyond_the_notes(facts, corrections)) is not None:
        raise Forbidden("N4", why)
    for billed in facts.claim.service_lines:
        kept = f"2400[{billed.position}]" not in changes and "JZ" in billed.modifiers
        if kept and denied_by_jz(billed, facts, is_new=False):
            raise Forbidden("N1", "JZ beside a record of that day with something thrown away")
    for line in unbillable(facts):
        if f"2400[{line.line.position}]" not in changes:
            raise Forbidden("N3" if "imaging" in line.rule_code else "N2", line.reason)
    return tuple(changes.values())


def _guard_claim(facts: ClaimFacts, path: str) -> None:
    if facts.open_submission:
        raise Forbidden("N9", "an earlier submission is still unanswered")
    if facts.payer.is_medicare_part_b and path in ("replacement", "void"):
        raise Forbidden("N10", "Medicare Part B takes no replacement or void")
    if facts.payer.disagrees_with(facts.claim_filing):
        raise Forbidden("N10", "a claim of Medicare Part B (SBR09) at a payer of another kind")
    if (why := blocked(facts.claim)) is not None:
        raise Forbidden("N8", why)


def _guard_new_claim(facts: ClaimFacts, corrections: Sequence[Correction]) -> None:
    """A second original is right after one that was never adjudicated, and with what it lacked."""
    adds = [c for c in corrections if c.new_value is not None and c.place != "2300/CLM02"]
    if not adds and not any(completes(c, facts) for c in corrections):
        raise Forbidden("RESEND", "a new claim without anything that the first one lacked")
    member = any(c.place == "2010BA/NM109" for c in adds)
    if facts.adjudications and not returned_lines(facts) and not member:
        raise Forbidden("RESEND", "a new claim where the payer has adjudicated the first one")


def _carries(correction: Correction, *kinds: type[EvidenceRecord]) -> bool:
    return any(isinstance(e, kinds) for e in correction.evidence)


def _guard(
    place: Place, correction: Correction, facts: ClaimFacts, corrections: Sequence[Correction]
) -> None:
    """Asks of one correction what its place asks for."""
    if place.is_line:
        _guard_line(place, correction, facts)
    elif place.is_loop or place.loop in _EARLIER_PAYER or correction.place == SEQUENCE:
        _guard_earlier_payer(place, correction, facts, corrections)
    elif place.segment == "REF" and place.qualifier == "G1":
        guard_authorization(place, correction, facts)
    elif place.segment == "REF" and place.qualifier == "9F":
        guard_referral(place, correction, facts)
    elif place.name == "SV101" and place.component >= 3:
        _guard_modifier(place, correction, facts, corrections)
    elif place.name == "SV101":
        _guard_code(place, correction, facts)
    elif place.name == "HI" or place.name == "SV107":
        _guard_diagnosis(place, correction, facts)
    elif place.name == "SV104":
        if _number(correction.new_value) > _number(correction.old_value):
            _ask(correction, "N4", "units upward without a procedure note", ProcedureNote)
    elif place.loop == "2010BA" and place.name == "NM109":
        answers = [e for e in correction.evidence if isinstance(e, SubscriberId)]
        if all(facts.is_older(e) for e in answers):
            raise Forbidden("N4", "a member id without the payer's own answer since the service")
    elif place.loop in LOOPS and place.segment == "NM1":
        if (why := why_not(place, correction, facts, corrections)) is not None:
            raise Forbidden(*why)
    elif place.name == "CLM02" or (
        place.name == "SV102" and _charge_stays(correction, facts, corrections)
    ):
        return
    elif place.name == "LIN03":
        _guard_drug(correction)
    elif place.name in ("SV105", "CLM05"):
        _guard_place_of_service(place, correction, facts)
    elif place.segment == "PRV":
        _guard_taxonomy(place, correction, facts)
    elif place.segment == "NM1":
        raise Forbidden("N4", f"{place}: nobody else whom a claim names is exchanged")
    elif place.segment == "DTP":
        _ask(correction, "N4", f"{place} without a procedure note", ProcedureNote)
    elif _carries(correction, PublishedRule):
        raise Forbidden("N4", f"{place} on the strength of a rule alone")


def _ask(correction: Correction, code: str, reason: str, *kinds: type[EvidenceRecord]) -> None:
    if not _carries(correction, *kinds):
        raise Forbidden(code, reason)


def _number(text: str | None) -> Decimal:
    try:
        return Decimal(text or "0")
    except InvalidOperation:
        raise Forbidden("N4", "units that are no number") from None


def _guard_line(place: Place, correction: Correction, facts: ClaimFacts) -> None:
    if correction.new_value is None:
        if facts.service_line(place.line) is None:
            raise Forbidden("N6", "a line is taken off that is not there")
        return
    split = parse_split(correction.new_value) if "*" in correction.new_value else None
    origin = facts.service_line(split.origin) if split else None
    if split is None or origin is None:
        raise Forbidden("N6", "a line is added that is split from none")
    if "50" not in origin.modifiers and not _is_waste(split, origin, correction, facts):
        raise Forbidden("N6", "a line is added that is neither the other side of one with 50 nor "
                        "what was thrown away of a drug")  # fmt: skip


def _is_waste(
    split: SplitLine, origin: ServiceLine, correction: Correction, facts: ClaimFacts
) -> bool:
    """Whether the drug's one record of that day has a single-dose container, partly thrown away."""
    _, code, *modifiers = split.procedure.split(":")
    given = drugs_of(origin, facts, (code,))
    return (
        code == origin.procedure_code
        and tuple(modifiers) == (*origin.modifiers, "JW")
        and len(given) == 1
        and given[0].note in correction.evidence
        and given[0].drug.container == "single_dose"
        and bool(given[0].drug.wasted_milligrams)
    )


def _two_sides(line: ServiceLine, modifier: str | None, corrections: Sequence[Correction]) -> bool:
    """Whether the modifier only says in other words that both sides were billed."""
    places = {c.place: c for c in corrections}
    if modifier in ("RT", "LT"):
        return "50" in line.modifiers and any(
            c.new_value is not None and c.new_value.startswith(f"2400[{line.position}]*")
            for c in places.values()
            if parse_place(c.place).is_line
        )
    return modifier == "50" and any(
        parse_place(c.place).is_line
        and c.new_value is None
        and (c.old_value or "").split(":")[1:2] == [line.procedure_code]
        and bool({"RT", "LT"} & set((c.old_value or "").split(":")[2:]))
        for c in places.values()
    )


def _guard_modifier(
    place: Place, correction: Correction, facts: ClaimFacts, corrections: Sequence[Correction]
) -> None:
    line = facts.service_line(place.line)
    if line is None:
        raise Forbidden("N1", f"{place} is on no line of the claim")
    if correction.new_value is None or correction.new_value in line.modifiers:
        # Taken away, or moved up to where another one was taken away.
        return
    if _two_sides(line, correction.new_value, corrections):
        return
    if all(isinstance(e, PublishedRule) for e in correction.evidence):
        raise Forbidden("N1", "a modifier without a fact from the chart")
    for modifiers, group, why in _NOT_FOR:
        if correction.new_value in modifiers and line.procedure_code in modifier_codes(group):
            raise Forbidden("N1", f"modifier {correction.new_value} on a code that {why}")
    if correction.new_value == "25" and not any(
        isinstance(e, Evaluation)
        and e.separately_identifiable
        and line.service_dates == (e.service_date, e.service_date)
        for e in correction.evidence
    ):
        raise Forbidden("N1", "modifier 25 without an evaluation of that day that carries it")
    visits = codes("evaluation") | codes("nurse_visit")
    if correction.new_value == "25" and visits & {
        x.procedure_code for x in beside(line, facts.claim)
    }:
        raise Forbidden("N1", "modifier 25 on one of two visits of a day")
    if correction.new_value in SEPARATE and not any(
        isinstance(e, ProcedureNote) and line.service_dates == (e.service_date, e.service_date)
        for e in correction.evidence
    ):
        raise Forbidden("N1", "a separate service without a procedure note of that day")
    if correction.new_value == "JZ" and denied_by_jz(line, facts, is_new=True):
        raise Forbidden("N1", "JZ beside a record of that day with something thrown away")
    if correction.new_value == "JW" and not bills_the_rest(line, facts):
        raise Forbidden("N1", "JW on a line that does not bill what a record of that day has as "
                        "thrown away, beside one that bills the rest")  # fmt: skip
    days = {o.procedure_code for o in facts.claim.service_lines if o.position != line.position}
    pairs = {(o, line.procedure_code) for o in days} | {(line.procedure_code, o) for o in days}
    if pairs & facts.indicator_0_pairs:
        raise Forbidden("N2", "a modifier on a pair of codes that no modifier separates")


def _guard_code(place: Place, correction: Correction, facts: ClaimFacts) -> None:
    line = facts.service_line(place.line)
    visits = codes("evaluation") | codes("nurse_visit")
    if line is None or line.procedure_code in visits or correction.new_value in visits:
        raise Forbidden("N4", "the level of a visit is never changed")
    _ask(correction, "N4", "a procedure code without a procedure note", ProcedureNote)


def _charge_stays(
    correction: Correction, facts: ClaimFacts, corrections: Sequence[Correction]
) -> bool:
    """Whether the rule only moves charge between lines: the claim's own does not change by it."""
    own = [c for c in corrections if c.rule_code == correction.rule_code]
    return total(facts.claim, own) is None


def _guard_place_of_service(place: Place, correction: Correction, facts: ClaimFacts) -> None:
    if place.name == "CLM05" and place.component != 1:
        raise Forbidden("N4", f"{place} is not the place of service")
    now = correction.new_value or facts.claim.place_of_service_code
    line = facts.service_line(place.line)
    for x in (line,) if line else facts.claim.service_lines:
        if place.name == "CLM05" and x.service.place_of_service_code:
            continue
        if not any(
            isinstance(e, ProcedureNote)
            and e.place_of_service == now
            and speaks_for(e, x, facts.claim)
            for e in correction.evidence
        ):
            raise Forbidden("N4", f"{place} without a note of that procedure that names it")


def _guard_drug(correction: Correction) -> None:
    noted = {
        d.ndc for e in correction.evidence if isinstance(e, ProcedureNote) for d in e.drugs if d.ndc
    }
    if correction.new_value is not None and correction.new_value not in noted:
        raise Forbidden("N4", "an NDC that no drug record has")


def _guard_diagnosis(place: Place, correction: Correction, facts: ClaimFacts) -> None:
    if correction.new_value is None:
        return
    code = correction.new_value.rsplit(":", 1)[-1].replace(".", "")
    records = [e for e in correction.evidence if isinstance(e, Diagnosis)]
    line = facts.service_line(place.line)
    if line is not None:
        records = [e for e in records if e in records_of(line, facts)]
    documented = {c.replace(".", "") for e in records for c in e.codes}
    if not documented or (line is None and code not in documented):
        raise Forbidden("N5", "a diagnosis that is not documented")


def _guard_earlier_payer(
    place: Place, correction: Correction, facts: ClaimFacts, corrections: Sequence[Correction]
) -> None:
    """What another payer decided is told whole, on its own 835, of the services as they were."""
    on_file = [e for e in correction.evidence if isinstance(e, PrimaryRemittance)]
    if not any(e in facts.evidence and facts.is_about(e.subject) for e in on_file):
        raise Forbidden("N12", "another payer's decision without its own 835 on file")
    if correction.new_value is None or not (place.is_loop or correction.place == SEQUENCE):
        raise Forbidden("N12", "another payer's decision altered in part")
    for other in map(parse_place, (c.place for c in corrections)):
        if other.is_line or (other.name in _OF_A_SERVICE and other.component < 3):
            raise Forbidden("N12", f"{other} changes what another payer has decided on")


def _guard_taxonomy(place: Place, correction: Correction, facts: ClaimFacts) -> None:
    """The code of an enrollment of the very provider at that place, on all of its days."""
    claim = facts.claim
    providers = (billing_at(claim), *rendering_at(claim, claim.service_lines))
    if not any(
        isinstance(e, Enrollment)
        and e in facts.evidence
        and facts.is_about(e.subject)
        and at.place == correction.place
        and (e.npi, e.taxonomy_code) == (at.npi, correction.new_value)
        and is_in_force(e, at.lines)
        for at in providers
        for e in correction.evidence
    ):
        raise Forbidden("N4", f"{place} without an enrollment of that provider and day")
