"""What a part of a file came to: whether all of it came out, its status, reason and counts."""

from __future__ import annotations

from typing import Any

from edi.envelope import TransactionSet
from edi.problem import Problem, UnreadableClaim
from warehouse.file_rows import counts_of
from warehouse.intake import Part, Refused
from warehouse.load import Loaded


def check_counts(transaction: TransactionSet, loaded: Loaded, kind: str) -> None:
    """What the survey counted has come out: a damaged id must not add a claim to the one before.

    Raises: UnreadableClaim, for the transaction set as a whole.
    """
    counts = [("CLM" if kind == "837P" else "CLP", loaded.claim_count, transaction.claim_count)]
    if not loaded.quarantined_claim_count:
        tag = "SV1" if kind == "837P" else "SVC"
        counts.append((tag, loaded.service_line_count, transaction.line_count))
    for tag, read, there in counts:
        if read != there:
            raise UnreadableClaim(
                Problem("SEGMENT_ID_DAMAGED", transaction.source, tag, f"{read} that can be read",
                        f"{there}, as many as begin so")
            )  # fmt: skip


def outcome_of(
    part: Part,
    loaded: Loaded,
    refused: list[Refused],
    duplicates: list[TransactionSet],
    sets: int,
) -> dict[str, Any]:
    """Status, reason and counts of a part."""
    code, reason = None, None
    if sets and sets == len(duplicates):
        status, code = "duplicate", "SAME_PAYMENT"
        reason = "the same payment with the same claims was received before"
    elif (part.kind == "TA1" and not refused) or (
        (sets and sets > len(duplicates)) and (loaded.segment_count or not refused)
    ):
        status = "loaded"
    else:
        status = "quarantined"
    if status != "duplicate" and refused:
        code, reason = refused[0].problem.code, str(refused[0].problem)
    transactions = part.transactions
    quarantined = loaded.quarantined_claim_count + sum(r.claim_count for r in refused)
    return {
        "kind": part.kind,
        "status": status,
        "reason_code": code,
        "reason": reason,
        "quarantined_claim_count": 0 if status == "duplicate" else quarantined,
        "duplicate_claim_count": sum(s.claim_count for s in duplicates),
        "segment_count": loaded.segment_count,
        "mapped_count": loaded.mapped_count,
        "kept_count": loaded.kept_count,
        **counts_of(part.kind, transactions),
    }
