"""Which of a payer's numbers of a claim a replacement has to name (REF*F8)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest

from edi.segment import Adjustment
from warehouse.number_chain import newest_number, refusals_among


@dataclass
class Row:
    claim_payment_id: int
    payer_claim_control_number: str | None
    is_reversal: bool = False
    is_reversed: bool = False
    payment_cents: int = 0
    remark_codes: str = ""
    service_position: int = 1
    charge_cents: int = 1000


DECIDED, AGAIN = Row(1, "ICN1"), Row(2, "ICN2")


@pytest.mark.parametrize(
    ("rows", "refusals", "expected"),
    [
        ([], (), None),
        ([Row(1, None)], (), None),
        ([DECIDED, AGAIN], (), "ICN2"),
        ([DECIDED, AGAIN], (2,), "ICN1"),
        ([DECIDED], (1,), "ICN1"),
        ([Row(1, "ICN1", is_reversed=True), Row(2, "ICN1", is_reversal=True), Row(3, "ICN3")],
         (), "ICN3"),
        ([Row(1, "ICN1", is_reversed=True), Row(2, "ICN1", is_reversal=True)], (), "ICN1"),
    ],
)  # fmt: skip
def test_the_newest_decision_that_stands(rows, refusals, expected: str | None) -> None:
    assert newest_number(rows, refusals) == expected


def test_a_refusal_is_no_decision_on_the_claim() -> None:
    def adjusted(code: str) -> list[Adjustment]:
        return [Adjustment("CO", code, Decimal(10), None)]

    rows = [Row(1, "ICN1"), Row(2, "ICN2"), Row(3, "ICN3"), Row(4, "ICN4", payment_cents=1)]
    services = {
        **{n: [Row(n, None)] for n in (1, 2)},
        3: [Row(3, None, remark_codes="N1,M47")],
        4: [Row(4, None, remark_codes="M47")],
    }
    adjustments = {(1, 1): adjusted("197"), (2, 1): adjusted("18"), (3, 1): adjusted("16")}
    assert refusals_among(adjustments, rows, services) == {2, 3}
    # A line that is called a duplicate beside another one that is decided is a decision.
    services[2].append(Row(2, None, service_position=2))
    assert refusals_among(adjustments, rows, services) == {3}
    assert refusals_among(adjustments | {(2, 2): adjusted("B13")}, rows, services) == {2, 3}
    assert refusals_among(adjustments | {(2, 0): adjusted("18")}, rows, services) == {2, 3}
    services[2][1].charge_cents = 0
    assert refusals_among(adjustments, rows, services) == {2, 3}
    rows[1].payment_cents = 500
    assert refusals_among(adjustments, rows, services) == {3}
