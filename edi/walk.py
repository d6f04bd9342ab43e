"""Walks through a guide's map that are remembered: where a segment leads, asked of pyx12 once.

Which node of the map a segment belongs to rests on three things only: the node before it, its id
with its qualifier, and how often some loops and segments came so far. So a walk in which pyx12
found nothing is kept with the questions it asked of the counts and what it did to them, and is
taken again while every question has the same answer. Everything else pyx12 walks itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple

Codes = dict[str, frozenset[str]]
Key = tuple[int, str, tuple[str | None, ...]]
_MOST = 1 << 60
QUALIFIED_ELSEWHERE = ("HL", "ENT")
"""Segments that are not told apart by their first element."""


class _Step(NamedTuple):
    """What a walk did to the counts: one more of a path, or what is below a path forgotten."""

    path: str
    is_reset: bool


class _Question(NamedTuple):
    """A count that a walk looked at, and between which counts the answer is the same."""

    path: str
    least: int
    most: int
    steps_before: int


class Walk(NamedTuple):
    """A walk that found nothing.

    Attributes:
        start, end: nodes of the map; ``start`` is kept because its id is part of the key.
        conditions: path, least and most count before the walk for which it is the same walk.
        steps: what it does to the counts, in order.
    """

    start: Any
    end: Any
    conditions: tuple[tuple[str, int, int], ...]
    steps: tuple[_Step, ...]


class _Count(int):
    """A count that tells which comparisons were made with it."""

    path: str
    asked: list[_Question]
    steps: list[_Step]

    def _note(self, bound: int, answer: bool) -> bool:
        """Whether the count is ``bound`` or more."""
        least, most = (bound, _MOST) if answer else (0, bound - 1)
        self.asked.append(_Question(self.path, least, most, len(self.steps)))
        return answer

    def __lt__(self, other: int) -> bool:
        return not self._note(other, int(self) >= other)

    def __ge__(self, other: int) -> bool:
        return self._note(other, int(self) >= other)

    def __gt__(self, other: int) -> bool:
        return self._note(other + 1, int(self) >= other + 1)

    def __le__(self, other: int) -> bool:
        return not self._note(other + 1, int(self) >= other + 1)


class Counter:
    """How often each loop and segment came; stands in for pyx12's NodeCounter, answer for answer.

    That one writes out and hashes a path anew at every question, a fifth of the whole check.
    """

    _texts: ClassVar[dict[int, tuple[Any, str]]] = {}
    """Text of each path object of the loaded maps; the object is kept, so that its id is its."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._below: dict[str, dict[str, None]] = {}
        self.asked: list[_Question] = []
        self.steps: list[_Step] = []

    def _text(self, path: Any) -> str:
        if isinstance(path, str):
            return path
        known = self._texts.get(id(path))
        if known is None:
            known = self._texts[id(path)] = (path, path.format())
        return known[1]

    def increment(self, path: Any) -> None:
        """One more."""
        text = self._text(path)
        self.steps.append(_Step(text, False))
        self._add(text)

    def get_count(self, path: Any) -> int:
        """So far."""
        text = self._text(path)
        count = _Count(self._counts.get(text, 0))
        count.path, count.asked, count.steps = text, self.asked, self.steps
        return count

    def reset_to_node(self, path: Any) -> None:
        """Forgets what is below a loop, not the loop."""
        text = self._text(path)
        self.steps.append(_Step(text, True))
        self._forget(text)

    def _add(self, text: str) -> None:
        counts = self._counts
        if text in counts:
            counts[text] += 1
            return
        counts[text] = 1
        for above in _above(text):
            self._below.setdefault(above, {})[text] = None

    def _forget(self, text: str) -> None:
        for below in self._below.pop(text, ()):
            self._counts.pop(below, None)

    def begin(self) -> None:
        """Forgets what was noted; a walk begins."""
        self.asked.clear()
        self.steps.clear()

    def conditions(self) -> tuple[tuple[str, int, int], ...]:
        """The walk's questions, as counts before it: the steps it had made are taken off."""
        found: dict[str, tuple[int, int]] = {}
        for question in self.asked:
            added, known = 0, False
            for step in self.steps[: question.steps_before]:
                if step.is_reset and question.path.startswith(step.path + "/"):
                    added, known = 0, True  # counted from nothing: the same at every walk
                elif not step.is_reset and step.path == question.path:
                    added += 1
            if not known:
                least, most = found.get(question.path, (0, _MOST))
                found[question.path] = (
                    max(least, question.least - added), min(most, question.most - added)
                )  # fmt: skip
        return tuple((path, *bounds) for path, bounds in found.items())

    def repeat(self, walk: Walk) -> bool:
        """Takes a remembered walk if every question has the same answer; says whether it did."""
        counts = self._counts
        for path, least, most in walk.conditions:
            if not least <= counts.get(path, 0) <= most:
                return False
        for path, is_reset in walk.steps:
            if is_reset:
                self._forget(path)
            else:
                self._add(path)
        return True


