"""Whether procedure notes show two services of one day to be distinct, and which modifier says so.

Conservative on purpose: what a note leaves open is not distinct, and every site of one service
has to be apart from every site of the other.
"""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

from edi.claim import ServiceLine
from rules.chart import Treated, notes_of, sites_of
from rules.decision import ClaimFacts
from rules.evidence import ProcedureNote, Site
from rules.parameters import load
from rules.structure import are_apart, words

_OPPOSITE = {"left": "right", "right": "left"}
_SIDE_MODIFIER = {"left": "LT", "right": "RT"}


class Distinct(NamedTuple):
    """``modifier``: XE, XP, XS, XU, LT or RT. ``why``: in words, for who approves it."""

    modifier: str
    why: str
    notes: tuple[ProcedureNote, ...]


def distinct(paid: ServiceLine, denied: ServiceLine, facts: ClaimFacts) -> Distinct | None:
    """How the notes of the day tell the denied service from the paid one; None: they do not."""
    ours = sites_of(denied, facts, {denied.procedure_code})
    theirs = sites_of(paid, facts, {paid.procedure_code})
    if not ours or not theirs:
        return None
    found = [_apart(a, b, paid, denied, facts) for a, b in product(ours, theirs)]
    kinds = {kind for kind, _ in found if kind}
    if len(kinds) != 1 or not all(kind for kind, _ in found):
        return None
    notes = tuple(n for n in notes_of(denied, facts) if any(x.note is n for x in ours + theirs))
    modifier = kinds.pop()
    if modifier == "side":
        modifier = _side_modifier(paid, denied, [x.site for x in ours])
    return Distinct(modifier, found[0][1], notes) if modifier else None


def _apart(
    ours: Treated, theirs: Treated, paid: ServiceLine, denied: ServiceLine, facts: ClaimFacts
) -> tuple[str, str]:
    """The kind of difference between two sites, and in words; empty where there is none."""
    a, b = ours.site, theirs.site
    if a.session != b.session:
        return "XE", "another session of the day"
    claim = facts.claim
    if claim.rendering_npi_of(paid) != claim.rendering_npi_of(denied):
        # The claim alone would be the practice's own word: each has to have a note of its own.
        own_notes = ours.note.document_id != theirs.note.document_id
        return ("XP", "another practitioner with a note of their own") if own_notes else ("", "")
    if denied.procedure_code in load("bundling")["drug_administration"]["codes"]:
        given = bool(ours.note.drugs) and _named_apart(a, b)
        return ("XU", "a drug given elsewhere, apart from the procedure") if given else ("", "")
    if _regions_apart(a, b, facts):
        return "XS", "another region of the spine"
    if a.laterality in _OPPOSITE and b.laterality == _OPPOSITE[a.laterality]:
        return "side", "the other side"
    spinal = load("bundling")["spinal"]["codes"]
    both_spinal = paid.procedure_code in spinal and denied.procedure_code in spinal
    if not both_spinal and _named_apart(a, b):
        return "XS", "another structure"
    return "", ""


def _regions_apart(a: Site, b: Site, facts: ClaimFacts) -> bool:
    if a.region is None or b.region is None or a.region == b.region:
        return False
    one = facts.payer.regions or load("bundling")["regions"]["one"]
    return not any(a.region in group and b.region in group for group in one)


def in_doubt(paid: ServiceLine, denied: ServiceLine, facts: ClaimFacts) -> bool:
    """Whether the notes name both structures in words of which they share some and not others."""
    ours = [_names(x.site) for x in sites_of(denied, facts, {denied.procedure_code})]
    theirs = [_names(x.site) for x in sites_of(paid, facts, {paid.procedure_code})]
    pairs = list(product(ours, theirs))
    if {paid.procedure_code, denied.procedure_code} <= set(load("bundling")["spinal"]["codes"]):
        return False
    return bool(pairs) and all(a - b and b - a and not are_apart(a, b) for a, b in pairs)


def _names(site: Site) -> frozenset[str]:
    return words(" ".join((site.structure or "", *site.muscles)))


def _named_apart(a: Site, b: Site) -> bool:
    """Both name what was treated, and no word of the one name is in the other."""
    ours, theirs = _names(a), _names(b)
    return bool(ours) and bool(theirs) and are_apart(ours, theirs)


def _side_modifier(paid: ServiceLine, denied: ServiceLine, ours: list[Site]) -> str:
    """LT or RT where both lines can be told by it; XS where the payer could not see the side.

    A code that has no sides (bilateral indicator 0 or 9, as trigger points) takes XS as well.
    """
    sides = {site.laterality for site in ours}
    side = sides.pop() if len(sides) == 1 else None
    if side not in _OPPOSITE:
        return ""
    mine, other = _SIDE_MODIFIER[side], _SIDE_MODIFIER[_OPPOSITE[side]]
    if other in denied.modifiers or mine in paid.modifiers or "50" in denied.modifiers:
        return ""  # the claim contradicts the note
    if denied.procedure_code in load("modifiers")["bilateral_not_allowed"]["codes"]:
        return "XS"
    return mine if other in paid.modifiers and mine not in denied.modifiers else "XS"
