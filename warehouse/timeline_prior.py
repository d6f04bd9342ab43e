"""What a claim told of earlier payers' decisions, and whether their own 835s say the same."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from sqlalchemy import Connection, text

from warehouse.timeline_entry import TimelineEntry, day_of, words

_PRIOR = """
select prior.*, submission.submitted_on, submission.file_id, submission.segment_position,
    submission.claim_id, file.file_name, part."transaction" as set_position
from mart_prior_adjudication as prior
join submission on submission.submission_id = prior.submission_id
join file on file.file_id = submission.file_id
join x12_transaction as part on part.transaction_id = submission.transaction_id
where prior.patient_control_number = :number and submission.origin <> 'shadow'
order by prior.submission_id, prior.payer_id, prior.line_number is not null,
    length(prior.line_number), prior.line_number, prior.part
"""


def prior(connection: Connection, number: str) -> Iterator[TimelineEntry]:
    """One entry for each earlier payer that a submission of this number speaks of."""
    rows = connection.execute(text(_PRIOR), {"number": number})
    for _, group in groupby(rows, key=lambda r: (r.submission_id, r.payer_id)):
        found = list(group)
        first = found[0]
        claim = next((r for r in found if r.line_number is None), None)
        paid = sum(round(r.paid_amount * 100) for r in found if r.line_number and r.paid_amount)
        if claim is not None and claim.paid_amount is not None:
            paid = round(claim.paid_amount * 100)
        days = {day_of(r.adjudicated_on) for r in found} - {None}
        differs = any(r.is_different for r in found)
        yield TimelineEntry(
            on=day_of(first.submitted_on),
            what="prior",
            file_name=first.file_name,
            file_id=first.file_id,
            place=words(f"ST {first.set_position}", f"segment {first.segment_position}"),
            detail=words(
                f"told that {first.payer_id or 'an earlier payer'} decided",
                claim.payer_claim_control_number if claim else None,
                f"on {max(d for d in days if d)}" if days else None,
                *(_level(r.line_number, r.adjustments) for r in found if r.adjustments),
                None if all(r.is_balanced for r in found) else "does not balance",
                "its 835 says otherwise" if differs else None,
                "as its 835 says" if any(r.is_different == 0 for r in found) and not differs
                else None,
            ),
            amount_cents=paid,
            claim_id=first.claim_id,
        )  # fmt: skip


def _level(line_number: str | None, adjustments: str) -> str:
    return f"{'line ' + line_number if line_number else 'claim'} {adjustments.replace(',', ' ')}"