@lru_cache(maxsize=4096)
def _above(text: str) -> tuple[str, ...]:
    """Every path that a path is below of."""
    parts = text.split("/")
    return tuple("/".join(parts[:n]) for n in range(1, len(parts)) if parts[n - 1] or n > 1)


class Walks:
    """Remembered walks of every map of this process; they hold nothing of any file."""

    def __init__(self) -> None:
        self._known: dict[Key, list[Walk]] = {}

    def find(self, key: Key) -> Iterable[Walk]:
        """Walks from this node with this segment; they differ in what they rest upon."""
        return self._known.get(key, ())

    def remember(self, key: Key, walk: Walk) -> None:
        """Keeps a walk."""
        self._known.setdefault(key, []).append(walk)


class Walker:
    """Walks a guide's map through one interchange.

    ``pyx12`` is its ``walk_tree``; its counter is replaced.
    """

    def __init__(self, pyx12: Any, walks: Walks, component: str) -> None:
        self._pyx12, self._walks, self._component = pyx12, walks, component
        self._counter = pyx12.counter = Counter()

    def force_start(self, loop: str, segment: str) -> None:
        """ISA and GS are not walked to: they begin their loop."""
        self._pyx12.forceWalkCounterToLoopStart(loop, segment)

    def known(self, node: Any, elements: list[str], codes: Codes) -> tuple[Key, Any]:
        """The key of a walk, and where it ends if it is remembered and was taken; else None."""
        key = (id(node), elements[0], self._qualifier(elements, codes.get(elements[0])))
        for walk in self._walks.find(key):
            if self._counter.repeat(walk):
                return key, walk.end
        return key, None

    def walk(self, key: Key, node: Any, segment: Any, count: int, line: int) -> tuple[Any, Any]:
        """pyx12's own walk: the node (None where there is none) and its errors."""
        self._counter.begin()
        end, _, _, errors = self._pyx12.walk_errors(node, segment, count, line, None)
        if end is not None and not errors:
            counter = self._counter
            self._walks.remember(key, Walk(node, end, counter.conditions(), tuple(counter.steps)))
        return end, errors

    def _qualifier(
        self, elements: list[str], codes: frozenset[str] | None
    ) -> tuple[str | None, ...]:
        """The elements that pyx12 tells nodes of the same segment apart by.

        A text that is none of the map's codes matches nothing, whichever it is: None.
        """
        if not codes:
            return ()
        found: list[str | None] = []
        for index in (1, 2, 3) if elements[0] in QUALIFIED_ELSEWHERE else (1,):
            text = elements[index] if index < len(elements) else ""
            whole = text.rstrip(self._component)
            first = text.partition(self._component)[0]
            found += [whole if whole in codes else None, first if first in codes else None]
        return tuple(found)


def codes_of(guide: Any) -> Codes:
    """Segment id to every code that may stand where a map looks for a qualifier."""
    found: dict[str, set[str]] = {}
    for segment in segments_of(guide):
        codes = found.setdefault(segment.id, set())
        for child in segment.children[:3]:
            for one in child.children[:1] if child.is_composite() else (child,):
                codes.update(c for c in one.valid_codes if c)
    return {name: frozenset(codes) for name, codes in found.items()}


def segments_of(guide: Any) -> Iterator[Any]:
    """Every segment of a guide's map."""
    nodes = [guide]
    while nodes:
        for children in nodes.pop().pos_map.values():
            yield from (c for c in children if c.is_segment())
            nodes += [c for c in children if c.is_loop()]
