"""Which submission an adjudication answers, and which adjudication a reversal takes back.

Pure: of all submissions and all claim payments of one patient control number it makes the same
out of the same, whatever arrived first. Identity is decided by number, patient, date and charge;
which of several submissions of one claim is answered, by time, frequency and what came before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from rules.payer import PayerProfile, find_payer

SHORTEST_PREFIX = 12
"""Characters of a patient control number that say enough where the payer cut it (domain §5)."""

SECONDARY = {"2": "S", "20": "S", "3": "T", "21": "T"}
"""CLP02 of a payer that comes after another, and the SBR01 its claim has."""

NO_NUMBER = frozenset(("", "0"))
"""CLP01 where the payer received no patient control number (835 guide, CLP01)."""


class Payment(NamedTuple):
    """One CLP. Amounts in cents, signed so that a reversal takes back what it reverses.

    ``is_duplicate``: it was denied as a duplicate. ``order`` sorts payments by what the payer
    says of them, and never by what arrived first.
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
    is_duplicate: bool
    payee_npi: str | None
    payer_ids: tuple[str, ...]
    payment_date: date | None
    order: tuple[date, bool, str, str, int]


class Submission(NamedTuple):
    """A claim as it was sent. ``order`` is independent of what arrived first."""

    submission_id: int
    claim_id: int
    patient_control_number: str
    member_id: str | None
    first_service_date: date | None
    last_service_date: date | None
    charge_cents: int
    billing_npi: str | None
    payer_id: str | None
    payer_sequence: str | None
    claim_filing_indicator: str | None
    claim_frequency_code: str
    submitted_on: date | None
    is_rejected: bool
    order: tuple[date, str, str, int]


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


class Answer(NamedTuple):
    """What became of one payment; ``submission`` None where it is not known which it answers."""

    claim_payment_id: int
    submission: Submission | None
    is_other_payer: bool = False
    reverses_id: int | None = None
    corrects_id: int | None = None


def normal_number(number: str) -> str:
    """A patient control number without what payers change in it.

    >>> normal_number("00ab-12 7"), normal_number("AB127")
    ('AB127', 'AB127')
    """
    return "".join(c for c in number.upper() if c.isalnum()).lstrip("0")


def same_number(reported: str, ours: str) -> bool:
    """Whether a reported number may be ours: folded, cut, with something put before or behind it.

    That alone is never enough: patient, date and charge have to agree as well.

    >>> same_number("pcn-1001", "0PCN1001"), same_number("DC7PCN1001", "PCN1001")
    (True, True)
    >>> same_number("0", "PCN1001"), same_number("PCN1002", "PCN1001")
    (True, False)
    """
    if reported.strip() in NO_NUMBER:
        return True
    a, b = normal_number(reported), normal_number(ours)
    if not a or not b:
        return False
    if len(a) >= len(b):
        return a.startswith(b) or a.endswith(b)
    # Payers cut at 17 or 20 characters, so what is shorter than ours has to be long.
    return len(a) >= SHORTEST_PREFIX and b.startswith(a)


def agrees(payment: Payment, s: Submission, parts: Parts | None = None) -> int:
    """How much of patient, date and charge speaks for it; 0 where too much speaks against it.

    ``parts`` are the CLPs beside it that the payer may have made of the same claim. The very
    number needs two of the three (or one, and nothing against it), any other number all of them.
    """
    if payment.payee_npi and s.billing_npi and payment.payee_npi != s.billing_npi:
        return 0
    charge = abs(payment.charge_cents)
    known = [charge == s.charge_cents or (parts is not None and parts.add_up_to(s.charge_cents))]
    if payment.member_id and s.member_id:
        known.append(payment.member_id.strip().upper() == s.member_id.strip().upper())
    if payment.service_date and s.first_service_date:
        known.append(_day(payment, s))
    count = sum(known)
    if payment.patient_control_number == s.patient_control_number:
        # A part of a claim shows a part of its charge.
        is_part = charge < s.charge_cents and len(known) > 1 and all(known[1:])
        enough = count >= 2 or is_part or count == len(known)
    else:
        enough = count == 3 and same_number(
            payment.patient_control_number, s.patient_control_number
        )
    return count if enough else 0


def same_payer(payment: Payment, s: Submission, payers: Sequence[PayerProfile]) -> bool:
    """Both ids belong to one payer of payers.toml, or are the same."""
    if s.payer_id and s.payer_id in payment.payer_ids:
        return True
    mine = find_payer(payers, (s.payer_id or "",), s.claim_filing_indicator)
    theirs = find_payer(payers, payment.payer_ids, s.claim_filing_indicator)
    return mine.known and mine == theirs


