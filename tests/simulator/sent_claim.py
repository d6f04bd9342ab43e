"""Claims cut out of 837P bytes, and what differs between one that was billed and one that was sent.

Knows X12 by x12_text alone. Everything that differs and is neither what every replacement changes
nor named by a correction, with the very value named, is told in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from simulator.x12_text import Delimiters, split

Segment = list[str]
Correction = dict[str, Any]
"""``place``, ``old_value``, ``new_value`` and more, as mart_correction has them."""


@dataclass(slots=True)
class CutClaim:
    """One claim's own segments, and those above it, as elements."""

    delimiters: Delimiters
    header: list[Segment]
    """From ISA to the first HL."""
    billing: list[Segment] = field(default_factory=list)
    subscriber: list[Segment] = field(default_factory=list)
    patient: list[Segment] = field(default_factory=list)
    own: list[Segment] = field(default_factory=list)
    """From CLM to the first LX."""
    lines: list[list[Segment]] = field(default_factory=list)

    @property
    def number(self) -> str:
        """CLM01."""
        return self.own[0][1]

    @property
    def frequency_code(self) -> str:
        """CLM05-3."""
        return self.own[0][5].split(self.delimiters.component)[2]

    @property
    def payer_claim_control_number(self) -> str:
        """REF*F8 of the claim itself; empty where there is none."""
        return next((s[2] for s in _of_the_claim(self.own) if s[:2] == ["REF", "F8"]), "")


def cut(data: bytes) -> Iterator[CutClaim]:
    """The claims of a file."""
    parsed = split(data)
    header: list[Segment] = []
    levels: dict[str, list[Segment]] = {}
    level: list[Segment] = header
    claim: CutClaim | None = None
    for segment in parsed.segments:
        name = segment[0]
        if claim and name in ("HL", "CLM", "SE"):
            yield claim
            claim = None
        if name == "HL":
            levels = {k: v for k, v in levels.items() if k < segment[3]}
            level = levels[segment[3]] = []
        if name == "CLM":
            above = [list(levels.get(code, [])) for code in ("20", "22", "23")]
            claim = CutClaim(parsed.delimiters, header, *above)
        if claim is None:
            level.append(segment)
        elif name == "LX":
            claim.lines.append([segment])
        else:
            (claim.lines[-1] if claim.lines else claim.own).append(segment)


def envelope_faults(data: bytes) -> list[str]:
    """What is wrong with the counts and control numbers of a file with one transaction."""
    segments = split(data).segments
    names = [s[0] for s in segments]
    isa, gs, st = (next(s for s in segments if s[0] == n) for n in ("ISA", "GS", "ST"))
    se, ge, iea = segments[-3:]
    checks = {
        "the order of the envelope": names[:3] == ["ISA", "GS", "ST"]
        and [se[0], ge[0], iea[0]] == ["SE", "GE", "IEA"],
        "SE01": se[1] == str(len(segments) - 4),
        "SE02": se[2] == st[2],
        "GE": ge[1:] == ["1", gs[6]],
        "IEA": iea[1:] == ["1", isa[13]],
        "GS08": gs[8] == "005010X222A1" == st[3],
        "HL": [s[1] for s in segments if s[0] == "HL"]
        == [str(n) for n in range(1, names.count("HL") + 1)],
    }
    return [what for what, holds in checks.items() if not holds]


def differences(billed: CutClaim, sent: CutClaim, corrections: Sequence[Correction]) -> list[str]:
    """What differs and no correction names, and corrections that the bytes do not show."""
    found: list[str] = []
    if billed.delimiters.element + billed.delimiters.component != (
        sent.delimiters.element + sent.delimiters.component
    ):
        found.append("other delimiters")
    a, b = _plain(billed), _plain(sent)
    _pair_lines(a, b, corrections, found)
    said: set[tuple[str, ...]] = set()
    for correction in corrections:
        what = tuple(correction[k] for k in ("place", "old_value", "new_value"))
        # Two rules may want the same.
        if not _LINE.fullmatch(correction["place"]) and what not in said:
            _mask(a, b, correction, found)
        said.add(what)
    for what in ("header", "billing", "subscriber", "patient", "own"):
        if _bare(getattr(a, what)) != _bare(getattr(b, what)):
            found.append(f"the {what} segments differ: {_first_difference(a, b, what)}")
    for nth, (was, now) in enumerate(zip(a.lines, b.lines, strict=False), start=1):
        if _bare(was) != _bare(now):
            found.append(f"line {nth} of those that stay differs")
    return found


