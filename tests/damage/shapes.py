"""A clean file in any shape that senders give it: not one segment, element or dollar differs."""

from __future__ import annotations

from typing import NamedTuple

_CLEAN = (b"*", b":", b"^", b"~")
_STAND_INS = (b"\x01", b"\x02", b"\x03")


class Shape(NamedTuple):
    """What is done to the text of an interchange that is written with ``~`` and a newline.

    Attributes:
        delimiters: of elements, components and repetitions.
        terminator: of segments; a line end where there is no other.
        line_end: what follows every terminator.
        before, after: blanks in front of each segment, and in front of each terminator.
        empty: whether every terminator stands twice.
        column: where lines are broken, whatever stands there; 0 for nowhere.
        lower_case: whether the segments' ids are.
        collapsed: whether the ISA's blanks are left out.
        front: what stands before the ISA.
        behind: what stands after the IEA's terminator.
        ends: whether the last segment has a terminator.
    """

    delimiters: tuple[bytes, bytes, bytes] = _CLEAN[:3]
    terminator: bytes = b"~"
    line_end: bytes = b"\n"
    before: bytes = b""
    after: bytes = b""
    empty: bool = False
    column: int = 0
    lower_case: bool = False
    collapsed: bool = False
    front: bytes = b""
    behind: bytes = b"\n"
    ends: bool = True

    @property
    def is_by_lines(self) -> bool:
        """Whether the end of a line is the terminator."""
        return self.terminator in (b"\n", b"\r\n", b"\r")


CHOICES: dict[str, tuple[object, ...]] = {
    "delimiters": (_CLEAN[:3], (b"|", b">", b"^"), (b"\x1d", b"\x1f", b"\x1e"), (b"+", b"\\", b"!"),
                   (b"\xa6", b"\xac", b"\xb6"), (b"\t", b":", b"^")),
    "terminator": (b"~", b"'", b"\x1c", b"\x85", b"\n", b"\r\n", b"\r"),
    "line_end": (b"", b"\n", b"\r\n", b"\r", b"\n\n", b"\r\r\n"),
    "before": (b"", b"  ", b"\t"),
    "after": (b"", b"   "),
    "empty": (False, True),
    "column": (0, 80, 72, 35, 52, 97, 104, 105, 106, 107, 132),
    "lower_case": (False, True),
    "collapsed": (False, True),
    "front": (b"", b"\xef\xbb\xbf", b"\r\n  ", b"\xef\xbb\xbf\r\n"),
    "behind": (b"", b"\n", b"\r\n\r\n\x1a", bytes(700), b"   "),
    "ends": (True, False),
}  # fmt: skip
"""The values that are tried with each other; the first is the clean one."""


def shaped(data: bytes, shape: Shape) -> bytes:
    """One clean interchange in another shape."""
    segments = data.removesuffix(b"~\n").split(b"~\n")
    if shape.collapsed:
        segments[0] = b"*".join(element.strip() for element in segments[0].split(b"*"))
    if shape.lower_case:
        segments = [_lower(segment) for segment in segments]
    repeats = shape.empty and not shape.is_by_lines
    between = shape.after + shape.terminator * (2 if repeats else 1)
    between += b"" if shape.is_by_lines else shape.line_end
    text = (between + shape.before).join(_redelimited(s, shape.delimiters) for s in segments)
    if shape.column and not shape.is_by_lines:
        text = text.replace(b"\r", b"").replace(b"\n", b"")
        width = shape.column
        text = b"\n".join(text[i : i + width] for i in range(0, len(text), width))
    return shape.front + text + (shape.terminator if shape.ends else b"") + shape.behind


def _lower(segment: bytes) -> bytes:
    tag, separator, rest = segment.partition(b"*")
    return tag.lower() + separator + rest


def _redelimited(segment: bytes, delimiters: tuple[bytes, bytes, bytes]) -> bytes:
    for old, stand_in in zip(_CLEAN, _STAND_INS, strict=False):
        segment = segment.replace(old, stand_in)
    for stand_in, new in zip(_STAND_INS, delimiters, strict=True):
        segment = segment.replace(stand_in, new)
    return segment
