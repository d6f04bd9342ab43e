"""What a secondary claim tells of an earlier payer, and changes that would contradict it."""

from __future__ import annotations

from collections.abc import Iterable

from edi.change import parse_place
from edi.claim import Claim
from rules.decision import Correction


def contradicted(claim: Claim, corrections: Iterable[Correction]) -> str | None:
    """Why a claim cannot be changed like that before its earlier payer has seen it; None if it can.

    What that payer paid for a line (2430), or for the claim where it tells of no line (AMT*D), adds
    up to the charge that it was billed: it stays what it was, so the charge has to stay too.
    """
    if not any(other.amount("D") is not None for other in claim.other_payers):
        return None
    decided = {line.position: line.adjudications for line in claim.service_lines}
    by_line = any(decided.values())
    for place, new in ((parse_place(c.place), c.new_value) for c in corrections):
        told = decided.get(place.line, ())
        is_gone = place.is_line and place.line in decided and new is None
        counts = any(a.adjudication.service_line_paid_amount for a in told) or not by_line
        if (is_gone and counts) or (place.name == "SV102" and (told or not by_line)):
            return (
                "The claim tells what an earlier payer paid on these charges, and would no longer "
                "agree with it; that payer has to get the corrected claim first."
            )
    return None
