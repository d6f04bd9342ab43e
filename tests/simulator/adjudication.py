"""What a payer decided: the records that are both the 835's content and the truth beside it.

Money in cents. A positive adjustment lowers the payment.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

# Adjustments that are no denial: contract, patient share, sequestration, balancing, penalties,
# and what is still pending or was passed on.
NOT_A_DENIAL = frozenset(
    {"1", "2", "3", "23", "45", "94", "104", "133", "144", "223", "237", "253", "257", "B11"}
)


@dataclass(frozen=True, slots=True)
class Expected:
    """What the product should make of a denial; None where the contract leaves it open."""

    category: str | None
    path: str | None
    decision: str | None
    rule_code: str | None = None
    missing_evidence: str | None = None
    release: str = "never"
    """Who may let the correction go: automatic, approval, or never (nothing is sent)."""
    corrections: tuple[tuple[str, str | None], ...] = ()
    """Places and their new values; None where a line is taken off."""
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Adjusted:
    """One CAS triple."""

    group_code: str
    reason_code: str
    cents: int
    quantity: int | None = None

    @property
    def is_denial(self) -> bool:
        """Whether the amount was refused rather than agreed on or owed by the patient."""
        return self.reason_code not in NOT_A_DENIAL

    def negated(self) -> Adjusted:
        """The same triple in a reversal."""
        quantity = None if self.quantity is None else -self.quantity
        return Adjusted(self.group_code, self.reason_code, -self.cents, quantity)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedLine:
    """A service line as the payer decided it (2110)."""

    number: int
    """LX of the claim it answers; 0 when the payer answers no claim of ours."""
    procedure_code: str
    modifiers: tuple[str, ...]
    service_date: str
    charge: int
    paid: int
    allowed: int
    units: int
    units_paid: int
    adjustments: tuple[Adjusted, ...]
    remark_codes: tuple[str, ...] = ()
    line_item_control_number: str = ""
    reported_modifiers: tuple[str, ...] | None = None
    """Modifiers as the 835 shows them; None when they are shown as they were sent."""
    adjudicated_as: str = ""
    """The procedure code it was rolled into (SVC01); empty when it is its own."""
    expected: Expected | None = None
    service_through: str = ""
    """The last day, where the service took several."""
    units_left_empty: bool = False
    """SVC05 is empty, as it may be where it is the units that were billed."""
    hides_allowed: bool = False
    """No AMT*B6."""
    policy: str = ""
    """The coverage policy it was denied under (REF*0K)."""
    quirks: tuple[str, ...] = ()
    """What the payer did to this line, for the truth."""

    @property
    def denied_cents(self) -> int:
        """The sum of the denial adjustments."""
        return sum(a.cents for a in self.adjustments if a.is_denial)

    @property
    def patient_share(self) -> int:
        """The sum of group PR."""
        return sum(a.cents for a in self.adjustments if a.group_code == "PR")

    def negated(self) -> DecidedLine:
        """The line in a reversal."""
        return replace(
            self,
            charge=-self.charge,
            paid=-self.paid,
            allowed=-self.allowed,
            adjustments=tuple(a.negated() for a in self.adjustments),
            expected=None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedClaim:
    """A claim as the payer decided it (2100)."""

    patient_control_number: str
    payer_claim_control_number: str
    status_code: str
    charge: int
    paid: int
    member_id: str
    patient_name: tuple[str, str]
    rendering_npi: str
    place_of_service: str
    frequency_code: str
    lines: tuple[DecidedLine, ...] = ()
    adjustments: tuple[Adjusted, ...] = ()
    """Claim level: used where no line is reported, or the payer adjusts the claim as a whole."""
    remark_codes: tuple[str, ...] = ()
    interest_cents: int = 0
    service_date: str = ""
    """The earliest date of its lines, as CCYYMMDD."""
    scenario: str = ""
    expected: Expected | None = None
    """For a denial at claim level."""
    unbalanced_cents: int = 0
    """What the adjustments lack on purpose."""
    adjudication: str = ""
    """What the truth calls it; a reversal names it again in `reverses`."""
    reverses: str = ""
    answers: tuple[str, int] = ("", 0)
    """The claim it answers: file name, and position in the file from 1; 0 for nobody's claim."""
    shown_number: str | None = None
    """CLP01, where it is not the patient control number as it was sent."""
    claim_filing: str = ""
    """CLP06, where the payer has several lines of business."""
    dates_at_claim: bool = False
    """The service dates stand at the claim (DTM 232), and not at its lines."""
    forwarded_to: str = ""
    """The payer it was passed on to (NM1*TT)."""
    quirks: tuple[str, ...] = ()
    """What the payer did to this claim, for the truth."""

    @property
    def is_reversal(self) -> bool:
        """Whether it takes an earlier adjudication back."""
        return self.status_code == "22"

    @property
    def net_cents(self) -> int:
        """What it adds to the claim's money; a reversal takes away, whatever sign it shows."""
        return -abs(self.paid) if self.is_reversal else self.paid

    @property
    def patient_share(self) -> int:
        """CLP05."""
        share = sum(a.cents for a in self.adjustments if a.group_code == "PR")
        return share + sum(line.patient_share for line in self.lines)

    def negated(self) -> DecidedClaim:
        """The reversal: the same groups and reasons, every amount with the other sign."""
        return replace(
            self,
            status_code="22",
            charge=-self.charge,
            paid=-self.paid,
            lines=tuple(line.negated() for line in self.lines),
            adjustments=tuple(a.negated() for a in self.adjustments),
            interest_cents=0,
            expected=None,
            adjudication="",
            reverses=self.adjudication,
        )


