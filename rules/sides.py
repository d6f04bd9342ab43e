"""Whether a claim, once corrected, bills more of a procedure than the notes of that day have.

Asked of every proposal that gives a line another code or a side: all lines of that code and day
count, with their units and sides, those that stay as they are too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from math import ceil
from typing import NamedTuple

from edi.change import parse_place, parse_split
from edi.claim import Claim, ServiceLine
from rules.authorization import units_of
from rules.chart import beside
from rules.code_groups import modifier_codes
from rules.decision import ClaimFacts, Correction
from rules.evidence import ProcedureNote, Site
from rules.parameters import load

_SIDES = {"RT": ("right",), "LT": ("left",), "50": ("left", "right")}
_OPEN = "without a side"


class _Line(NamedTuple):
    """A line as it would go out. ``origin``: as it was billed, or the one that it is split from."""

    origin: ServiceLine
    code: str
    modifiers: tuple[str, ...]
    units: Decimal | None

    @property
    def codes(self) -> set[str]:
        return {self.origin.procedure_code, self.code}

    @property
    def says_more(self) -> bool:
        """Whether it has another code, or a side that it did not have."""
        now, was = (set(x.modifiers) & _SIDES.keys() for x in (self, self.origin))
        return self.code != self.origin.procedure_code or bool(now - was)


def beyond_the_notes(facts: ClaimFacts, corrections: Sequence[Correction]) -> str | None:
    """What the corrected claim would bill and no note has, in words; None where nothing.

    Where no note of the day has the procedure there is nothing to hold against it.
    """
    lines = _corrected(facts.claim, corrections)
    for line in lines:
        if line.says_more and (why := _beyond(line, lines, facts)) is not None:
            return why
    return None


def _corrected(claim: Claim, corrections: Sequence[Correction]) -> list[_Line]:
    of = {c.place: c.new_value for c in corrections}
    found = []
    for line in claim.service_lines:
        at = f"2400[{line.position}]"
        if at in of and of[at] is None:
            continue
        slots = [*line.modifiers, "", "", "", ""][:4]
        slots = [of.get(f"{at}/SV101-{n}", m) or "" for n, m in enumerate(slots, 3)]
        units = Decimal(of[f"{at}/SV104"] or 0) if f"{at}/SV104" in of else units_of(line)
        code = of.get(f"{at}/SV101-2") or line.procedure_code
        found.append(_Line(line, code, tuple(m for m in slots if m), units))
    for place, new in of.items():
        if new is None or not parse_place(place).is_line:
            continue
        split = parse_split(new)
        _, code, *modifiers = split.procedure.split(":")
        origin = claim.service_lines[split.origin - 1]
        found.append(_Line(origin, code, tuple(modifiers), Decimal(split.units)))
    return found


def _beyond(line: _Line, lines: Sequence[_Line], facts: ClaimFacts) -> str | None:
    days, codes = line.origin.service_dates, line.codes
    notes = [
        n
        for n in facts.on_file(ProcedureNote)
        if days is not None and days[0] <= n.service_date <= days[1]
        and any(s.procedure_code in codes for s in n.sites)
    ]  # fmt: skip
    if not notes:
        return None
    documents = ", ".join(dict.fromkeys(n.document_id for n in notes))
    sites = [{s for s in n.sites if s.procedure_code in codes} for n in notes]
    if (elsewhere := _elsewhere(line.code, sites)) is not None:
        return f"{documents} has {elsewhere}, where {line.code} is not done; a coder has to look."
    of_day = {x.position for x in (line.origin, *beside(line.origin, facts.claim))}
    others = [x for x in lines if x.codes & codes and x.origin.position in of_day]
    if any(x.units is None for x in others):
        return f"{documents} cannot be held against a line without units; a coder has to look."
    wanted = _wanted(others)
    if _covers(_noted(sites, codes), wanted):
        return None
    what = ", ".join(f"{n} {side}" for side, n in sorted(wanted.items()) if n)
    return (
        f"{documents} does not have as much of {' or '.join(sorted(codes))} as the claim would "
        f"bill for that day ({what}); a coder has to say what was done."
    )


def _elsewhere(code: str, sites: Sequence[set[Site]]) -> str | None:
    """A region that the notes name and the code is not for."""
    own = [set(group["regions"]) for group in load("regions")["of_codes"] if code in group["codes"]]
    named = {s.region for note in sites for s in note if s.region is not None}
    wrong = sorted(named - own[0]) if own else []
    return ", ".join(wrong) or None


def _wanted(lines: Sequence[_Line]) -> Counter[str]:
    found: Counter[str] = Counter()
    for line in lines:
        sides = {side for m in line.modifiers for side in _SIDES.get(m, ())}
        for side in sides or {_OPEN}:
            found[side] += ceil(line.units or 0)
    return found


def _noted(sites: Sequence[set[Site]], codes: set[str]) -> Counter[str]:
    """How often each side was treated, as the note has it that has most of that side.

    Two notes of a day may tell of one treatment, so they are not added up; nor are two entries of
    one note that are the same in everything. ``total``: of all sides.
    """
    one_sided = bool(codes & modifier_codes("bilateral_not_allowed"))
    most: Counter[str] = Counter()
    for note in sites:
        mine: Counter[str] = Counter()
        for site in note:
            is_add_on = site.procedure_code in modifier_codes("add_on")
            times = max(1, len(site.levels)) if is_add_on else 1
            both = ("left", "right") if site.laterality == "bilateral" else (site.laterality,)
            for side in (None,) if one_sided else both:
                mine[side or _OPEN] += times
        mine["total"] = sum(mine.values())
        most |= mine
    most["total"] = max(most["total"], most["left"] + most["right"])
    return most


def _covers(noted: Counter[str], wanted: Counter[str]) -> bool:
    """Whether each side that is billed was treated; a site without a side may be of either."""
    lacking = sum(max(0, wanted[side] - noted[side]) for side in ("left", "right"))
    return lacking <= noted[_OPEN] and sum(wanted.values()) <= noted["total"]
