"""The line that a split adds: a copy of the one that it is split from, but for its service."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from edi.change import SplitLine
from edi.claim_segments import EditedSegment


def why_not(of_line: Sequence[EditedSegment], split: SplitLine) -> tuple[str, str, str] | None:
    """Why a line cannot be split so (code, found, expected); None where it can.

    What other payers adjudicated is of the whole line: nobody can halve it. One drug can be, where
    its quantity is said.
    """
    if not of_line:
        return "NO_SUCH_LINE", str(split.origin), "a line that stays"
    drug = [s for s in of_line if s.loop == "2410"]
    is_one_drug = [s.tag for s in drug] == ["LIN", "CTP"] and bool(drug[1].element(4))
    if (
        any(s.loop in ("2430", "2440") for s in of_line)
        or bool(drug) != bool(split.drug_quantity)
        or (drug and not is_one_drug)
    ):
        return ("LINE_CANNOT_BE_SPLIT", "a drug, form or adjudication",
                "none, or one drug whose quantity is said")  # fmt: skip
    if not any(s.tag == "SV1" for s in of_line):
        return "REQUIRED_SEGMENT_MISSING", "no SV1", "SV1"
    return None


def copies(
    of_line: Sequence[EditedSegment], number: int, own: SplitLine
) -> Iterator[EditedSegment]:
    """The added line's segments; ``own`` as it stands in the file. REF*6R is not copied."""
    for segment in of_line:
        if segment.tag == "REF" and segment.element(1) == "6R":
            continue
        copy = EditedSegment(segment.loop, number, list(segment.elements))
        if copy.tag == "LX":
            copy.set(1, str(number))
        elif copy.tag == "SV1":
            parts = (own.procedure, own.charge, own.unit_of_measure, own.units)
            for n, value in enumerate(parts, 1):
                copy.set(n, value)
        elif copy.tag == "CTP":
            copy.set(4, own.drug_quantity)
        yield copy
