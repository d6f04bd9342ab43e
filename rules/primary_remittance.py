"""What another payer decided of the same claim, as evidence for the next payer.

Never read from a file of evidence: the warehouse alone makes it, out of the 835 that it keeps.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from edi.claim import Claim
from edi.segment import Adjustment
from rules.classify import UNPROCESSABLE
from rules.evidence import EvidenceRecord

COORDINATION = ("22", "129")
"""Reason codes of a payer that does not know, or not understand, what another one decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrimaryService:
    """One SVC of it.

    Attributes:
        line_position: of the claim that went to that payer; None where it matches no line.
        procedure_code, modifiers: as adjudicated (SVC01); ``submitted_code`` as billed.
        units: SVC05; None where it was not sent.
        remark_codes: of the line itself.
    """

    line_position: int | None
    procedure_code: str
    modifiers: tuple[str, ...]
    submitted_code: str
    payment_amount: Decimal
    units: Decimal | None
    adjustments: tuple[Adjustment, ...]
    remark_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PrimaryRemittance(EvidenceRecord):
    """How another payer adjudicated the same claim: number, provider, first day and charge agree.

    ``document_id`` is the payment's trace number and the claim's place in its file,
    ``attested_by`` the payer's id.

    Attributes:
        adjudicated_on: date of the payment; None where it is not known.
        adjustments: of the claim's own level.
        services: empty where the payer decided on the claim as a whole.
        is_balanced: of claim, lines and payment.
        is_taken_back: it was reversed, and nothing stands in for it.
        claim: as it went to that payer; None where that claim is not here.
    """

    kind: ClassVar[str] = "primary_remittance"
    adjudicated_on: date | None
    claim_status_code: str
    payer_claim_control_number: str | None
    charge_amount: Decimal
    payment_amount: Decimal
    adjustments: tuple[Adjustment, ...]
    remark_codes: tuple[str, ...]
    services: tuple[PrimaryService, ...]
    is_balanced: bool
    is_taken_back: bool
    claim: Claim | None

    @property
    def all_adjustments(self) -> tuple[Adjustment, ...]:
        """Of claim and lines."""
        return (*self.adjustments, *(a for s in self.services for a in s.adjustments))

    @property
    def was_returned(self) -> bool:
        """Whether the claim, or a line of it, came back as unprocessable: nothing was decided."""
        of_lines = (remark for s in self.services for remark in s.remark_codes)
        return UNPROCESSABLE in (*self.remark_codes, *of_lines)
