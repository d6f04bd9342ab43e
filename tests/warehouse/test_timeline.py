"""All that happened to one claim, in order, with file and segment."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from warehouse import tables as t
from warehouse.database import Warehouse
from warehouse.timeline import timeline

pytestmark = pytest.mark.usefixtures("small_claim")


def test_a_claim_is_followed_from_submission_to_acknowledgment(
    warehouse: Warehouse, keep: Any
) -> None:
    keep(t.file, file_id=4, file_name="answer.999", sha256="12" * 32, kind="999")
    keep(t.acknowledgment, acknowledgment_id=1, file_id=4, set_position=1, segment_position=4,
         scope="set", code="A", answered_at=datetime(2026, 9, 17, 6))  # fmt: skip
    keep(t.acknowledged_transaction, acknowledgment_id=1, transaction_id=3)
    with warehouse.write() as connection:
        connection.execute(
            t.denial.update().values(
                status="recovered", resolved_on=date(2026, 10, 1), recovered_cents=39000,
                resolution="paid in a later adjudication",
            )
        )  # fmt: skip
    found = timeline(warehouse, " PCN1 ")
    assert [(e.on and e.on.isoformat(), e.what) for e in found] == [
        ("2026-09-01", "submission"),
        ("2026-09-14", "adjudication"),
        ("2026-09-14", "denial"),
        ("2026-09-15", "decision"),
        ("2026-09-15", "correction"),
        ("2026-09-16", "approval"),
        ("2026-09-16", "emission"),
        ("2026-09-17", "acknowledgment"),
        ("2026-10-01", "resolution"),
    ]
    assert [(e.file_name, e.place) for e in found[:3]] == [
        ("drop.837", "ST 1, segment 12"),
        ("drop.835", "ST 1, segment 14, CLP 1"),
        ("drop.835", "ST 1, segment 14, SVC 1"),
    ]
    assert [e.file_id for e in found] == [1, 2, 2, *[None] * 4, 4, None]
    assert found[7].place == "ST 1, segment 4"
    assert [e.amount_cents for e in found] == [
        45010, 10, 45000, None, None, None, 45010, None, 39000,
    ]  # fmt: skip
    assert "CO-197" in found[2].detail
    assert "nothing → A99887766" in found[4].detail and found[4].place == "2300/REF*G1"
    assert "900000001" in found[6].detail and found[6].file_name == "out1.837"
    assert {e.claim_id for e in found} == {1}


def test_what_a_999_says_of_the_set_stands_for_what_it_says_of_its_group(
    warehouse: Warehouse, keep: Any
) -> None:
    keep(t.file, file_id=4, file_name="answer.999", sha256="12" * 32, kind="999")
    for n, scope in enumerate(("group", "set"), 1):
        keep(t.acknowledgment, acknowledgment_id=n, file_id=4, set_position=1, scope=scope,
             segment_position=n, code="A", answered_at=datetime(2026, 9, 17, 6))  # fmt: skip
        keep(t.acknowledged_transaction, acknowledgment_id=n, transaction_id=3)
        [told] = [e for e in timeline(warehouse, "PCN1") if e.what == "acknowledgment"]
        assert told.place == f"ST 1, segment {n}"


def test_an_earlier_payer_s_whole_payment_is_told_where_the_claim_tells_it(
    warehouse: Warehouse, keep: Any
) -> None:
    for line, cents in ((1, 6000), (2, 1000), (0, 7500)):
        keep(t.prior_adjudication, submission_id=1, line_position=line, part=1, payer_id="FIRST1",
             paid_cents=cents, is_balanced=True)  # fmt: skip
        [told] = [e for e in timeline(warehouse, "PCN1") if e.what == "prior"]
        assert told.amount_cents == {1: 6000, 2: 7000, 0: 7500}[line]


def test_a_reversal_is_one_and_comes_in_order(warehouse: Warehouse, keep: Any) -> None:
    keep(t.remittance, remittance_id=2, trace_number="TRACE2", payment_date=date(2026, 9, 30))
    keep(t.claim_payment, claim_payment_id=2, remittance_id=2, claim_position=2,
         claim_status_code="22", is_reversal=True, charge_cents=-45010, payment_cents=-10,
         reverses_id=1)  # fmt: skip
    last = timeline(warehouse, "PCN1")[-1]
    assert (last.what, last.amount_cents, last.on) == ("reversal", -10, date(2026, 9, 30))


def test_a_payer_reverses_first_and_then_decides_anew(warehouse: Warehouse, keep: Any) -> None:
    keep(t.remittance, remittance_id=2, trace_number="TRACE2", payment_date=date(2026, 9, 30))
    keep(t.claim_payment, claim_payment_id=2, remittance_id=2, claim_position=2, reverses_id=1,
         claim_status_code="22", is_reversal=True, payment_cents=-10)  # fmt: skip
    keep(t.claim_payment, claim_payment_id=3, remittance_id=2, claim_position=3, corrects_id=1)
    with warehouse.write() as connection:
        connection.execute(
            t.denial.update().values(
                decision="routed", decided_on=None, status="reversed", recovered_cents=0,
                resolution="reversed by the payer", resolved_on=date(2026, 9, 30),
            )
        )  # fmt: skip
    found = [e for e in timeline(warehouse, "PCN1") if e.on == date(2026, 9, 30)]
    assert [e.what for e in found] == ["reversal", "adjudication", "decision", "resolution"]
    assert found[-1].amount_cents is None  # 0.00 would read as a payment of nothing


def test_a_number_that_only_a_payer_reported_is_found(warehouse: Warehouse, keep: Any) -> None:
    keep(t.claim_payment, claim_payment_id=2, claim_position=2, submission_id=None,
         reported_patient_control_number="ELSEWHERE")  # fmt: skip
    keep(t.denial, denial_id=2, claim_payment_id=2, submission_id=None, line_position=None)
    found = timeline(warehouse, "ELSEWHERE")
    assert [e.what for e in found] == ["adjudication", "denial", "decision"]
    assert "matches no claim of ours" in found[0].detail
    assert "path review" in found[1].detail
    assert found[0].claim_id is None


def test_a_number_that_a_payer_changed_is_found_by_ours(warehouse: Warehouse, keep: Any) -> None:
    keep(t.claim_payment, claim_payment_id=2, claim_position=2,
         reported_patient_control_number="PCN-1")  # fmt: skip
    assert "reported as PCN-1" in timeline(warehouse, "PCN1")[2].detail


def test_claims_that_share_a_number_are_told_apart(warehouse: Warehouse, keep: Any) -> None:
    keep(t.claim, claim_id=2, identity="other", member_id="X1")
    keep(t.submission, submission_id=9, claim_id=2, claim_position=2)
    assert {e.claim_id for e in timeline(warehouse, "PCN1")} == {1, 2}


def test_no_identifier_of_the_patient_is_shown(warehouse: Warehouse, keep: Any) -> None:
    keep(t.correction, correction_id=2, place="2010BA/NM109", old_value="W123456789",
         new_value="W123456780")  # fmt: skip
    shown = str(timeline(warehouse, "PCN1"))
    assert "6789 → 6780" in shown
    assert "W12345678" not in shown


def test_an_unknown_number_has_no_history(warehouse: Warehouse) -> None:
    assert timeline(warehouse, "NOBODY") == []


def test_what_was_not_paid_is_told_by_who_bears_it(warehouse: Warehouse, keep: Any) -> None:
    """Charged is paid and the rest, to the cent, whatever the payer left out."""
    with warehouse.write() as connection:
        connection.execute(t.adjustment.delete())
    for n, (group, code, cents, is_denial) in enumerate(
        [("CO", "197", 20000, True), ("PR", "2", 5000, False), ("CO", "45", 10000, False),
         ("PI", "45", 100, False), ("OA", "23", 300, False), ("CO", "133", 400, False)], 1,
    ):  # fmt: skip
        keep(t.adjustment, adjustment_position=n, group_code=group, reason_code=code,
             amount_cents=cents, is_denial=is_denial)  # fmt: skip
    [told] = [e for e in timeline(warehouse, "PCN1") if e.what == "adjudication"]
    assert ("denied 200.00, owed by the patient 50.00, written off 101.00, not decided 4.00, "
            "other adjustments 3.00, not explained 92.00") in told.detail  # fmt: skip


def test_services_of_no_line_are_told(warehouse: Warehouse, keep: Any) -> None:
    keep(t.service_payment, service_position=7, line_position=None, match_method="ambiguous")
    keep(t.service_payment, service_position=8, line_position=None, match_method="unmatched")
    keep(t.service_payment, service_position=9, line_position=None, match_method="unmatched")
    [told] = [e for e in timeline(warehouse, "PCN1") if e.what == "adjudication"]
    assert "1 of its services may be of several lines, 2 of its services fit no line" in told.detail


def test_what_a_payer_does_beside_the_claim_is_told(warehouse: Warehouse, keep: Any) -> None:
    keep(t.remittance, remittance_id=2, trace_number="T2", payment_date=date(2026, 10, 2))
    with warehouse.write() as connection:
        connection.execute(t.provider_adjustment.delete())
        connection.execute(t.provider_adjustment.insert(), [
            {"provider_adjustment_id": 2, "remittance_id": 2, "reason_code": "FB",
             "reference": "ICN1", "amount_cents": 700, "claim_payment_id": None,
             "closed_by_id": None},
            {"provider_adjustment_id": 1, "remittance_id": 1, "reason_code": "FB",
             "reference": "ICN1", "amount_cents": -700, "claim_payment_id": 1,
             "closed_by_id": 2},
        ])  # fmt: skip
    [told] = [e for e in timeline(warehouse, "PCN1") if e.what == "beside"]
    assert (told.amount_cents, told.place, told.claim_id) == (700, "ST 1, PLB", 1)
    assert told.detail == (
        "FB ICN1, trace TRACE1, added to the payment, settled on 2026-10-02 by T2"
    )
