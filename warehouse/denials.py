"""Denials out of adjudications: derived from groups, reasons, remarks and amounts, not read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from edi.segment import Adjustment
from rules.classify import FORWARDED, SECONDARY, Denial, deny, derived_allowed_amount
from rules.payer import PayerProfile, find_payer
from rules.route import path_at_another_payer
from warehouse import tables as t
from warehouse.load import batches
from warehouse.settings import Settings
from warehouse.slices import ranges

PREVENTABLE = frozenset((
    "eligibility", "prior_authorization", "coding", "modifier", "diagnosis",
    "missing_information", "duplicate", "timely_filing", "provider",
))  # fmt: skip
"""Categories that work before billing could have avoided (domain: preventable share)."""


@lru_cache(maxsize=10_000)
def dollars(cents: int | None) -> Decimal:
    """Cents to an exact amount."""
    return Decimal(cents or 0) / 100


def derive_denials(connection: Connection, settings: Settings) -> int:
    """Denials of every adjudication that is new or newly matched; how many are new.

    A reversal is no denial. What is pended is no denial either, but stands among them with
    nothing denied and the path ``hold``, so that somebody follows it up.
    """
    cp = t.claim_payment
    is_new = cp.c.is_derived.is_(False)
    added = 0
    for these in ranges(connection, cp.c.claim_payment_id, is_new):
        keys = connection.execute(
            select(cp.c.claim_payment_id).where(
                is_new, these, cp.c.may_be_denied, cp.c.is_reversal.is_(False)
            )
        ).scalars()
        for some in batches(keys.all(), 500):
            added += _derive(connection, settings, some)
        connection.execute(update(cp).where(is_new, these).values(is_derived=True))
    return added


def adjustments_of(
    connection: Connection, keys: list[int]
) -> dict[tuple[int, int], list[Adjustment]]:
    """CAS triples by claim payment and service position."""
    a = t.adjustment
    found: dict[tuple[int, int], list[Adjustment]] = {}
    rows = connection.execute(
        select(a.c.claim_payment_id, a.c.service_position, a.c.group_code, a.c.reason_code,
               a.c.amount_cents, a.c.quantity)
        .where(a.c.claim_payment_id.in_(keys))
        .order_by(a.c.claim_payment_id, a.c.service_position, a.c.adjustment_position)
    ).all()  # fmt: skip
    for key, position, group_code, reason_code, cents, quantity in rows:
        found.setdefault((key, position), []).append(
            Adjustment(
                group_code,
                reason_code,
                dollars(cents),
                None if quantity is None else Decimal(str(quantity)),
            )
        )
    return found


@lru_cache(maxsize=10_000)
def codes(*lists: str) -> tuple[str, ...]:
    """Comma lists joined, without repeats, in order."""
    return tuple(dict.fromkeys(c for text_ in lists for c in text_.split(",") if c))


def _derive(connection: Connection, settings: Settings, keys: list[int]) -> int:
    cp, sp, r, s = t.claim_payment, t.service_payment, t.remittance, t.submission
    payments: Sequence[Any] = connection.execute(
        select(cp.c.claim_payment_id, cp.c.submission_id, cp.c.claim_status_code,
               cp.c.claim_filing_indicator, cp.c.charge_cents, cp.c.payment_cents,
               cp.c.remark_codes,
               cp.c.is_other_payer, r.c.payer_ids, r.c.payment_date,
               s.c.payer_id.label("submitted_payer_id"),
               s.c.claim_filing_indicator.label("submitted_filing"))
        .join(r, r.c.remittance_id == cp.c.remittance_id)
        .outerjoin(s, s.c.submission_id == cp.c.submission_id)
        .where(cp.c.claim_payment_id.in_(keys))
    ).all()  # fmt: skip
    services: dict[int, list[Row[Any]]] = {}
    rows: Sequence[Any] = connection.execute(
        select(sp.c.claim_payment_id, sp.c.service_position, sp.c.line_position,
               sp.c.charge_cents, sp.c.payment_cents, sp.c.allowed_cents, sp.c.remark_codes)
        .where(sp.c.claim_payment_id.in_(keys))
        .order_by(sp.c.claim_payment_id, sp.c.service_position)
    ).all()  # fmt: skip
    for row in rows:
        services.setdefault(row.claim_payment_id, []).append(row)
    adjustments = adjustments_of(connection, keys)
    d = t.denial
    known = {
        (row.claim_payment_id, row.service_position): row[2:]
        for row in connection.execute(
            select(d.c.claim_payment_id, d.c.service_position, d.c.submission_id,
                   d.c.line_position, d.c.own_path).where(d.c.claim_payment_id.in_(keys))
        )
    }  # fmt: skip
    fresh: list[dict[str, Any]] = []
    again: list[dict[str, Any]] = []
    for payment in payments:
        payer = payer_of(settings, payment)
        for values in _denied_of(
            payment, services.get(payment.claim_payment_id, []), adjustments, payer
        ):
            key = (values["claim_payment_id"], values["service_position"])
            if key not in known:
                fresh.append(values)
            elif known[key] != tuple(values[x] for x in _RESTS_ON):
                again.append(values)
    if fresh:
        connection.execute(insert(t.denial), fresh)
    if again:
        connection.execute(_MATCHED_LATER, [
            {"key": v["claim_payment_id"], "position": v["service_position"],
             "submission": v["submission_id"], "line": v["line_position"], "new_path": v["path"],
             "initial": v["is_initial"]}
            for v in again
        ])  # fmt: skip
    return len(fresh)


_RESTS_ON = ("submission_id", "line_position", "own_path")
"""What of a denial a match can change; then it is decided anew."""

_MATCHED_LATER = (
    update(t.denial)
    .where(
        t.denial.c.claim_payment_id == bindparam("key"),
        t.denial.c.service_position == bindparam("position"),
        t.denial.c.status != "emitted",
    )
    # Whether another one of its claim came first is seen when the claim is settled.
    .values(is_initial=bindparam("initial"))
    .values(
        submission_id=bindparam("submission"), line_position=bindparam("line"),
        path=bindparam("new_path"), own_path=bindparam("new_path"), decision=None,
        decided_on=None, status="open", resolution=None, resolved_on=None, recovered_cents=0,
        closing_id=None,
    )
)  # fmt: skip


def payer_of(settings: Settings, payment: Row[Any]) -> PayerProfile:
    """The profile by the claim's own payer id where it is matched, else by the remittance's.

    Another payer than the one that was billed is known by its remittance alone.
    """
    if payment.is_other_payer:
        ids = tuple(payment.payer_ids.split(","))
        return find_payer(settings.payers, ids, payment.claim_filing_indicator)
    filing = payment.submitted_filing or payment.claim_filing_indicator
    ids = tuple(i for i in (payment.submitted_payer_id, *payment.payer_ids.split(",")) if i)
    return find_payer(settings.payers, ids, filing)


def _denied_of(
    payment: Row[Any],
    services: list[Row[Any]],
    adjustments: dict[tuple[int, int], list[Adjustment]],
    payer: PayerProfile,
) -> Iterator[dict[str, Any]]:
    claim_level = adjustments.get((payment.claim_payment_id, 0), [])
    lines = [s for s in services if s.service_position > 0]
    status = payment.claim_status_code
    # Only where lines tell all that was decided does a line without any adjustment tell something.
    lines_tell_all = not claim_level and payment.payment_cents == sum(
        s.payment_cents for s in services
    )
    for service in lines or services:
        own = (
            adjustments.get((payment.claim_payment_id, service.service_position), [])
            if lines
            else claim_level
        )
        if not own and not lines_tell_all:
            continue
        remarks = codes(service.remark_codes, payment.remark_codes)
        found = deny(
            own,
            remarks,
            dollars(service.charge_cents),
            dollars(service.payment_cents),
            dollars(service.allowed_cents),
            payer_kind=payer.kind,
            is_primary=status not in SECONDARY,
            is_forwarded=status in FORWARDED,
        )
        if found is not None:
            yield _values(payment, service.service_position, service.line_position,
                          service.charge_cents, remarks, found)  # fmt: skip
    if lines and claim_level:
        # What the claim's own level takes is taken from what its lines leave.
        remarks, paid = codes(payment.remark_codes), dollars(payment.payment_cents)
        of_lines = [
            a
            for service in lines
            for a in adjustments.get((payment.claim_payment_id, service.service_position), ())
        ]
        found = deny(
            claim_level,
            remarks,
            dollars(payment.charge_cents) - sum((a.amount for a in of_lines), Decimal(0)),
            paid,
            derived_allowed_amount(paid, claim_level + of_lines),
            payer_kind=payer.kind,
            is_primary=status not in SECONDARY,
            is_forwarded=status in FORWARDED,
        )
        if found is not None:
            yield _values(payment, 0, None, payment.charge_cents, remarks, found)


def _values(
    payment: Row[Any],
    service_position: int,
    line_position: int | None,
    charge_cents: int,
    remarks: tuple[str, ...],
    found: Denial,
) -> dict[str, Any]:
    is_pended = found.kind == "pended"
    path = path_at_another_payer(found.path) if payment.is_other_payer else found.path
    if payment.submission_id is None:
        # A denial of a claim that is not ours yet needs a look, whatever its code says.
        path = "review"
    return {
        "claim_payment_id": payment.claim_payment_id,
        "service_position": service_position,
        "submission_id": payment.submission_id,
        "line_position": line_position,
        "group_code": found.group_code,
        "reason_code": found.reason_code,
        "remark_codes": ",".join(remarks),
        "category": found.category,
        "denied_cents": 0 if is_pended else int(found.denied_amount * 100),
        "line_charge_cents": charge_cents,
        "denied_on": payment.payment_date,
        "is_initial": not is_pended,
        "is_copy": False,
        "is_preventable": not is_pended and found.category in PREVENTABLE,
        "path": path,
        "own_path": path,
    }
