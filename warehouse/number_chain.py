"""The payer's numbers of one claim (CLP07), and which of them a replacement has to name."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from edi.segment import Adjustment
from rules.classify import classify

Adjustments = Mapping[tuple[int, int], Sequence[Adjustment]]


def duplicates_among(adjustments: Adjustments) -> set[int]:
    """The claim payments that deny a resend as a duplicate."""
    return {
        key
        for (key, _), found in adjustments.items()
        if any(classify(a.group_code, a.reason_code).category == "duplicate" for a in found)
    }


def newest_number(payments: Sequence[Any], duplicates: Collection[int]) -> str | None:
    """CLP07 of the newest adjudication of a claim at one payer; None where none was sent.

    ``payments`` are that payer's, oldest first. What stands goes before what was taken back, and
    a decision before the denial of a resend as a duplicate: the payer keeps the claim under the
    number of the decision, and refuses a replacement that names another.
    """
    numbered = [p for p in payments if p.payer_claim_control_number and not p.is_reversal]
    decided = [p for p in numbered if p.claim_payment_id not in duplicates]
    standing = [p for p in decided if not p.is_reversed]
    for found in (standing, decided, numbered):
        if found:
            number: str = found[-1].payer_claim_control_number
            return number
    return None
