"""Which submission an adjudication answers, where its number does not say so by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from rules.payer import PayerProfile, find_payer

SHORTEST_PREFIX = 12
"""Characters of a patient control number that must agree where the payer cut it (domain §5)."""


class Payment(NamedTuple):
    """A claim payment that looks for its submission. ``is_duplicate``: it was denied as one."""

    claim_payment_id: int
    patient_control_number: str
    payer_claim_control_number: str | None
    member_id: str | None
    service_date: date | None
    charge_cents: int
    payee_npi: str | None
    payer_ids: tuple[str, ...]
    payment_date: date | None
    is_duplicate: bool


class Candidate(NamedTuple):
    """A submission it may answer.

    ``exact``: of the very same number. ``is_answered``: has an adjudication already.
    ``same_payer_number``: one of those carried the payment's CLP07.
    """

    submission_id: int
    patient_control_number: str
    member_id: str | None
    first_service_date: date | None
    charge_cents: int
    billing_npi: str | None
    payer_id: str | None
    claim_filing_indicator: str | None
    submitted_on: date | None
    exact: bool
    is_answered: bool
    same_payer_number: bool


def normal_number(number: str) -> str:
    """A patient control number without what payers change in it.

    >>> normal_number("00ab-12 7"), normal_number("AB127")
    ('AB127', 'AB127')
    """
    return "".join(c for c in number.upper() if c.isalnum()).lstrip("0")


def same_number(reported: str, ours: str) -> bool:
    """Equal when folded, or one the beginning (or end) of the other, long enough to tell."""
    a, b = normal_number(reported), normal_number(ours)
    if a == b:
        return bool(a)
    short, long = sorted((a, b), key=len)
    return len(short) >= SHORTEST_PREFIX and (long.startswith(short) or long.endswith(short))


def choose(
    payment: Payment, candidates: Sequence[Candidate], payers: Sequence[PayerProfile]
) -> int | None:
    """The submission that is answered; None where none is, or more than one may be."""
    possible = [c for c in candidates if _agrees(payment, c)]
    of_payer = [c for c in possible if _same_payer(payment, c, payers)]
    possible = of_payer or possible
    if len({c.charge_cents == payment.charge_cents for c in possible}) == 2:
        possible = [c for c in possible if c.charge_cents == payment.charge_cents]
    same = [c for c in possible if c.same_payer_number]
    if same:
        return max(same, key=_age).submission_id
    before = [c for c in possible if not _after(c.submitted_on, payment.payment_date)]
    possible = sorted(before or possible, key=_age)
    if not possible:
        return None
    # A new claim with the right member id stands beside the one that carried the wrong one.
    of_member = [c for c in possible if payment.member_id and c.member_id == payment.member_id]
    possible = of_member or possible
    if len({c.member_id for c in possible}) > 1 or len({c.billing_npi for c in possible}) > 1:
        return None
    if payment.is_duplicate:
        return possible[-1].submission_id
    waiting = [c for c in possible if not c.is_answered]
    return (waiting[0] if waiting else possible[-1]).submission_id


def _age(c: Candidate) -> tuple[date, int]:
    return (c.submitted_on or date.min, c.submission_id)


def _after(submitted_on: date | None, payment_date: date | None) -> bool:
    return submitted_on is not None and payment_date is not None and submitted_on > payment_date


def _agrees(payment: Payment, c: Candidate) -> bool:
    """Enough of patient, date and charge agrees for this number; nothing contradicts."""
    if payment.payee_npi and c.billing_npi and payment.payee_npi != c.billing_npi:
        return False
    charge = payment.charge_cents == c.charge_cents
    member = payment.member_id is not None and payment.member_id == c.member_id
    day = payment.service_date is not None and payment.service_date == c.first_service_date
    if c.exact:
        return charge or member or day
    return (
        charge
        and member
        and day
        and same_number(payment.patient_control_number, c.patient_control_number)
    )


def _same_payer(payment: Payment, c: Candidate, payers: Sequence[PayerProfile]) -> bool:
    """Both ids belong to one payer of payers.toml, or are the same."""
    if c.payer_id and c.payer_id in payment.payer_ids:
        return True
    mine = find_payer(payers, (c.payer_id or "",), c.claim_filing_indicator)
    theirs = find_payer(payers, payment.payer_ids, c.claim_filing_indicator)
    return mine.known and mine == theirs
