"""The taxonomy codes of a claim's providers, and those with which the payer has them enrolled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from edi.claim import Claim, ServiceLine
from rules.decision import ClaimFacts
from rules.evidence import Enrollment


class ProviderAt(NamedTuple):
    """A provider where a claim names it: the place of its taxonomy code, and that code.

    ``lines`` are those that it stands for. ``npi`` and ``taxonomy_code`` None: not sent.
    """

    place: str
    npi: str | None
    taxonomy_code: str | None
    lines: tuple[ServiceLine, ...]


def rendering_at(claim: Claim, lines: Sequence[ServiceLine]) -> tuple[ProviderAt, ...]:
    """Who rendered some lines of a claim: 2420A, else 2310B, else the billing provider."""
    found: list[ProviderAt] = []
    for line in lines:
        own = line.rendering_provider
        if own is not None:
            place = f"2420A[{line.position}]/PRV03"
            found.append(ProviderAt(place, own.npi, own.taxonomy_code, (line,)))
        elif (one := claim.rendering_provider) is not None:
            inherit = tuple(x for x in claim.service_lines if x.rendering_provider is None)
            found.append(ProviderAt("2310B/PRV03", one.npi, one.taxonomy_code, inherit))
        else:
            found.append(billing_at(claim))
    return tuple({at.place: at for at in found}.values())


def billing_at(claim: Claim) -> ProviderAt:
    """The billing provider, which stands for every line."""
    return ProviderAt(
        "2000A/PRV03", claim.billing_npi, claim.billing.taxonomy_code, claim.service_lines
    )


def enrollments_of(npi: str | None, facts: ClaimFacts) -> tuple[Enrollment, ...]:
    """What is on file of a provider at the claim's payer."""
    return tuple(e for e in facts.on_file(Enrollment) if e.npi == npi)


def is_in_force(enrollment: Enrollment, lines: Sequence[ServiceLine]) -> bool:
    """Whether it holds on every day of the lines; a line without a date is on none."""
    last = enrollment.effective_to
    return all(
        (days := line.service_dates) is not None
        and enrollment.effective_from <= days[0]
        and (last is None or days[1] <= last)
        for line in lines
    )
