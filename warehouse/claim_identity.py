"""Which claim an adjudication is of: its number, patient, date, charge and payer say so.

Pure. A claim may have been sent several times; which of its submissions is answered is another
question (:mod:`warehouse.claim_match`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rules.payer import PayerProfile, find_payer, normal_id, payer_key
from warehouse import patient_name
from warehouse.claim_record import Parts, Payment, Submission

SHORTEST_PREFIX = 12
"""Characters of a patient control number that say enough where the payer cut it (domain §5)."""

SHORTEST_NUMBER = 4
"""Characters of a patient control number that say anything where the payer put more around it."""

SHORTEST_MEMBER = 9
"""Characters of a member id that say enough where one of the two has a person's code behind it."""

SECONDARY = {"2": "S", "20": "S", "3": "T", "21": "T"}
"""CLP02 of a payer that comes after another, and the SBR01 its claim has."""

_SEQUENCE = {"1": "P", "19": "P"} | SECONDARY

NO_NUMBER = frozenset(("", "0"))
"""CLP01 where the payer received no patient control number (835 guide, CLP01)."""


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
    >>> same_number("0", "PCN1001"), same_number("PCN1002", "PCN1001"), same_number("90001", "1")
    (True, False, False)
    """
    if reported.strip() in NO_NUMBER:
        return True
    a, b = normal_number(reported), normal_number(ours)
    if not b:
        return False
    if a == b:
        return True
    if len(a) > len(b):
        return len(b) >= SHORTEST_NUMBER and (a.startswith(b) or a.endswith(b))
    # Payers cut at 17 or 20 characters, so what is shorter than ours has to be long, its zeros too.
    sent = sum(c.isalnum() for c in reported)
    return sent >= SHORTEST_PREFIX and len(a) >= SHORTEST_NUMBER and b.startswith(a)


def agrees(
    payment: Payment,
    s: Submission,
    parts: Parts | None = None,
    *,
    is_tied: bool = False,
    payers: Sequence[PayerProfile] = (),
) -> int:
    """How much of patient, date and charge speaks for it; 0 where too much speaks against it.

    ``parts`` are the CLPs beside it that the payer may have made of the same claim. The very
    number needs two of the three (or one, and nothing against it), any other number all of them,
    and nothing against it in the patient's name or in what was billed.

    Practices use a number again for the next visit, so a date outside of the claim's is one of
    another claim, unless the payer's own number says otherwise (``is_tied``). What was sent after
    the payment was made is what it answers only where all is the same, as in a file that was
    written anew; or it is the same claim told to the next payer (``payers`` tell the two apart).
    """
    if payment.payee_npi and s.billing_npi and payment.payee_npi != s.billing_npi:
        return 0
    charge = abs(payment.charge_cents)
    known = [charge == s.charge_cents or (parts is not None and parts.add_up_to(s.charge_cents))]
    if payment.member_id and s.member_id:
        known.append(same_member(payment.member_id, s.member_id))
        if not known[-1] and not patient_name.agree(payment.patient_name, s.patient_name):
            return 0
    is_exact = payment.patient_control_number == s.patient_control_number
    if not (is_exact or (payment.member_id and s.member_id)):
        # The name makes good a member id that was left out.
        known.append(patient_name.agree(payment.patient_name, s.patient_name))
    # The very member id is who it is; a family's, with or without a person's code, may not be.
    is_very = is_exact and payment.member_id is not None and payment.member_id == s.member_id
    if not is_very and patient_name.differ(payment.patient_name, s.patient_name):
        return 0
    if payment.service_date and s.first_service_date and not is_tied:
        known.append(_day(payment, s))
        if not known[-1]:
            return 0
    count = sum(known)
    if _sent_after(payment, s) and not known_apart(
        s.payer_id, s.claim_filing_indicator, payment.payer_ids, payers
    ):
        # Charge and day, and the patient by member id or, where that does not say so, by name.
        day = _day(payment, s)
        patient = bool(
            payment.member_id and s.member_id and same_member(payment.member_id, s.member_id)
        ) or patient_name.agree(payment.patient_name, s.patient_name)
        return count if is_exact and known[0] and day and patient else 0
    if is_exact:
        # A part of a claim shows a part of its charge.
        is_part = charge < s.charge_cents and len(known) > 1 and all(known[1:])
        enough = count >= 2 or is_part or count == len(known)
    else:
        # The payer's own number says what its date would, and that a part is one.
        all_known = is_tied and len(known) > 1 and all(known[1:]) and charge <= s.charge_cents
        enough = (
            (count == 3 or all_known)
            and same_number(payment.patient_control_number, s.patient_control_number)
            and not _bills_nothing_of(s, payment)
        )
    return count if enough else 0


def _bills_nothing_of(s: Submission, payment: Payment) -> bool:
    """Whether none of the services that were told is a line of the claim, by number or code."""
    numbers = {line.line_item_control_number for line in s.lines} - {None}
    codes = {line.procedure_code for line in s.lines}
    return bool(s.lines and payment.services) and not any(
        told.line_item_control_number in numbers
        or codes & {told.procedure_code, told.adjudicated_procedure_code}
        for told in payment.services
    )


def same_member(one: str, other: str) -> bool:
    """Whether two member ids can be one: without punctuation, with or without a person's code.

    >>> same_member("W12345678-01", "w12345678"), same_member("W12345678901", "W12345678902")
    (True, False)
    >>> same_member("W1234567-01", "W1234567")  # too short to say
    False
    """
    a, b = normal_number(one), normal_number(other)
    short = min(len(a), len(b))
    return a == b or (short >= SHORTEST_MEMBER and a[:short] == b[:short])


def same_payer(payment: Payment, s: Submission, payers: Sequence[PayerProfile]) -> bool:
    """Both ids belong to one payer of payers.toml, or are the same."""
    if s.payer_id and normal_id(s.payer_id) in map(normal_id, payment.payer_ids):
        return True
    mine = find_payer(payers, (s.payer_id or "",), s.claim_filing_indicator)
    theirs = find_payer(payers, payment.payer_ids, s.claim_filing_indicator)
    return mine.known and mine == theirs


def possible(
    payment: Payment,
    submissions: Iterable[Submission],
    payers: Sequence[PayerProfile],
    parts: Parts | None = None,
    *,
    is_tied: bool = False,
) -> list[Submission]:
    """The submissions of the one claim that a payment can be of, oldest first; none if unclear."""
    best = [s for s in submissions if agrees(payment, s, parts, is_tied=is_tied, payers=payers)]
    best = [s for s in best if not _sent_after(payment, s)] or best
    best = [s for s in best if same_payer(payment, s, payers)] or best
    sequence = _SEQUENCE.get(payment.claim_status_code)
    if sequence:
        best = [s for s in best if s.payer_sequence == sequence] or best
    # Numbers are re-used: what agrees in patient and date goes before what agrees in one of them.
    close = [s for s in best if _day(payment, s) and payment.member_id == s.member_id]
    best = close or [s for s in best if _day(payment, s)] or best
    if len({s.billing_npi for s in best}) > 1:
        return []
    if len({s.payer_id for s in best}) > 1 and len({destination(s, payers) for s in best}) > 1:
        return []
    # One number, day and charge under two member ids: sent again with another one.
    if len({s.member_id for s in best}) > 1 and not _sent_anew(best):
        return []
    return sorted(_of_one_visit(payment, best), key=lambda s: s.order)


def _sent_after(payment: Payment, s: Submission) -> bool:
    """Whether a claim says that it was written after the payment was made (BHT04, BPR16)."""
    return bool(payment.payment_date and s.submitted_on and s.submitted_on > payment.payment_date)


def _of_one_visit(payment: Payment, found: list[Submission]) -> list[Submission]:
    """What is left when visits under one number are told apart; none where they cannot be."""
    if len({s.first_service_date for s in found}) > 1:
        found = [s for s in found if s.charge_cents == abs(payment.charge_cents)]
    if len({s.first_service_date for s in found}) > 1:
        found = [s for s in found if s.first_service_date == payment.service_date]
    return found


def payer_numbers(payment: Payment) -> set[tuple[str, str]]:
    """The numbers of the payer for what a payment is about (CLP07, REF*F8), by the payer's ids."""
    numbers = {payment.payer_claim_control_number, payment.original_number} - {None, *NO_NUMBER}
    return {(normal_id(i), normal_number(n)) for i in payment.payer_ids for n in numbers if n}


