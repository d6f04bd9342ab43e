"""Which of several records of one kind, document and subject stands.

The one attested last; of one day the one that arrived last, since a correction is as often written
on the same day. What lies in the folder decides, and never the names of its files or their order:
two records of one day that arrive together in two files contradict each other, and neither stands
until a person has mended one. A line that is gone withdraws nothing. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple


class Kept(NamedTuple):
    """The newest row of one content. ``lies_in``: the file that has it, as last read; None = none.

    ``superseded_by`` is the row that came instead; its own key where it is set aside, since
    another one of its day contradicts it; None where it stands.
    """

    evidence_id: int
    digest: str
    attested_on: date
    superseded_by: int | None
    lies_in: str | None

    @property
    def is_incumbent(self) -> bool:
        """Whether nothing has come instead of it."""
        return self.superseded_by in (None, self.evidence_id)


class Lying(NamedTuple):
    """A content as it lies in the folder now: ``places`` are its last line in each file."""

    digest: str
    attested_on: date
    places: Mapping[str, int]


def standing(rows: Sequence[Kept], lying: Sequence[Lying]) -> tuple[str, ...] | None:
    """The contents that come first now, of one kind, document and subject.

    One stands; of several none does. None: all stays as it is.

    >>> day, later = date(2026, 3, 2), date(2026, 3, 25)
    >>> a, b = Lying("a", later, {"1": 1}), Lying("b", day, {"2": 1})
    >>> standing([], [a, b]), standing([], [a, b._replace(attested_on=later)])
    (('a',), ('a', 'b'))
    >>> old = Kept(1, "a", later, None, "1")
    >>> standing([old], [a, b]), standing([old], [a, b._replace(attested_on=later)])
    (('a',), ('b',))
    >>> standing([old], [b]), standing([old], [b._replace(places={"1": 1})])
    (('a',), ('b',))
    """
    kept = {row.digest: row for row in rows}
    present = {one.digest for one in lying}
    incumbents = [row for row in rows if row.is_incumbent]
    new = [one for one in lying if one.digest not in kept]
    back = [
        one
        for one in lying
        if one.digest in kept
        and kept[one.digest].lies_in is None
        and not kept[one.digest].is_incumbent
    ]
    fresh = [one for one in (*new, *back) if _was_edited(one, incumbents, present)]
    contest = list(fresh)
    if len(incumbents) > 1:
        left = [row for row in incumbents if row.digest in present]
        if len(left) == len(incumbents) and not new:
            return None
        fresh = list({one.digest: one for one in (*new, *fresh)}.values())
        contest = [*fresh, *(one for one in lying if kept.get(one.digest) in left)]
        return _first(contest, fresh) if contest else None
    if fresh:
        return _first(lying, (*new, *back))
    if not new:
        return None
    return _first([*new, *(Lying(row.digest, row.attested_on, {}) for row in incumbents)], new)


def _was_edited(one: Lying, incumbents: Iterable[Kept], present: Collection[str]) -> bool:
    """Whether it lies in the file in which what stood until now no longer lies.

    Whoever wrote it there took the other away, whatever day each was attested on.
    """
    return any(row.lies_in in one.places and row.digest not in present for row in incumbents)


def _first(contest: Sequence[Lying], fresh: Iterable[Lying]) -> tuple[str, ...]:
    """Attested last, then arrived last, then written last in its file; several where equal."""
    day = max(one.attested_on for one in contest)
    arrived = {one.digest for one in fresh}
    top = [one for one in contest if one.attested_on == day]
    top = [one for one in top if one.digest in arrived] or top
    lines = sorted((line, one.digest, name) for one in top for name, line in one.places.items())
    last = {name: digest for _, digest, name in lines}
    return tuple(sorted(set(last.values()) or {one.digest for one in top}))
