"""What each check of ``reclaim verify`` finds, and what it lets pass, condition by condition."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from cases.rows import change
from warehouse import tables as t
from warehouse.database import Warehouse, sql_of

pytestmark = pytest.mark.usefixtures("small_claim")

SECOND = {"claim_payment_id": 2, "claim_position": 2}
TAKES_BACK = SECOND | {"is_reversal": True, "payment_cents": -10, "charge_cents": -45010}


def found(warehouse: Warehouse, name: str) -> list[tuple[Any, ...]]:
    with warehouse.read() as connection:
        return [tuple(row) for row in connection.execute(text(sql_of("checks", name)))]


@pytest.mark.parametrize("table", ["claim_payment", "remittance", "service_payment"])
def test_a_correction_on_unbalanced_arithmetic_is_found(warehouse: Warehouse, table: str) -> None:
    assert found(warehouse, "i4_emitted") == []
    change(warehouse, getattr(t, table), 1, is_balanced=False)
    assert found(warehouse, "i4_emitted") == [(1, 1, 2, 1, 1)]
    change(warehouse, t.correction, 1, outbound_claim_id=None)
    assert found(warehouse, "i4_emitted") == []


def test_a_correction_of_a_whole_claim_has_no_service_to_balance(warehouse: Warehouse) -> None:
    change(warehouse, t.denial, 1, service_position=0)
    assert found(warehouse, "i4_emitted") == []


def test_what_does_not_balance_is_listed_at_each_of_its_levels(
    warehouse: Warehouse, keep: Any
) -> None:
    keep(t.claim_payment, **SECOND)
    keep(t.service_payment, claim_payment_id=2)
    assert found(warehouse, "i4_out_of_balance") == []
    change(warehouse, t.service_payment, 2, is_balanced=False)
    assert found(warehouse, "i4_out_of_balance") == [(2, 1, 2, 1)]
    change(warehouse, t.claim_payment, 1, is_balanced=False)
    change(warehouse, t.remittance, 1, is_balanced=False)
    assert found(warehouse, "i4_out_of_balance") == [
        (2, 1, None, None), (2, 1, 1, None), (2, 1, 2, 1),
    ]  # fmt: skip


LACKING = {"lacks_minus": True, "payment_cents": -10, "is_reversal": True}


@pytest.mark.parametrize(
    ("remittance", "second", "is_marked_right", "is_noted"),
    [
        ({}, None, True, False),
        ({"payment_cents": 11}, None, False, True),
        ({"payment_cents": 11, "is_balanced": False}, None, True, False),
        ({"is_balanced": False}, None, False, False),
        ({}, {"payment_cents": 0}, True, False),
        ({"payment_cents": 20}, {}, True, False),
        # Sent without its minus: counted as it stands, or as it is meant.
        ({"payment_cents": 20}, LACKING, True, True),
        ({"payment_cents": 0}, LACKING, True, False),
        ({"payment_cents": 19}, LACKING, False, True),
        ({"provider_adjustment_cents": 3}, None, False, True),
    ],
)
def test_a_payment_s_mark_says_whether_its_claims_come_to_it(
    warehouse: Warehouse,
    keep: Any,
    remittance: dict[str, Any],
    second: dict[str, Any] | None,
    is_marked_right: bool,
    is_noted: bool,
) -> None:
    if remittance:
        change(warehouse, t.remittance, 1, **remittance)
    if second is not None:
        keep(t.claim_payment, **(SECOND | second))
    assert (found(warehouse, "i4_payment_marks") == []) is is_marked_right
    assert bool(found(warehouse, "i4_lacking_minus")) is is_noted
    # Of a file of which a claim could not be read nobody knows.
    change(warehouse, t.file, 2, quarantined_claim_count=1)
    is_plb = "provider_adjustment_cents" in remittance
    assert (found(warehouse, "i4_payment_marks") == []) is not is_plb
    assert found(warehouse, "i4_lacking_minus") == []


def test_a_plb_lowers_the_payment(warehouse: Warehouse, keep: Any) -> None:
    keep(t.provider_adjustment, remittance_id=1, segment_position=1, pair=1, reason_code="WO",
         provider_npi="1234567893", amount_cents=4)  # fmt: skip
    change(warehouse, t.remittance, 1, payment_cents=6, provider_adjustment_cents=4)
    assert found(warehouse, "i4_payment_marks") == found(warehouse, "i4_lacking_minus") == []


@pytest.mark.parametrize(
    ("balanced", "origin", "noted"),
    [
        (False, "read", True),
        (True, "read", False),
        (False, "shadow", False),
        (False, "emitted", True),
    ],
)
def test_what_a_claim_tells_of_an_earlier_payer_has_to_add_up(
    warehouse: Warehouse, keep: Any, balanced: bool, origin: str, noted: bool
) -> None:
    keep(t.prior_adjudication, submission_id=1, line_position=1, part=1, is_balanced=balanced)
    change(warehouse, t.submission, 1, origin=origin)
    assert found(warehouse, "i4_prior_out_of_balance") == ([(1, 1, 1)] if noted else [])


def test_a_claim_s_net_is_that_of_its_lines_less_what_is_taken_from_the_claim(
    warehouse: Warehouse, keep: Any
) -> None:
    assert found(warehouse, "i6_net") == []
    keep(t.adjustment, service_position=0, reason_code="104", amount_cents=3)
    assert found(warehouse, "i6_net") == [(1, 1, 10, 7)]
    change(warehouse, t.claim_payment, 1, is_balanced=False)
    assert found(warehouse, "i6_net") == []
    change(warehouse, t.claim_payment, 1, is_balanced=True, payment_cents=7)
    assert found(warehouse, "i6_net") == []
    # A claim that is answered without lines was paid what its own level says.
    keep(t.claim_payment, **(SECOND | {"payment_cents": 40000}))
    keep(t.service_payment, claim_payment_id=2, service_position=0, payment_cents=40000)
    keep(t.adjustment, claim_payment_id=2, service_position=0, amount_cents=5010)
    assert found(warehouse, "i6_net") == []
    # One whose services are not here counts, whatever the sums are.
    keep(t.claim_payment, claim_payment_id=3, claim_position=3, payment_cents=0)
    assert found(warehouse, "i6_net") == [(1, 3, 40007, 40007)]


@pytest.mark.parametrize(
    ("second", "noted"),
    [
        ({}, True),
        ({"trace_number": "TRACE2"}, False),
        ({"payment_cents": 11}, False),
        ({"payment_date": date(2026, 9, 15)}, False),
        ({"payment_date": None}, False),
        ({"payer_id": "S2"}, False),
        ({"payer_id": None}, False),
        # Its very claims, however the rest of it is written.
        ({"trace_number": "TRACE2", "claims_digest": "alike"}, True),
        ({"payment_date": date(2026, 9, 15), "claims_digest": "alike"}, True),
        ({"payer_id": "S2", "claims_digest": "alike"}, True),
        ({"trace_number": "TRACE2", "claims_digest": "alike", "payment_cents": 11}, False),
        ({"trace_number": "TRACE2", "claims_digest": "alike", "claim_count": 0}, False),
    ],
)
def test_a_payment_that_came_before_with_other_content_is_noted(
    warehouse: Warehouse, keep: Any, second: dict[str, Any], noted: bool
) -> None:
    keep(t.file, file_id=4, sha256="12" * 32, kind="835")
    change(warehouse, t.remittance, 1, claims_digest="alike")
    values = {"remittance_id": 2, "file_id": 4, "claims_digest": "other", "claim_count": 1}
    keep(t.remittance, **(values | second))
    rows = found(warehouse, "i6_paid_twice")
    assert rows == ([(4, 2, 10, 2)] if noted else [])
    for n in (1, 2):
        change(warehouse, t.remittance, n, payment_cents=0)
    assert found(warehouse, "i6_paid_twice") == []


@pytest.mark.parametrize(
    ("told", "noted"),
    [
        ({}, True),
        ({"member_id": "W2"}, False),
        ({"reported_patient_control_number": "PCN2"}, False),
        ({"reported_patient_control_number": "0"}, False),
    ],
)
def test_what_two_payers_pay_under_one_trace_number_is_noted_where_it_is_for_one_claim(
    warehouse: Warehouse, keep: Any, told: dict[str, Any], noted: bool
) -> None:
    keep(t.remittance, remittance_id=2, payer_id="S2", claims_digest="other")
    if told.get("reported_patient_control_number") == "0":
        change(warehouse, t.claim_payment, 1, **told)
    keep(t.claim_payment, **(SECOND | {"remittance_id": 2} | told))
    assert bool(found(warehouse, "i6_paid_twice")) == noted


@pytest.mark.parametrize("unknown", [{"payment_date": None}, {"payer_id": None}])
def test_two_payments_that_both_tell_no_day_or_payer_are_alike(
    warehouse: Warehouse, keep: Any, unknown: dict[str, Any]
) -> None:
    keep(t.remittance, remittance_id=2)
    for n in (1, 2):
        change(warehouse, t.remittance, n, **unknown)
    assert len(found(warehouse, "i6_paid_twice")) == 1


@pytest.mark.parametrize(
    ("first", "second", "is_wrong"),
    [
        ({}, {}, False),
        ({}, {"is_reversal": False}, True),
        ({}, {"payment_cents": -9}, True),
        ({}, {"submission_id": 2}, False),  # another submission of the claim
        ({}, {"submission_id": 3}, True),
        ({"is_reversal": True}, {}, True),
    ],
)
def test_a_decision_is_taken_back_once_and_whole(
    warehouse: Warehouse, keep: Any, first: Any, second: Any, is_wrong: bool
) -> None:
    keep(t.claim, claim_id=2, identity="2", patient_control_number="PCN2")
    keep(t.submission, submission_id=3, claim_id=2, claim_position=3)
    if first:
        change(warehouse, t.claim_payment, 1, **first)
    keep(t.claim_payment, **(TAKES_BACK | {"reverses_id": 1} | second))
    assert found(warehouse, "i6_taken_back") == ([(2, 1, 1)] if is_wrong else [])
    again = {"claim_payment_id": 3, "claim_position": 3, "reverses_id": 1}
    keep(t.claim_payment, **(TAKES_BACK | again))
    assert found(warehouse, "i6_taken_back") == [(2, 1, 2)]


@pytest.mark.parametrize(
    ("first", "second", "noted"),
    [
        ({}, {}, True),
        ({}, {"reverses_id": 1}, False),
        ({}, {"is_reversal": False}, False),
        ({"is_reversal": True, "reverses_id": 1}, {}, False),
        ({"is_other_payer": True}, {}, False),
        ({}, {"is_other_payer": True}, False),
        ({"is_other_payer": True}, {"is_other_payer": True}, True),
        ({"submission_id": 2}, {}, True),
        ({"submission_id": None}, {}, False),  # decided before the warehouse began
    ],
)
def test_a_reversal_of_nothing_that_is_here_is_noted(
    warehouse: Warehouse, keep: Any, first: Any, second: Any, noted: bool
) -> None:
    if first:
        change(warehouse, t.claim_payment, 1, **first)
    keep(t.claim_payment, **(TAKES_BACK | second))
    assert found(warehouse, "i6_unpaired") == ([(2, 2, -45010, -10, 1)] if noted else [])


@pytest.mark.parametrize(
    ("second", "open_count"),
    [({}, 2), ({"is_open": False}, None), ({"payer_key": "S2"}, None), ({"claim_id": 2}, None)],
)
def test_a_claim_is_open_once_at_a_payer(
    warehouse: Warehouse, keep: Any, second: dict[str, Any], open_count: int | None
) -> None:
    with warehouse.write() as connection:
        connection.execute(text("drop index if exists uq_outbound_claim_open"))
    keep(t.claim, claim_id=2, identity="2", patient_control_number="PCN2")
    keep(t.outbound_claim, **({"outbound_claim_id": 2} | second))
    expected = [(1, "87726", open_count)] if open_count else []
    assert found(warehouse, "i7_one_open") == expected
