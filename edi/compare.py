"""What differs between a claim as it was sent and as it is sent again, place by place.

Knows nothing of how a replacement is made: it aligns the two texts by loop, segment and
qualifier, and says every element and component that is not the same. So it can hold the writer
to CONTRACT 5, and an emitted file to its original long after.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from edi.added_loop import loop_text
from edi.change import COMPOSITES, VALUE_ELEMENT, WHOLE_LOOPS, SplitLine
from edi.claim_text import ClaimTexts, Located, locate_claim, locate_level
from edi.element import Delimiters

ALWAYS_ALLOWED = frozenset(
    ("2000A/HL01", "2000A/HL02", "2000A/HL04", "2000B/HL01", "2000B/HL02", "2000B/HL04",
     "2000C/HL01", "2000C/HL02", "2000C/HL04", "2300/CLM05-3", "2300/REF*F8", "2400/REF*6R",
     "2400/LX01")
)  # fmt: skip
"""Places, without the line's index, that differ whatever the changes are: see always_allowed."""

_KEY_ELEMENTS = {
    "REF": (1,), "DTP": (1, 2), "AMT": (1,), "NTE": (1,), "NM1": (1,), "PRV": (1, 2),
    "LIN": (2,), "CAS": (1,), "SVD": (1,), "LQ": (1, 2), "FRM": (1,), "PWK": (1, 2), "CRC": (1,),
    "QTY": (1,), "MEA": (1, 2), "PER": (1,), "HL": (3,), "HI": (),
}  # fmt: skip
"""Elements that say which segment it is; where one differs, it is another segment."""
_DIAGNOSES = ("ABK", "ABF", "BK", "BF")
_LINE = "2400"


class Difference(NamedTuple):
    """One place that is not the same; None = nothing stands there.

    Composites that are compared whole, and lines, are written with ":" as in a Change.
    """

    place: str
    old: str | None
    new: str | None


class _Keyed(NamedTuple):
    loop: str
    nth: int
    key: str
    occurrence: int
    elements: list[str]


def always_allowed(difference: Difference, *, lines_removed: bool = False) -> bool:
    """Whether CONTRACT 5 lets this differ in any replacement.

    A REF*6R that was there is kept; LX differs only where lines were taken off.
    """
    place = difference.place
    if place.startswith(_LINE) and "]" in place:
        place = _LINE + place.partition("]")[2]
    if place not in ALWAYS_ALLOWED:
        return False
    if place.endswith("REF*6R"):
        return difference.old is None
    return lines_removed if place.endswith("LX01") else True


def differences(
    original: ClaimTexts,
    emitted: ClaimTexts,
    delimiters: Delimiters,
    *,
    removed_lines: Collection[int] = (),
    added_lines: Mapping[int, int] = MappingProxyType({}),
) -> tuple[Difference, ...]:
    """Every difference between two texts of one claim; lines by their position in the original.

    Lines that the emitted claim lacks are found by REF*6R and likeness, unless
    ``removed_lines`` says which; both texts have the same delimiters. ``added_lines``: numbers of
    lines at the end that are split from lines of the original; they are held against those.
    """
    found: list[Difference] = []
    for name, loop in (("billing", "2000A"), ("subscriber", "2000B"), ("patient", "2000C")):
        old, new = getattr(original, name), getattr(emitted, name)
        if (old is None) != (new is None):
            found.append(Difference(loop, None if old is None else "level",
                                    None if new is None else "level"))  # fmt: skip
            continue
        found += _compare(
            list(locate_level(old or (), loop, delimiters.element)),
            list(locate_level(new or (), loop, delimiters.element)),
            delimiters.component,
        )
    head, lines = _split(original.own, delimiters.element)
    new_head, new_lines = _split(emitted.own, delimiters.element)
    found += _compare(head, new_head, delimiters.component)
    if added_lines and len(new_lines) == len(lines) - len(set(removed_lines)) + len(added_lines):
        own = len(new_lines) - len(added_lines)
        for (number, origin), line in zip(sorted(added_lines.items()), new_lines[own:],
                                          strict=True):  # fmt: skip
            if 0 < origin <= len(lines):
                found += _split_line(lines[origin - 1], line, origin, number, delimiters)
        new_lines = new_lines[:own]
    pairs = _align(lines, new_lines, set(removed_lines))
    next_free = len(lines)
    for old_at, new_at in pairs:
        if new_at is None and old_at is not None:
            service = _service(lines[old_at], delimiters.component)
            found.append(Difference(f"{_LINE}[{old_at + 1}]", service, None))
        elif old_at is None and new_at is not None:
            next_free += 1
            service = _service(new_lines[new_at], delimiters.component)
            found.append(Difference(f"{_LINE}[{next_free}]", None, service))
        elif old_at is not None and new_at is not None:
            new_line = [s._replace(nth=old_at + 1) for s in new_lines[new_at]]
            found += _compare(lines[old_at], new_line, delimiters.component)
    return tuple(found)


