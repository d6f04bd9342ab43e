"""Groups of procedure codes, from ``parameters/code_groups.toml``."""

from __future__ import annotations

from functools import cache

from edi.claim import Claim, ServiceLine
from rules.parameters import load


@cache
def codes(group: str) -> frozenset[str]:
    """The codes of a group."""
    return frozenset(load("code_groups")[group]["codes"])


def same_day(claim: Claim, line: ServiceLine, group: str) -> tuple[ServiceLine, ...]:
    """Other lines of the claim with a code of the group whose days overlap with the line's."""
    days = line.service_dates
    if days is None:
        return ()
    return tuple(
        other
        for other in claim.service_lines
        if other.position != line.position
        and other.procedure_code in codes(group)
        and (others := other.service_dates) is not None
        and others[0] <= days[1]
        and days[0] <= others[1]
    )


@cache
def modifier_codes(group: str) -> frozenset[str]:
    """The codes of a group of ``parameters/modifiers.toml``."""
    return frozenset(load("modifiers")[group]["codes"])


def overlaps(one: ServiceLine, other: ServiceLine) -> bool:
    """Whether the days of two lines overlap; not where one has none."""
    a, b = one.service_dates, other.service_dates
    return a is not None and b is not None and a[0] <= b[1] and b[0] <= a[1]
