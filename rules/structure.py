"""Joints, nerves and muscles in the words of a note: which names surely mean different ones."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

_WORD = re.compile(r"[^\W_]+")
_SIDES = frozenset(("left", "right", "bilateral", "midline", "both", "lt", "rt", "side", "sided",
                    "sides"))  # fmt: skip
_SMALL = frozenset(("a", "an", "and", "at", "in", "of", "on", "or", "the", "to", "with"))


def words(name: str) -> frozenset[str]:
    """What a name is made of, without sides, small words and punctuation.

    >>> sorted(words("Knee, right"))
    ['knee']
    """
    return frozenset(_WORD.findall(name.lower())) - _SIDES - _SMALL


def are_apart(one: Collection[str], other: Collection[str]) -> bool:
    """Whether two sets of words share none, nor one that is part of another ("nerve", "nerves").

    Any shared word may be the one that matters, so names that share one are not told apart.
    """
    return not any(a in b or b in a for a in one for b in other)


def least_and_most(names: Iterable[str]) -> tuple[int, int]:
    """How many muscles these names are, at least and at most.

    Those that share a word may be one ("trapezius", "upper trapezius"), or two ("gluteus medius",
    "gluteus maximus"); a left and a right one may count once or twice.

    >>> least_and_most(["trapezius", "upper trapezius", "trapezius muscle", "rhomboid"])
    (2, 3)
    """
    whole = {frozenset(_WORD.findall(n.lower())) - _SMALL - {"muscle", "muscles"} for n in names}
    whole = {name for name in whole if name - _SIDES}
    groups: list[set[str]] = []
    for name in whole:
        group = set(name - _SIDES)
        apart = [g for g in groups if are_apart(g, group)]
        groups = [*apart, group.union(*(g for g in groups if g not in apart))]
    return len(groups), len(whole)