def _split_line(
    origin: list[Located], line: list[Located], position: int, number: int, delimiters: Delimiters
) -> Iterator[Difference]:
    """An added line as a Change has it, and whatever of it is neither its own nor its origin's."""
    service = next((s.elements for s in line if s.elements[0] == "SV1"), ["SV1"])
    service = service + [""] * (5 - len(service))
    procedure = service[1].replace(delimiters.component, ":")
    quantity = next((s.elements[4] for s in line if s.elements[0] == "CTP" and s.elements[4:]), "")
    text = str(SplitLine(position, procedure, service[2], service[3], service[4], quantity))
    yield Difference(f"{_LINE}[{number}]", None, text)
    own = tuple(
        f"{_LINE}[{number}]/{name}"
        for name in ("SV101", "SV102", "SV103", "SV104", "CTP04", "LX01")
    )
    was, now = ([s._replace(nth=number) for s in x] for x in (origin, line))
    for difference in _compare(was, now, delimiters.component):
        if difference.place.endswith("/REF*6R"):
            if difference.new is not None:
                yield difference._replace(old=None)
        elif not difference.place.startswith(own):
            yield difference


def _split(texts: tuple[str, ...], separator: str) -> tuple[list[Located], list[list[Located]]]:
    """The claim's own segments, and those of each line."""
    head: list[Located] = []
    lines: list[list[Located]] = []
    for segment in locate_claim(texts, separator):
        if segment.elements[0] == "LX":
            lines.append([])
        (lines[-1] if lines else head).append(segment)
    return head, lines


def _service(line: list[Located], component: str) -> str:
    """SV101 of a line, as a Change of a whole line has it."""
    for segment in line:
        if segment.elements[0] == "SV1" and len(segment.elements) > 1:
            return segment.elements[1].replace(component, ":")
    return ""


