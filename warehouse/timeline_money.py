"""Where the money of an adjudication went, and what a payer did beside the claims (PLB)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, Select, case, func, select

from rules.classify import is_undecided
from warehouse import tables as t
from warehouse.load import batches
from warehouse.timeline_entry import TimelineEntry, words

_PARTS = ("denied", "owed by the patient", "written off", "not decided", "other adjustments")


def divided(connection: Connection, claim_payment_ids: Iterable[int]) -> dict[int, str]:
    """What was charged and not paid of claim payments, in words: who bears it, where not nought.

    ``not explained`` is what no adjustment accounts for.
    """
    cp, a = t.claim_payment, t.adjustment
    found: dict[int, str] = {}
    for some in batches(claim_payment_ids, 500):
        parts: dict[int, dict[str, int]] = {}
        left = {
            row.claim_payment_id: int(row.charge_cents - row.payment_cents)
            for row in connection.execute(
                select(cp.c.claim_payment_id, cp.c.charge_cents, cp.c.payment_cents).where(
                    cp.c.claim_payment_id.in_(some)
                )
            )
        }
        for row in connection.execute(select(a).where(a.c.claim_payment_id.in_(some))):
            own = parts.setdefault(row.claim_payment_id, dict.fromkeys(_PARTS, 0))
            own[_part(row)] += row.amount_cents
        for key, cents in left.items():
            own = parts.get(key, {})
            told = {**own, "not explained": cents - sum(own.values())}
            found[key] = words(*(f"{n} {c / 100:,.2f}" for n, c in told.items() if c))
    return found


def _part(adjustment: Any) -> str:
    if adjustment.is_denial:
        return "denied"
    if is_undecided(adjustment.reason_code):
        return "not decided"
    if adjustment.group_code == "PR":
        return "owed by the patient"
    return "written off" if adjustment.group_code in ("CO", "PI") else "other adjustments"


def untold_lines(connection: Connection, claim_payment_ids: Iterable[int]) -> dict[int, str]:
    """Claim payments of ours with services that are joined to no line, and why, in words."""
    sp, cp = t.service_payment, t.claim_payment
    found: dict[int, str] = {}
    for some in batches(claim_payment_ids, 500):
        for row in connection.execute(
            select(
                sp.c.claim_payment_id,
                func.sum(case((sp.c.match_method == "ambiguous", 1), else_=0)).label("several"),
                func.count().label("every"),
            )
            .join(cp, cp.c.claim_payment_id == sp.c.claim_payment_id)
            .where(
                sp.c.claim_payment_id.in_(some), cp.c.submission_id.is_not(None),
                sp.c.service_position > 0, sp.c.line_position.is_(None),
            )
            .group_by(sp.c.claim_payment_id)
        ):  # fmt: skip
            none = row.every - row.several
            found[row.claim_payment_id] = words(
                row.several and f"{row.several} of its services may be of several lines",
                none and f"{none} of its services fit no line",
            )
    return found


def beside(connection: Connection, payments: Select[Any]) -> Iterator[TimelineEntry]:
    """PLB entries that name a claim payment; ``payments`` selects its id, claim and number."""
    pa, r, f, x = t.provider_adjustment, t.remittance, t.file, t.x12_transaction
    named = payments.subquery()
    end = pa.alias()
    end_r = r.alias()
    for row in connection.execute(
        select(pa.c.reason_code, pa.c.reference, pa.c.amount_cents, r.c.payment_date,
               r.c.trace_number, f.c.file_id, f.c.file_name, x.c.transaction, named.c.claim_id,
               end_r.c.trace_number.label("ended_in"), end_r.c.payment_date.label("ended_on"))
        .join(named, named.c.claim_payment_id == pa.c.claim_payment_id)
        .join(r, r.c.remittance_id == pa.c.remittance_id)
        .join(f, f.c.file_id == r.c.file_id)
        .join(x, x.c.transaction_id == r.c.transaction_id)
        .outerjoin(end, end.c.provider_adjustment_id == pa.c.closed_by_id)
        .outerjoin(end_r, end_r.c.remittance_id == end.c.remittance_id)
        .order_by(r.c.payment_date, r.c.trace_number, f.c.sha256, pa.c.provider_adjustment_id)
    ):  # fmt: skip
        yield TimelineEntry(
            on=row.payment_date,
            what="beside",
            file_name=row.file_name,
            file_id=row.file_id,
            place=f"ST {row.transaction}, PLB",
            detail=words(
                f"{row.reason_code} {row.reference or ''}".strip(),
                f"trace {row.trace_number}",
                "taken from the payment" if row.amount_cents > 0 else "added to the payment",
                row.ended_in and f"settled on {row.ended_on} by {row.ended_in}",
            ),
            amount_cents=-row.amount_cents,
            claim_id=row.claim_id,
        )
