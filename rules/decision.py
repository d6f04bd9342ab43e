"""What a rule is told and what it answers: facts of one claim, and decisions on its denied lines.

Everything here is a value. What a rule is not told it cannot know: there is no clock, no file and
no database behind these records.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from edi.claim import Claim, ServiceLine
from edi.segment import Adjustment
from rules.evidence import KINDS, EvidenceRecord, Subject
from rules.payer import PayerProfile
from rules.references import NOTHING_IMPORTED, References

AUTOMATIC = "automatic"
APPROVAL = "approval"
CORRECTED, NEEDS_EVIDENCE, REFUSED, ROUTED = "corrected", "needs_evidence", "refused", "routed"
PATHS = frozenset((
    "replacement", "new_claim", "void", "reopening", "appeal", "documentation",
    "bill_other_payer", "patient", "write_off", "review", "hold", "none",
))  # fmt: skip

_Record = TypeVar("_Record", bound=EvidenceRecord)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineAdjudication:
    """How one service line was adjudicated last (reversals netted).

    Attributes:
        line_position: position in the claim, from 1; None = the claim as a whole.
        allowed_amount: None where it can't be told.
        procedure_code, modifiers: as adjudicated, which may differ from what was billed.
    """

    line_position: int | None
    charge_amount: Decimal
    payment_amount: Decimal
    allowed_amount: Decimal | None = None
    adjustments: tuple[Adjustment, ...] = ()
    remark_codes: tuple[str, ...] = ()
    procedure_code: str = ""
    modifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeniedLine:
    """One denied service line (or denied claim), as ``mart_denial`` has it.

    Attributes:
        line_position: position in the claim, from 1; None where no line is reported or matched.
        is_unplaced: a service was reported, and which line of the claim it is cannot be told.
        group_code, reason_code: of the largest denial adjustment, the first where equal.
        adjustments: all of the line. ``remark_codes``: of line and claim.
        category, path: as :func:`rules.classify.deny` gives them.
        payer_claim_control_number: CLP07 of the newest adjudication, or of the part that denies it
            where the payer answered the claim in parts; None where none was sent.
        other_payer: who denied it, where that is not the payer that the claim was sent to.
        is_balanced: whether the remittance's arithmetic holds for claim and line.
        original_was_paid: for a duplicate: whether the same service was paid in another
            adjudication; None where no other one is known.
    """

    line_position: int | None
    group_code: str
    reason_code: str
    adjustments: tuple[Adjustment, ...] = ()
    remark_codes: tuple[str, ...] = ()
    category: str
    path: str
    denied_amount: Decimal
    charge_amount: Decimal
    payment_amount: Decimal
    allowed_amount: Decimal | None = None
    denied_on: date
    claim_status_code: str
    payer_claim_control_number: str | None
    is_balanced: bool = True
    is_unplaced: bool = False
    original_was_paid: bool | None = None
    other_payer: PayerProfile | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimFacts:
    """What is known of one claim when a rule looks at it.

    Attributes:
        claim: as it was billed last; a correction's places count into it.
        adjudications: the newest of each line.
        evidence: everything on file for this claim, or for its member at its payer.
        paid_amount: net paid on the claim so far.
        corrected_before: whether a replacement of this claim was sent already.
        open_submission: whether a submission of it, ours or the practice's, is unanswered, or has
            a line that the payer has not decided yet (pended).
        submitted_on: BHT04; accepted_on: the payer's own 277CA. None where not known.
        as_of: the day that windows are counted from.
        references: what the user's own code-set files say of the claim's codes and days.
        indicator_0_pairs: (column 1, column 2) of code edits in force on the service dates that
            no modifier passes, from the user's own edit file; empty where none was imported.
        numbers_elsewhere: authorization and referral numbers that corrections of other claims at
            this payer carry: what was sent, and what goes before this claim's.
        member_is_shared: whether another claim at this payer is of a patient beside the
            subscriber under this member id.
        same_number_days: first and last day of every other claim under the patient control number.
    """

    claim: Claim
    payer: PayerProfile
    adjudications: tuple[LineAdjudication, ...] = ()
    evidence: tuple[EvidenceRecord, ...] = ()
    paid_amount: Decimal = Decimal(0)
    corrected_before: bool = False
    open_submission: bool = False
    submitted_on: date | None = None
    accepted_on: date | None = None
    as_of: date
    references: References = NOTHING_IMPORTED
    indicator_0_pairs: frozenset[tuple[str, str]] = frozenset()
    numbers_elsewhere: frozenset[str] = frozenset()
    member_is_shared: bool = False
    same_number_days: tuple[tuple[date, date], ...] = ()

    @property
    def claim_filing(self) -> str | None:
        """SBR09 of the payer that the claim goes to (2000B); None when not sent."""
        information = self.claim.subscriber.information
        return information.claim_filing_indicator_code if information else None

    def service_line(self, position: int | None) -> ServiceLine | None:
        """The line as billed; None for a claim-level denial or a position that is not there."""
        lines = self.claim.service_lines
        return lines[position - 1] if position and position <= len(lines) else None

    def was_allowed(self, line: ServiceLine) -> bool:
        """Whether the payer allowed anything on a line; a deductible counts like a payment."""
        return any(
            a.line_position == line.position
            and (a.payment_amount > 0 or (a.allowed_amount or 0) > 0)
            for a in self.adjudications
        )

    def on_file(self, kind: type[_Record]) -> tuple[_Record, ...]:
        """The records of one kind that are about this claim, in the order given."""
        return tuple(
            r
            for r in self.evidence
            if isinstance(r, kind) and self.is_about(r.subject) and not self.is_older(r)
        )

    def is_older(self, record: EvidenceRecord) -> bool:
        """Whether a record is of a time before the claim: of an earlier one under its number."""
        first, served_by = self.claim.first_service_date, record.served_by
        return first is not None and served_by is not None and served_by < first

    def may_be_of_another(self, record: EvidenceRecord) -> bool:
        """Whether a record filed under the patient control number may be of another claim here.

        A service date tells them apart, where this claim alone was served that day.
        """
        by_number = record.subject.patient_control_number is not None and record.kind in KINDS
        if not by_number or not self.same_number_days:
            return False
        day: date | None = getattr(record, "service_date", None)
        mine = [line.service_dates for line in self.claim.service_lines]
        return (
            day is None
            or not any(days is not None and days[0] <= day <= days[1] for days in mine)
            or any(first <= day <= last for first, last in self.same_number_days)
        )

    def is_about(self, subject: Subject) -> bool:
        """Whether the subject is this claim, or its member or a provider of it at its payer."""
        if subject.patient_control_number is not None:
            return subject.patient_control_number == self.claim.patient_control_number
        party = self.claim.subscriber.payer
        ids = {i.strip().upper() for i in self.payer.ids}
        if party is not None and party.name.identification_code:
            ids.add(party.name.identification_code.strip().upper())
        if (subject.payer_id or "").strip().upper() not in ids:
            return False
        if subject.npi is not None:
            return subject.npi in self.claim.provider_npis
        return subject.member_id == self.claim.subscriber.member_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One change to one place of one claim, with the evidence that carries it.

    ``old_value`` None: nothing stood there. ``new_value`` None: it is taken away.

    Raises: ValueError where there is no evidence.
    """

    place: str
    old_value: str | None
    new_value: str | None
    evidence: tuple[EvidenceRecord, ...]
    rule_code: str
    rule_version: int
    reason: str

    def __post_init__(self) -> None:
        if not self.evidence or not all(isinstance(e, EvidenceRecord) for e in self.evidence):
            raise ValueError(f"a correction of {self.place} without evidence")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A rule's answer: these changes are right.

    ``needs_person`` says in words why it may not go by itself, whatever the rule's safety.
    """

    corrections: tuple[Correction, ...]
    path: str = "replacement"
    safety: str = APPROVAL
    needs_person: tuple[str, ...] = ()
    explanation: str

    def __post_init__(self) -> None:
        if not self.corrections or self.path not in PATHS:
            raise ValueError("a proposal has corrections and a path")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rule looked, and a change would be wrong or cannot be carried.

    ``missing_evidence`` names the kinds that would change that; empty where nothing would.
    ``path`` is what is left to do.
    """

    reason: str
    path: str
    missing_evidence: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.path not in PATHS:
            raise ValueError(f"{self.path} is no path")


@dataclass(frozen=True, slots=True)
class Route:
    """The denial has an answer, but it is not a changed claim."""

    reason: str
    path: str

    def __post_init__(self) -> None:
        if self.path not in PATHS:
            raise ValueError(f"{self.path} is no path")


Outcome = Proposal | Refusal | Route


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What becomes of one denied line.

    Attributes:
        decision: corrected, needs_evidence, refused or routed.
        rule_code, rule_version: None where no rule answered.
        explanation: in words a biller understands, without patient data.
        corrections: one that answers several lines of the claim stands, equal, with each.
        safety: of the rule, for a corrected line; else None.
        needs_person: why a person must look, whatever the safety; empty where none must.
        worksheet: changes that are right but go no way of ours: a person asks the payer for them,
            by reopening for instance, with the evidence each carries.
    """

    line: DeniedLine
    decision: str
    path: str
    explanation: str
    rule_code: str | None = None
    rule_version: int | None = None
    missing_evidence: tuple[str, ...] = ()
    corrections: tuple[Correction, ...] = ()
    safety: str | None = None
    needs_person: tuple[str, ...] = ()
    worksheet: tuple[Correction, ...] = ()
