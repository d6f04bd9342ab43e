"""Two sides of one procedure, written as one line with 50 or as a line a side.

Held on the finished claim for :mod:`rules.never`: beside the waste of a drug the one way in which a
line may be added, and the only modifiers that need no fact of the chart, because the claim had said
"both sides" already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from edi.change import BadPlace, parse_split
from edi.claim import Claim, ServiceLine
from rules.decision import Correction
from rules.evidence import EvidenceRecord
from rules.never_waste import is_waste

_OTHER = {"RT": "LT", "LT": "RT"}


class Sides(NamedTuple):
    """What only says otherwise that both sides were treated.

    ``said``: (position, modifier) that the claim had said in other words. ``wrong``: lines that are
    added and are neither the other side of one nor what was thrown away of a drug.
    """

    said: frozenset[tuple[int, str]]
    wrong: tuple[str, ...]


def sides(
    original: Claim,
    emitted: Claim,
    kept: Sequence[tuple[int, ServiceLine]],
    named: Mapping[str, Correction],
    evidence: Sequence[EvidenceRecord],
) -> Sides:
    """What of the emitted claim only says two sides otherwise. ``kept`` are the lines that stay.

    ``evidence`` is what is on file now.
    """
    sent = dict(zip((n for n, _ in kept), emitted.service_lines, strict=False))
    added = emitted.service_lines[len(kept) :]
    said: set[tuple[int, str]] = set()
    wrong: list[str] = []
    origins: set[int] = set()
    first = len(original.service_lines) + 1
    for number, line in enumerate(added, first):
        correction = named.get(f"2400[{number}]")
        origin = _origin(correction)
        at, billed = sent.get(origin), dict(kept).get(origin)
        facts = [e for e in correction.evidence if e in evidence] if correction else []
        side = _split(original, emitted, billed, at, line) if billed and at else None
        if origin in origins or billed is None or at is None:
            # Two lines split from one would each take the whole of the rest.
            wrong.append(f"2400[{number}]: a line is added")
        elif side is not None:
            said.add((origin, side))
        elif not is_waste((original, emitted), billed, at, line, facts, evidence):
            wrong.append(f"2400[{number}]: a line is added")
        origins.add(origin)
    for position, billed in kept:
        if _merged(original, position, billed, sent.get(position), named):
            said.add((position, "50"))
    return Sides(frozenset(said), tuple(wrong))


def _origin(correction: Correction | None) -> int:
    try:
        return parse_split(correction.new_value or "").origin if correction else 0
    except BadPlace:
        return 0


def _one_unit(line: ServiceLine) -> bool:
    return line.service.service_unit_count == 1 and line.service.unit_of_measure == "UN"


def _alike(a: ServiceLine, claim_a: Claim, b: ServiceLine, claim_b: Claim) -> bool:
    """The same service in all but modifiers and charge, one unit each."""
    return (
        a.procedure_code == b.procedure_code
        and _one_unit(a)
        and _one_unit(b)
        and a.service_dates == b.service_dates
        and claim_a.diagnoses_of(a) == claim_b.diagnoses_of(b)
        and claim_a.place_of_service_of(a) == claim_b.place_of_service_of(b)
        and claim_a.rendering_npi_of(a) == claim_b.rendering_npi_of(b)
    )


def _instead(modifiers: tuple[str, ...], old: str, new: str) -> tuple[str, ...]:
    return tuple(new if m == old else m for m in modifiers)


def _split(
    original: Claim, emitted: Claim, billed: ServiceLine, at: ServiceLine, line: ServiceLine
) -> str | None:
    """The side left on the line with 50 where ``line`` takes the other; None where it does not."""
    for side, other in _OTHER.items():
        if (
            billed.modifiers.count("50") == 1
            and not set(billed.modifiers) & set(_OTHER)
            and at.modifiers == _instead(billed.modifiers, "50", side)
            and line.modifiers == _instead(billed.modifiers, "50", other)
            and _alike(billed, original, at, emitted)
            and _alike(billed, original, line, emitted)
            and at.line_item_charge_amount + line.line_item_charge_amount
            == billed.line_item_charge_amount
            and line.line_item_charge_amount > 0
        ):
            return side
    return None


def _merged(
    original: Claim,
    position: int,
    billed: ServiceLine,
    sent: ServiceLine | None,
    named: Mapping[str, Correction],
) -> bool:
    """Whether a line with a side goes out with 50 for a line of the other side that is gone."""
    for side, other in _OTHER.items():
        if sent is None or sent.modifiers != _instead(billed.modifiers, side, "50"):
            continue
        for gone in original.service_lines:
            correction = named.get(f"2400[{gone.position}]")
            if (
                side in billed.modifiers
                and gone.position != position
                and correction is not None
                and correction.new_value is None
                and gone.modifiers == _instead(billed.modifiers, side, other)
                and _alike(billed, original, gone, original)
                and _one_unit(sent)
                and sent.line_item_charge_amount
                == billed.line_item_charge_amount + gone.line_item_charge_amount
            ):
                return True
    return False
