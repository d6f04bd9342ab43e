"""How a payer divides the charge of one line: contract, patient, payment, or a denial."""

from __future__ import annotations

from dataclasses import dataclass, replace

from simulator import fees
from simulator.adjudication import Adjusted, DecidedLine
from simulator.plan import ClaimPlan, Cure, LineDenial
from simulator.submitted import SubmittedClaim, SubmittedLine

VISITS = frozenset({"99213", "99214"})


@dataclass(slots=True)
class PatientShare:
    """What is left of a claim's deductible and copayment while its lines are decided."""

    deductible: int
    copay: int
    coinsurance_percent: int

    @classmethod
    def of(cls, plan: ClaimPlan) -> PatientShare:
        """The share at the beginning of a claim."""
        return cls(plan.deductible_cents, plan.copay_cents, plan.coinsurance_percent)

    def take(self, allowed: int, procedure_code: str) -> list[Adjusted]:
        """The patient's part of an allowed amount; a visit may have a copayment instead."""
        taken: list[Adjusted] = []
        deductible = min(self.deductible, allowed)
        if deductible:
            self.deductible -= deductible
            taken.append(Adjusted("PR", "1", deductible))
        rest = allowed - deductible
        if self.copay and procedure_code in VISITS:
            copay, self.copay = min(self.copay, rest), 0
            taken += [Adjusted("PR", "3", copay)] if copay else []
        elif coinsurance := rest * self.coinsurance_percent // 100:
            taken.append(Adjusted("PR", "2", coinsurance))
        return taken


def is_cured(cure: Cure | None, claim: SubmittedClaim, line: SubmittedLine) -> bool:
    """Whether a claim now carries what the payer missed."""
    if cure is None:
        return False
    # The number may stand at the line, where it differs from the claim's.
    number = line.prior_authorization or claim.prior_authorization
    place = line.place_of_service or claim.place_of_service
    return (
        (not cure.authorization or number == cure.authorization)
        and (not cure.modifier or cure.modifier in line.modifiers)
        and (not cure.member_id or claim.member_id == cure.member_id)
        and (not cure.any_modifier or bool({*cure.any_modifier} & {*line.modifiers}))
        and (not cure.without_modifier or cure.without_modifier not in line.modifiers)
        and (not cure.diagnosis or cure.diagnosis in claim.pointed_to(line))
        and (not cure.units or line.units == cure.units)
        and (not cure.place_of_service or place == cure.place_of_service)
        and (not cure.taxonomy or claim.taxonomy == cure.taxonomy)
        and (not cure.rendering_npi or claim.rendering_npi == cure.rendering_npi)
        and (not cure.referral or claim.referral == cure.referral)
        and cure.given_and_wasted in ((0, 0), _given_and_wasted(claim, line))
        and (not cure.after_other_payer or line.prior_paid is not None)
    )


def _given_and_wasted(claim: SubmittedClaim, line: SubmittedLine) -> tuple[int, int]:
    """Units of the line's code without and with JW, over the whole claim."""
    units = [0, 0]
    for each in claim.lines:
        if each.procedure_code == line.procedure_code:
            units["JW" in each.modifiers] += each.units
    return units[0], units[1]


def decide_line(
    claim: SubmittedClaim,
    line: SubmittedLine,
    plan: ClaimPlan,
    share: PatientShare,
    *,
    sequestration: bool,
) -> DecidedLine:
    """Pay or deny one line under a plan."""
    denial = plan.line(line.procedure_code)
    if not denial and line.prior_paid is not None:
        return _after_another_payer(line)
    if denial and is_cured(denial.cure, claim, line):
        denial = None
    denied_units = 0
    if denial:
        denied_units = line.units if denial.units is None else min(denial.units, line.units)
    units_paid = line.units - denied_units
    denied = line.charge if not units_paid else line.charge * denied_units // line.units
    allowed = 0
    adjustments: list[Adjusted] = []
    if units_paid:
        allowed = min(_fee(line, units_paid), line.charge - denied)
        contract = line.charge - denied - allowed
        adjustments += [Adjusted("CO", "45", contract)] if contract else []
    if denial and denied:
        quantity = denied_units if units_paid else None
        adjustments.append(Adjusted(denial.group_code, denial.reason_code, denied, quantity))
    patient = share.take(allowed, line.procedure_code)
    paid = allowed - sum(a.cents for a in patient)
    if sequestration and (withheld := paid * 2 // 100):
        adjustments.append(Adjusted("CO", "253", withheld))
        paid -= withheld
    return decided_line(line, denial, paid, allowed, (*adjustments, *patient), units_paid)


def _after_another_payer(line: SubmittedLine) -> DecidedLine:
    """A second payer pays what the first left to the patient, but for a fifth of it."""
    left = line.prior_patient_share
    paid = left * 4 // 5
    found = [Adjusted("OA", "23", line.charge - left), Adjusted("CO", "45", left - paid)]
    adjustments = tuple(a for a in found if a.cents)
    # Without AMT*B6, what is allowed counts what the first payer took.
    allowed = paid + line.charge - left
    decided = decided_line(line, None, paid, allowed, adjustments, line.units)
    return replace(decided, hides_allowed=True)


def decided_line(
    line: SubmittedLine,
    denial: LineDenial | None,
    paid: int,
    allowed: int,
    adjustments: tuple[Adjusted, ...],
    units_paid: int,
) -> DecidedLine:
    """A decision on a line, with what the line said of itself."""
    return DecidedLine(
        number=line.number,
        procedure_code=line.procedure_code,
        modifiers=line.modifiers,
        service_date=line.service_date,
        service_through=line.service_through,
        charge=line.charge,
        paid=paid,
        allowed=allowed,
        units=line.units,
        units_paid=units_paid,
        adjustments=adjustments,
        remark_codes=denial.remark_codes if denial else (),
        line_item_control_number=line.line_item_control_number,
        adjudicated_as=denial.adjudicated_as if denial else "",
        expected=denial.expected if denial else None,
    )


def _fee(line: SubmittedLine, units: int) -> int:
    amount = fees.allowed(line.procedure_code, units)
    if not amount:
        # A code that is not in the fee schedule is allowed at 40% of its charge.
        amount = line.charge * units * 2 // (line.units * 5)
    # Both sides on one line are worth one and a half.
    return amount * 3 // 2 if "50" in line.modifiers else amount