_LINE = re.compile(r"2400\[(\d+)\]")
_PLACE = re.compile(
    r"(\w{4,6})(?:\[(\d+)\])?/([A-Z][A-Z0-9]{1,2}?)"
    r"(?:\*(\w+)|(\d\d)(?:-(\d))?|\[(\d+)\])"
)
_CHANGES_ALWAYS = {
    "ISA": (9, 10, 13), "GS": (4, 5, 6, 8), "ST": (2, 3), "BHT": (3, 4, 5),
    "LX": (1,), "HL": (1, 2),
}  # fmt: skip


def _plain(claim: CutClaim) -> CutClaim:
    """A copy without what every replacement changes."""
    made = deepcopy(claim)
    everything = (made.header, made.billing, made.subscriber, made.patient, made.own, *made.lines)
    for segment in (s for some in everything for s in some):
        for element in _CHANGES_ALWAYS.get(segment[0], ()):
            if element < len(segment):
                segment[element] = ""
    place = made.own[0][5].split(made.delimiters.component)
    made.own[0][5] = made.delimiters.component.join((*place[:2], "", *place[3:]))
    mine = [s for s in _of_the_claim(made.own) if s[:2] == ["REF", "F8"]]
    made.own = [s for s in made.own if not any(s is x for x in mine)]
    return made


def _of_the_claim(own: list[Segment]) -> list[Segment]:
    """2300 alone, without what an earlier payer is told of (2320)."""
    end = next((n for n, s in enumerate(own) if s[0] == "SBR"), len(own))
    return own[:end]


def _pair_lines(
    a: CutClaim, b: CutClaim, corrections: Sequence[Correction], found: list[str]
) -> None:
    """Take away what corrections take off and add, so that the lines stand beside each other."""
    whole = [(int(m[1]), c["new_value"]) for c in corrections if (m := _LINE.fullmatch(c["place"]))]
    gone = {n for n, new in whole if new is None}
    added = sorted((n, new) for n, new in whole if new is not None)
    originals = list(a.lines)
    kept = [n for n in range(1, len(originals) + 1) if n not in gone]
    if [n for n, _ in added] != list(range(len(originals) + 1, len(originals) + 1 + len(added))):
        found.append("an added line has not the next free number")
    if len(b.lines) != len(kept) + len(added):
        found.append(f"{len(b.lines)} lines were sent where {len(kept) + len(added)} are to go")
    for text, line in zip((new for _, new in added), b.lines[len(kept) :], strict=False):
        origin, *own = text.split("*")
        nth = int(_LINE.fullmatch(origin)[1])  # type: ignore[index]
        copy = deepcopy(originals[nth - 1]) if nth <= len(originals) else []
        for segment in (s for s in copy if s[0] == "SV1"):
            segment[1:5] = [own[0].replace(":", a.delimiters.component), *own[1:4]]
        for segment in (s for s in copy if s[0] == "CTP" and len(own) > 4):
            segment[4] = own[4]
        if _without_6r(_bare(copy)) != _without_6r(_bare(line)):
            found.append(f"the line added to line {nth} is no copy of it")
    a.lines = [originals[n - 1] for n in kept]
    b.lines = b.lines[: len(kept)]
    for was, now in zip(a.lines, b.lines, strict=False):
        if not any(s[:2] == ["REF", "6R"] for s in was):
            now[:] = _without_6r(now)
    # Corrections name a line by its place in the original.
    at: list[list[Segment]] = [[] for _ in originals]
    now_at: list[list[Segment]] = [[] for _ in originals]
    for n, was, now in zip(kept, a.lines, b.lines, strict=False):
        at[n - 1], now_at[n - 1] = was, now
    a.lines, b.lines = at, now_at


