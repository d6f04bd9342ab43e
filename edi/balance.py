"""The arithmetic of claims and remittances, to the cent.

Sources: 005010X222A1, CLM02 (the total of the lines' charges), and its front matter on balancing
what earlier payers decided; 005010X221A1 front matter, balancing (line, claim, transaction). AMT
segments of an 835, TS2 and TS3 are never part of it.
"""

from __future__ import annotations

from decimal import Decimal

from edi.claim import Claim
from edi.payment_segment import CARRIED_FORWARD, ProviderLevelAdjustment
from edi.problem import Problem
from edi.remittance import (
    REVERSAL,
    ClaimPayment,
    Remittance,
    ServicePayment,
    UnreadClaimPayment,
)
from edi.segment import Adjustment

_ZERO = Decimal(0)


def _money(amount: Decimal) -> str:
    return f"{amount:.2f}" if amount == round(amount, 2) else f"{amount:f}"


def balance_claim(claim: Claim) -> tuple[Problem, ...]:
    """CLM02 = ΣSV102; a claim without lines is not looked at."""
    charged = sum((line.line_item_charge_amount for line in claim.service_lines), _ZERO)
    if not claim.service_lines or charged == claim.total_claim_charge_amount:
        return ()
    return (
        Problem("CLAIM_OUT_OF_BALANCE", claim.source, "2300/CLM02",
                _money(claim.total_claim_charge_amount), f"{_money(charged)} as the lines add up"),
    )  # fmt: skip


def balance_prior_payers(claim: Claim) -> tuple[Problem, ...]:
    """What a claim says that earlier payers decided: its lines, then AMT*D of each of them.

    SV102 = ΣSVD02 + ΣCAS of a line at one payer; AMT*D = ΣSVD02 − ΣCAS of 2320, or where that payer
    decided on no line CLM02 − ΣCAS of 2320. A payer without AMT*D has not decided.
    """
    if not claim.other_payers:
        return ()
    problems: list[Problem] = []
    paid_on_lines: dict[str, Decimal] = {}
    for line in claim.service_lines:
        taken: dict[str, Decimal] = {}
        for a in line.adjudications:
            payer, paid = a.adjudication[:2]
            paid_on_lines[payer] = paid_on_lines.get(payer, _ZERO) + paid
            taken[payer] = taken.get(payer, _ZERO) + paid + _adjusted(a.adjustments)
        problems += [
            Problem("PRIOR_ADJUDICATION_OUT_OF_BALANCE", line.source, "2430/SVD02", _money(amount),
                    f"{_money(line.line_item_charge_amount)}, the line's charge, as paid and "
                    "adjusted")
            for amount in taken.values()
            if amount != line.line_item_charge_amount
        ]  # fmt: skip
    for other in claim.other_payers:
        stated = other.amount("D")
        on_lines = paid_on_lines.get(other.payer_id or "")
        before = claim.total_claim_charge_amount if on_lines is None else on_lines
        expected = before - _adjusted(other.adjustments)
        if stated is not None and stated != expected:
            problems.append(
                Problem("PRIOR_ADJUDICATION_OUT_OF_BALANCE", claim.source, "2320/AMT*D",
                        _money(stated), f"{_money(expected)}, as lines and adjustments have it")
            )  # fmt: skip
    return tuple(problems)


def _adjusted(adjustments: tuple[Adjustment, ...]) -> Decimal:
    return sum((a.amount for a in adjustments), _ZERO)


def balance_service_payment(service: ServicePayment) -> tuple[Problem, ...]:
    """SVC02 − ΣCAS = SVC03, which is 0 when not sent."""
    adjusted = sum((a.amount for a in service.adjustments), _ZERO)
    paid = service.line_item_charge_amount - adjusted
    if paid == service.line_item_provider_payment_amount:
        return ()
    return (
        Problem("SERVICE_PAYMENT_OUT_OF_BALANCE", service.source, "2110/SVC03",
                _money(service.line_item_provider_payment_amount),
                f"{_money(paid)}, charge less adjustments"),
    )  # fmt: skip


