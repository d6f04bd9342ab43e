"""Which adjudication a reversal takes back, and which one stands in for what was taken back.

Pure, as :mod:`warehouse.claim_match` is: of the same payments it makes the same, whatever arrived
first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from rules.classify import PREDETERMINED
from warehouse.claim_chain import Chain, bare
from warehouse.claim_identity import destination, is_other_payer, of_one_payer
from warehouse.claim_record import Payment, Submission, ToldService
from warehouse.payment_digest import is_negation


def take_back(chain: Chain, p: Payment, found: list[Submission]) -> None:
    """Pairs a reversal with the decision it takes back; ``found`` are its claim's submissions.

    Several may stand that have its amounts: parts of a claim, or what was paid twice. Which of them
    it negates to the last adjustment says most, then the services, then the number that it names
    (REF*F8 of 2100), then its own (CLP07).
    """
    keys = {s.submission_id for s in found}
    taken = {back.claim_payment_id for back in chain.reverses.values()}
    standing = [
        (a, s)
        for a, s in chain.standing
        if s.submission_id in keys
        and a.claim_payment_id not in taken
        and (abs(a.charge_cents), a.payment_cents) == (abs(p.charge_cents), -p.payment_cents)
        and _may_take_back(p, a)
        and not tell_other_services(p, a)
        and of_one_payer(p, a, s, chain.payers)
    ]
    number = bare(p.payer_claim_control_number)
    named = bare(p.original_number)
    looks: tuple[Callable[[Payment, Submission], bool], ...] = (
        lambda a, s: is_negation(p.adjustments_digest, a.adjustments_digest),
        lambda a, s: _services(a) == _services(p),
        lambda a, s: bool(named) and bare(a.payer_claim_control_number) == named,
        lambda a, s: bare(a.payer_claim_control_number) == number,
        lambda a, s: s.claim_frequency_code == p.claim_frequency_code,
        # What stands beside it is its correction, unless that follows it there.
        lambda a, s: a.remittance_id != p.remittance_id or _is_corrected_beside(chain, p),
    )
    for look in looks:
        standing = [x for x in standing if look(*x)] or standing
    if standing:
        # The newest stands; the parts that a payment made of a claim are taken back in order.
        newest = standing[-1][0].remittance_id
        a, s = next(x for x in standing if x[0].remittance_id == newest)
        chain.reverses[p.claim_payment_id] = a
        chain.chosen[p.claim_payment_id] = s
    elif found:
        # What it takes back never came: the newest that was answered, else the oldest.
        before = [s for s in found if s.submission_id in chain.answered]
        first = next((s for s in found if not s.is_turned_back), found[0])
        chain.chosen.setdefault(p.claim_payment_id, (before or [first])[-1])


def tell_other_services(p: Payment, a: Payment) -> bool:
    """Whether two CLPs are of other lines of a claim: no service of one is told by the other.

    By the line item control number where both have one, else by code and charge.
    """
    return bool(p.services and a.services) and not any(
        x.line_item_control_number == y.line_item_control_number
        if x.line_item_control_number and y.line_item_control_number
        else x.charge_cents == y.charge_cents and bool(_codes(x) & _codes(y))
        for x in p.services
        for y in a.services
    )


def _services(p: Payment) -> Counter[tuple[str | None, int]]:
    return Counter((told.procedure_code, told.charge_cents) for told in p.services)


def _codes(told: ToldService) -> set[str]:
    return set(filter(None, (told.procedure_code, told.adjudicated_procedure_code)))


def _may_take_back(p: Payment, a: Payment) -> bool:
    """Whether a reversal can be of a decision of the same amounts, by where the two stand.

    Payers negate all of a decision (835 guide, reversals and corrections), some its amounts only.
    Amounts alone do not tell what is taken back from what the same payment decides anew, nor from
    what is decided later; a decision that follows in the same payment is the correction always.
    """
    is_before, is_beside = a.order < p.order, a.remittance_id == p.remittance_id
    if is_negation(p.adjustments_digest, a.adjustments_digest):
        return is_before or not is_beside
    return is_before and not is_beside


def _is_corrected_beside(chain: Chain, p: Payment) -> bool:
    """Whether a decision of that charge follows a reversal in its own payment."""
    return any(
        a.remittance_id == p.remittance_id and a.order > p.order
        for a in chain.decisions
        if a.charge_cents == -p.charge_cents
    )


def _decides_otherwise(c: Payment, back: Payment, p: Payment) -> bool:
    """Of a decision that comes before the reversal: whether it can be the correction already."""
    if c.remittance_id == p.remittance_id:
        return True
    return c.remittance_id != back.remittance_id and c.adjustments_digest != back.adjustments_digest


def stand_in(chain: Chain, in_order: list[Payment]) -> None:
    """The decision that stands in for each one that was taken back: beside it, else later.

    What is told before the reversal does so only where it decides otherwise, and in another payment
    than what is taken back: parts of a claim stand beside each other, and what was paid twice by
    mistake corrects nothing.
    """
    decisions = [
        (at, p)
        for at, p in enumerate(in_order)
        if not p.is_reversal
        and not p.is_refused
        and p.claim_payment_id in chain.chosen
        and p.claim_status_code != PREDETERMINED
    ]
    place = {p.claim_payment_id: at for at, p in enumerate(in_order)}
    for p in in_order:
        back = chain.reverses.get(p.claim_payment_id)
        if back is None:
            continue
        answered = chain.chosen[back.claim_payment_id]
        payer = destination(answered, chain.payers)
        is_other = is_other_payer(back, answered, chain.payers)
        after = [
            (c.remittance_id != p.remittance_id, at < place[p.claim_payment_id], at, c)
            for at, c in decisions
            if at > place[back.claim_payment_id]
            and c.claim_payment_id not in chain.corrects
            and abs(c.charge_cents) == abs(p.charge_cents)
            and not tell_other_services(c, p)
            and (at > place[p.claim_payment_id] or _decides_otherwise(c, back, p))
            and destination(chain.chosen[c.claim_payment_id], chain.payers) == payer
            and is_other_payer(c, chain.chosen[c.claim_payment_id], chain.payers) is is_other
        ]
        if after:
            chain.corrects[min(after)[3].claim_payment_id] = back.claim_payment_id