def _without_6r(segments: list[Segment]) -> list[Segment]:
    return [s for s in segments if s[:2] != ["REF", "6R"]]


def _bare(segments: list[Segment]) -> list[Segment]:
    """Without empty elements and components at the end, and without segments that hold nothing."""
    return [list(_stripped(s)) for s in segments if len(_stripped(s)) > 1]


def _stripped(segment: Segment) -> Segment:
    elements = [e.rstrip(":>\\") if segment[0] != "ISA" else e for e in segment]
    while elements and not elements[-1]:
        elements.pop()
    return elements


def _first_difference(a: CutClaim, b: CutClaim, what: str) -> str:
    one, other = _bare(getattr(a, what)), _bare(getattr(b, what))
    pairs = zip(one + [[]] * len(other), other + [[]] * len(one), strict=True)
    was, now = next((x, y) for x, y in pairs if x != y)
    return f"{'*'.join(was)} became {'*'.join(now)}"


def _mask(a: CutClaim, b: CutClaim, correction: Correction, found: list[str]) -> None:
    """Look that one place says what its correction names, and make both alike there."""
    place, old, new = (correction[k] for k in ("place", "old_value", "new_value"))
    match = _PLACE.fullmatch(place)
    if match is None:
        found.append(f"{place} cannot be read")
        return
    loop, nth, name, qualifier, element, component, occurrence = match.groups()
    for claim, value, which in ((a, old, "billed"), (b, new, "sent")):
        section = _section(claim, loop, int(nth or 0))
        if section is None:
            found.append(f"{place} is in no loop of the claim")
            return
        segment = _segment(section, loop, name, qualifier)
        at = 2 if qualifier else int(element or occurrence)
        there = _take(segment, at, int(component or 0), claim.delimiters.component)
        shown = there[-4:] if loop == "2010BA" and there else there
        if (shown or None) != (value.replace(":", claim.delimiters.component) if value else None):
            found.append(f"{place}: {which} says {shown or 'nothing'}, its correction {value}")
        if qualifier and segment is not None:
            segment[1:] = []
        _empty_when_new(segment)


def _section(claim: CutClaim, loop: str, nth: int) -> list[Segment] | None:
    if loop.startswith("24"):
        return claim.lines[nth - 1] if 0 < nth <= len(claim.lines) else None
    if loop.startswith("2010BA"):
        return claim.subscriber
    if loop in ("2000A", "2010AA"):
        return claim.billing
    return claim.own if loop.startswith("23") else None


_QUALIFIERS = {
    ("2010BA", "NM1"): "IL", ("2310B", "PRV"): "PE", ("2310B", "NM1"): "82", ("2000A", "PRV"): "BI",
}  # fmt: skip


def _segment(section: list[Segment], loop: str, name: str, qualifier: str | None) -> Segment | None:
    wanted = qualifier or _QUALIFIERS.get((loop, name))
    for segment in section:
        if segment[0] == name and wanted in (None, *segment[1:2]):
            return segment
    return None


def _take(segment: Segment | None, element: int, component: int, separator: str) -> str:
    """What stands there, and empty it."""
    if segment is None or element >= len(segment):
        return ""
    if not component:
        there, segment[element] = segment[element], ""
        return there
    parts = segment[element].split(separator)
    if component > len(parts):
        return ""
    there, parts[component - 1] = parts[component - 1], ""
    segment[element] = separator.join(parts)
    return there


def _empty_when_new(segment: Segment | None) -> None:
    """A segment that holds nothing but what its corrections brought says nothing of its own."""
    fixed = {"LIN": ["LIN", "", "N4"], "CTP": ["CTP"]}
    if segment and _stripped(segment) == fixed.get(segment[0]):
        segment[1:] = []
