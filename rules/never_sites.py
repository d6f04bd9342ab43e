"""Codes and sides that go out, held against the sites of the day's notes.

Held on the finished claim for :mod:`rules.never`: where a line has another code than was billed, or
says of a side what it did not say, all lines of that code and day together are no more than was
treated, and of no other region. Knows nothing of the rules' own count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from edi.claim import Claim, ServiceLine
from rules.evidence import EvidenceRecord, ProcedureNote, Site
from rules.never_check import Pair

# Written out again here on purpose: a slip in the rules' own lists must not pass this one too.
_UPPER = frozenset(("62320", "62321", "62324", "62325", "64479", "64480", "64490", "64491", "64492",
                    "64633", "64634"))  # fmt: skip
_LOWER = frozenset(("62322", "62323", "62326", "62327", "64483", "64484", "64493", "64494", "64495",
                    "64635", "64636", "27096", "64451", "64625"))  # fmt: skip
_FURTHER_LEVELS = frozenset(("64480", "64484", "64491", "64492", "64494", "64495", "64634",
                             "64636"))  # fmt: skip
_ONE_PLACE = frozenset(("20552", "20553", "62320", "62321", "62322", "62323", "62324", "62325",
                        "62326", "62327"))  # fmt: skip
_MARKS = frozenset(("RT", "LT", "50"))


class _Count(NamedTuple):
    """Places: on the left, on the right, of a side that is not said, and all together."""

    left: int
    right: int
    either: int
    everything: int


def beyond_the_sites(
    pairs: Sequence[Pair], emitted: Claim, evidence: Sequence[EvidenceRecord]
) -> Iterator[str]:
    """What goes out and no note on file has. Lines that are added came from no pair."""
    billed = {p.sent.position: p.billed for p in pairs}
    for line in emitted.service_lines:
        was = billed.get(line.position)
        marks = set(line.modifiers) & _MARKS
        if was is not None and was.procedure_code == line.procedure_code:
            marks -= set(was.modifiers)
            if not marks:
                continue
        codes = {line.procedure_code} | ({was.procedure_code} if was else set())
        notes = list(_notes(line, codes, evidence))
        if (was is None and not marks) or not notes:
            continue
        wrong = _LOWER if line.procedure_code in _UPPER else _UPPER
        regions = {s.region for sites in notes for s in sites} - {None}
        if line.procedure_code in _UPPER | _LOWER and regions & (
            {"lumbar", "sacral"} if wrong is _LOWER else {"cervical", "thoracic"}
        ):
            yield f"{line.procedure_code} where a note of that day has another region"
        of_day = [
            x
            for x in emitted.service_lines
            if _is_of(x, line)
            and codes & {x.procedure_code, billed.get(x.position, x).procedure_code}
        ]
        if not _fits(_billed(of_day), _treated(notes)):
            yield f"{line.procedure_code} more often, or on another side, than a note of that day"


def _is_of(one: ServiceLine, other: ServiceLine) -> bool:
    a, b = one.service_dates, other.service_dates
    return a is None or b is None or (a[0] <= b[1] and b[0] <= a[1])


def _notes(
    line: ServiceLine, codes: set[str], evidence: Sequence[EvidenceRecord]
) -> Iterator[frozenset[Site]]:
    """The sites of these codes, note by note, of the line's days."""
    days = line.service_dates
    for fact in evidence:
        if isinstance(fact, ProcedureNote) and days and days[0] <= fact.service_date <= days[1]:
            sites = frozenset(s for s in fact.sites if s.procedure_code in codes)
            if sites:
                yield sites


def _billed(lines: Sequence[ServiceLine]) -> _Count:
    left = right = either = 0
    for line in lines:
        units = int(line.service.service_unit_count or 1)
        is_left, is_right = ({side, "50"} & set(line.modifiers) for side in ("LT", "RT"))
        left += units if is_left else 0
        right += units if is_right else 0
        either += 0 if is_left or is_right else units
    return _Count(left, right, either, left + right + either)


def _treated(notes: Sequence[frozenset[Site]]) -> _Count:
    """The most that one note has of each: two notes may tell of the same treatment."""
    counts = [_of_note(sites) for sites in notes]
    left, right, either, everything = (max(c[n] for c in counts) for n in range(4))
    return _Count(left, right, either, max(everything, left + right))


def _of_note(sites: frozenset[Site]) -> _Count:
    left = right = either = middle = 0
    for site in sites:
        times = max(len(site.levels), 1) if site.procedure_code in _FURTHER_LEVELS else 1
        if site.procedure_code in _ONE_PLACE or site.laterality is None:
            either += times
        elif site.laterality == "midline":
            middle += times
        else:
            left += times if site.laterality != "right" else 0
            right += times if site.laterality != "left" else 0
    return _Count(left, right, either, left + right + either + middle)


def _fits(billed: _Count, treated: _Count) -> bool:
    return (
        billed.left <= treated.left + treated.either
        and billed.right <= treated.right + treated.either
        and billed.left + billed.right <= treated.left + treated.right + treated.either
        and billed.everything <= treated.everything
    )