def tied_claims(
    payments: Iterable[Payment],
    candidates: Mapping[int, list[Submission]],
    submissions: Iterable[Submission],
) -> dict[tuple[str, str], set[int]]:
    """The claims that each number of a payer is known for: by other payments, or as replaced."""
    found: dict[tuple[str, str], set[int]] = {}
    for p in payments:
        for key in payer_numbers(p):
            found.setdefault(key, set()).update(s.claim_id for s in candidates[p.claim_payment_id])
    for s in submissions:
        if s.payer_claim_control_number and s.payer_id:
            key = (normal_id(s.payer_id), normal_number(s.payer_claim_control_number))
            found.setdefault(key, set()).add(s.claim_id)
    return found


def _sent_anew(found: Sequence[Submission]) -> bool:
    """Whether they can be one claim of one patient whose member id was put right."""
    return len({(s.first_service_date, s.charge_cents, s.payer_sequence) for s in found}) == 1 and (
        all(patient_name.agree(found[0].patient_name, s.patient_name) for s in found)
    )


def destination(s: Submission, payers: Sequence[PayerProfile]) -> str:
    """The payer that a submission went to, by whichever of its ids; "" where none is named.

    Whose turn it was (SBR01) does not count: what was sent to a payer as the first one is sent to
    it again as the second, once another has paid.
    """
    return payer_key(payers, s.payer_id, s.claim_filing_indicator)