@dataclass(frozen=True, slots=True)
class ProviderAdjusted:
    """One pair of a PLB: positive takes money from the practice."""

    reason_code: str
    reference: str
    cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A payment: what one 835 transaction says."""

    trace_number: str
    paid_on: str
    paid: int
    """BPR02."""
    claims: tuple[DecidedClaim, ...]
    provider_adjustments: tuple[ProviderAdjusted, ...] = ()


@dataclass(slots=True)
class TruthRow:
    """One denial for the truth file."""

    patient_control_number: str
    line_number: int | None
    procedure_code: str | None
    scenario: str
    group_code: str
    reason_code: str
    denied_cents: int
    expected: Expected | None = field(default=None)

    def as_dict(self) -> dict[str, Any]:
        """The row as plain values."""
        row: dict[str, Any] = {
            "patient_control_number": self.patient_control_number,
            "line_number": self.line_number,
            "procedure_code": self.procedure_code,
            "scenario": self.scenario,
            "group_code": self.group_code,
            "reason_code": self.reason_code,
            "denied_cents": self.denied_cents,
        }
        if self.expected:
            e = self.expected
            row |= {
                "category": e.category,
                "path": e.path,
                "decision": e.decision,
                "rule_code": e.rule_code,
                "missing_evidence": e.missing_evidence,
                "release": e.release,
                "corrections": dict(e.corrections),
                "status": e.status,
            }
        return row


def denials(claim: DecidedClaim) -> list[TruthRow]:
    """The denials of one adjudication; a reversal has none."""
    if claim.is_reversal:
        return []
    rows = []
    levels = [
        (line.number or None, line.procedure_code, line.adjustments, line.expected)
        for line in claim.lines
    ]
    for number, code, adjustments, expected in [
        (None, None, claim.adjustments, claim.expected),
        *levels,
    ]:
        refused = [a for a in adjustments if a.is_denial]
        if not refused:
            continue
        # The largest is shown, the first in the file where two are equal.
        largest = max(refused, key=lambda a: a.cents)
        rows.append(
            TruthRow(
                claim.patient_control_number,
                number,
                code,
                claim.scenario,
                largest.group_code,
                largest.reason_code,
                sum(a.cents for a in refused),
                expected,
            )
        )
    return rows
