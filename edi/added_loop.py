"""A whole loop that a change adds to a claim: what an earlier payer decided of it.

Loops 2320 (SBR, CAS, AMT, OI, MOA), 2330A and 2330B of the claim, one set for each earlier payer,
and 2430 of a line with every SVD of it. The text of such a change is the loop's segments, written
with "*", ":" and "~" whatever delimiters the file has::

    2320[1]   SBR*P*18*******CI~AMT*D*80~OI***Y***Y
    2430[2]   SVD*87726*80*HC:64483**1~CAS*CO*45*20~DTP*573*D8*20260304
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from edi.change import Applied, BadPlace, Change, ChangeRefused, Place
from edi.characters import check_value
from edi.claim_segments import ClaimSegments, EditedSegment
from edi.element import Delimiters
from edi.problem import EdiError, Problem
from edi.source import SourceRef

_SEGMENTS = {
    "2320": ("SBR", "CAS", "AMT", "OI", "MOA"),
    "2330A": ("NM1", "N3", "N4"),
    "2330B": ("NM1", "DTP", "REF"),
    "2430": ("SVD", "CAS", "DTP"),
}
"""Segments of each loop in the guide's order (005010X222A1), as far as they are ever added."""
_COMPOSITE = ("SVD", 3)


def loop_text(segments: Iterable[Sequence[str]], component: str = ":") -> str:
    """Segments as a change of their loop has them; ``component`` is what SVD03 is written with.

    >>> loop_text([["SVD", "87726", "80", "HC>64483", "", "1", ""]], ">")
    'SVD*87726*80*HC:64483**1'
    """
    return "~".join("*".join(_shown(s, component)).rstrip("*") for s in segments)


def _shown(segment: Sequence[str], component: str) -> list[str]:
    tag, at = _COMPOSITE
    if segment[0] != tag or len(segment) <= at:
        return list(segment)
    return [e.replace(component, ":") if i == at else e for i, e in enumerate(segment)]


def can_be_told(text: str) -> bool:
    """Whether a value can stand in such a text."""
    return not set("*~") & set(text)


def _parse(place: Place, text: str) -> list[list[str]]:
    """The segments of a loop's text.

    Raises: BadPlace where they are not those of the loop, in its order.
    """
    order = _SEGMENTS[place.loop]
    segments = [part.split("*") for part in text.split("~")]
    ranks = [order.index(s[0]) if s[0] in order and s[1:] else -1 for s in segments]
    # A line may have been decided on in parts, each with its own SVD.
    begins = [n for n, rank in enumerate(ranks) if rank == 0]
    ends = [*begins[1:], len(ranks)]
    parts = [ranks[begin:end] for begin, end in zip(begins, ends, strict=False)]
    whole = begins[:1] == [0] and all(-1 not in p and p == sorted(p) for p in parts)
    if not whole or (len(begins) > 1 and place.loop != "2430"):
        raise BadPlace(
            Problem("BAD_PLACE", SourceRef(), str(place), "other segments", "those of the loop")
        )
    return segments


def add_loop(
    claim: ClaimSegments, change: Change, place: Place, delimiters: Delimiters, source: SourceRef
) -> Applied:
    """Adds the loop where the guide has it, and says what came of it.

    Raises: BadPlace; UnwritableValue; ChangeRefused where the claim has such a loop already, where
    there is nothing to add it to, and for anything but adding.
    """
    if change.old is not None or change.new is None:
        raise _refused(source, place, "PLACE_NOT_OPEN", "a whole loop", "a loop that is added")
    segments = _parse(place, change.new)
    for segment in segments:
        for number, value in enumerate(segment[1:], 1):
            if (segment[0], number) == _COMPOSITE:
                parts = value.split(":")
                segment[number] = delimiters.component.join(parts)
            else:
                parts = [value]
            for part in filter(None, parts):
                check_value(part, delimiters, str(place), source)
    added = [EditedSegment(place.loop, place.nth, segment) for segment in segments]
    if not claim.add_loop(added):
        raise _refused(source, place, "NOTHING_TO_ADD_TO", "such a loop, or none before it",
                       "the next free one")  # fmt: skip
    return Applied(str(place), None, loop_text(segments, delimiters.component))


def _refused(source: SourceRef, place: Place, code: str, found: str, expected: str) -> EdiError:
    return ChangeRefused(Problem(code, source, str(place), found, expected))
