"""Submissions and claim payments of one number, as the search for what answers what sees them."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

from rules.payer import parse_payers
from warehouse.claim_match import Answer, resolve
from warehouse.claim_record import ClaimLine, Payment, Submission

SERVED = date(2026, 3, 2)
PAYERS = parse_payers("""
[[payer]]
name = "Acme Health"
ids = ["87726", "ACME1"]

[[payer]]
name = "Demo Medicare Contractor"
ids = ["DMAC1"]
kind = "medicare_part_b"
""")


def sent(key: int, on: date = SERVED, **more: Any) -> Submission:
    values: dict[str, Any] = {
        "submission_id": key, "claim_id": 1, "patient_control_number": "DEMO-000123-2026-ABCD01",
        "member_id": "W1", "first_service_date": SERVED, "last_service_date": SERVED,
        "charge_cents": 45000, "billing_npi": "1234567893", "payer_id": "87726",
        "payer_sequence": "P", "claim_filing_indicator": "CI", "claim_frequency_code": "1",
        "payer_claim_control_number": None, "submitted_on": on, "is_turned_back": False,
    }  # fmt: skip
    values |= more
    first, last = values["first_service_date"], values.pop("last_service_date")
    values.setdefault("lines", (ClaimLine(None, "64483", 45000, first, last),))
    order = (values["submitted_on"], values["claim_frequency_code"], datetime.min, "", key)
    return Submission(**values, order=order)


def told(key: int, on: date, **more: Any) -> Payment:
    values: dict[str, Any] = {
        "claim_payment_id": key, "remittance_id": on.toordinal(),
        "patient_control_number": "DEMO-000123-2026-ABCD01",
        "payer_claim_control_number": f"ICN{key}", "member_id": "W1", "service_date": SERVED,
        "charge_cents": 45000, "payment_cents": 10000, "claim_status_code": "1",
        "claim_frequency_code": None, "is_reversal": False, "is_refused": False,
        "payee_npi": "1234567893", "payer_ids": ("87726",), "payment_date": on,
        "adjustments_digest": f"CAS{key}",
    }  # fmt: skip
    values |= more
    return Payment(**values, order=(on, values["is_refused"], "T", "", key))


def back(key: int, on: date, of: Payment) -> Payment:
    return of._replace(
        claim_payment_id=key, remittance_id=on.toordinal(), payment_date=on, is_reversal=True,
        claim_status_code="22", charge_cents=-of.charge_cents, payment_cents=-of.payment_cents,
        order=(on, False, "T", "", key),
    )  # fmt: skip


def answers(payments: list[Payment], submissions: list[Submission]) -> dict[int, Answer]:
    """What each answers; the order in which they are given makes no difference."""
    first: dict[int, Answer] = {}
    for seed in range(4):
        some, others = list(payments), list(submissions)
        random.Random(seed).shuffle(some)
        random.Random(seed).shuffle(others)
        found = {a.claim_payment_id: a for a in resolve(some, others, PAYERS)}
        assert found == (first or found)
        first = found
    return first


def which(payments: list[Payment], submissions: list[Submission]) -> dict[int, int | None]:
    found = answers(payments, submissions)
    return {k: a.submission.submission_id if a.submission else None for k, a in found.items()}


def later(days: int) -> date:
    return SERVED + timedelta(days=days)


def reversed_by(payments: list[Payment], submissions: list[Submission]) -> dict[int, int | None]:
    found = answers(payments, submissions)
    return {p.claim_payment_id: found[p.claim_payment_id].reverses_id
            for p in payments if p.is_reversal}  # fmt: skip
