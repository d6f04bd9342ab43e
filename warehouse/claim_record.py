"""A claim as it was sent and as it was answered: what the search for what answers what compares."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple


class ToldService(NamedTuple):
    """One SVC as a claim is known by it; codes as submitted (SVC06) and as adjudicated (SVC01)."""

    line_item_control_number: str | None
    procedure_code: str | None
    adjudicated_procedure_code: str | None
    charge_cents: int
    modifiers: frozenset[str] = frozenset()


class ClaimLine(NamedTuple):
    """One line of a claim as it was sent."""

    line_item_control_number: str | None
    procedure_code: str | None
    charge_cents: int
    first_service_date: date | None
    last_service_date: date | None
    modifiers: frozenset[str] = frozenset()


class Payment(NamedTuple):
    """One CLP. Amounts in cents, signed so that a reversal takes back what it reverses.

    ``is_refused``: as a resend, not on its merits – a duplicate, or a replacement that names a
    number which the payer no longer keeps (M47). ``order`` sorts payments by what the payer says
    of them, and never by what arrived first. ``original_number`` is REF*F8 of 2100.
    ``repeats_frequency``: its payer writes a replacement's CLP09 where it answers one.
    """

    claim_payment_id: int
    remittance_id: int
    patient_control_number: str
    payer_claim_control_number: str | None
    member_id: str | None
    service_date: date | None
    charge_cents: int
    payment_cents: int
    claim_status_code: str
    claim_frequency_code: str | None
    is_reversal: bool
    is_refused: bool
    payee_npi: str | None
    payer_ids: tuple[str, ...]
    payment_date: date | None
    order: tuple[date, bool, str, str, int]
    patient_name: str | None = None
    original_number: str | None = None
    adjustments_digest: str = ""
    repeats_frequency: bool = False
    services: tuple[ToldService, ...] = ()


class Submission(NamedTuple):
    """A claim as it was sent. ``order`` is independent of what arrived first.

    ``payer_claim_control_number`` is REF*F8. ``is_turned_back``: an acknowledgment says so.
    """

    submission_id: int
    claim_id: int
    patient_control_number: str
    member_id: str | None
    first_service_date: date | None
    charge_cents: int
    billing_npi: str | None
    payer_id: str | None
    payer_sequence: str | None
    claim_filing_indicator: str | None
    claim_frequency_code: str
    payer_claim_control_number: str | None
    submitted_on: date | None
    is_turned_back: bool
    order: tuple[date, str, datetime, str, int]
    patient_name: str | None = None
    lines: tuple[ClaimLine, ...] = ()


class Parts(NamedTuple):
    """Charges of the CLPs of one number, in order, and which of them is meant."""

    charges: tuple[int, ...]
    at: int

    def add_up_to(self, charge_cents: int) -> bool:
        """Whether some in a row, this one among them, come to the charge of a whole claim.

        >>> Parts((30, 70, 30, 70), 2).add_up_to(100), Parts((30, 70), 0).add_up_to(30)
        (True, True)
        """
        return any(
            sum(self.charges[start:end]) == charge_cents
            for start in range(self.at + 1)
            for end in range(self.at + 1, len(self.charges) + 1)
        )
