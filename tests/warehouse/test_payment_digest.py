"""What tells that two claim payments, or two payments, are the same, however they are written."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from warehouse.payment_digest import ContentDigest, adjustments_digest, is_negation

Rows = list[dict[str, Any]]


def adjustment(position: int, reason: str, cents: int = 10000, group: str = "CO") -> dict[str, Any]:
    return {"service_position": position, "group_code": group, "reason_code": reason,
            "amount_cents": cents}  # fmt: skip


def service(position: int, charge: int = 45000, paid: int = 0, **more: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "service_position": position, "charge_cents": charge, "payment_cents": paid,
        "procedure_code": "64483", "modifiers": "", "units_paid": 1.0, "service_date": "2026-03-02",
        "remark_codes": "",
    }  # fmt: skip
    return values | more


CLAIM: dict[str, Any] = {
    "charge_cents": 45000, "payment_cents": 0, "is_reversal": False, "remark_codes": "N1,M47",
    "reported_patient_control_number": "PCN1", "claim_status_code": "1",
    "claim_filing_indicator": "12", "claim_frequency_code": None,
    "payer_claim_control_number": "ICN1", "original_reference_number": None, "member_id": "W1",
    "patient_name": "DOE|JANE",
}  # fmt: skip
SERVICES = [service(1, 30000), service(2, 15000)]
TAKEN = [adjustment(0, "45", 500), adjustment(1, "50", 30000), adjustment(2, "197", 14500)]


def negated(rows: Rows, group: str = "") -> Rows:
    changed = ({k: -v if k.endswith("_cents") else v for k, v in row.items()} for row in rows)
    return [row | ({"group_code": group} if group else {}) for row in changed]


def undone(group: str = "", **more: Any) -> str:
    claim = negated([CLAIM])[0] | {"is_reversal": True} | more
    return adjustments_digest(claim, negated(SERVICES), negated(TAKEN, group))


DECIDED = adjustments_digest(CLAIM, SERVICES, TAKEN)


@pytest.mark.parametrize("group", ["", "CR"])
def test_a_reversal_negates_all_of_a_decision_in_its_own_groups_or_all_in_one(group: str) -> None:
    """The lines in any order, and the adjustments of each."""
    assert is_negation(undone(group), DECIDED)
    assert is_negation(undone(group), adjustments_digest(CLAIM, SERVICES[::-1], TAKEN[::-1]))
    assert not is_negation("", DECIDED)
    assert (undone() == DECIDED) and (undone("CR") != DECIDED)


@pytest.mark.parametrize(
    ("claim", "services", "taken"),
    [
        ({}, SERVICES, [*TAKEN[:2], adjustment(2, "50", 14500)]),
        ({}, SERVICES, [*TAKEN[:2], adjustment(2, "197", 14499)]),
        ({}, SERVICES, [*TAKEN[:2], adjustment(1, "197", 14500)]),
        ({}, SERVICES, [*TAKEN, adjustment(2, "197", 1)]),
        ({}, [service(1, 30000), service(2, 15000, 1)], TAKEN),
        ({}, [service(1, 30001), service(2, 15000)], TAKEN),
        ({}, SERVICES[:1], TAKEN),
        ({"payment_cents": 1}, SERVICES, TAKEN),
        ({"charge_cents": 1}, SERVICES, TAKEN),
    ],
)
@pytest.mark.parametrize("group", ["", "CR"])
def test_a_reversal_of_anything_else_negates_another_decision(
    group: str, claim: dict[str, Any], services: Rows, taken: Rows
) -> None:
    assert not is_negation(undone(group), adjustments_digest(CLAIM | claim, services, taken))


def test_group_codes_count_where_the_reversal_has_them() -> None:
    other = [*TAKEN[:2], adjustment(2, "197", 14500, "PR")]
    assert not is_negation(undone(), adjustments_digest(CLAIM, SERVICES, other))
    assert is_negation(undone("CR"), adjustments_digest(CLAIM, SERVICES, other))


def test_a_claim_that_was_decided_as_a_whole_is_told_by_its_own_level() -> None:
    """Its row of position 0 repeats the claim's own charge, and is no line."""
    level = [service(0, 45000)]
    taken = [adjustment(0, "50", 45000)]
    decided = adjustments_digest(CLAIM, level, taken)
    assert decided == adjustments_digest(CLAIM, [], taken)
    reversal = negated([CLAIM])[0] | {"is_reversal": True}
    assert is_negation(adjustments_digest(reversal, negated(level), negated(taken)), decided)


def content(*claims: tuple[dict[str, Any], Rows, Rows, Decimal | None]) -> str:
    digest = ContentDigest()
    assert digest.is_empty
    for claim in claims:
        digest.add_claim(*claim)
    assert digest.is_empty is not bool(claims)
    return digest.hexdigest()


ONE = (CLAIM, SERVICES, TAKEN, None)
OTHER = (CLAIM | {"reported_patient_control_number": "PCN2"}, SERVICES, TAKEN, None)


def test_a_payment_is_the_same_whatever_the_order_of_its_claims_lines_and_codes() -> None:
    assert content(ONE, OTHER) == content(OTHER, ONE)
    turned = (CLAIM | {"remark_codes": "M47,N1"}, SERVICES[::-1], TAKEN[::-1], Decimal("0.00"))
    assert content(turned) == content(ONE)


@pytest.mark.parametrize(
    "other",
    [
        *((CLAIM | {name: "X9"}, SERVICES, TAKEN, None) for name in (
            "reported_patient_control_number", "claim_status_code", "claim_filing_indicator",
            "claim_frequency_code", "payer_claim_control_number", "original_reference_number",
            "member_id", "patient_name", "remark_codes")),
        *((CLAIM | {name: 1}, SERVICES, TAKEN, None) for name in ("charge_cents", "payment_cents")),
        *((CLAIM, [service(1, 30000) | {name: "X9"}, SERVICES[1]], TAKEN, None) for name in (
            "procedure_code", "modifiers", "units_paid", "service_date", "remark_codes")),
        *((CLAIM, [service(1, 30000) | {name: 1}, SERVICES[1]], TAKEN, None) for name in (
            "charge_cents", "payment_cents")),
        (CLAIM, SERVICES, [adjustment(0, "45", 500, "PR"), *TAKEN[1:]], None),
        (CLAIM, SERVICES, [adjustment(0, "96", 500), *TAKEN[1:]], None),
        (CLAIM, SERVICES, [*TAKEN[:2], adjustment(1, "197", 14500)], None),
        (CLAIM, SERVICES, [*TAKEN[:2], adjustment(2, "197", 14499)], None),
        (CLAIM, SERVICES, TAKEN, Decimal("5")),
    ],
)  # fmt: skip
def test_a_payment_that_says_anything_else_is_another(other: Any) -> None:
    assert content(other) != content(ONE)
    assert content(other, OTHER) != content(ONE, OTHER)


def test_a_claim_that_stands_twice_is_not_one_that_stands_once() -> None:
    assert len({content(), content(ONE), content(ONE, ONE), content(ONE, OTHER)}) == 4