def _align(
    old: list[list[Located]], new: list[list[Located]], removed: set[int]
) -> list[tuple[int | None, int | None]]:
    """Pairs of line positions from 0, in order; None where one side has no such line."""
    if removed and len(old) - len(removed) == len(new):
        staying = iter(range(len(new)))
        return [(i, None if i + 1 in removed else next(staying)) for i in range(len(old))]
    if len(old) == len(new):
        return [(i, i) for i in range(len(old))]
    # The best alignment that keeps the order: score[i][j] of the lines from i and j on.
    score = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in reversed(range(len(old))):
        for j in reversed(range(len(new))):
            likeness = _likeness(old[i], new[j])
            together = likeness + score[i + 1][j + 1] if likeness else 0
            score[i][j] = max(together, score[i + 1][j], score[i][j + 1])
    pairs: list[tuple[int | None, int | None]] = []
    i = j = 0
    while i < len(old) and j < len(new):
        likeness = _likeness(old[i], new[j])
        if likeness and score[i][j] == likeness + score[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif score[i][j] == score[i + 1][j]:
            pairs.append((i, None))
            i += 1
        else:
            pairs.append((None, j))
            j += 1
    pairs += [(k, None) for k in range(i, len(old))]
    pairs += [(None, k) for k in range(j, len(new))]
    return pairs


def _likeness(old: list[Located], new: list[Located]) -> int:
    """How sure two lines are one: its REF*6R says so or denies it, else what they share."""
    numbers = [
        next((s.elements[2] for s in line if s.elements[:2] == ["REF", "6R"]
              and len(s.elements) > 2), None)
        for line in (old, new)
    ]  # fmt: skip
    if None not in numbers:
        return 1000 if numbers[0] == numbers[1] else 0
    shared = {tuple(s.elements) for s in old if s.elements[0] != "LX"}
    services = [s.elements for line in (old, new) for s in line if s.elements[0] == "SV1"]
    parts = sum(a == b for a, b in zip(*services[:2], strict=False)) if len(services) > 1 else 0
    return 10 * sum(tuple(s.elements) in shared for s in new) + parts


def _keyed(segments: list[Located]) -> list[_Keyed]:
    counts: dict[tuple[str, int, str], int] = {}
    found = []
    for loop, number, elements in segments:
        key = "*".join(
            [elements[0]]
            + [elements[i] if len(elements) > i else "" for i in _KEY_ELEMENTS.get(elements[0], ())]
        )
        times = counts[loop, number, key] = counts.get((loop, number, key), 0) + 1
        found.append(_Keyed(loop, number, key, times, elements))
    return found


def _compare(old: list[Located], new: list[Located], component: str) -> list[Difference]:
    """Differences of the segments of one loop and what is in it."""
    found, new = _added_loops(old, new, component)
    before, after = ({k[:4]: k for k in _keyed(s)} for s in (old, new))
    if [k for k in before if k in after] != [k for k in after if k in before]:
        loop = old[0].loop if old else ""
        found.append(Difference(loop + "/order", "the original's", "another"))
    diagnoses = [_diagnoses(s, component) for s in (before, after)]
    for n in range(max(map(len, diagnoses))):
        pair = [d[n] if n < len(d) else None for d in diagnoses]
        if pair[0] != pair[1]:
            found.append(Difference(f"2300/HI[{n + 1}]", *pair))
    for identity in [*before, *(k for k in after if k not in before)]:
        found += _segment(before.get(identity), after.get(identity), component)
    return found


def _added_loops(
    old: list[Located], new: list[Located], component: str
) -> tuple[list[Difference], list[Located]]:
    """Loops of an earlier payer that the original has not, each as one; and the other segments."""
    standing = {(s.loop, s.nth) for s in old}
    added: dict[str, list[list[str]]] = {}
    others = []
    for s in new:
        if s.loop in WHOLE_LOOPS and (s.loop, s.nth) not in standing:
            added.setdefault(f"{s.loop}[{s.nth}]", []).append(s.elements)
        else:
            others.append(s)
    return [Difference(p, None, loop_text(s, component)) for p, s in added.items()], others


def _diagnoses(keyed: dict[tuple[str, int, str, int], _Keyed], component: str) -> list[str]:
    return [
        e.replace(component, ":")
        for k in keyed.values()
        if k.elements[0] == "HI" and k.loop == "2300"
        for e in k.elements[1:]
        if e.split(component)[0] in _DIAGNOSES
    ]


def _segment(old: _Keyed | None, new: _Keyed | None, component: str) -> Iterator[Difference]:
    some = old or new
    assert some is not None
    tag = some.elements[0]
    loop = "2400" if some.loop == "2410" else some.loop
    base = f"{loop}[{some.nth}]" if some.nth else loop
    sides = [k.elements if k else [] for k in (old, new)]
    if tag == "HI" and some.loop == "2300":
        # Diagnoses are compared by their number in the claim; of other codes nothing changes.
        sides = [[e for e in s if e.split(component)[0] not in _DIAGNOSES] for s in sides]
        if (sides[0] or [tag]) != (sides[1] or [tag]):
            yield Difference(f"{base}/HI", *(component.join(s) or None for s in sides))
        return
    keys = _KEY_ELEMENTS.get(tag, ())
    told = False
    value = VALUE_ELEMENT.get(tag)
    nth = f"[{some.occurrence}]" if some.occurrence > 1 else ""
    for i in range(1, max(map(len, sides))):
        texts = [s[i] if len(s) > i else "" for s in sides]
        if texts[0] == texts[1] or (i in keys and (old is None or new is None)):
            continue
        told = True
        if i == value:
            place = f"{base}/{tag}*{some.elements[1]}{nth}"
            yield Difference(place, texts[0] or None, texts[1] or None)
        else:
            yield from _element(f"{base}/{tag}{i:02d}", nth, texts, component)
    if not told and (old is None or new is None):
        yield Difference(f"{base}/{tag}{nth}", *(" ".join(s) or None for s in sides))


def _element(place: str, nth: str, texts: list[str], component: str) -> Iterator[Difference]:
    """A composite component by component, anything else whole."""
    name = place.rpartition("/")[2]
    if name not in COMPOSITES:
        yield Difference(place + nth, texts[0] or None, texts[1] or None)
        return
    parts = [t.split(component) for t in texts]
    for c in range(max(map(len, parts))):
        pair = [p[c] if len(p) > c and p[c] else None for p in parts]
        if pair[0] != pair[1]:
            yield Difference(f"{place}-{c + 1}{nth}", *pair)