def possible(
    payment: Payment,
    submissions: Iterable[Submission],
    payers: Sequence[PayerProfile],
    parts: Parts | None = None,
) -> list[Submission]:
    """The submissions of the one claim that a payment can be of, oldest first; none if unclear."""
    ranked = [(agrees(payment, s, parts), s) for s in submissions]
    best = [s for rank, s in ranked if rank]
    best = [s for s in best if same_payer(payment, s, payers)] or best
    sequence = SECONDARY.get(payment.claim_status_code)
    if sequence:
        best = [s for s in best if s.payer_sequence == sequence] or best
    # Numbers are re-used: what agrees in patient and date goes before what agrees in one of them.
    close = [s for s in best if _day(payment, s) and payment.member_id == s.member_id]
    best = close or [s for s in best if _day(payment, s)] or best
    if len({s.billing_npi for s in best}) > 1 or len({_other_payer(s) for s in best}) > 1:
        return []
    if not close and len({s.member_id for s in best}) > 1:
        return []
    best = [s for s in best if not s.is_rejected] or best
    return sorted(best, key=lambda s: s.order)


def _other_payer(s: Submission) -> tuple[str, str]:
    return s.payer_id or "", s.payer_sequence or ""


def _day(payment: Payment, s: Submission) -> bool:
    if payment.service_date is None or s.first_service_date is None:
        return False
    last = s.last_service_date or s.first_service_date
    return s.first_service_date <= payment.service_date <= last


@dataclass
class _Chain:
    """What is known of one patient control number while its payments are gone through in order."""

    payers: Sequence[PayerProfile]
    open_cents: dict[int, int]
    answered: set[int] = field(default_factory=set)
    standing: list[tuple[Payment, Submission]] = field(default_factory=list)
    chosen: dict[int, Submission] = field(default_factory=dict)
    reverses: dict[int, Payment] = field(default_factory=dict)
    corrects: dict[int, int] = field(default_factory=dict)
    duplicates_ahead: int = 0
    reversed_charges: frozenset[tuple[int, int]] = frozenset()
    """What each payment takes back, by the charge."""


def resolve(
    payments: Sequence[Payment],
    submissions: Sequence[Submission],
    payers: Sequence[PayerProfile],
) -> list[Answer]:
    """What each payment of one patient control number answers, reverses and corrects."""
    parts = parts_of(payments)
    chain = _Chain(payers, {s.submission_id: s.charge_cents for s in submissions})
    chain.duplicates_ahead = sum(p.is_duplicate for p in payments)
    chain.reversed_charges = frozenset(
        (p.remittance_id, p.charge_cents) for p in payments if p.is_reversal
    )
    candidates = {
        p.claim_payment_id: possible(p, submissions, payers, parts.get(p.claim_payment_id))
        for p in payments
    }
    in_order = sorted(payments, key=lambda p: p.order)
    for p in in_order:
        found = candidates[p.claim_payment_id]
        if not found:
            continue
        if p.is_reversal:
            _reverse(chain, p, found)
        else:
            _answer(chain, p, found)
    for p in in_order:
        # A reversal that stands before what it takes back.
        if p.is_reversal and p.claim_payment_id not in chain.reverses:
            _reverse(chain, p, candidates[p.claim_payment_id])
    _correct(chain, in_order)
    return [_told(chain, p) for p in payments]


def parts_of(payments: Iterable[Payment]) -> dict[int, Parts]:
    """For each CLP that may be a part of a claim: those of its number, payer and day."""
    groups: dict[tuple[object, ...], list[Payment]] = {}
    for p in payments:
        # A part that pays nothing may stand in a payment of its own.
        key = (p.payer_ids, p.payment_date, p.patient_control_number, p.member_id, p.is_reversal)
        if not p.is_duplicate:
            groups.setdefault(key, []).append(p)
    found: dict[int, Parts] = {}
    for group in groups.values():
        group.sort(key=lambda p: p.order)
        charges = tuple(abs(p.charge_cents) for p in group)
        if len(group) > 1:
            found |= {p.claim_payment_id: Parts(charges, at) for at, p in enumerate(group)}
    return found


def _told(chain: _Chain, p: Payment) -> Answer:
    s = chain.chosen.get(p.claim_payment_id)
    back = chain.reverses.get(p.claim_payment_id)
    return Answer(
        p.claim_payment_id,
        s,
        s is not None and is_other_payer(p, s, chain.payers),
        back.claim_payment_id if back else None,
        chain.corrects.get(p.claim_payment_id),
    )


def is_other_payer(p: Payment, s: Submission, payers: Sequence[PayerProfile]) -> bool:
    """A crossover: a payer that comes later tells of a claim that went to the first one only."""
    later = SECONDARY.get(p.claim_status_code)
    return later is not None and s.payer_sequence == "P" and not same_payer(p, s, payers)