def balance_claim_payment(payment: ClaimPayment) -> tuple[Problem, ...]:
    """CLP03 − ΣCAS of claim and lines = CLP04, and with lines CLP03 = ΣSVC02; then each line.

    A claim payment without lines is legal (the payer adjudicated the claim as a whole).
    """
    problems: list[Problem] = []
    services, information = payment.service_payments, payment.information
    adjusted = sum((a.amount for a in payment.adjustments), _ZERO)
    adjusted += sum((a.amount for s in services for a in s.adjustments), _ZERO)
    paid = information.total_claim_charge_amount - adjusted
    if paid != information.claim_payment_amount:
        problems.append(
            Problem("CLAIM_PAYMENT_OUT_OF_BALANCE", payment.source, "2100/CLP04",
                    _money(information.claim_payment_amount),
                    f"{_money(paid)}, charge less adjustments")
        )  # fmt: skip
    charged = sum((s.line_item_charge_amount for s in services), _ZERO)
    if services and charged != information.total_claim_charge_amount:
        problems.append(
            Problem("CLAIM_PAYMENT_OUT_OF_BALANCE", payment.source, "2100/CLP03",
                    _money(information.total_claim_charge_amount),
                    f"{_money(charged)} as the lines add up")
        )  # fmt: skip
    for service in services:
        problems += balance_service_payment(service)
    return tuple(problems)


def doubt_sign(payment: ClaimPayment) -> tuple[Problem, ...]:
    """That a reversal without its minus may be none; what status 22 takes back unpaid is one.

    Said where the transaction as a whole does not tell (:meth:`TransactionBalance.adds_as_sent`).
    """
    information = payment.information
    is_reversal = information.claim_status_code == REVERSAL
    if not payment.lacks_minus or (is_reversal and not information.claim_payment_amount):
        return ()
    return (
        Problem("REVERSAL_WITHOUT_MINUS", payment.source, "2100/CLP04",
                _money(information.claim_payment_amount),
                "a minus, as a reversal takes back; read so, as BPR02 does not tell"),
    )  # fmt: skip


class TransactionBalance:
    """BPR02 = ΣCLP04 − ΣPLB of one 835, added up while its events are read.

    A claim payment that could not be read counts where at least its CLP04 could be; where that
    could not, nothing is said of the transaction.
    """

    def __init__(self, remittance: Remittance) -> None:
        self._remittance = remittance
        self.claim_payment_amount = _ZERO
        """ΣCLP04 so far."""
        self.provider_adjustment_amount = _ZERO
        """ΣPLB so far; positive lowers the payment."""
        self._known = True
        self._taken_amount = _ZERO
        self._lacking_reversals, self._lacking_others = _ZERO, _ZERO

    def add(self, event: object) -> None:
        """Counts a claim payment or a PLB pair; every other event is passed over."""
        if isinstance(event, ClaimPayment):
            paid = event.information.claim_payment_amount
            self.claim_payment_amount += paid
            if event.lacks_minus and event.information.claim_status_code == REVERSAL:
                self._lacking_reversals += paid
            elif event.lacks_minus:
                self._lacking_others += paid
        elif isinstance(event, UnreadClaimPayment):
            if event.claim_payment_amount is None:
                self._known = False
            else:
                self.claim_payment_amount += event.claim_payment_amount
        elif isinstance(event, ProviderLevelAdjustment):
            self.provider_adjustment_amount += event.monetary_amount
            # What is applied of a balance carried forward makes up for nothing in this payment.
            if event.adjustment_reason_code != CARRIED_FORWARD:
                self._taken_amount += max(event.monetary_amount, _ZERO)

    def adds_as_sent(self, payment: ClaimPayment) -> bool | None:
        """Whether the payment counts a claim payment that lacks its minus as it was sent.

        False: it was taken off. None: BPR02 does not tell, because nothing was paid, because the
        transaction does not balance at all, or because its PLBs take as much, by which some payers
        make up for reversals that they add up as they stand. Asked at the end of the transaction.
        """
        if not self._known or not payment.information.claim_payment_amount:
            return None
        is_reversal = payment.information.claim_status_code == REVERSAL
        stated = self._remittance.payment_amount
        as_sent, negated, mixed = self._readings()
        if stated == as_sent:
            made_up = is_reversal and self._taken_amount >= self._lacking_reversals
            return None if made_up else True
        if stated == negated:
            return False
        return not is_reversal if stated == mixed else None

    def _readings(self) -> tuple[Decimal, Decimal, Decimal]:
        """What BPR02 is where amounts without their minus count as sent, and where negated.

        The third: where reversals are negated, and what group CR alone marks is not.
        """
        as_sent = self.claim_payment_amount - self.provider_adjustment_amount
        mixed = as_sent - 2 * self._lacking_reversals
        return as_sent, mixed - 2 * self._lacking_others, mixed

    def problems(self) -> tuple[Problem, ...]:
        """What does not hold when the transaction is at its end."""
        readings = self._readings()
        stated = self._remittance.payment_amount
        # Reversals without their minus: some payers add them up as they stand and make up for it
        # by a PLB, others take them back all the same.
        if not self._known or stated in readings:
            return ()
        return (
            Problem("REMITTANCE_OUT_OF_BALANCE", self._remittance.source, "BPR02",
                    _money(stated), f"{_money(readings[0])}, claim payments less PLB"),
        )  # fmt: skip