def _day(payment: Payment, s: Submission) -> bool:
    """Whether it is a day of one of the claim's lines; between two of them may be another visit."""
    day = payment.service_date
    if day is None or s.first_service_date is None:
        return False
    lines = [(x.first_service_date, x.last_service_date or x.first_service_date) for x in s.lines]
    return any(
        first <= day <= last
        for first, last in lines or [(s.first_service_date, s.first_service_date)]
        if first and last
    )


def parts_of(payments: Iterable[Payment], number: str | None = None) -> dict[int, Parts]:
    """For each CLP that may be a part of a claim: those of its number, payer and day.

    ``number`` is ours, of which a payer may have made another one for each part, as they came.
    """
    groups: dict[tuple[object, ...], list[Payment]] = {}
    for p in payments:
        # A part that pays nothing may stand in a payment of its own.
        reported = p.patient_control_number
        key: tuple[object, ...] = (
            (p.payer_ids, p.member_id, p.is_reversal)
            if number and reported not in (number, *NO_NUMBER) and same_number(reported, number)
            else (p.payer_ids, p.payment_date, reported, p.member_id, p.is_reversal)
        )
        if not p.is_refused:
            groups.setdefault(key, []).append(p)
    found: dict[int, Parts] = {}
    for group in groups.values():
        group.sort(key=lambda p: p.order)
        charges = tuple(abs(p.charge_cents) for p in group)
        if len(group) > 1:
            found |= {p.claim_payment_id: Parts(charges, at) for at, p in enumerate(group)}
    return found


def of_one_payer(p: Payment, a: Payment, s: Submission, payers: Sequence[PayerProfile]) -> bool:
    """Both payments name one payer, be it under different ids of it."""
    if {normal_id(i) for i in a.payer_ids} & {normal_id(i) for i in p.payer_ids}:
        return True
    mine, theirs = (find_payer(payers, x.payer_ids, s.claim_filing_indicator) for x in (a, p))
    return mine.known and mine == theirs


def is_other_payer(p: Payment, s: Submission, payers: Sequence[PayerProfile]) -> bool:
    """Whether a payer tells of a claim that went to another one only (a crossover).

    It says that it comes later (CLP02), or payers.toml knows it as another payer.
    """
    if same_payer(p, s, payers):
        return False
    comes_later = p.claim_status_code in SECONDARY and s.payer_sequence == "P"
    return comes_later or known_apart(s.payer_id, s.claim_filing_indicator, p.payer_ids, payers)


def known_apart(
    payer_id: str | None,
    filing: str | None,
    other_ids: Sequence[str],
    payers: Sequence[PayerProfile],
) -> bool:
    """Whether payers.toml knows the payer that was billed and the one that answers as two."""
    mine = find_payer(payers, (payer_id or "",), filing)
    theirs = find_payer(payers, other_ids, filing)
    is_named = normal_id(payer_id or "") in map(normal_id, other_ids)
    return mine.known and theirs.known and mine != theirs and not is_named