def _reverse(chain: _Chain, p: Payment, found: list[Submission]) -> None:
    keys = {s.submission_id for s in found}
    taken = {back.claim_payment_id for back in chain.reverses.values()}
    standing = [
        (a, s)
        for a, s in chain.standing
        if s.submission_id in keys
        and a.claim_payment_id not in taken
        and set(a.payer_ids) & set(p.payer_ids)
        and (a.charge_cents, a.payment_cents) == (-p.charge_cents, -p.payment_cents)
    ]
    number = p.payer_claim_control_number
    standing = [x for x in standing if x[0].payer_claim_control_number == number] or standing
    if standing:
        a, s = standing[0]
        chain.reverses[p.claim_payment_id] = a
        chain.chosen[p.claim_payment_id] = s
    elif found:
        # What it takes back never came: the newest that was answered, else the oldest.
        before = [s for s in _until(p, found) if s.submission_id in chain.answered]
        chain.chosen.setdefault(p.claim_payment_id, (before or found[:1])[-1])


def _until(p: Payment, found: list[Submission]) -> list[Submission]:
    """What was sent before the payment was made."""
    day = p.payment_date
    return [s for s in found if day is None or s.submitted_on is None or s.submitted_on <= day]


def _answer(chain: _Chain, p: Payment, found: list[Submission]) -> None:
    charge = abs(p.charge_cents)
    found = _until(p, found) or found
    first = found[0]
    # CLP09 repeats the frequency of the claim that is answered, where the payer sends it at all.
    found = [s for s in found if s.claim_frequency_code == p.claim_frequency_code] or found
    found = [s for s in found if s.charge_cents == charge] or found
    if is_other_payer(p, found[0], chain.payers):
        chain.chosen[p.claim_payment_id] = found[0]
        chain.standing.append((p, found[0]))
        return
    waiting = [s for s in found if chain.open_cents[s.submission_id] >= charge]
    if p.is_duplicate:
        chain.duplicates_ahead -= 1
        # The first is what it is a duplicate of.
        waiting = [s for s in waiting if s is not first]
    elif (
        waiting
        and len(waiting) <= chain.duplicates_ahead
        and (
            _is_reversed(chain, p, found)
            or (chain.standing and (p.remittance_id, -p.charge_cents) in chain.reversed_charges)
        )
    ):
        # What waits is denied as a duplicate later on; this is the decision made anew.
        waiting = []
    waiting = [s for s in waiting if charge or s.submission_id not in chain.answered]
    chosen = waiting[0] if waiting else _decided_anew(chain, p, found)
    chain.open_cents[chosen.submission_id] -= charge
    chain.answered.add(chosen.submission_id)
    chain.chosen[p.claim_payment_id] = chosen
    chain.standing.append((p, chosen))


def _is_reversed(chain: _Chain, p: Payment, found: list[Submission]) -> Submission | None:
    keys = {s.submission_id for s in found}
    for back in reversed(chain.reverses.values()):
        s = chain.chosen[back.claim_payment_id]
        if s.submission_id in keys and abs(back.charge_cents) == abs(p.charge_cents):
            return s
    return None


def _decided_anew(chain: _Chain, p: Payment, found: list[Submission]) -> Submission:
    """The submission whose answer was reversed last, or is about to be; else the newest."""
    back = _is_reversed(chain, p, found)
    if back is not None or p.is_duplicate:
        return back or found[-1]
    keys = {s.submission_id for s in found}
    decided = (s for a, s in reversed(chain.standing) if not a.is_duplicate)
    return next((s for s in decided if s.submission_id in keys), found[-1])


def _correct(chain: _Chain, in_order: list[Payment]) -> None:
    """The decision that stands in for each one that was taken back: beside it, else later."""
    decisions = [
        (at, p)
        for at, p in enumerate(in_order)
        if not p.is_reversal and not p.is_duplicate and p.claim_payment_id in chain.chosen
    ]
    place = {p.claim_payment_id: at for at, p in enumerate(in_order)}
    for p in in_order:
        back = chain.reverses.get(p.claim_payment_id)
        if back is None:
            continue
        payer = _other_payer(chain.chosen[back.claim_payment_id])
        after = [
            (c.remittance_id != p.remittance_id, at < place[p.claim_payment_id], at, c)
            for at, c in decisions
            if at > place[back.claim_payment_id]
            and c.claim_payment_id not in chain.corrects
            and abs(c.charge_cents) == abs(p.charge_cents)
            and _other_payer(chain.chosen[c.claim_payment_id]) == payer
        ]
        if after:
            chain.corrects[min(after)[3].claim_payment_id] = back.claim_payment_id
