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
    """The claim payments that refuse a resend: a duplicate, or a number the payer does not keep."""
    return {
        key
        for (key, _), found in adjustments.items()
        if any(classify(a.group_code, a.reason_code).category == "duplicate" for a in found)
    } | {
        p.claim_payment_id
        for p in payments
        if p.payment_cents == 0
        and any(
            NOT_THAT_NUMBER in row.remark_codes.split(",")
            for row in (p, *services.get(p.claim_payment_id, ()))
        )
    }


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
