"""What is known of one claim at one payer while its adjudications are gone through in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from rules.payer import PayerProfile
from warehouse.claim_identity import normal_number
from warehouse.claim_record import Payment, Submission


@dataclass
class Chain:
    """What is known of one claim at one payer while its payments are gone through in order."""

    payers: Sequence[PayerProfile]
    open_cents: dict[int, int]
    refusals_ahead: int
    reversed_numbers: frozenset[tuple[date | None, str]]
    """CLP07s that were taken back, with the day."""
    reversed_charges: frozenset[tuple[int, int]]
    """What each remittance takes back, by the charge."""
    decisions: Sequence[Payment]
    repeats_frequency: bool
    """The payer writes a replacement's CLP09, so that 1 is the first claim's."""
    answered: set[int] = field(default_factory=set)
    standing: list[tuple[Payment, Submission]] = field(default_factory=list)
    chosen: dict[int, Submission] = field(default_factory=dict)
    reverses: dict[int, Payment] = field(default_factory=dict)
    corrects: dict[int, int] = field(default_factory=dict)


def bare(number: str | None) -> str:
    """A payer's number as it is compared; "" where there is none."""
    return normal_number(number or "")
