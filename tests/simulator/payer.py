"""An independent payer: takes 837P bytes and a plan, gives 835 bytes that balance, and the truth.

It remembers what it decided: a claim sent again is a duplicate, a replacement that names the
newest control number is decided anew (and is paid when it carries what was missing), and the
earlier decision is then reversed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time

from simulator import second_thoughts
from simulator.adjudication import (
    Decided,
    DecidedClaim,
    DecidedLine,
    ProviderAdjusted,
    TruthRow,
    denials,
)
from simulator.habits import Temper, shown, without_lines
from simulator.plan import ClaimPlan, Identity, LineDenial, Plans, Quirks
from simulator.pricing import PatientShare, decide_line
from simulator.provider_money import beside_the_claims
from simulator.remittance_text import Payee, PayerName, write_835
from simulator.second_thoughts import SecondThought
from simulator.submitted import SubmittedClaim, read_837p
from simulator.x12_text import STANDARD, Delimiters


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
    is_medicare: bool = False
    claim_filings: Mapping[str, str] = field(default_factory=dict)
    """CLP06 by SBR09, where one id carries several lines of business."""
    zero_pay_trace: str = ""
    """The one trace number of all its payments of nothing; empty: each has its own."""
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
    plan: ClaimPlan
    newest: tuple[DecidedClaim, ...] = ()
    """The decision that stands, as it was told: one CLP or several; none when it was voided or
    returned as unprocessable."""
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
    _thoughts: list[SecondThought] = field(default_factory=list)
    _settled: list[Identity] = field(default_factory=list)
    """First decisions of the last payment; the next may think again."""
    _strangers: list[DecidedClaim] = field(default_factory=list)
    _recoveries: list[ProviderAdjusted] = field(default_factory=list)
    _payee: Payee | None = None
    _forwarded: int = 0
    _numbers: int = 0
    _payments: int = 0
    _temper: Temper = field(init=False)

    def __post_init__(self) -> None:
        self._temper = Temper(self.quirks, self.seed, self.profile.is_medicare)

    def receive(self, data: bytes, file_name: str = "") -> int:
        """Take in a file; claims for other payers in it are left alone. Gives the number taken."""
        return self.take(read_837p(data, file_name))

    def take(self, claims: Iterable[SubmittedClaim]) -> int:
        """The same with claims that are read already."""
        identifier = self.profile.claim_identifier or self.profile.name.identifier
        mine = [claim for claim in claims if claim.payer_id == identifier]
        self._waiting += mine
        for claim in mine:
            self._payee = Payee(
                name=claim.billing_name, npi=claim.billing_npi, tax_id=claim.billing_tax_id
            )
        return len(mine)

    def has_work(self, due: Callable[[SubmittedClaim], bool]) -> bool:
        """Whether there is anything to tell in a payment."""
        return bool(self._settled or self._thoughts) or any(due(c) for c in self._waiting)

    def answer(self, files: Iterable[bytes], *, paid_on: date, control_number: int) -> Answer:
        """Receive files and pay everything that waits."""
        for data in files:
            self.receive(data)
        return self.pay(paid_on=paid_on, control_number=control_number)

    def reprocess(self, patient_control_number: str, plan: ClaimPlan, quirk: str = "") -> None:
        """Decide a claim again of the payer's own accord; the next payment tells, or two do."""
        memory, _ = self._find(patient_control_number)
        self._thoughts.append(SecondThought(memory.submitted.identity, plan, quirk))

    def recover(self, patient_control_number: str, amount_cents: int) -> None:
        """Take money back in the next payment without touching the claim (PLB WO)."""
        number = self._find(patient_control_number)[1].payer_claim_control_number
        self._recoveries.append(ProviderAdjusted("WO", number, amount_cents))

    def add_stranger(self, claim: DecidedClaim) -> None:
        """Put somebody else's claim into the next payment."""
        self._strangers.append(claim)

    def pay(
        self,
        *,
        paid_on: date,
        control_number: int,
        only: Collection[str] | None = None,
    ) -> Answer:
        """Decide what waits (or the named claims of it) and write the 835 of one payment."""

        def due(claim: SubmittedClaim) -> bool:
            return only is None or claim.patient_control_number in only

        return self._pay(paid_on, control_number, due, divided=False)[0]

    def payments(
        self,
        *,
        paid_on: date,
        control_number: int,
        due: Callable[[SubmittedClaim], bool] = lambda _: True,
    ) -> list[Answer]:
        """The same for claims that are due; some payers divide off what pays nothing."""
        divided = bool(self.profile.zero_pay_trace)
        answers = self._pay(paid_on, control_number, due, divided=divided)
        return [a for a in answers if a.decided.claims or a.decided.provider_adjustments]

    def _pay(
        self,
        paid_on: date,
        control_number: int,
        due: Callable[[SubmittedClaim], bool],
        *,
        divided: bool,
    ) -> list[Answer]:
        if self._payee is None:
            raise ValueError("no claim was received yet: nobody to pay")
        chosen: list[SubmittedClaim] = []
        waiting: list[SubmittedClaim] = []
        for claim in self._waiting:
            (chosen if due(claim) else waiting).append(claim)
        self._waiting = waiting
        decided = self._think_again(paid_on)
        for claim in chosen:
            decided += self._adjudicate(claim, paid_on)
        decided += self._strangers
        self._strangers = []
        # A reversal stands beside what it takes back.
        kept = {c.reverses for c in decided}
        rest: list[DecidedClaim] = []
        nothing: list[DecidedClaim] = []
        for told in decided:
            idle = divided and not (told.paid or told.is_reversal or told.adjudication in kept)
            (nothing if idle else rest).append(told)
        answers = [self._write(self._payment(rest, paid_on), paid_on, control_number)]
        if nothing:
            trace, day = self.profile.zero_pay_trace, f"{paid_on:%Y%m%d}"
            payment = Decided(trace_number=trace, paid_on=day, paid=0, claims=tuple(nothing))
            answers.append(self._write(payment, paid_on, control_number + 1))
        return answers

    def _write(self, payment: Decided, paid_on: date, control_number: int) -> Answer:
        assert self._payee is not None
        data = write_835(
            payment,
            payer=self.profile.name,
            payee=self._payee,
            control_number=control_number,
            written_at=datetime.combine(paid_on, time(5, 30)),
            delimiters=self.profile.delimiters,
        )
        return Answer(data, payment)

    def _think_again(self, paid_on: date) -> list[DecidedClaim]:
        """What earlier decisions become, of the payer's own accord."""
        now, self._thoughts = self._thoughts, []
        settled, self._settled = self._settled, []
        for identity in settled:
            memory = self._memory[identity]
            thought = second_thoughts.later(memory.submitted, memory.plan, self._temper)
            now += [thought] if thought else []
        decided: list[DecidedClaim] = []
        for thought in now:
            memory = self._memory[thought.identity]
            taken_back = self._take_back(memory, thought.quirk)
            if thought.plan is None:
                memory.newest = ()
                decided += taken_back
            elif thought.quirk == "correction_later" and taken_back:
                memory.newest = ()
                decided += taken_back
                self._thoughts.append(thought)
            else:
                anew = self._decide(memory.submitted, thought.plan, paid_on)
                order = (anew, taken_back) if thought.correction_first else (taken_back, anew)
                decided += [*order[0], *order[1]]
        return decided

    def _take_back(self, memory: _Memory, quirk: str = "") -> list[DecidedClaim]:
        taken_back, balancing = second_thoughts.reversals(
            memory.newest, memory.submitted, self._temper, quirk
        )
        self._recoveries += balancing
        return taken_back

    def _find(self, patient_control_number: str) -> tuple[_Memory, DecidedClaim]:
        for memory in self._memory.values():
            for newest in memory.newest:
                if newest.patient_control_number == patient_control_number:
                    return memory, newest
        raise KeyError(patient_control_number)

    def _adjudicate(self, claim: SubmittedClaim, paid_on: date) -> Sequence[DecidedClaim]:
        """The claim's place in the 835: one decision, or a reversal before it."""
        plan = self.plans.of(claim)
        memory = self._memory.get(claim.identity)
        newest = memory.newest if memory else ()
        if claim.frequency_code in ("7", "8") and self.profile.accepts_replacements:
            numbers = {decided.payer_claim_control_number for decided in newest}
            if memory is None or claim.payer_claim_control_number not in numbers:
                return [self._refuse(claim, "CO", "16", ("M47",), plan, paid_on)]
            taken_back = self._take_back(memory)
            if claim.frequency_code == "8":
                memory.newest = ()
                return taken_back
            return [*taken_back, *self._decide(claim, plan, paid_on)]
        if newest:
            # A payer without replacements takes each of them for the same claim once more.
            group = self.profile.duplicate_group
            return [self._refuse(claim, group, "18", ("N522",), plan, paid_on)]
        if memory and memory.returned:
            plan = plan.then or ClaimPlan(scenario=plan.scenario)
        first = self._decide(claim, plan, paid_on)
        if self._memory[claim.identity].returned:
            return first  # without a determination there is nothing to think again about
        if self._temper.strikes("reversal_and_correction", claim):
            taken_back = self._take_back(self._memory[claim.identity], "reversal_and_correction")
            return [*first, *taken_back, *self._decide(claim, plan, paid_on)]
        self._settled.append(claim.identity)
        return first

    def _decide(
        self, claim: SubmittedClaim, plan: ClaimPlan, paid_on: date
    ) -> tuple[DecidedClaim, ...]:
        """Decide a claim under a plan, and remember it as the decision that stands."""
        share = PatientShare.of(plan)
        lines = tuple(
            decide_line(claim, line, plan, share, sequestration=self.profile.sequestration)
            for line in claim.lines
        )
        if plan.denials and not any(line.denied_cents for line in lines):
            # What was missing is there: nothing is left of how the claim was returned.
            plan = replace(plan, status_code="1", remark_codes=(), unprocessable=False)
        decided = self._decided(claim, plan, lines, paid_on)
        if plan.claim_denial:
            decided = without_lines(decided, plan.claim_denial)
        told = tuple(
            _unbalanced(part, plan.unbalanced_cents) for part in shown(decided, claim, self._temper)
        )
        standing = () if plan.unprocessable else told
        self._memory[claim.identity] = _Memory(claim, plan, standing, returned=plan.unprocessable)
        return told

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
        number = f"{self.profile.number_prefix}{paid_on:%y%j}{self._numbers:05d}"
        status = {"S": "2", "T": "3"}.get(claim.sequence, "1")
        return DecidedClaim(
            patient_control_number=claim.patient_control_number,
            payer_claim_control_number=number,
            adjudication=number,
            answers=claim.source,
            claim_filing=self.profile.claim_filings.get(claim.claim_filing, ""),
            status_code=status if plan.status_code == "1" else plan.status_code,
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

    def _payment(self, decided: list[DecidedClaim], paid_on: date) -> Decided:
        self._payments += 1
        adjusted, self._recoveries = self._recoveries, []
        claims_paid = sum(claim.paid for claim in decided)
        if self.quirks.happens("recovery", self.seed, str(self._payments)) and claims_paid > 1000:
            number = max(decided, key=lambda c: c.paid).payer_claim_control_number
            adjusted.append(ProviderAdjusted("WO", number, claims_paid // 10))
        adjusted += beside_the_claims(
            claims_paid, f"{self.profile.number_prefix}P{self._payments:05d}", self._temper
        )
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


def _unbalanced(decided: DecidedClaim, missing_cents: int) -> DecidedClaim:
    """The same decision with too little adjusted on its first line, as bad files have it."""
    if not missing_cents or not decided.lines:
        return decided
    line, *others = decided.lines
    first, *rest = line.adjustments
    short = replace(line, adjustments=(replace(first, cents=first.cents - missing_cents), *rest))
    return replace(decided, lines=(short, *others), unbalanced_cents=missing_cents)
