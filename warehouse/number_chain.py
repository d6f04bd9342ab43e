"""The payer's numbers of one claim (CLP07), and which of them a replacement has to name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from edi.segment import Adjustment
from rules.classify import NOT_THAT_NUMBER, classify

Adjustments = Mapping[tuple[int, int], Sequence[Adjustment]]


def refusals_among(
    adjustments: Adjustments, payments: Iterable[Any], services: Mapping[int, Sequence[Any]]
) -> set[int]:
    """The claim payments that refuse a resend: a duplicate, or a number the payer does not keep.

    One line that is called a duplicate beside others that are decided is a decision.
    """
    copied = {
        key
        for key, found in adjustments.items()
        if any(classify(a.group_code, a.reason_code).category == "duplicate" for a in found)
    }
    refused = set()
    for p in payments:
        key, own = p.claim_payment_id, services.get(p.claim_payment_id, ())
        charged = {(key, s.service_position) for s in own if s.charge_cents}
        is_copy = (key, 0) in copied or (bool(charged) and charged <= copied)
        is_unknown = any(NOT_THAT_NUMBER in row.remark_codes.split(",") for row in (p, *own))
        if p.payment_cents == 0 and (is_copy or is_unknown):
            refused.add(key)
    return refused


def numbers_of_parts(
    payments: Sequence[Any], refusals: Collection[int], submission_id: int, charge_cents: int
) -> dict[int, str]:
    """CLP07 of each part, by its claim payment, where a payer answers a claim in several.

    A replacement names the part that it corrects. ``payments`` are of one payer. Decisions that
    come to more than the claim's charge are no parts of one answer; the newest counts then.
    """
    standing = [
        p
        for p in payments
        if p.submission_id == submission_id
        and not p.is_reversal
        and not p.is_reversed
        and p.claim_payment_id not in refusals
        and p.payer_claim_control_number
    ]
    if sum(p.charge_cents for p in standing) > charge_cents:
        return {}
    return {p.claim_payment_id: p.payer_claim_control_number for p in standing}


def newest_number(payments: Sequence[Any], refusals: Collection[int]) -> str | None:
    """CLP07 of the newest adjudication of a claim at one payer; None where none was sent.

    ``payments`` are that payer's, oldest first. What stands goes before what was taken back, and
    a decision before the refusal of a resend: the payer keeps the claim under the number of the
    decision, and refuses a replacement that names another.
    """
    numbered = [p for p in payments if p.payer_claim_control_number and not p.is_reversal]
    decided = [p for p in numbered if p.claim_payment_id not in refusals]
    standing = [p for p in decided if not p.is_reversed]
    for found in (standing, decided, numbered):
        if found:
            number: str = found[-1].payer_claim_control_number
            return number
    return None
