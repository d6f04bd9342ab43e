"""An independent payer: takes 837P bytes and a plan, gives 835 bytes that balance, and the truth.

It remembers what it decided: a claim sent again is a duplicate, a replacement that names the
newest control number is decided anew (and is paid when it carries what was missing), and the
earlier decision is then reversed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time

from simulator.adjudication import (
    Adjusted,
    Decided,
    DecidedClaim,
    DecidedLine,
    ProviderAdjusted,
    TruthRow,
    denials,
)
from simulator.plan import ClaimDenial, ClaimPlan, LineDenial, Plans, Quirks
from simulator.pricing import PatientShare, decide_line
from simulator.remittance_text import Payee, PayerName, write_835
from simulator.submitted import SubmittedClaim, read_837p
from simulator.x12_text import STANDARD, Delimiters

Identity = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerProfile:
    """Who the payer is and what it accepts."""

    name: PayerName
    claim_identifier: str = ""
    """2010BB NM109, where claims name the payer by another id than its 835 does."""
    accepts_replacements: bool = True
    duplicate_group: str = "CO"
    number_prefix: str = ""
    """What its claim control numbers begin with."""
    sequestration: bool = False
    """Takes 2% off what it pays (CO-253)."""
    delimiters: Delimiters = STANDARD


@dataclass(frozen=True, slots=True)
class Answer:
    """An 835 file, and what it says as records."""

    data: bytes
    decided: Decided

    @property
    def denials(self) -> list[TruthRow]:
        """All denials of the file."""
        return [row for claim in self.decided.claims for row in denials(claim)]


@dataclass(slots=True)
class _Memory:
    """What the payer knows of one claim."""

    submitted: SubmittedClaim
    newest: DecidedClaim | None = None
    """The decision that stands; None when it was voided or returned as unprocessable."""
    returned: bool = False


@dataclass(slots=True)
class Payer:
    """One payer and its memory."""

    profile: PayerProfile
    plans: Plans = field(default_factory=Plans)
    quirks: Quirks = field(default_factory=Quirks)
    seed: int = 0
    _waiting: list[SubmittedClaim] = field(default_factory=list)
    _memory: dict[Identity, _Memory] = field(default_factory=dict)
    _reprocessed: list[tuple[str, ClaimPlan]] = field(default_factory=list)
    _strangers: list[DecidedClaim] = field(default_factory=list)
    _recoveries: list[ProviderAdjusted] = field(default_factory=list)
    _payee: Payee | None = None
    _forwarded: int = 0
    _numbers: int = 0
    _payments: int = 0

    def receive(self, data: bytes) -> int:
        """Take in a file; claims for other payers in it are left alone. Gives the number taken."""
        identifier = self.profile.claim_identifier or self.profile.name.identifier
        mine = [c for c in read_837p(data) if c.payer_id == identifier]
        self._waiting += mine
        for claim in mine:
            self._payee = Payee(
                name=claim.billing_name, npi=claim.billing_npi, tax_id=claim.billing_tax_id
            )
        return len(mine)

    def answer(self, files: Iterable[bytes], *, paid_on: date, control_number: int) -> Answer:
        """Receive files and pay everything that waits."""
        for data in files:
            self.receive(data)
        return self.pay(paid_on=paid_on, control_number=control_number)

    def reprocess(self, patient_control_number: str, plan: ClaimPlan) -> None:
        """Decide a claim again of the payer's own accord; the next payment tells."""
        self._reprocessed.append((patient_control_number, plan))

    def recover(self, patient_control_number: str, amount_cents: int) -> None:
        """Take money back in the next payment without touching the claim (PLB WO)."""
        number = self._find(patient_control_number)[1].payer_claim_control_number
        self._recoveries.append(ProviderAdjusted("WO", number, amount_cents))

    def add_stranger(self, claim: DecidedClaim) -> None:
        """Put a claim of somebody else into the next payment."""
        self._strangers.append(claim)

    def pay(
        self, *, paid_on: date, control_number: int, only: Collection[str] | None = None
    ) -> Answer:
        """Decide what waits (or the named claims of it) and write the 835 of one payment."""
        if self._payee is None:
            raise ValueError("no claim was received yet: nobody to pay")
        chosen = [c for c in self._waiting if only is None or c.patient_control_number in only]
        self._waiting = [c for c in self._waiting if c not in chosen]
        decided: list[DecidedClaim] = []
        for number, plan in self._reprocessed:
            memory, newest = self._find(number)
            decided += [newest.negated(), self._decide(memory.submitted, plan, paid_on)]
        for claim in chosen:
            decided += self._adjudicate(claim, paid_on)
        decided += self._strangers
        payment = self._payment(decided, paid_on)
        self._reprocessed, self._strangers, self._recoveries = [], [], []
        data = write_835(
            payment,
            payer=self.profile.name,
            payee=self._payee,
            control_number=control_number,
            written_at=datetime.combine(paid_on, time(5, 30)),
            delimiters=self.profile.delimiters,
        )
        return Answer(data, payment)

    def _find(self, patient_control_number: str) -> tuple[_Memory, DecidedClaim]:
        for memory in self._memory.values():
            newest = memory.newest
            if newest and newest.patient_control_number == patient_control_number:
                return memory, newest
        raise KeyError(patient_control_number)

    def _adjudicate(self, claim: SubmittedClaim, paid_on: date) -> list[DecidedClaim]:
        """The claim's place in the 835: one decision, or a reversal before it."""
        plan = self.plans.of(claim.patient_control_number)
        memory = self._memory.get(claim.identity)
        newest = memory.newest if memory else None
        if claim.frequency_code in ("7", "8") and self.profile.accepts_replacements:
            if newest is None or newest.payer_claim_control_number != (
                claim.payer_claim_control_number
            ):
                return [self._refuse(claim, "CO", "16", ("M47",), plan, paid_on)]
            if claim.frequency_code == "8":
                assert memory is not None
                memory.newest = None
                return [newest.negated()]
            return [newest.negated(), self._decide(claim, plan, paid_on)]
        if newest is not None:
            # A payer without replacements takes each of them for the same claim once more.
            group = self.profile.duplicate_group
            return [self._refuse(claim, group, "18", ("N522",), plan, paid_on)]
        if memory and memory.returned:
            plan = plan.then or ClaimPlan(scenario=plan.scenario)
        first = self._decide(claim, plan, paid_on)
        if self._strikes("reversal_and_correction", claim):
            return [first, first.negated(), self._decide(claim, plan, paid_on)]
        return [first]

    def _decide(self, claim: SubmittedClaim, plan: ClaimPlan, paid_on: date) -> DecidedClaim:
        """Decide a claim under a plan, and remember it as the decision that stands."""
        share = PatientShare.of(plan)
        lines = tuple(
            decide_line(claim, line, plan, share, sequestration=self.profile.sequestration)
            for line in claim.lines
        )
        decided = self._decided(claim, plan, lines, paid_on)
        if plan.claim_denial:
            decided = _without_lines(decided, plan.claim_denial)
        decided = _unbalanced(self._with_quirks(decided, claim), plan.unbalanced_cents)
        standing = None if plan.unprocessable else decided
        self._memory[claim.identity] = _Memory(claim, standing, returned=plan.unprocessable)
        return decided

    def _refuse(
        self,
        claim: SubmittedClaim,
        group: str,
        reason: str,
        remarks: tuple[str, ...],
        plan: ClaimPlan,
        paid_on: date,
    ) -> DecidedClaim:
        """Deny every line; what was decided before stands."""
        refusal = ClaimPlan(
            scenario=plan.scenario,
            denials=tuple(
                LineDenial(
                    procedure_code=line.procedure_code,
                    group_code=group,
                    reason_code=reason,
                    remark_codes=remarks,
                    expected=plan.duplicate,
                )
                for line in claim.lines
            ),
        )
        share = PatientShare.of(refusal)
        lines = tuple(
            decide_line(claim, line, refusal, share, sequestration=False) for line in claim.lines
        )
        return self._decided(claim, refusal, lines, paid_on)

    def _decided(
        self,
        claim: SubmittedClaim,
        plan: ClaimPlan,
        lines: tuple[DecidedLine, ...],
        paid_on: date,
    ) -> DecidedClaim:
        self._numbers += 1
        if not plan.returns_line_numbers:
            lines = tuple(replace(line, line_item_control_number="") for line in lines)
        return DecidedClaim(
            patient_control_number=claim.patient_control_number,
            payer_claim_control_number=(
                f"{self.profile.number_prefix}{paid_on:%y%j}{self._numbers:05d}"
            ),
            status_code=plan.status_code,
            charge=claim.charge,
            paid=sum(line.paid for line in lines),
            member_id=claim.member_id,
            patient_name=claim.patient_name,
            rendering_npi=claim.rendering_npi,
            place_of_service=claim.place_of_service,
            frequency_code=claim.frequency_code,
            lines=lines,
            remark_codes=plan.remark_codes,
            interest_cents=plan.interest_cents,
            service_date=claim.first_service_date,
            scenario=plan.scenario,
        )

    def _strikes(self, quirk: str, claim: SubmittedClaim, key: str = "") -> bool:
        return self.quirks.happens(quirk, self.seed, f"{claim.patient_control_number}{key}")

    def _with_quirks(self, decided: DecidedClaim, claim: SubmittedClaim) -> DecidedClaim:
        lines = decided.lines
        if self._strikes("missing_6r", claim):
            lines = tuple(replace(line, line_item_control_number="") for line in lines)
        lines = tuple(
            replace(line, reported_modifiers=())
            if line.modifiers and self._strikes("modifiers_dropped", claim, f"/{line.number}")
            else line
            for line in lines
        )
        interest = decided.interest_cents
        if decided.paid and self._strikes("interest", claim):
            interest += max(1, decided.paid // 1000)
        decided = replace(decided, lines=lines, interest_cents=interest)
        if not lines or any(not line.denied_cents or line.allowed for line in lines):
            return decided
        if self._strikes("status_4", claim):
            decided = replace(decided, status_code="4")
        if self._strikes("claim_level_denial", claim):
            decided = _gathered(decided)
        return decided

    def _payment(self, decided: list[DecidedClaim], paid_on: date) -> Decided:
        self._payments += 1
        adjusted = list(self._recoveries)
        claims_paid = sum(claim.paid for claim in decided)
        if self.quirks.happens("recovery", self.seed, str(self._payments)) and claims_paid > 1000:
            number = f"{self.profile.number_prefix}R{self._payments:05d}"
            adjusted.append(ProviderAdjusted("WO", number, claims_paid // 10))
        if interest := sum(claim.interest_cents for claim in decided):
            adjusted.append(ProviderAdjusted("L6", "", -interest))
        if self._forwarded:
            adjusted.append(ProviderAdjusted("FB", f"F{self._payments - 1:05d}", self._forwarded))
        paid = claims_paid - sum(a.cents for a in adjusted)
        # A payment is never negative: what is owed to the payer is carried to the next one.
        self._forwarded = max(0, -paid)
        if paid < 0:
            adjusted.append(ProviderAdjusted("FB", f"F{self._payments:05d}", paid))
        return Decided(
            trace_number=f"{self.profile.number_prefix}T{paid_on:%Y%m%d}{self._payments:03d}",
            paid_on=f"{paid_on:%Y%m%d}",
            paid=max(0, paid),
            claims=tuple(decided),
            provider_adjustments=tuple(adjusted),
        )


def _without_lines(decided: DecidedClaim, denial: ClaimDenial) -> DecidedClaim:
    """The whole charge refused at the claim, without a word on its lines."""
    return replace(
        decided,
        paid=0,
        lines=(),
        adjustments=(Adjusted(denial.group_code, denial.reason_code, decided.charge),),
        remark_codes=(*decided.remark_codes, *denial.remark_codes),
        interest_cents=0,
        expected=denial.expected,
    )


def _gathered(decided: DecidedClaim) -> DecidedClaim:
    """The lines' adjustments moved up to the claim, added up by group and reason."""
    sums: dict[tuple[str, str], int] = {}
    for adjusted in (a for line in decided.lines for a in line.adjustments):
        key = (adjusted.group_code, adjusted.reason_code)
        sums[key] = sums.get(key, 0) + adjusted.cents
    return replace(
        decided,
        lines=(),
        adjustments=tuple(Adjusted(*key, amount) for key, amount in sums.items()),
        remark_codes=tuple(
            dict.fromkeys(
                (*decided.remark_codes, *(r for line in decided.lines for r in line.remark_codes))
            )
        ),
        expected=decided.lines[0].expected,
    )


def _unbalanced(decided: DecidedClaim, missing_cents: int) -> DecidedClaim:
    """The same decision with too little adjusted on its first line, as bad files have it."""
    if not missing_cents or not decided.lines:
        return decided
    line, *others = decided.lines
    first, *rest = line.adjustments
    short = replace(line, adjustments=(replace(first, cents=first.cents - missing_cents), *rest))
    return replace(decided, lines=(short, *others), unbalanced_cents=missing_cents)
